import {
  MerkleFrontier,
  leafHashOf,
  rfc6962,
  verifyCheckpoint,
  verifyCheckpointHistory,
} from '@evenkeel/audit';
import type { CheckpointRecord, TrustPolicy, VerifierKey } from '@evenkeel/audit';
import { IntegrityFault, sameBytes, sha256, toHex } from '@evenkeel/kernel';
import { z } from 'zod';
import type { CosignedCheckpoint } from '../cosigned-file';
import { keyringOfIdentity } from '../log-identity';
import type { LogIdentity } from '../log-identity';
import {
  MANIFEST_MAX_BYTES,
  checkpointsName,
  decodeSegment,
  encodeJson,
  manifestName,
  manifestSchema,
  segmentName,
  sha256Hex,
  unpacked,
} from './archive-format';
import type { ArchiveManifest, ArchivedCommit } from './archive-format';
import type { ArchiveStore } from './archive-store';

/** Something in an archive that is not as it was written, and the file it is in. */
export interface ArchiveDefect {
  readonly where: string;
  readonly message: string;
}

export interface ReadManifest {
  readonly manifest: ArchiveManifest;
  /** SHA-256 of the file. */
  readonly hash: string;
  /** Checkpoint records and cosigned checkpoints it adds. */
  readonly records: number;
  readonly cosigned: number;
}

const signedSchema = z.strictObject({
  records: z.array(z.strictObject({ number: z.number().int(), previous: z.string(), note: z.string() })),
  cosigned: z.array(
    z.strictObject({ size: z.number().int(), witnesses: z.array(z.string()), note: z.string() }),
  ),
});

/** The manifests, oldest first. Throws `AUDIT.ARCHIVE_DAMAGED`, naming the file, where they do not follow one another. */
export async function readManifests(store: ArchiveStore): Promise<readonly ReadManifest[]> {
  const names = (await store.list('manifests/')).filter((name) => /^manifests\/\d{8}\.json$/.test(name));
  const read: ReadManifest[] = [];
  let previous: ReadManifest | undefined;
  for (const [at, name] of names.entries()) {
    if (name !== manifestName(at + 1)) throw damaged(manifestName(at + 1), 'is missing');
    const bytes = await store.get(name, MANIFEST_MAX_BYTES);
    const manifest = bytes === undefined ? undefined : parseManifest(bytes);
    if (bytes === undefined || manifest === undefined) throw damaged(name, 'is not a manifest');
    const follows =
      manifest.number === at + 1 &&
      manifest.previous === (previous?.hash ?? '') &&
      manifest.from === (previous?.manifest.to ?? 0) &&
      manifest.origin === (previous?.manifest.origin ?? manifest.origin);
    if (!follows) throw damaged(name, 'does not follow the manifest before it');
    if (!namesOwnFiles(manifest)) throw damaged(name, 'names files that are not of an archive');
    const signed = await signedOf(store, manifest);
    previous = {
      manifest,
      hash: sha256Hex(bytes),
      records: signed.records.length,
      cosigned: signed.cosigned.length,
    };
    read.push(previous);
  }
  return read;
}

