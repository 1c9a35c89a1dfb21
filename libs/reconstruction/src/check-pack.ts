import {
  FindingList,
  fromBase64,
  keyringOf,
  leafHashOf,
  rotateKeys,
  verifyCheckpoint,
  verifyInclusion,
} from '@evenkeel/audit';
import type { BundleCommit, Finding, VerifiedCheckpoint } from '@evenkeel/audit';
import { formatInstant, parseInstant, sha256, toHex, tryParseInstant } from '@evenkeel/kernel';
import { checkAuthors } from './check-authors';
import { VERDICT_WORDS, findingLines, readTrust } from './check-bundle';
import type { CheckInput } from './check-bundle';
import { decodeEnvelope } from './commit-envelope';
import { decodeCommit } from '@evenkeel/contracts';
import { checkTables } from './check-pack-tables';
import { isRecord, jsonOf, linesOf, textIn } from './pack-files';
import type { PackFiles } from './pack-files';
import { PACK_TABLES } from './pack-tables';
import type { PackManifest } from './write-pack';

export interface PackReport {
  /** Exit codes 0, 1, 2: nothing broken; something broken; no pack at all. */
  readonly verdict: 'clean' | 'divergent' | 'unreadable';
  readonly findings: readonly Finding[];
  readonly manifest?: PackManifest;
  /** Commits that were read, proven or not. */
  readonly commits: number;
}

const FORMAT = 'evenkeel-pack/v1';
const MANIFEST = 'manifest.json';
const COMMITS = 'commits.jsonl';

/**
 * Judges a regulator's pack with its files and the keys alone: each file against the manifest, each commit against the signed
 * tree, and every row of every table against the commit it came from.
 */
export function checkPack(files: PackFiles, trust: Omit<CheckInput, 'bytes'>): PackReport {
  const findings = new FindingList();
  const manifest = readManifest(files);
  if (manifest === undefined) {
    findings.broken('PACK.NO_MANIFEST', 'There is no manifest.json of a pack among these files.');
    return { verdict: 'unreadable', findings: findings.all(), commits: 0 };
  }
  checkFiles(files, manifest, findings);
  const checkpoint = checkSignature(files, manifest, trust, findings);
  const commits = readCommits(files, checkpoint, findings);
  checkTime(commits, manifest, findings);
  checkTables(files, commits, manifest, findings);
  if (commits.length > 0) checkAuthors(commits, trust.deskKeys ?? [], findings);
  const { partial } = manifest;
  if (partial !== undefined)
    findings.notEstablished(
      'PACK.PARTIAL',
      `All that was asked for; this is what there was of it: ${partial}.`,
    );
  findings.notEstablished(
    'PACK.MANIFEST_UNSIGNED',
    `Which period was asked for and when the pack was made: the manifest says ${manifest.from} to ${manifest.to}, made ${manifest.madeAt}, and nobody signed that. Of the commits it is only shown that they lie in there.`,
  );
  findings.notEstablished(
    'PACK.COMPLETENESS',
    'Whether the period held anything else: a commit that was left out together with its rows is not missed in a pack. The ledger and the archive show it.',
  );
  return {
    verdict: findings.anyBroken() ? 'divergent' : 'clean',
    findings: findings.all(),
    manifest,
    commits: commits.length,
  };
}

function readManifest(files: PackFiles): PackManifest | undefined {
  const value = jsonOf(textIn(files, MANIFEST) ?? '');
  if (!isRecord(value) || value['format'] !== FORMAT) return undefined;
  const { origin, epochs, from, to, tree, rows, files: listed, commits, partial } = value;
  const isWhole =
    typeof origin === 'string' &&
    Array.isArray(epochs) &&
    typeof from === 'string' &&
    typeof to === 'string' &&
    (partial === undefined || typeof partial === 'string') &&
    typeof commits === 'number' &&
    isRecord(tree) &&
    isRecord(rows) &&
    isRecord(listed) &&
    Object.values(listed).every((file) => isRecord(file) && typeof file['sha256'] === 'string');
  return isWhole ? (value as unknown as PackManifest) : undefined; // its fields were just looked at
}

