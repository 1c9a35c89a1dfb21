import { moneyCell, moneyText, tableLines, withRounding } from '@evenkeel/figures';
import type { NamedAmount } from '@evenkeel/figures';
import { Decimal, sum } from '@evenkeel/kernel';
import type { AttributionTerm } from './attribution-terms';
import type { BookPnl, ExplainedPnl } from './explained-pnl';

/** Terms as a desk reads them, each the sum of those that are named. */
const GROUPS: readonly (readonly [string, readonly AttributionTerm[]])[] = [
  ['delta', ['delta']],
  ['gamma', ['gamma']],
  ['theta', ['theta', 'charm']],
  ['vega', ['vega']],
  ['higher order', ['vanna', 'volga', 'cross']],
  ['financing', ['basis', 'rates']],
  ['funding', ['funding']],
  ['fees', ['fees']],
  ['slippage', ['slippage', 'impact']],
  ['new trades', ['newTrades']],
  ['settlement', ['settlement']],
  ['residual', ['residual']],
];

/** How many causes a line of a day names; all of them are in the JSON. */
const CAUSES = 3;

const MEANING =
  'Greeks of each interval’s start times its moves; theta has charm, slippage has impact, financing is basis and rates; ' +
  'new trades run to their first mark, settlement from the last mark to the payoff; residual is what nothing explains.';

type Explained = Pick<BookPnl, 'total' | 'byUnderlying'>;

/** Where the P&L came from, one line a cause and one column an underlying; columns add up, and so do rows. */
export function explainedTable({ total, byUnderlying }: Explained, numeraire: string): string[] {
  const parts = byUnderlying.map((part) => withRounding(part.total, groupsOf(part), numeraire));
  const names = [...GROUPS.map(([label]) => label), 'rounding'].filter((name) =>
    parts.some((part) => part.some(([label]) => label === name)),
  );
  const cell = (amount: string | undefined): string =>
    amount === undefined ? '' : moneyCell(amount, numeraire);
  const columns = byUnderlying.map((part, index) => ({
    head: `${part.underlying}, ${numeraire}`,
    cells: [
      ...names.map((name) => cell(parts[index]?.find(([label]) => label === name)?.[1])),
      cell(part.total),
    ],
  }));
  const left = leftOver({ total, numeraire }, byUnderlying);
  return [
    ...tableLines([{ head: '', cells: [...names, 'total'], left: true }, ...columns]),
    ...(byUnderlying.length > 1 ? [...left, `together ${moneyText(total, numeraire)}`] : []),
  ];
}

function groupsOf({ terms }: ExplainedPnl): NamedAmount[] {
  return GROUPS.flatMap(([label, names]): NamedAmount[] => {
    const amount = sum(names.map((term) => Decimal.parse(terms[term])));
    return amount.isZero() ? [] : [[label, amount.toString()]];
  });
}

/** The explained P&L of books for a terminal: whole, by underlying, by day. */
export function explainedText(books: readonly BookPnl[]): string {
  const lines = books.flatMap((book) => {
    const { numeraire } = book;
    return [
      `book ${book.book}: ${moneyText(book.total, numeraire)} explained, residual ${percent(book)} of gross`,
      ...explainedTable(book, numeraire).map((line) => `  ${line}`),
      '',
      ...dayLines(book).map((line) => `  ${line}`),
      '',
    ];
  });
  return `${[...lines, MEANING].join('\n')}\n`;
}

/** A line a day and underlying: what it brought, its largest causes, and what is unexplained. */
function dayLines(book: BookPnl): string[] {
  const { byDay, numeraire } = book;
  const causes = byDay.map((part) => {
    const sized = groupsOf(part).map(([label, amount]) => ({ label, amount: Decimal.parse(amount) }));
    return sized
      .sort((a, b) => b.amount.abs().compare(a.amount.abs()))
      .slice(0, CAUSES)
      .map(({ label, amount }) => `${label} ${moneyCell(amount.toString(), numeraire)}`)
      .join(', ');
  });
  return [
    ...tableLines([
      { head: 'day', cells: byDay.map(({ day, underlying }) => `${day} ${underlying}`), left: true },
      { head: numeraire, cells: byDay.map(({ total }) => moneyCell(total, numeraire)) },
      { head: 'residual', cells: byDay.map(percent) },
      { head: 'largest causes', cells: causes, left: true },
    ]),
    ...leftOver(book, byDay),
  ];
}

/** A line for what printed rows lack of the printed total. */
function leftOver(
  { total, numeraire }: Pick<BookPnl, 'total' | 'numeraire'>,
  rows: readonly ExplainedPnl[],
): string[] {
  return withRounding(
    total,
    rows.map((row): NamedAmount => ['', row.total]),
    numeraire,
  )
    .slice(rows.length)
    .map(([name, amount]) => `${name} ${moneyText(amount, numeraire)}`);
}

function percent({ residualPercentOfGross }: ExplainedPnl): string {
  return `${residualPercentOfGross.toFixed(2)} %`;
}
