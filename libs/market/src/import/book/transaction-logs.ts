import { parseInstrument } from '@evenkeel/instruments';
import { Decimal, parseInstant, tryParseInstant } from '@evenkeel/kernel';
import type { Nanoseconds } from '@evenkeel/kernel';
import { bybitMargined } from '../symbols';
import { RowProblem, decimalOf, optionalText, textOf } from './account-row';
import type { AccountRow, HeldPosition } from './account-row';

/** What a row of a log says of a contract: a change of what is held, or nothing. */
interface LoggedTrade {
  readonly instrument: string;
  /** Venue's unit, bought positive. */
  readonly change: Decimal;
  readonly price: Decimal;
  /** Held afterwards, without its sign, as the log itself has it. */
  readonly after: Decimal;
}

/** A log of transactions that a venue's account page exports: what is held follows from its trades. */
export interface LogFormat {
  readonly name: string;
  readonly from: string;
  readonly fields: readonly string[];
  readonly size: string;
  /** When a row happened; logs are in UTC. */
  readonly time: (row: AccountRow) => Nanoseconds;
  /** Rows in the order in which they happened, whatever order the page has. */
  readonly ordered: (rows: readonly AccountRow[]) => readonly AccountRow[];
  /** Undefined for a row that moves no position. */
  readonly read: (row: AccountRow) => LoggedTrade | undefined;
}

const DERIBIT_SIDES: Readonly<Record<string, 1 | -1>> = {
  'open buy': 1,
  'close buy': 1,
  buy: 1,
  'open sell': -1,
  'close sell': -1,
  sell: -1,
};
const BYBIT_DIRECTIONS: Readonly<Record<string, 1 | -1>> = {
  'open long': 1,
  'close short': 1,
  buy: 1,
  'open short': -1,
  'close long': -1,
  sell: -1,
};
/** Rows that move money and no position. */
const MONEY =
  /^(deposit|withdrawal|transfer\w*|transfer from insurance|socialized fund|settlement|funding|swap|bonus|interest)$/;

export const LOG_FORMATS: readonly LogFormat[] = [
  {
    name: 'deribit-transaction-log',
    from: 'account page, transaction log as CSV',
    fields: ['UserSeq', 'Date', 'Instrument', 'Type', 'Side', 'Position', 'Price'],
    size: 'the unit of its column Position, which each row is held against',
    time: (row) => deribitTime(textOf(row, 'Date')),
    ordered: (rows) => sortedBy(rows, (row) => decimalOf(row, 'UserSeq').toNumber()),
    read: (row) => {
      const type = textOf(row, 'Type').toLowerCase();
      if (MONEY.test(type)) return undefined;
      const instrument = `${textOf(row, 'Instrument')}@deribit`;
      const after = decimalOf(row, 'Position').abs();
      if (type === 'delivery') return delivered(instrument);
      if (type !== 'trade')
        throw new RowProblem(
          `is of type "${type}": at which price a position came or went is not in the log`,
        );
      const size = ['Amount', 'Size', 'Base Amount'].find((name) => optionalText(row, name) !== '');
      if (size === undefined) throw new RowProblem('Amount is missing');
      const change = signed(decimalOf(row, size), 'Side', textOf(row, 'Side'), DERIBIT_SIDES);
      return { instrument, change, price: decimalOf(row, 'Price'), after };
    },
  },
  {
    name: 'bybit-transaction-log',
    from: 'account page, transaction log of derivatives as CSV',
    fields: ['Time', 'Contract', 'Type', 'Direction', 'Quantity', 'Position', 'Filled Price'],
    size: 'USD of what is paid in coin, otherwise coin',
    time: (row) => bybitTime(textOf(row, 'Time')),
    ordered: oldestFirst,
    read: (row) => {
      const type = textOf(row, 'Type').toLowerCase();
      if (MONEY.test(type)) return undefined;
      const contract = textOf(row, 'Contract');
      const instrument = `${/-[CP](-USD[TC])?$/.test(contract) ? contract : bybitMargined(contract)}@bybit`;
      if (type === 'delivery') return delivered(instrument);
      if (type !== 'trade')
        throw new RowProblem(
          `is of type "${type}": at which price a position came or went is not in the log`,
        );
      const change = signed(
        decimalOf(row, 'Quantity').abs(),
        'Direction',
        textOf(row, 'Direction'),
        BYBIT_DIRECTIONS,
      );
      return {
        instrument,
        change,
        price: decimalOf(row, 'Filled Price'),
        after: decimalOf(row, 'Position').abs(),
      };
    },
  },
];

function delivered(instrument: string): LoggedTrade {
  return { instrument, change: Decimal.ZERO, price: Decimal.ZERO, after: Decimal.ZERO };
}

/** More digits than a price has. */
const DIGITS = 20;
const PRICE_DIGITS = 10;

interface Open {
  readonly size: Decimal;
  /** Σ size × price, or Σ size ÷ price of what is paid in coin: what an average entry price is made of. */
  readonly cost: Decimal;
}

export interface HeldByLog {
  readonly positions: readonly { readonly place: string; readonly held: HeldPosition }[];
  /** Rows that happened after the time that was asked for: they move nothing. */
  readonly later: readonly AccountRow[];
}

/**
 * What is held at a time: what happened later was not known then. Each row is held against the position that the log says came of it: a log that begins in the
 * middle, lacks a row, or sizes trades in another unit than positions is refused by its first row of that kind.
 */
