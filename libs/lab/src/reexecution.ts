import { encodePayload } from '@evenkeel/contracts';
import { Reactor, causeOfCommit } from '@evenkeel/eventing';
import type { Producer, SealedCommit, StoredCommit } from '@evenkeel/eventing';
import { createProgramCore } from '@evenkeel/hedging';
import { sameBytes } from '@evenkeel/kernel';

/** Where the record and a second run of the same code part ways. */
export interface Divergence {
  readonly seq: number;
  readonly commitId: string;
  readonly message: string;
}

/** A recorded commit, wherever it was kept. */
export type RecordedCommit = Pick<StoredCommit, 'seq' | 'commit' | 'bytes' | 'hash'>;

export interface Reexecution {
  /** Decisions (made or refused) that were run again. */
  readonly decisions: number;
  readonly divergences: readonly Divergence[];
}

type ProgramReactor = Reactor<unknown, never>;

const REPLAYER: Producer = { service: 'replay', version: '0', gitSha: '', kernelHash: '' };
const NO_BYTES = new Uint8Array(0);
const NO_CLOCK = { receivedTime: 0n, decidedTime: 0n, source: 'replay', maxErrorNs: 0n };

/**
 * Runs the hedge programs again over their partitions' recorded inputs and compares every commit they make, byte for
 * byte, with the one on record. What was recorded is folded, so one divergence does not hide the next. Inputs after the
 * last recorded answer of a partition are left out: the service may not have got to them.
 */
export function reexecuteDecisions(commits: Iterable<RecordedCommit>): Reexecution {
  const partitions = new Map<string, RecordedCommit[]>();
  for (const stored of commits) {
    const list = partitions.get(stored.commit.partition);
    if (list === undefined) partitions.set(stored.commit.partition, [stored]);
    else list.push(stored);
  }
  let decisions = 0;
  const divergences: Divergence[] = [];
  for (const partition of [...partitions.keys()].sort()) {
    const result = reexecutePartition(partitions.get(partition) ?? []);
    decisions += result.decisions;
    divergences.push(...result.divergences);
  }
  return { decisions, divergences };
}

function reexecutePartition(journal: readonly RecordedCommit[]): Reexecution {
  const reactor: ProgramReactor = new Reactor(createProgramCore() as never, {
    epoch: '',
    producer: REPLAYER,
    seal: (commit) => ({ commit, bytes: NO_BYTES, hash: NO_BYTES }),
    hostClock: () => NO_CLOCK,
  });
  const recorded = new Map<string, RecordedCommit[]>();
  const inputs: RecordedCommit[] = [];
  for (const stored of journal) {
    const { context } = stored.commit.aggregate;
    if (context === 'strategy' && stored.commit.causation.stream === 'boot') reactor.fold(stored, stored.seq);
    else if (context === 'strategy') append(recorded, stored.commit.causation.commitId, stored);
    else if (context === 'risk' || context === 'execution') inputs.push(stored);
  }
  const lastAnswered = inputs.reduce(
    (last, input, index) => (recorded.has(input.commit.commitId) ? index : last),
    -1,
  );
  const divergences: Divergence[] = [];
  let decisions = 0;
  for (const input of inputs.slice(0, lastAnswered + 1)) {
    const expected = recorded.get(input.commit.commitId) ?? [];
    recorded.delete(input.commit.commitId);
    decisions += expected.filter(isDecision).length;
    compareAnswer(reactor, input, expected, divergences);
  }
  for (const orphans of recorded.values()) {
    for (const { seq, commit } of orphans)
      divergences.push({
        seq,
        commitId: commit.commitId,
        message: `answers ${commit.causation.commitId}, which is not on record`,
      });
  }
  return { decisions, divergences };
}

function append(lists: Map<string, RecordedCommit[]>, key: string, stored: RecordedCommit): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [stored]);
  else list.push(stored);
}

function compareAnswer(
  reactor: ProgramReactor,
  input: RecordedCommit,
  expected: readonly RecordedCommit[],
  divergences: Divergence[],
): void {
  const cause = causeOfCommit(input.commit.causation.stream, { ...input, subject: '' });
  reactor.observe(cause);
  let position = 0;
  for (;;) {
    const { commits } = reactor.decide(cause);
    if (commits.length === 0) break;
    for (const made of commits) {
      const record = expected[position];
      position += 1;
      if (record === undefined) {
        divergences.push({
          seq: input.seq,
          commitId: made.commit.commitId,
          message: `${typesOf(made)} follows from this input, but is not on record`,
        });
        return;
      }
      const difference = differenceOf(made, record);
      if (difference !== undefined)
        divergences.push({ seq: record.seq, commitId: record.commit.commitId, message: difference });
      reactor.fold(record, record.seq);
    }
  }
  for (const record of expected.slice(position)) {
    divergences.push({
      seq: record.seq,
      commitId: record.commit.commitId,
      message: `${typesOf(record)} does not follow from the recorded input ${input.seq}`,
    });
    reactor.fold(record, record.seq);
  }
}

function differenceOf(made: SealedCommit, record: RecordedCommit): string | undefined {
  if (made.commit.commitId !== record.commit.commitId)
    return `id ${record.commit.commitId} on record, ${made.commit.commitId} when run again`;
  if (typesOf(made) !== typesOf(record))
    return `${typesOf(record)} on record, ${typesOf(made)} when run again`;
  for (const [index, { event }] of record.commit.events.entries()) {
    const again = made.commit.events[index]?.event;
    if (again === undefined) return 'fewer events when run again';
    const field = firstDifference(event.payload, again.payload, event.type);
    if (!sameBytes(encodePayload(event), encodePayload(again)))
      return `run again, it differs${field === undefined ? '' : ` first in ${field}`}`;
  }
  return undefined;
}

const typesOf = ({ commit }: SealedCommit): string => commit.events.map(({ event }) => event.type).join('+');

const isDecision = ({ commit }: SealedCommit): boolean =>
  commit.events.some(({ event }) => event.type === 'HedgeDecided' || event.type === 'HedgeDeclined');

/** Path and values of the first difference between two plain values. */
function firstDifference(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return `${path}: ${String(a)} on record, ${String(b)} run again`;
  const left = new Map(Object.entries(a));
  const right = new Map(Object.entries(b));
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const found = firstDifference(left.get(key), right.get(key), `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