function checkFiles(files: PackFiles, manifest: PackManifest, findings: FindingList): void {
  let same = 0;
  for (const [name, { sha256: wanted }] of Object.entries(manifest.files)) {
    const bytes = files.get(name);
    if (bytes === undefined)
      findings.broken('PACK.FILE_MISSING', `${name} is listed in the manifest and not here.`);
    else if (toHex(sha256(bytes)) !== wanted)
      findings.broken(
        'PACK.FILE_CHANGED',
        `${name} is not the file that the manifest lists: its SHA-256 differs.`,
      );
    else same += 1;
  }
  for (const name of wantedFiles())
    if (!Object.hasOwn(manifest.files, name))
      findings.broken(
        'PACK.FILE_MISSING',
        `${name} is part of every pack, and the manifest does not list it.`,
      );
  for (const name of files.keys())
    if (name !== MANIFEST && !Object.hasOwn(manifest.files, name))
      findings.notEstablished('PACK.FILE_UNKNOWN', `What ${name} is: the manifest does not list it.`);
  if (same === Object.keys(manifest.files).length)
    findings.established('PACK.FILES_WHOLE', `All ${same} files are those that the manifest lists.`);
}

function wantedFiles(): readonly string[] {
  return [...PACK_TABLES.flatMap((table) => [`${table}.csv`, `${table}.jsonl`]), COMMITS, 'checkpoint.txt'];
}

function checkSignature(
  files: PackFiles,
  manifest: PackManifest,
  trust: Omit<CheckInput, 'bytes'>,
  findings: FindingList,
): VerifiedCheckpoint | undefined {
  const { logKeys, witnesses } = readTrust(trust);
  const identity = jsonOf(textIn(files, 'log.json') ?? '');
  const rotations = isRecord(identity) && Array.isArray(identity['rotations']) ? identity['rotations'] : [];
  let keyring: ReturnType<typeof rotateKeys> = {
    ok: true,
    value: keyringOf(trust.origin ?? manifest.origin, logKeys),
  };
  for (const note of rotations) if (keyring.ok) keyring = rotateKeys(keyring.value, String(note));
  if (!keyring.ok) {
    findings.broken(keyring.failure.code, keyring.failure.message);
    return undefined;
  }
  const verified = verifyCheckpoint(textIn(files, 'checkpoint.txt') ?? '', {
    log: keyring.value,
    witnesses,
    witnessQuorum: trust.quorum ?? 0,
  });
  if (!verified.ok) {
    findings.broken(verified.failure.code, verified.failure.message);
    return undefined;
  }
  const { checkpoint, witnessed } = verified.value;
  findings.established(
    'AUDIT.CHECKPOINT_SIGNED',
    `The log signed a tree of ${checkpoint.size} commits of ${checkpoint.origin}.`,
  );
  if (checkpoint.size !== manifest.tree.size || toHex(checkpoint.root) !== manifest.tree.root)
    findings.broken('PACK.MANIFEST_WRONG', 'The manifest names another tree than the checkpoint.');
  if (witnessed.length === 0)
    findings.notEstablished(
      'AUDIT.UNWITNESSED',
      'No witness known to you cosigned: whoever holds the log key could have signed another history as well.',
    );
  else
    findings.established(
      'AUDIT.WITNESSED',
      `Witnesses saw this tree: ${witnessed.map(({ witness }) => witness).join(', ')}.`,
    );
  return verified.value;
}

