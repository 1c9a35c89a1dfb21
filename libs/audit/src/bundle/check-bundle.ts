import { sha256, toHex } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { tryDecode } from '../chain/envelope-view';
import type { DecodeEnvelope } from '../chain/envelope-view';
import { fromBase64 } from '../encoding/base64';
import { HASH_BYTES } from '../merkle/hasher';
import type { Hash } from '../merkle/hasher';
import { verifyInclusion } from '../merkle/inclusion';
import { leafHashOf } from '../merkle/leaf';
import { keyringOf, rotateKeys } from '../notes/keyring';
import type { Keyring } from '../notes/keyring';
import type { VerifierKey } from '../notes/verifier-key';
import { verifyCheckpoint } from '../notes/verify-checkpoint';
import type { VerifiedCheckpoint } from '../notes/verify-checkpoint';
import type { WitnessQuorum } from '../notes/witness-quorum';
import type { CommitLine, HeaderLine } from './bundle-lines';
import { checkClosure } from './check-closure';
import { FindingList } from './findings';
import type { Finding } from './findings';
import { looksLikeBundle, readBundle } from './read-bundle';
import type { ReadBundle } from './read-bundle';
import { placeKey, softwareOf } from './references';
import type { BundleCommit } from './references';
import { reexecuteSubjects } from './reexecution';
import type { ChainJudges } from './reexecution';

/** What the person checking brings along; nothing in the file can stand in for it. */
export interface BundleTrust {
  /** The log's first keys; later ones follow from rotation notes in the file. */
  readonly logKeys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** Cosignatures without which the bundle fails; 0 asks for none and says so in the report. */
  readonly witnessQuorum: WitnessQuorum;
  /** The origin the log must have; without it the bundle's own is taken and named. */
  readonly origin?: string;
}

export interface BundleReport {
  /** Exit codes 0, 1, 2: nothing broken; something broken; not a bundle at all. */
  readonly verdict: 'clean' | 'divergent' | 'unreadable';
  readonly findings: readonly Finding[];
  readonly header?: HeaderLine;
  readonly checkpoint?: VerifiedCheckpoint;
  readonly commits: readonly BundleCommit[];
}

/** What this library cannot judge itself, because it knows bytes and keys and nothing of what they say. */
export interface BundleJudges extends ChainJudges {
  /** Says who signed what. */
  readonly judgeAuthors?: (commits: readonly BundleCommit[], findings: FindingList) => void;
}

/**
 * Judges an evidence bundle with nothing but its bytes and some public keys. Every finding says what was established,
 * what could not be, or what is broken.
 */
export function checkBundle(
  bytes: Uint8Array,
  trust: BundleTrust,
  decode: DecodeEnvelope,
  judges: BundleJudges = {},
): BundleReport {
  const findings = new FindingList();
  const read = readBundle(bytes);
  if (!read.ok) {
    findings.broken(read.failure.code, read.failure.message);
    const verdict = looksLikeBundle(bytes) ? 'divergent' : 'unreadable';
    return { verdict, findings: findings.all(), commits: [] };
  }
  const bundle = read.value;
  if (!bundle.sealIntact) {
    findings.broken('AUDIT.BUNDLE_SEAL_BROKEN', 'The bytes of the file are not those that were sealed.');
  }
  const checkpoint = checkCheckpoint(bundle, trust, findings);
  const commits = checkCommits(bundle.commits, checkpoint, decode, findings);
  if (commits.length === bundle.commits.length) {
    checkClosure(bundle, commits, findings);
    checkDescription(bundle, commits, findings);
    judges.judgeAuthors?.(commits, findings);
    reexecuteSubjects(bundle.header, commits, judges, findings);
  }
  const { partial } = bundle.header;
  if (partial !== undefined)
    findings.notEstablished(
      'AUDIT.PARTIAL',
      `All that was asked for; this is what there was of it: ${partial}.`,
    );
  findings.notEstablished(
    'AUDIT.HEADER_UNSIGNED',
    `When and by what it was exported: it says ${bundle.header.exportedAt} by ${bundle.header.exporter}, and nobody signed that.`,
  );
  findings.limits();
  return {
    verdict: findings.anyBroken() ? 'divergent' : 'clean',
    findings: findings.all(),
    header: bundle.header,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    commits,
  };
}

function keyringFor(bundle: ReadBundle, trust: BundleTrust): Result<Keyring> {
  const origin = trust.origin ?? bundle.header.origin;
  let keyring: Result<Keyring> = { ok: true, value: keyringOf(origin, trust.logKeys) };
  for (const { note } of bundle.rotations) if (keyring.ok) keyring = rotateKeys(keyring.value, note);
  return keyring;
}

