import { InvalidInputError } from '@evenkeel/kernel';
import { oneColumnOf, readTable } from './csv-table';
import type { TableShape } from './csv-table';
import { rowsOfTable } from './table-rows';

function rowsOf(text: string, columns: readonly string[], shape?: TableShape): string[][] {
  const rows: string[][] = [];
  readTable(
    'a.csv',
    text,
    columns,
    (cells, line) => {
      rows.push([String(line), ...cells]);
      return undefined;
    },
    shape,
  );
  return rows;
}

function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

const EXPECTED = [
  ['2', '2026-01-01T00:00:00Z', '89300.4'],
  ['3', '2026-01-01T00:05:00Z', '-0.5'],
];

describe('a table', () => {
  it.each([
    ['as it comes', 'date,close,note\n2026-01-01T00:00:00Z,89300.4,x\n2026-01-01T00:05:00Z,-0.5,\n'],
    [
      'with quotes in its header too, as R writes it',
      '"date","close"\r\n"2026-01-01T00:00:00Z","89300.4"\r\n"2026-01-01T00:05:00Z","-0.5"\r\n',
    ],
    ['behind a byte order mark', '\ufeffclose,date\n89300.4,2026-01-01T00:00:00Z\n-0.5,2026-01-01T00:05:00Z'],
    [
      'behind a byte order mark and in quotes',
      '\ufeff"date","close"\n2026-01-01T00:00:00Z,"89300.4"\n2026-01-01T00:05:00Z,-0.5',
    ],
    ['cut by semicolons', 'date;close\n2026-01-01T00:00:00Z;89300.4\n2026-01-01T00:05:00Z;-0.5'],
    ['cut by tabs', 'date\tclose\n2026-01-01T00:00:00Z\t89300.4\n2026-01-01T00:05:00Z\t-0.5'],
    ['cut by bars', 'date|close|a,b\n2026-01-01T00:00:00Z|89300.4|\n2026-01-01T00:05:00Z|-0.5|c,d'],
    ['with a decimal comma', 'date;close\n2026-01-01T00:00:00Z;89300,4\n2026-01-01T00:05:00Z;-0,5'],
    [
      'with a quoted decimal comma',
      'date,close\n2026-01-01T00:00:00Z,"89300,4"\n2026-01-01T00:05:00Z,"-0,5"',
    ],
  ])('is read %s', (_, text) => {
    expect(rowsOf(text, ['date', 'close'])).toEqual(EXPECTED);
  });

  it('is read as a spreadsheet cuts it, which its first line says', () => {
    expect(rowsOf('sep=;\na;b\n1;2\n', ['a', 'b'])).toEqual([['3', '1', '2']]);
  });

  it('is read without a header where its columns are known', () => {
    const shape = { names: ['time', 'open', 'close'], optional: ['note'] };
    expect(rowsOf('1,2,3\n4,5,6\n', ['close', 'time', 'note'], shape)).toEqual([
      ['1', '3', '1', ''],
      ['2', '6', '4', ''],
    ]);
  });

  it('says how it was read', () => {
    const reading = readTable('a.csv', 'a;b\n1,5;2\n', ['a', 'b'], () => undefined);
    expect(reading).toEqual({ rows: 1, delimiter: ';', decimal: ',' });
  });

  it.each([
    ['a thousand or a fraction', 'a;b\n1,234;2\n', 'a.csv:2: 1,234 may be a thousand or a fraction'],
    ['two marks', 'a;b\n1,5;2\n1.5;2\n', 'a.csv:3: 1.5 has a decimal point'],
    ['a quote without an end', 'a,b\n1,2\n"1,2\n', 'a.csv:3: has a quote that does not end on its line'],
    ['a column twice', 'a,b,a\n1,2,3\n', 'a.csv:1: column "a" stands there twice'],
    ['a row that is too wide', 'a,b\n1,2\n1,2,3\n', 'a.csv:3: has 3 columns, the header has 2'],
  ])('is refused with %s', (_, text, told) => {
    const [problem = ''] = problemsOf(() => rowsOf(text, ['a', 'b']));
    expect(problem.slice(0, told.length)).toBe(told);
  });

  it.each<[string, string, RegExp]>([
    ['rows that are too narrow', 'A,0.25,100,call,1.9,2.1', /:2: has 6 columns, the header has 7/],
    ['a separator of thousands', 'A,0.25,100,call,1.9,2.1,1,000', /:2: has 8 columns, the header has 7/],
    ['a comma at its end', 'A,0.25,100,call,1.9,2.1,100,', /:2: has 8 columns, the header has 7/],
    [
      'a decimal comma that is not quoted',
      'A,0,25,100,call,1.9,2.1,100',
      /:2: has 8 columns, the header has 7/,
    ],
    [
      'a thousand or a fraction',
      'A,0.25,100,call,1.9,2.1,"1,000"',
      /:2: 1,000 may be a thousand or a fraction/,
    ],
  ])('of quotes to fit is refused with %s', (_, row, message) => {
    const header = 'expiry,years,strike,type,bid,ask,forward';
    expect(problemsOf(() => rowsOfTable('chain.csv', `${header}\n${row}\n`))).toEqual([
      expect.stringMatching(message),
    ]);
  });

  it('takes a comma in a column that nobody reads for what it is', () => {
    expect(rowsOf('a,b\n1,"2,345"\n', ['a'])).toEqual([['2', '1']]);
    expect(rowsOf('a;b\n1.5;2,345\n', ['a'])).toEqual([['2', '1.5']]);
  });

  it('finds the one column of several names however it is cut and quoted', () => {
    expect(oneColumnOf('a.csv', '"x";"two"\n', ['one', 'two'])).toBe('two');
    expect(problemsOf(() => oneColumnOf('a.csv', 'one,two\n', ['one', 'two']))).toHaveLength(1);
  });
});
