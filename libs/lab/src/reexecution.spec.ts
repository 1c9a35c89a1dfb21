import type { Core, DomainEvent } from '@evenkeel/facts';
import { createProgramCore } from '@evenkeel/hedging';
import type { ProgramState } from '@evenkeel/hedging';
import { parseInstant } from '@evenkeel/kernel';
import { busyDemonstration } from '@evenkeel/testkit';
import { policyDraft, reexecuteJournal, runAgainIn } from '@evenkeel/engine';
import { runInProcess } from './in-process-run';

const market = busyDemonstration('changed core', 1);
const book = { file: market.book, source: 'the demonstration book' };
const { journal } = runInProcess({ tape: market.tape, books: [book] });

/** The production core with one thing different in what it says. */
function changedCore(change: (event: DomainEvent) => DomainEvent): () => Core<ProgramState, never> {
  return () => {
    const core = createProgramCore();
    return {
      ...core,
      decide: (state, input) => {
        const { commits, effects } = core.decide(state, input);
        return { effects, commits: commits.map((draft) => ({ ...draft, events: draft.events.map(change) })) };
      },
    };
  };
}

describe('running decisions again', () => {
  it('finds nothing with the code that decided', () => {
    const { counts, divergences } = reexecuteJournal(journal.all);
    expect(runAgainIn(counts).decisions).toBeGreaterThan(20);
    expect(divergences).toEqual([]);
  });

  it('names every decision of a core that was changed in the last bit of one number', () => {
    const nudged = changedCore((event) =>
      event.type === 'HedgeDecided'
        ? {
            ...event,
            payload: {
              ...event.payload,
              assessments: event.payload.assessments.map((assessment) => ({
                ...assessment,
                exposure: assessment.exposure * (1 + Number.EPSILON),
              })),
            },
          }
        : event,
    );
    const hedges = journal.all.filter(({ commit }) =>
      commit.events.some(({ event }) => event.type === 'HedgeDecided'),
    );
    const { divergences } = reexecuteJournal(journal.all, { strategy: nudged });
    expect(divergences.map(({ seq }) => seq)).toEqual(hedges.map(({ seq }) => seq));
    expect(divergences[0]?.message).toMatch(/first in HedgeDecided\.assessments\.0\.exposure/);
  });

  it('names a decision that a changed core would not have made', () => {
    const silent = () => {
      const core = createProgramCore();
      return { ...core, decide: () => ({ commits: [], effects: [] }) };
    };
    expect(reexecuteJournal(journal.all, { strategy: silent }).divergences.length).toBeGreaterThan(20);
  });

  it('folds a policy that a person set meanwhile where it stood', () => {
    const at = '2026-01-05T12:00:00Z';
    const draft = policyDraft({ ...book, policy: { kind: 'delta-band', band: '0.5' } }, at);
    const changed = runInProcess({
      tape: market.tape,
      books: [book],
      changes: [{ at: parseInstant(at), draft }],
    });
    const policies = changed.journal.all.filter(({ commit }) =>
      commit.events.some(({ event }) => event.type === 'PolicySet'),
    );
    expect(policies).toHaveLength(2);
    expect(reexecuteJournal(changed.journal.all).divergences).toEqual([]);
  });
});