function checkCheckpoint(
  bundle: ReadBundle,
  trust: BundleTrust,
  findings: FindingList,
): VerifiedCheckpoint | undefined {
  const keyring = keyringFor(bundle, trust);
  if (!keyring.ok) {
    findings.broken(keyring.failure.code, keyring.failure.message);
    return undefined;
  }
  const { witnesses, witnessQuorum } = trust;
  const verified = verifyCheckpoint(bundle.checkpoint.note, { log: keyring.value, witnesses, witnessQuorum });
  if (!verified.ok) {
    findings.broken(verified.failure.code, verified.failure.message);
    return undefined;
  }
  const { checkpoint, witnessed, signedBy } = verified.value;
  if (checkpoint.origin !== bundle.header.origin) {
    findings.broken(
      'AUDIT.ORIGIN_UNEXPECTED',
      `The header speaks of ${bundle.header.origin}, not ${checkpoint.origin}.`,
    );
  }
  const keys = signedBy.map((key) => `${key.name} (${key.keyId})`).join(', ');
  findings.established(
    'AUDIT.CHECKPOINT_SIGNED',
    `${keys} signed a tree of ${checkpoint.size} commits of ${checkpoint.origin}.`,
  );
  if (witnessed.length > 0) {
    const names = witnessed.map((one) => `${one.witness} at ${one.timeSeconds}`).join(', ');
    findings.established(
      'AUDIT.WITNESSED',
      `Witnesses saw this tree and nothing that contradicts it: ${names} (POSIX seconds).`,
    );
  } else {
    findings.notEstablished(
      'AUDIT.UNWITNESSED',
      'No witness known to you cosigned: whoever holds the log key could have signed another history as well.',
    );
  }
  return verified.value;
}

function checkCommits(
  lines: readonly CommitLine[],
  checkpoint: VerifiedCheckpoint | undefined,
  decode: DecodeEnvelope,
  findings: FindingList,
): readonly BundleCommit[] {
  const commits: BundleCommit[] = [];
  let lastIndex = -1;
  let proven = 0;
  for (const line of lines) {
    const broken = (code: string, message: string): void => findings.broken(code, message, line);
    const bytes = fromBase64(line.bytes);
    const proof = line.proof.map(fromBase64);
    if (bytes === undefined || proof.some((hash) => hash?.length !== HASH_BYTES)) {
      broken('AUDIT.BUNDLE_UNREADABLE', 'bytes or proof are not base64');
      continue;
    }
    if (line.index <= lastIndex) broken('AUDIT.BUNDLE_ORDER', 'it does not come after the commit before it');
    lastIndex = line.index;
    const hash = sha256(bytes);
    if (
      checkpoint !== undefined &&
      isIncluded(
        line,
        hash,
        proof.flatMap((p) => p ?? []),
        checkpoint,
      )
    )
      proven += 1;
    else if (checkpoint !== undefined) {
      broken('AUDIT.INCLUSION_INVALID', `it is not commit ${line.index} of the signed tree`);
    }
    const envelope = tryDecode(decode, bytes);
    if (typeof envelope === 'string') broken('AUDIT.COMMIT_UNDECODABLE', envelope);
    else commits.push({ epoch: line.epoch, seq: line.seq, index: line.index, bytes, hash, envelope });
  }
  if (lines.length > 0 && proven === lines.length) {
    findings.established(
      'AUDIT.COMMITS_INCLUDED',
      `All ${proven} commits stand in the signed tree at their sequences, byte for byte as published.`,
    );
  }
  return commits;
}

function isIncluded(
  line: CommitLine,
  hash: Hash,
  proof: readonly Hash[],
  checkpoint: VerifiedCheckpoint,
): boolean {
  const leafHash = leafHashOf({ epoch: line.epoch, seq: line.seq, commitHash: toHex(hash) });
  const { size, root } = checkpoint.checkpoint;
  return verifyInclusion({ index: line.index, size, leafHash, proof }, root);
}

/** Software, rules and attachments are what the commits say they are. */
function checkDescription(bundle: ReadBundle, commits: readonly BundleCommit[], findings: FindingList): void {
  const derived = softwareOf(commits);
  const same = (['kernels', 'policies', 'limits', 'producers'] as const).every(
    (field) => derived[field].join('\n') === bundle.software[field].join('\n'),
  );
  if (!same)
    findings.broken('AUDIT.BUNDLE_SOFTWARE', 'The versions the bundle lists are not those its commits name.');
  const named = new Set([...derived.kernels, ...derived.policies]);
  for (const attachment of bundle.attachments) {
    const bytes = fromBase64(attachment.bytes);
    const hash = bytes === undefined ? '' : toHex(sha256(bytes));
    if (named.has(hash))
      findings.established(
        'AUDIT.ATTACHMENT_NAMED',
        `${attachment.name} has the SHA-256 ${hash} that commits name.`,
      );
    else
      findings.broken(
        'AUDIT.ATTACHMENT_UNNAMED',
        `No commit of the bundle names the attachment ${attachment.name}.`,
      );
  }
  const places = new Set(commits.map(placeKey));
  for (const place of [...bundle.header.subjects, ...bundle.header.related]) {
    if (!places.has(placeKey(place)))
      findings.broken('AUDIT.BUNDLE_INCOMPLETE', 'it is asked about and not in the bundle', place);
  }
  if (bundle.header.subjects.length === 0)
    findings.broken('AUDIT.BUNDLE_INCOMPLETE', 'The bundle is about no commit.');
}
