import { tableLines } from './table';

const columns = [
  { head: 'policy', cells: ['time', 'whalley-wilmott'], left: true },
  { head: 'P&L', cells: ['−5.00', '1,234.50'] },
  { head: 'residual/√day', cells: ['12', '3'] },
];

describe('a table for a terminal', () => {
  it('stands in columns, figures at the right', () => {
    expect(tableLines(columns)).toEqual([
      'policy                P&L  residual/√day',
      'time                −5.00             12',
      'whalley-wilmott  1,234.50              3',
    ]);
  });

  it('fits the width: what has no room is left out from the end, and named', () => {
    const lines = tableLines(columns, 30);
    expect(lines.at(-1)).toBe('(too narrow for: residual/√day)');
    expect(lines.slice(0, -1).every((line) => line.length <= 30)).toBe(true);
    expect(tableLines(columns, 5)[2]).toBe('whalley-wilmott');
  });
});
