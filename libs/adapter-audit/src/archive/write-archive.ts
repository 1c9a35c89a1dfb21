import { gzipSync } from 'node:zlib';
import type { CheckpointRecord } from '@evenkeel/audit';
import { EvenkeelError } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { CosignedCheckpoint } from '../cosigned-file';
import type { LogIdentity } from '../log-identity';
import { headOfNote } from '../note-head';
import {
  checkpointsName,
  encodeJson,
  encodeSegment,
  manifestName,
  segmentName,
  sha256Hex,
} from './archive-format';
import type { ArchiveManifest, ArchiveSegment, ArchivedCommit } from './archive-format';
import type { ArchiveStore } from './archive-store';
import { readManifests } from './read-archive';

export interface ArchiveSource {
  readonly identity: LogIdentity;
  /** Every kept checkpoint, oldest first. */
  readonly checkpoints: readonly CheckpointRecord[];
  readonly cosigned: readonly CosignedCheckpoint[];
  /** Commits from a leaf on, in the order of the tree, up to `until`. */
  readonly commits: (from: number, until: number) => AsyncIterable<ArchivedCommit>;
}

export interface ArchiveOptions {
  /** Commits in one segment file at most. Default 4096. */
  readonly segmentCommits?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ArchiveResult {
  readonly archived: number;
  /** Commits in the archive altogether. */
  readonly size: number;
  readonly segments: number;
  readonly manifest: string | undefined;
}

const SEGMENT_COMMITS = 4096;

/**
 * Archives every commit that is signed for and not archived yet: segments, what was signed over them, and a manifest
 * with the hash of each, chained to the one before. Written once and never again; a run that was broken off left
 * segments without a manifest, and is gone on with when they hold what they should.
 */
export async function writeArchive(
  store: ArchiveStore,
  source: ArchiveSource,
  options: ArchiveOptions = {},
): Promise<ArchiveResult> {
  const { identity, checkpoints, cosigned } = source;
  const known = await readManifests(store);
  const last = known[known.length - 1];
  if (last !== undefined && last.manifest.origin !== identity.origin) {
    throw new EvenkeelError({
      code: 'AUDIT.ARCHIVE_OF_ANOTHER_LOG',
      message: `${store.place} archives ${last.manifest.origin}, not ${identity.origin}.`,
    });
  }
  const newest = checkpoints[checkpoints.length - 1];
  const to = newest === undefined ? 0 : (headOfNote(newest.note)?.size ?? 0);
  const from = last?.manifest.to ?? 0;
  if (newest === undefined || to <= from)
    return { archived: 0, size: from, segments: 0, manifest: undefined };
  const number = (last?.manifest.number ?? 0) + 1;
  const segments: ArchiveSegment[] = [];
  let batch: ArchivedCommit[] = [];
  let done = from;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const bytes = encodeSegment(batch);
    const name = segmentName(done, batch.length);
    await putOnce(store, name, bytes);
    segments.push({
      name,
      sha256: sha256Hex(bytes),
      bytes: bytes.length,
      firstIndex: done,
      commits: batch.length,
    });
    done += batch.length;
    batch = [];
    options.onProgress?.(done - from, to - from);
  };
  for await (const commit of source.commits(from, to)) {
    batch.push(commit);
    if (batch.length >= (options.segmentCommits ?? SEGMENT_COMMITS)) await flush();
  }
  await flush();
  if (done !== to) {
    throw new EvenkeelError({
      code: 'AUDIT.ARCHIVE_INCOMPLETE',
      message: `${to} commits are signed for, but the ledger gave only ${done}.`,
    });
  }
  const before = known.reduce((sum, { records }) => sum + records, 0);
  const cosignedBefore = known.reduce((sum, one) => sum + one.cosigned, 0);
  const signed = gzipSync(
    encodeJson({
      records: checkpoints.slice(before),
      cosigned: cosigned.slice(cosignedBefore),
    } as unknown as Json), // plain records of strings and numbers
  );
  const signedName = checkpointsName(number);
  await putOnce(store, signedName, signed);
  const witnessed = cosigned.find(({ size }) => size === to);
  const manifest: ArchiveManifest = {
    format: 'evenkeel archive/v1',
    number,
    previous: last?.hash ?? '',
    origin: identity.origin,
    keys: [...identity.keys],
    rotations: [...identity.rotations],
    from,
    to,
    segments,
    checkpoints: { name: signedName, sha256: sha256Hex(signed), bytes: signed.length },
    checkpoint: witnessed?.note ?? newest.note,
  };
  const name = manifestName(number);
  await store.put(name, encodeJson(manifest));
  return { archived: to - from, size: to, segments: segments.length, manifest: name };
}

/** What a run that was broken off has put there already is as good, when it is the same. */
async function putOnce(store: ArchiveStore, name: string, bytes: Uint8Array): Promise<void> {
  const there = await store.get(name, Number.MAX_SAFE_INTEGER);
  if (there !== undefined && sha256Hex(there) === sha256Hex(bytes)) return;
  await store.put(name, bytes);
}
