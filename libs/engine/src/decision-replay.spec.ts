import type { StoredCommit } from '@evenkeel/eventing';
import { runInProcess } from '@evenkeel/lab';
import { createRandom, required } from '@evenkeel/kernel';
import { busyDemonstration } from '@evenkeel/testkit';
import { DecisionReplay } from './decision-replay';
import type { Divergence } from './decision-replay';
import { reexecuteDecisions } from './reexecution';

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

function replayed(commits: readonly StoredCommit[], from?: DecisionReplay): [DecisionReplay, Divergence[]] {
  const replay = from ?? new DecisionReplay();
  const found: Divergence[] = [];
  for (const commit of commits) found.push(...replay.push(commit));
  return [replay, found];
}

describe('running the decisions of a journal again', () => {
  it('comes to the same ones, as they come in', () => {
    expect(decisions).toBeGreaterThan(50);
    const [replay, found] = replayed(journal);
    expect([...found, ...replay.finish()]).toEqual([]);
    expect(replay.decisions).toBe(decisions);
    expect(reexecuteDecisions(journal)).toEqual({ decisions, divergences: [] });
  });

  it('goes on from a record as if it had never stopped, wherever it was cut', () => {
    const random = createRandom('cuts');
    const wrong = journal.findIndex((stored, at) => at > journal.length * 0.8 && isDecision(stored));
    const altered = withFalseReason(wrong);
    for (let round = 0; round < 12; round += 1) {
      const cut = 1 + random.integer(Math.floor(journal.length * 0.75));
      const [first, early] = replayed(altered.slice(0, cut));
      expect(early).toEqual([]);
      const record = JSON.parse(JSON.stringify(first.record())) as ReturnType<DecisionReplay['record']>; // as a file would keep it
      const [second, late] = replayed(
        altered.filter(({ seq }) => seq >= record.fromSeq),
        new DecisionReplay(record),
      );
      late.push(...second.finish());
      expect(second.decisions).toBe(decisions);
      expect(late.map(({ seq }) => seq)).toEqual([required(altered[wrong], 'a commit').seq]);
    }
  });

  it('names a decision that was altered, one that was left out and one that was put in', () => {
    const at = journal.findIndex((stored, index) => index > journal.length / 2 && isDecision(stored));
    const victim = required(journal[at], 'a decision');
    const [, altered] = replayed(withFalseReason(at));
    expect(altered.map(({ seq }) => seq)).toEqual([victim.seq]);
    expect(altered[0]?.message).toMatch(/reasons/);
    const without = reexecuteDecisions(journal.filter((_, index) => index !== at));
    expect(without.divergences[0]?.message).toMatch(/follows from this input, but is not on record/);
    const forged = {
      ...victim,
      commit: { ...victim.commit, causation: { ...victim.commit.causation, commitId: 'nothing' } },
    };
    const inserted = reexecuteDecisions([...journal.slice(0, at), forged, ...journal.slice(at)]);
    expect(inserted.divergences.map(({ seq }) => seq)).toContain(victim.seq);
  });
});