function readCommits(
  files: PackFiles,
  checkpoint: VerifiedCheckpoint | undefined,
  findings: FindingList,
): readonly BundleCommit[] {
  const commits: BundleCommit[] = [];
  let proven = 0;
  const lines = linesOf(textIn(files, COMMITS) ?? '');
  for (const [at, text] of lines.entries()) {
    const commit = readCommit(text);
    if (typeof commit === 'string') {
      findings.broken('PACK.COMMIT_UNREADABLE', `${COMMITS}, line ${at + 1}: ${commit}.`);
      continue;
    }
    const { placed, proof } = commit;
    if (placed.index <= (commits.at(-1)?.index ?? -1))
      findings.broken('PACK.COMMIT_ORDER', 'it does not come after the commit before it', placed);
    commits.push(placed);
    if (checkpoint === undefined) continue;
    const { epoch, seq, index } = placed;
    const leafHash = leafHashOf({ epoch, seq, commitHash: toHex(placed.hash) });
    const { size, root } = checkpoint.checkpoint;
    if (verifyInclusion({ index, size, leafHash, proof }, root)) proven += 1;
    else findings.broken('AUDIT.INCLUSION_INVALID', `it is not commit ${index} of the signed tree`, placed);
  }
  if (lines.length > 0 && proven === lines.length)
    findings.established(
      'AUDIT.COMMITS_INCLUDED',
      `All ${proven} commits stand in the signed tree at their sequences, byte for byte as published.`,
    );
  return commits;
}

/** The commit of a line with its proof, or what is wrong with the line. */
function readCommit(
  text: string,
): { readonly placed: BundleCommit; readonly proof: readonly Uint8Array[] } | string {
  const value = jsonOf(text);
  if (!isRecord(value)) return 'it is not JSON';
  const { epoch, seq, index, bytes: encoded, proof, sha256: named } = value;
  if (typeof epoch !== 'string' || typeof seq !== 'number' || typeof index !== 'number')
    return 'it does not say which commit it is';
  const bytes = typeof encoded === 'string' ? fromBase64(encoded) : undefined;
  const hashes = Array.isArray(proof) ? proof.map((hash) => fromBase64(String(hash))) : undefined;
  if (bytes === undefined || hashes === undefined) return 'bytes or proof are not base64';
  const hash = sha256(bytes);
  if (toHex(hash) !== named) return 'its bytes do not have the SHA-256 beside them';
  try {
    return {
      placed: { epoch, seq, index, bytes, hash, envelope: decodeEnvelope(bytes) },
      proof: hashes.flatMap((one) => one ?? []),
    };
  } catch (error) {
    return `its bytes are no commit: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Epochs and period are those that the manifest names. */
function checkTime(
  commits: readonly BundleCommit[],
  { from, to, epochs }: PackManifest,
  findings: FindingList,
): void {
  const [first, last] = [tryParseInstant(from), tryParseInstant(to)];
  if (first === undefined || last === undefined) {
    findings.broken('PACK.MANIFEST_WRONG', `The manifest’s period is none: ${from} to ${to}.`);
    return;
  }
  for (const place of commits) {
    if (!epochs.includes(place.epoch))
      findings.broken(
        'PACK.MANIFEST_WRONG',
        `it is of epoch ${place.epoch}, which the manifest does not name`,
        place,
      );
    const { eventTime } = decodeCommit(place.bytes).clock;
    if (eventTime < first || eventTime >= last)
      findings.broken(
        'PACK.MANIFEST_WRONG',
        `it is of ${formatInstant(eventTime)}, outside the period ${formatInstant(parseInstant(from))} to ${to}`,
        place,
      );
  }
}

/** The report for a person. */
export function packCheckText({ verdict, manifest, findings, commits }: PackReport, name: string): string {
  const lines = [`${verdict === 'unreadable' ? 'not a pack' : VERDICT_WORDS[verdict]}: ${name}`];
  if (manifest !== undefined) {
    const counts = Object.entries(manifest.rows).map(([table, rows]) => `${rows} ${table.replace('_', ' ')}`);
    lines.push(`  regulator’s pack of ${manifest.origin}`, `  ${counts.join(', ')}; ${commits} commits`);
  }
  return `${[...lines, ...findingLines(findings)].join('\n')}\n`;
}