function parseManifest(bytes: Uint8Array): ArchiveManifest | undefined {
  try {
    const manifest = manifestSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    // As it was written, to the byte: otherwise the one after it would be blamed.
    return sameBytes(encodeJson(manifest), bytes) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Names follow from what the files hold; any other could lead anywhere. */
function namesOwnFiles({ number, checkpoints, segments }: ArchiveManifest): boolean {
  return (
    checkpoints.name === checkpointsName(number) &&
    segments.every(({ name, firstIndex, commits }) => name === segmentName(firstIndex, commits))
  );
}

async function fileOf(
  store: ArchiveStore,
  file: { readonly name: string; readonly sha256: string; readonly bytes: number },
): Promise<Uint8Array> {
  const bytes = await store.get(file.name, file.bytes);
  if (bytes === undefined) throw damaged(file.name, 'is missing');
  if (bytes.length !== file.bytes || sha256Hex(bytes) !== file.sha256)
    throw damaged(file.name, 'does not have the hash its manifest says');
  return bytes;
}

async function signedOf(
  store: ArchiveStore,
  manifest: ArchiveManifest,
): Promise<z.infer<typeof signedSchema>> {
  const bytes = await fileOf(store, manifest.checkpoints);
  try {
    return signedSchema.parse(JSON.parse(unpacked(bytes).toString('utf8')));
  } catch {
    throw damaged(manifest.checkpoints.name, 'does not hold checkpoints');
  }
}

export interface OpenedArchive {
  readonly identity: LogIdentity;
  readonly checkpoints: readonly CheckpointRecord[];
  readonly cosigned: readonly CosignedCheckpoint[];
  readonly manifests: readonly ArchiveManifest[];
  /** Commits in the archive. */
  readonly size: number;
  /** Every commit in the order of the tree; each file is checked against its hash before it is read. */
  readonly commits: () => AsyncIterable<ArchivedCommit>;
}

/** Opens an archive by its manifests. Throws `AUDIT.ARCHIVE_DAMAGED` and, where there is none, `AUDIT.ARCHIVE_EMPTY`. */
export async function openArchive(store: ArchiveStore): Promise<OpenedArchive> {
  const read = await readManifests(store);
  const newest = read[read.length - 1]?.manifest;
  if (newest === undefined) {
    throw new IntegrityFault({
      code: 'AUDIT.ARCHIVE_EMPTY',
      message: `${store.place} holds no archive.`,
    });
  }
  const checkpoints: CheckpointRecord[] = [];
  const cosigned: CosignedCheckpoint[] = [];
  for (const { manifest } of read) {
    const signed = await signedOf(store, manifest);
    checkpoints.push(...signed.records);
    cosigned.push(...signed.cosigned);
  }
  const manifests = read.map(({ manifest }) => manifest);
  return {
    identity: { origin: newest.origin, keys: newest.keys, rotations: newest.rotations },
    checkpoints,
    cosigned,
    manifests,
    size: newest.to,
    commits: () => commitsOf(store, manifests),
  };
}

async function* commitsOf(
  store: ArchiveStore,
  manifests: readonly ArchiveManifest[],
): AsyncIterable<ArchivedCommit> {
  let index = 0;
  for (const { segments } of manifests) {
    for (const segment of segments) {
      const commits = decodeSegment(await fileOf(store, segment));
      if (commits?.length !== segment.commits || segment.firstIndex !== index)
        throw damaged(segment.name, `does not hold ${segment.commits} commits from leaf ${index} on`);
      yield* commits;
      index += commits.length;
    }
  }
}

export interface ArchiveReport {
  readonly status: 'clean' | 'damaged';
  readonly commits: number;
  /** Root of the archived commits, hex. */
  readonly root: string;
  readonly witnessed: readonly string[];
  readonly defects: readonly ArchiveDefect[];
}

/**
 * Verifies an archive from itself alone and the log's public keys: manifests, hashes, stray files, every commit against
 * the tree, the tree against each signed checkpoint. `keys`: the log's first keys, when they are known otherwise; the
 * archive's own are believed where they are not.
 */
export async function verifyArchive(
  store: ArchiveStore,
  trusted: {
    readonly keys?: readonly string[];
    readonly witnesses?: readonly VerifierKey[];
    /** Commits that are known to have been archived: fewer is a part taken away. */
    readonly atLeast?: number;
  } = {},
): Promise<ArchiveReport> {
  const defects: ArchiveDefect[] = [];
  const frontier = new MerkleFrontier(rfc6962);
  let witnessed: readonly string[] = [];
  try {
    const archive = await openArchive(store);
    const identity = { ...archive.identity, keys: [...(trusted.keys ?? archive.identity.keys)] };
    const trust: TrustPolicy = {
      log: keyringOfIdentity(identity),
      witnesses: trusted.witnesses ?? [],
      witnessQuorum: 0,
    };
    defects.push(...(await strayFiles(store, archive.manifests)));
    const history = verifyCheckpointHistory(archive.checkpoints, { trust });
    for (const { where, message } of history.defects)
      defects.push({ where: where ?? 'checkpoints', message });
    const heads = new Map(history.heads.map((head) => [head.size, head.root]));
    for await (const { epoch, seq, bytes } of archive.commits()) {
      const commitHash = toHex(sha256(bytes));
      frontier.append(leafHashOf({ epoch, seq, commitHash }, rfc6962));
      const root = heads.get(frontier.size);
      if (root !== undefined && !sameBytes(root, frontier.root())) {
        const message = `the signed root of size ${frontier.size} does not come out; epoch ${epoch} sequence ${seq} is the last commit under it`;
        defects.push({ where: segmentOf(archive.manifests, frontier.size - 1), message });
        break;
      }
    }
    if (archive.size < (trusted.atLeast ?? 0)) {
      const message = `it ends at ${archive.size} commits; ${trusted.atLeast} were archived`;
      defects.push({ where: manifestName(archive.manifests.length + 1), message });
    }
    for (const manifest of archive.manifests) {
      const verified = verifyCheckpoint(manifest.checkpoint, trust);
      if (!verified.ok)
        defects.push({ where: manifestName(manifest.number), message: verified.failure.message });
      else witnessed = verified.value.witnessed.map(({ witness }) => witness);
    }
  } catch (error) {
    if (!(error instanceof IntegrityFault)) throw error;
    defects.push({ where: error.path ?? store.place, message: error.message });
  }
  return {
    status: defects.length === 0 ? 'clean' : 'damaged',
    commits: frontier.size,
    root: toHex(frontier.root()),
    witnessed,
    defects,
  };
}

function segmentOf(manifests: readonly ArchiveManifest[], index: number): string {
  const segments = manifests.flatMap((manifest) => manifest.segments);
  return (
    segments.find(({ firstIndex, commits }) => index >= firstIndex && index < firstIndex + commits)?.name ??
    'segments/'
  );
}

async function strayFiles(
  store: ArchiveStore,
  manifests: readonly ArchiveManifest[],
): Promise<readonly ArchiveDefect[]> {
  const known = new Set(
    manifests.flatMap(({ number, segments, checkpoints }) => [
      manifestName(number),
      checkpoints.name,
      ...segments.map(({ name }) => name),
    ]),
  );
  const names = await store.list('');
  return names
    .filter((name) => !known.has(name))
    .map((where) => ({ where, message: 'no manifest names it' }));
}

function damaged(name: string, why: string): IntegrityFault {
  return new IntegrityFault({ code: 'AUDIT.ARCHIVE_DAMAGED', message: `${name} ${why}.`, path: name });
}
