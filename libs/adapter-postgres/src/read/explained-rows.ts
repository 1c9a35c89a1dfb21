import { ATTRIBUTION_TERMS, mapTerms } from '@evenkeel/accounting';
import type { ExplainedDay, Terms } from '@evenkeel/accounting';
import { Decimal } from '@evenkeel/kernel';
import type { EventPlace } from './event-place';
import type { Row } from './row';

const COLUMN_OF: Terms<string> = {
  delta: 'delta',
  gamma: 'gamma',
  theta: 'theta',
  vega: 'vega',
  vanna: 'vanna',
  volga: 'volga',
  charm: 'charm',
  cross: 'cross',
  rates: 'rates',
  basis: 'basis',
  funding: 'funding',
  fees: 'fees',
  slippage: 'slippage',
  impact: 'impact',
  newTrades: 'new_trades',
  settlement: 'settlement',
  residual: 'residual',
};

export function explainedRow(explained: ExplainedDay, { epoch, seq }: EventPlace): Row {
  const { book, day, underlying, numeraire, terms, total, gross, unexplained } = explained;
  return {
    epoch,
    book,
    day,
    underlying,
    numeraire,
    total: total.toString(),
    ...Object.fromEntries(ATTRIBUTION_TERMS.map((term) => [COLUMN_OF[term], terms[term].toString()])),
    gross: gross.toString(),
    unexplained: unexplained.toString(),
    changed_seq: seq,
  };
}

/** A row as the database has it, numbers and the day as text. */
export interface ExplainedColumns extends Readonly<Record<string, string>> {
  readonly book: string;
  readonly day: string;
  readonly underlying: string;
  readonly numeraire: string;
  readonly total: string;
  readonly gross: string;
  readonly unexplained: string;
}

export const EXPLAINED_COLUMNS = [
  'book',
  'day',
  'underlying',
  'numeraire',
  'total',
  'gross',
  'unexplained',
  ...Object.values(COLUMN_OF),
]
  .map((column) => `"${column}"::text`)
  .join(', ');

export function explainedDayOf(row: ExplainedColumns): ExplainedDay {
  return {
    book: row.book,
    day: row.day,
    underlying: row.underlying,
    numeraire: row.numeraire,
    total: Decimal.parse(row.total),
    terms: mapTerms(COLUMN_OF, (column) => Decimal.parse(row[column] ?? '')),
    gross: Decimal.parse(row.gross),
    unexplained: Decimal.parse(row.unexplained),
  };
}
