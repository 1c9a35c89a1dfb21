import { partitionOfBook } from '@evenkeel/eventing';
import { buildReport, haltedBooks, renderReport } from './run-report';

describe('a report of a run that some books did not finish', () => {
  const reason = 'risk: a torn page';
  const halted = haltedBooks(['steady', 'torn'], { [partitionOfBook('torn')]: reason });

  it('names each book of a halted partition with its reason', () => {
    expect(halted).toEqual({ halted: [{ book: 'torn', reason }] });
    const text = renderReport({ ...buildReport('tape', [], 'clean'), ...halted });
    expect(text).toContain('book torn stopped before the end: risk: a torn page');
  });

  it('says nothing of it where none halted', () => {
    expect(haltedBooks(['steady', 'torn'], {})).toEqual({});
  });
});
