import { moneyText, sumText, withRounding } from '@evenkeel/figures';
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

const MEANING =
  'Greeks of each interval’s start times its moves; theta has charm, slippage has impact, financing is basis and rates; ' +
  'new trades run to their first mark, settlement from the last mark to the payoff; residual is what nothing explains.';

/** A name, its P&L, and the parts that are not nothing. */
export function explainedLine(name: string, { terms, total }: ExplainedPnl, numeraire: string): string {
  const parts = GROUPS.flatMap(([label, names]): NamedAmount[] => {
    const amount = sum(names.map((term) => Decimal.parse(terms[term])));
    return amount.isZero() ? [] : [[label, amount.toString()]];
  });
  const line = `${name} ${moneyText(total, numeraire)}`;
  return parts.length === 0 ? line : `${line} = ${sumText(total, parts, numeraire)}`;
}

/** The explained P&L of books for a terminal: whole, by underlying, by day. */
export function explainedText(books: readonly BookPnl[]): string {
  const lines = books.flatMap((book) => {
    const { numeraire } = book;
    const row = (name: string, part: ExplainedPnl): string =>
      `  ${explainedLine(name, part, numeraire)}  (${percent(part)})`;
    return [
      `book ${book.book}: ${moneyText(book.total, numeraire)} explained, residual ${percent(book)} of gross`,
      ...book.byUnderlying.map((part) => row(part.underlying, part)),
      ...leftOver(book, book.byUnderlying),
      ...book.byDay.map((part) => row(`${part.day} ${part.underlying}`, part)),
      ...leftOver(book, book.byDay),
      '',
    ];
  });
  return `${[...lines, MEANING].join('\n')}\n`;
}

/** A line for what printed rows lack of the printed total. */
function leftOver({ total, numeraire }: BookPnl, rows: readonly ExplainedPnl[]): string[] {
  return withRounding(
    total,
    rows.map((row): NamedAmount => ['', row.total]),
    numeraire,
  )
    .slice(rows.length)
    .map(([name, amount]) => `  ${name} ${moneyText(amount, numeraire)}`);
}

function percent({ residualPercentOfGross }: ExplainedPnl): string {
  return `${residualPercentOfGross.toFixed(2)} %`;
}
