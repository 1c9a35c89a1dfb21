import { createRandom, fromHex, required, sha256, toHex, utf8, uuidV5 } from '@evenkeel/kernel';
import type { ChainRow } from '../chain/chain-verifier';
import type { EnvelopeView } from '../chain/envelope-view';
import type { TreeHead } from '../merkle/consistency';
import { MerkleFrontier } from '../merkle/frontier';
import { leafHashOf } from '../merkle/leaf';
import { textOf } from '../encoding/utf8-text';

/** A commit of the tests: the envelope as JSON, so that these tests need no codec of another library. */
export interface FixtureCommit extends Omit<EnvelopeView, 'prevHash'> {
  readonly prevHash: string;
  readonly payload: string;
}

export function encodeFixture(commit: FixtureCommit): Uint8Array {
  return utf8(JSON.stringify(commit));
}

/** Throws for anything `encodeFixture` did not write. */
export function decodeFixture(bytes: Uint8Array): EnvelopeView & { readonly payload: string } {
  const commit = JSON.parse(required(textOf(bytes), 'text')) as FixtureCommit; // judged by its keys in the next line
  if (
    Object.keys(commit).join() !== FIELDS ||
    Object.keys(commit.causation).join() !== 'stream,seq,commitId'
  ) {
    throw new Error('the bytes are not a commit of the tests');
  }
  return { ...commit, prevHash: required(fromHex(commit.prevHash), 'a hash') };
}

const FIELDS =
  'commitId,epoch,aggregate,fromVersion,toVersion,prevHash,causation,correlationId,producer,policyHash,limitsVersion,eventTypes,payload';

export interface FixtureHistory {
  readonly rows: readonly ChainRow[];
  /** A head every 100 rows or so, and one at the end. */
  readonly heads: readonly TreeHead[];
  readonly root: Uint8Array;
}

/** One row whose cause is to be another than the generator would choose. */
export interface PlantedCause {
  readonly seq: number;
  readonly cause: number;
  readonly commitId?: string;
}

const KINDS = ['risk/book', 'strategy/hedge-program', 'execution/hedge-order'];

/**
 * A sound history of a few books: chained commits, each caused by an earlier one. With `rewriteFrom` the payload of
 * that position is another one and everything after follows consistently, as a forger with the database would do it.
 */
export function buildHistory(
  seed: string,
  count: number,
  rewriteFrom?: number,
  planted?: PlantedCause,
  secondEpochAt = count,
): FixtureHistory {
  const random = createRandom(seed);
  const rows: ChainRow[] = [];
  const heads: TreeHead[] = [];
  const frontier = new MerkleFrontier();
  const aggregates = new Map<string, { version: number; hash: Uint8Array }>();
  for (let position = 0; position < count; position += 1) {
    const epoch = position < secondEpochAt ? '1' : '2';
    const seq = position < secondEpochAt ? position + 1 : position - secondEpochAt + 1;
    if (position === secondEpochAt) aggregates.clear();
    const aggregate = `${required(KINDS[random.integer(KINDS.length)], 'a kind')}/b${random.integer(4)}`;
    const head = aggregates.get(aggregate);
    const events = 1 + random.integer(3);
    const causeSeq = planted?.seq === seq ? planted.cause : random.integer(seq);
    const cause = rows[rows.length - seq + causeSeq];
    const commit: FixtureCommit = {
      commitId: uuidV5(`${seed} ${position}`),
      epoch,
      aggregate,
      fromVersion: (head?.version ?? 0) + 1,
      toVersion: (head?.version ?? 0) + events,
      prevHash: toHex(head?.hash ?? new Uint8Array(0)),
      causation: {
        stream: causeSeq === 0 ? 'EK_MARKET' : `EK_JOURNAL_${epoch}`,
        seq: causeSeq,
        commitId:
          planted?.seq === seq && planted.commitId !== undefined
            ? planted.commitId
            : (cause?.commitId ?? uuidV5('tick')),
      },
      correlationId: uuidV5(`${seed} correlation ${random.integer(20)}`),
      producer: {
        service: 'strategy',
        version: '1.0.0',
        gitSha: 'abc',
        kernelHash: toHex(sha256(utf8('kernel'))),
      },
      policyHash: toHex(sha256(utf8('policy'))),
      limitsVersion: '3',
      eventTypes: Array.from({ length: events }, () => 'HedgeDecided'),
      payload: `${position === rewriteFrom ? 'rewritten' : 'payload'} ${random.integer(1e9)}`,
    };
    const row = rowOf(commit, seq);
    rows.push(row);
    aggregates.set(aggregate, { version: commit.toVersion, hash: row.hash });
    frontier.append(row.leafHash);
    if (position % 97 === 96 || position === count - 1)
      heads.push({ size: frontier.size, root: frontier.root() });
  }
  return { rows, heads, root: frontier.root() };
}

/** The history with one row said otherwise by whoever wrote the log, and everything about it signed all the same. */
export function withRow(
  history: FixtureHistory,
  at: number,
  change: (commit: FixtureCommit) => FixtureCommit,
  seq?: number,
): FixtureHistory {
  const rows = history.rows.map((row, position) => {
    if (position !== at) return row;
    const decoded = decodeFixture(row.bytes);
    return rowOf(change({ ...decoded, prevHash: toHex(decoded.prevHash) }), seq ?? row.seq);
  });
  const frontier = new MerkleFrontier();
  for (const row of rows) frontier.append(row.leafHash);
  return { rows, heads: [{ size: frontier.size, root: frontier.root() }], root: frontier.root() };
}

function rowOf(commit: FixtureCommit, seq: number): ChainRow {
  const bytes = encodeFixture(commit);
  const hash = sha256(bytes);
  return {
    epoch: commit.epoch,
    seq,
    commitId: commit.commitId,
    aggregate: commit.aggregate,
    version: commit.toVersion,
    bytes,
    hash,
    prevHash: required(fromHex(commit.prevHash), 'a hash'),
    leafHash: leafHashOf({ epoch: commit.epoch, seq, commitHash: toHex(hash) }),
  };
}
