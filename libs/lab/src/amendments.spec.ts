import type { EventOf, EventType } from '@evenkeel/facts';
import { busyDemonstration } from '@evenkeel/testkit';
import { reexecuteJournal } from '@evenkeel/engine';
import { runInProcess } from './in-process-run';

describe('a hedge that rests and follows the touch', () => {
  const { tape, book } = busyDemonstration('amendments', 2);
  const execution = { algorithm: 'peg', horizon: 'PT45M', repriceInterval: 'PT1M', immediateAbove: 1 };
  const { journal } = runInProcess({
    tape,
    books: [{ file: { ...book, hedge: { ...book.hedge, execution } }, source: 'the demonstration book' }],
  });
  const of = <T extends EventType>(type: T): EventOf<T>['payload'][] =>
    journal.all
      .flatMap(({ commit }) => commit.events.map(({ event }) => event))
      .flatMap((event) => (event.type === type ? [event.payload as EventOf<T>['payload']] : [])); // its type was just seen

  it('changes its children at the venue instead of taking them back, each change checked on record', () => {
    const wanted = of('AmendIntended');
    expect(wanted.length).toBeGreaterThan(10);
    expect(of('OrderAmended').length).toBeGreaterThan(wanted.length / 2);
    for (const { checks } of wanted) {
      expect(checks.length).toBeGreaterThan(15);
      expect(checks.every(({ passed, overriddenBy }) => passed || overriddenBy !== undefined)).toBe(true);
    }
    expect(of('CancelIntended').filter(({ reason }) => reason === 'REPRICE').length).toBeLessThan(
      wanted.length / 2,
    );
  });

  it('still fills what was decided, and every decision follows from the record', () => {
    const done = of('ParentOrderCompleted');
    expect(done.length).toBeGreaterThan(5);
    expect(done.filter(({ unfilled }) => unfilled !== '0')).toEqual([]);
    expect(reexecuteJournal(journal.all).divergences).toEqual([]);
  });
});
