import { IntegrityFault, required, sha256 } from '@evenkeel/kernel';
import { tryDecode } from '../chain/envelope-view';
import type { DecodeEnvelope } from '../chain/envelope-view';
import type { JournalPlace } from './bundle-lines';
import { causeOf, placeKey, previousOf, versionKey } from './references';
import type { BundleCommit } from './references';

/** A stored commit with its leaf index in the tree. */
export interface StoredEvidence extends JournalPlace {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** The ledger, as far as an export needs it. `undefined` where there is no such commit. */
export interface EvidenceSource {
  bySequence(epoch: string, seq: number): Promise<StoredEvidence | undefined>;
  /** The commit that ended with this version of the aggregate in this epoch. */
  byVersion(epoch: string, aggregate: string, version: number): Promise<StoredEvidence | undefined>;
}

export interface ClosureOptions {
  readonly decode: DecodeEnvelope;
  /** How many predecessors of an aggregate to follow; all by default. What is cut is declared as a boundary. */
  readonly historyMax?: number;
  /** An export that would grow beyond this fails (`AUDIT.BUNDLE_TOO_LARGE`). Default 100,000. */
  readonly commitsMax?: number;
  /** Commits collected so far. */
  readonly onProgress?: (collected: number) => void;
}

/**
 * The causal closure of some commits: their causes, the causes of those, and every aggregate's earlier commits, down
 * to where no journal commit is behind them. In leaf order.
 */
export async function collectClosure(
  source: EvidenceSource,
  roots: readonly JournalPlace[],
  options: ClosureOptions,
): Promise<readonly BundleCommit[]> {
  const commitsMax = options.commitsMax ?? 100_000;
  const historyMax = options.historyMax ?? Number.POSITIVE_INFINITY;
  const collected = new Map<string, BundleCommit>();
  /** How far back along its aggregate a commit stands from one that was reached otherwise. */
  const queue: { readonly place: StoredEvidence; readonly depth: number }[] = [];
  const depths = new Map<string, number>();
  for (const root of roots) queue.push({ place: await fetchRoot(source, root), depth: 0 });
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const key = placeKey(next.place);
    if ((depths.get(key) ?? Number.POSITIVE_INFINITY) <= next.depth) continue;
    depths.set(key, next.depth);
    const commit = collected.get(key) ?? readEvidence(next.place, options.decode);
    collected.set(key, commit);
    if (collected.size > commitsMax) throw tooLarge(commitsMax);
    options.onProgress?.(collected.size);
    const cause = causeOf(commit.envelope);
    const found = cause === undefined ? undefined : await source.bySequence(cause.epoch, cause.seq);
    if (found !== undefined) queue.push({ place: found, depth: 0 });
    const previous = next.depth < historyMax ? previousOf(commit.envelope) : undefined;
    const before =
      previous === undefined
        ? undefined
        : await source.byVersion(previous.epoch, previous.aggregate, previous.version);
    if (before !== undefined) queue.push({ place: before, depth: next.depth + 1 });
  }
  return [...collected.values()].sort((a, b) => a.index - b.index);
}

async function fetchRoot(source: EvidenceSource, root: JournalPlace): Promise<StoredEvidence> {
  const found = await source.bySequence(root.epoch, root.seq);
  if (found !== undefined) return found;
  throw new IntegrityFault({
    code: 'AUDIT.COMMIT_ABSENT',
    message: `The ledger has no commit at sequence ${root.seq} of epoch ${root.epoch}.`,
  });
}

function readEvidence(stored: StoredEvidence, decode: DecodeEnvelope): BundleCommit {
  const envelope = tryDecode(decode, stored.bytes);
  if (typeof envelope === 'string') {
    throw new IntegrityFault({
      code: 'AUDIT.COMMIT_UNDECODABLE',
      message: `Sequence ${stored.seq} of epoch ${stored.epoch}: ${envelope}`,
    });
  }
  return { ...stored, hash: sha256(stored.bytes), envelope };
}

function tooLarge(commitsMax: number): IntegrityFault {
  return new IntegrityFault({
    code: 'AUDIT.BUNDLE_TOO_LARGE',
    message: `The causal closure has more than ${commitsMax} commits: export fewer decisions, or bound its history.`,
  });
}

/** For tests and the lab: a source over rows in memory, leaf indices in order. */
export function evidenceInMemory(
  rows: readonly {
    readonly epoch: string;
    readonly seq: number;
    readonly aggregate: string;
    readonly version: number;
    readonly bytes: Uint8Array;
  }[],
): EvidenceSource {
  const stored = rows.map((row, index) => ({ epoch: row.epoch, seq: row.seq, index, bytes: row.bytes }));
  const byPlace = new Map(stored.map((row) => [placeKey(row), row]));
  const byVersion = new Map(
    rows.map((row, index) => [
      versionKey(row.aggregate, row.version, row.epoch),
      required(stored[index], 'a stored row'),
    ]),
  );
  return {
    bySequence: (epoch, seq) => Promise.resolve(byPlace.get(placeKey({ epoch, seq }))),
    byVersion: (epoch, aggregate, version) =>
      Promise.resolve(byVersion.get(versionKey(aggregate, version, epoch))),
  };
}
