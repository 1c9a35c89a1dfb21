import { reexecuteJournal } from '@evenkeel/engine';
import { formatInstant } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import type { LabRun } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { firstFactsOf } from './open-epoch';

const { tape, book } = busyDemonstration('twice', 1);

const firstFacts = (pace: 'tape' | 'real time') =>
  firstFactsOf([{ file: book, source: 'the spec' }], pace, formatInstant(tape.from));

/** The same book over the same prices, in an epoch that was opened for it. */
function realTimeEpoch(): LabRun {
  return runInProcess({ tape, books: [{ book: book.book, drafts: firstFacts('real time') }] });
}

const clientOrderIds = ({ journal }: LabRun): string[] =>
  journal.all.flatMap(({ commit }) =>
    commit.events.flatMap(({ event }) =>
      event.type === 'OrderIntended' ? [event.payload.clientOrderId] : [],
    ),
  );

describe('a book that is run in two epochs', () => {
  it('never gives a venue the same client order id twice in real time', () => {
    const [first, second] = [realTimeEpoch(), realTimeEpoch()];
    const before = new Set(clientOrderIds(first));
    expect(before.size).toBeGreaterThan(5);
    expect(clientOrderIds(second)).toHaveLength(before.size);
    expect(clientOrderIds(second).filter((id) => before.has(id))).toEqual([]);
    expect(reexecuteJournal(second.journal.all)).toMatchObject({ divergences: [] });
  });

  it('begins with the same facts on a tape', () => {
    expect(firstFacts('tape')).toEqual(firstFacts('tape'));
  });
});
