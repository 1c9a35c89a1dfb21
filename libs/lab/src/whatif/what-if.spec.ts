import { busyDemonstration } from '@evenkeel/testkit';
import { runInProcess } from '../in-process-run';
import { readRecordedBook } from './recorded-book';
import { whatIf } from './what-if';

const { tape, book } = busyDemonstration('what-if', 2);
const run = runInProcess({
  tape,
  books: [{ file: book, source: 'the demonstration book' }],
  journal: 'light',
});
const commits = run.journal.all.map(({ commit }) => commit);
const ask = (policy: Record<string, string>) =>
  whatIf(commits, { book: book.book, policy, riskAversion: 0.0001 });

describe('a counterfactual over a recorded journal', () => {
  it('reproduces every recorded hedge and the P&L when nothing is changed', () => {
    const answer = ask({ kind: 'delta-band', band: '0.05' });
    expect(answer?.control.recorded).toBeGreaterThan(20);
    expect(answer?.control).toEqual({
      recorded: answer?.control.recorded,
      reproduced: answer?.control.recorded,
    });
    const [recorded, control, other] = answer?.rows ?? [];
    expect(control?.pnl).toBe(recorded?.pnl);
    expect(other?.pnl).toBe(recorded?.pnl);
    expect(other?.fees).toBe(recorded?.fees);
  });

  it('tells what a wider band would have saved and left open, on the same unhedged book', () => {
    const [recorded, , other] = ask({ kind: 'delta-band', band: '0.5' })?.rows ?? [];
    // To the moment of the last valuation, which a fill may bring.
    expect(other?.unhedgedPnl).toBeCloseTo(recorded?.unhedgedPnl ?? 0, 0);
    expect(other?.fees).toBeLessThan((recorded?.fees ?? 0) / 2);
    expect(other?.residualPerDay.value).toBeGreaterThan(recorded?.residualPerDay.value ?? 0);
  });

  it('leaves the journal as it was', () => {
    const before = commits.length;
    ask({ kind: 'time', interval: 'PT4H' });
    expect(run.journal.all).toHaveLength(before);
  });

  it('knows no book that the journal does not open', () => {
    expect(readRecordedBook(commits, 'another-book')).toBeUndefined();
  });
});
