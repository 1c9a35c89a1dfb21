import { parseInstrument } from '@evenkeel/instruments';
import { InvalidInputError, formatInstant, parseInstant, unknownField } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { z } from 'zod';
import { readTable } from '../tape/csv-table';
import { columnsOfTable } from '../tape/table-rows';
import { instantText, instrumentText, nonNegativeDecimal, nonZeroDecimal, premiumProblemOf } from './fields';
import { parseWith, readWith } from './problems';

const TRADES_MAX = 10_000;
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

const trade = z.strictObject({
  trade: z.string().regex(ID, {
    error: (issue) => `"${String(issue.input)}" must be letters, digits and . _ : - (at most 64)`,
  }),
  instrument: instrumentText,
  quantity: nonZeroDecimal.describe('Contracts, bought positive.'),
  price: nonNegativeDecimal.describe("In the instrument's quote unit."),
  at: instantText.describe('When it was made; when it is booked where absent.').optional(),
});

/** A trade of the desk's own as a person writes it. */
export type TradeEntry = z.infer<typeof trade>;

const COLUMNS = ['trade', 'instrument', 'quantity', 'price', 'at'] as const;

/** Reads one trade. Throws `InvalidInputError` with every problem and its field. */
export function parseTrade(input: unknown, source: string): TradeEntry {
  const entry = parseWith(trade, input, source);
  const problems = problemsOfTrade(entry);
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  return entry;
}

/**
 * Reads a CSV of trades: a header with `trade,instrument,quantity,price,at` in any order, a trade a line. Throws
 * `InvalidInputError` with every problem and its line.
 */
export function parseTradesFile(text: string, source: string): readonly TradeEntry[] {
  const entries: TradeEntry[] = [];
  const problems: InputProblem[] = [];
  const lines = new Map<string, number>();
  for (const name of columnsOfTable(text))
    if (!COLUMNS.some((column) => column === name))
      problems.push({
        path: `${source}:1`,
        message: `"${name}" ${unknownField(name, COLUMNS, 'is not a column')}`,
      });
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  readTable(source, text, COLUMNS, (cells, line) => {
    const [id = '', instrument, quantity, price, at] = cells;
    const read = readWith(trade, { trade: id, instrument, quantity, price, at });
    if ('problems' in read) return read.problems.map(({ path, message }) => `${path} ${message}`).join('; ');
    const earlier = lines.get(id);
    if (earlier !== undefined) return `trade "${id}" stands on line ${earlier} already`;
    lines.set(id, line);
    entries.push(read.value);
    const found = problemsOfTrade(read.value).map(({ path, message }) => `${path} ${message}`);
    return found.length === 0 ? undefined : found.join('; ');
  });
  if (entries.length === 0) problems.push({ path: '(file)', message: 'holds no trade' });
  if (entries.length > TRADES_MAX)
    problems.push({ path: '(file)', message: `holds more than ${TRADES_MAX} trades` });
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  return entries;
}

function problemsOfTrade(entry: TradeEntry): InputProblem[] {
  const late = afterExpiry(entry);
  const premium = premiumProblemOf(entry);
  return [
    ...(late === undefined ? [] : [{ path: 'at', message: late }]),
    ...(premium === undefined ? [] : [{ path: 'price', message: premium }]),
  ];
}

function afterExpiry({ instrument, at }: TradeEntry): string | undefined {
  const parsed = parseInstrument(instrument);
  if (at === undefined || !parsed.ok || parsed.value.expiry === undefined) return undefined;
  if (parseInstant(at) < parsed.value.expiry) return undefined;
  return `${at} is not before the expiry of ${instrument}, ${formatInstant(parsed.value.expiry)}`;
}
