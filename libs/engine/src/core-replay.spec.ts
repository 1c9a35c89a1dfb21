import type { StoredCommit } from '@evenkeel/eventing';
import { runInProcess } from '@evenkeel/lab';
import { createRandom, required } from '@evenkeel/kernel';
import { busyDemonstration } from '@evenkeel/testkit';
import { PartitionReexecution, reexecuteJournal } from './partition-reexecution';
import type { ReexecutionRecord } from './partition-reexecution';
import type { Divergence } from './recorded-commit';
import { runAgainIn } from './replay-counts';

const market = busyDemonstration('replay', 2);
const journal = runInProcess({
  tape: market.tape,
  books: [{ file: market.book, source: 'the demonstration book' }],
}).journal.all;
const isDecision = ({ commit }: StoredCommit): boolean =>
  commit.events.some(({ event }) => event.type === 'HedgeDecided' || event.type === 'HedgeDeclined');
const decisions = journal.filter(isDecision).length;

function withFalseReason(at: number): StoredCommit[] {
  return journal.map((stored, index) => {
    if (index !== at) return stored;
    const events = stored.commit.events.map((recorded) =>
      recorded.event.type === 'HedgeDecided' || recorded.event.type === 'HedgeDeclined'
        ? {
            ...recorded,
            event: { ...recorded.event, payload: { ...recorded.event.payload, reasons: ['TRUST_ME'] } },
          }
        : recorded,
    );
    // The payloads of both kinds have reasons; the type of the union is lost in the spread.
    return { ...stored, commit: { ...stored.commit, events } } as StoredCommit;
  });
}

function replayed(
  commits: readonly StoredCommit[],
  from?: PartitionReexecution,
): [PartitionReexecution, Divergence[]] {
  const replay = from ?? new PartitionReexecution();
  const found: Divergence[] = [];
  for (const commit of commits) found.push(...replay.push(commit));
  return [replay, found];
}

describe('running the cores of a journal again', () => {
  it('comes to the same snapshots, decisions and orders, as they come in', () => {
    const counted = new Map<string, number>();
    for (const { commit } of journal)
      if (commit.causation.stream !== 'boot' && commit.aggregate.context !== 'price')
        for (const { event } of commit.events) counted.set(event.type, (counted.get(event.type) ?? 0) + 1);
    const [replay, found] = replayed(journal);
    expect([...found, ...replay.finish()]).toEqual([]);
    expect(runAgainIn(replay.counts).decisions).toBe(decisions);
    expect(new Map(replay.counts.map(({ type, events }) => [type, events]))).toEqual(counted);
    expect(runAgainIn(replay.counts).notRunAgain).toBe(0);
    expect(reexecuteJournal(journal)).toEqual({ counts: replay.counts, divergences: [] });
  });

  it('goes on from a record as if it had never stopped, wherever it was cut', () => {
    const random = createRandom('cuts');
    const wrong = journal.findIndex((stored, at) => at > journal.length * 0.8 && isDecision(stored));
    const altered = withFalseReason(wrong);
    const whole = reexecuteJournal(altered);
    for (let round = 0; round < 6; round += 1) {
      const cut = 1 + random.integer(Math.floor(journal.length * 0.75));
      const [first, early] = replayed(altered.slice(0, cut));
      expect(early).toEqual([]);
      const record = JSON.parse(JSON.stringify(first.record())) as ReexecutionRecord; // as a file would keep it
      const fromSeq = Math.min(...Object.values(record).map((core) => core.fromSeq));
      const [second, late] = replayed(
        altered.filter(({ seq }) => seq >= fromSeq),
        new PartitionReexecution(record),
      );
      late.push(...second.finish());
      expect(second.counts).toEqual(whole.counts);
      expect(late.map(({ seq }) => seq)).toEqual([required(altered[wrong], 'a commit').seq]);
    }
  });

  it('takes a process that died between two answers for no divergence at the end of a journal, and for one before it', () => {
    // The second answer of a core to one input.
    const answers = (one: StoredCommit['commit'], other: StoredCommit['commit'] | undefined): boolean =>
      other?.causation.commitId === one.causation.commitId &&
      other.aggregate.context === one.aggregate.context &&
      !['boot', 'host', 'operator'].includes(one.causation.stream);
    const second = journal.findIndex(
      ({ commit }, at) => at > journal.length / 2 && answers(commit, journal[at - 1]?.commit),
    );
    expect(second).toBeGreaterThan(0);
    expect(reexecuteJournal(journal.slice(0, second)).divergences).toEqual([]);
    const without = reexecuteJournal(journal.filter((_, at) => at !== second));
    expect(without.divergences[0]?.message).toMatch(/follows from this input, but is not on record/);
  });

  it('names a decision that was altered, one that was left out and one that was put in', () => {
    const at = journal.findIndex((stored, index) => index > journal.length / 2 && isDecision(stored));
    const victim = required(journal[at], 'a decision');
    const [, altered] = replayed(withFalseReason(at));
    expect(altered.map(({ seq }) => seq)).toEqual([victim.seq]);
    expect(altered[0]?.message).toMatch(/reasons/);
    const without = reexecuteJournal(journal.filter((_, index) => index !== at));
    expect(without.divergences[0]?.message).toMatch(/follows from this input, but is not on record/);
    const forged = {
      ...victim,
      commit: { ...victim.commit, causation: { ...victim.commit.causation, commitId: 'nothing' } },
    };
    const inserted = reexecuteJournal([...journal.slice(0, at), forged, ...journal.slice(at)]);
    expect(inserted.divergences.map(({ seq }) => seq)).toContain(victim.seq);
  });
});