export function heldAt(
  format: LogFormat,
  rows: readonly AccountRow[],
  at: string,
  refuse: (place: string, message: string) => void,
): HeldByLog {
  const { known, later } = splitAt(format, rows, parseInstant(at));
  const open = new Map<string, Open & { readonly place: string }>();
  const broken = new Set<string>();
  for (const row of known) {
    try {
      const trade = format.read(row);
      if (trade === undefined || broken.has(trade.instrument)) continue;
      const before = open.get(trade.instrument) ?? { size: Decimal.ZERO, cost: Decimal.ZERO };
      if (trade.change.isZero() && trade.after.isZero()) open.delete(trade.instrument);
      else open.set(trade.instrument, { ...afterTrade(trade, before), place: row.place });
      const now = open.get(trade.instrument)?.size ?? Decimal.ZERO;
      if (now.abs().equals(trade.after)) continue;
      broken.add(trade.instrument);
      throw new RowProblem(
        `${trade.instrument}: ${before.size.toString()} and a trade of ${trade.change.toString()} make ${now.toString()}, and the log says ${trade.after.toString()}: export it from when the position was opened, with every row`,
      );
    } catch (error) {
      if (!(error instanceof RowProblem)) throw error;
      refuse(row.place, error.message);
    }
  }
  const positions = [...open]
    .filter(([, { size }]) => !size.isZero())
    .map(([instrument, position]) => ({ place: position.place, held: asHeld(instrument, position) }));
  return { positions, later };
}

/** Rows in their order, up to a time and after it. */
function splitAt(
  format: LogFormat,
  rows: readonly AccountRow[],
  at: Nanoseconds,
): { readonly known: readonly AccountRow[]; readonly later: readonly AccountRow[] } {
  const ordered = format.ordered(rows);
  const times = ordered.map((row) => format.time(row));
  const back = times.findIndex((time, index) => time < (times[index - 1] ?? time));
  if (back !== -1)
    throw new RowProblem(
      `${ordered[back]?.place ?? ''} is earlier than the row before it: export the log in order of time`,
    );
  const first = times.findIndex((time) => time > at);
  const count = first === -1 ? ordered.length : first;
  return { known: ordered.slice(0, count), later: ordered.slice(count) };
}

function asHeld(instrument: string, { size, cost }: Open): HeldPosition {
  const price = isInverse(instrument) ? size.dividedBy(cost, DIGITS) : cost.dividedBy(size, DIGITS);
  return { instrument, size, unit: 'units', price: price.round(PRICE_DIGITS, 'half-even') };
}

/** What is added comes at its price; what is taken away leaves the average as it was; through zero, a new position begins. */
function afterTrade({ instrument, change, price }: LoggedTrade, { size, cost }: Open): Open {
  const costOf = (quantity: Decimal): Decimal =>
    isInverse(instrument) ? quantity.dividedBy(price, DIGITS) : quantity.times(price);
  if (!price.isPositive()) throw new RowProblem(`${instrument} was traded at ${price.toString()}`);
  const after = size.plus(change);
  if (size.sign() * change.sign() >= 0) return { size: after, cost: cost.plus(costOf(change)) };
  if (after.sign() === size.sign()) return { size: after, cost: cost.times(after).dividedBy(size, DIGITS) };
  return { size: after, cost: costOf(after) };
}

/** Of futures in coin a size is USD, and prices average by their inverses. */
function isInverse(instrument: string): boolean {
  const parsed = parseInstrument(instrument);
  if (!parsed.ok) throw new RowProblem(parsed.failure.message);
  return parsed.value.inverse && parsed.value.kind !== 'option';
}

function signed(size: Decimal, name: string, side: string, sides: Readonly<Record<string, 1 | -1>>): Decimal {
  const known = side.toLowerCase();
  const sign = Object.hasOwn(sides, known) ? sides[known] : undefined;
  if (sign === undefined)
    throw new RowProblem(`${name} is "${side}", and not one of ${Object.keys(sides).join(', ')}`);
  return sign > 0 ? size.abs() : size.abs().negated();
}

function sortedBy(rows: readonly AccountRow[], key: (row: AccountRow) => number): readonly AccountRow[] {
  return rows
    .map((row) => ({ row, at: key(row) }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
}

/** Pages list the newest first; rows of one second stand in the page's order. */
function oldestFirst(rows: readonly AccountRow[]): readonly AccountRow[] {
  const [first, last] = [rows[0], rows.at(-1)].map((row) =>
    row === undefined ? undefined : bybitTime(textOf(row, 'Time')),
  );
  return first !== undefined && last !== undefined && first > last ? [...rows].reverse() : rows;
}

function bybitTime(text: string): Nanoseconds {
  const at = tryParseInstant(text) ?? tryParseInstant(`${text.replace(' ', 'T')}Z`);
  if (at === undefined) throw new RowProblem(`Time is "${text}", which is no time`);
  return at;
}

const DERIBIT_TIME = /^(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2})$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2 Jan 2026 10:00:00`. */
function deribitTime(text: string): Nanoseconds {
  const [, day = '', month = '', year = '', clock = ''] = DERIBIT_TIME.exec(text) ?? [];
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
  const at = tryParseInstant(text) ?? tryParseInstant(`${year}-${number}-${day.padStart(2, '0')}T${clock}Z`);
  if (at === undefined)
    throw new RowProblem(`Date is "${text}", which is no time such as 2 Jan 2026 10:00:00`);
  return at;
}
