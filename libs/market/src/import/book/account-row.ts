import { Decimal } from '@evenkeel/kernel';

/** One row of an account's export, as its venue wrote it. */
export interface AccountRow {
  /** `positions.json: result[3]`, `account.csv:7`. */
  readonly place: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** What an answer says of all its rows: Bybit's category. */
  readonly of?: string;
}

/** What a row says is held, in the venue's own unit. */
export interface HeldPosition {
  readonly instrument: string;
  /** Long positive. */
  readonly size: Decimal;
  /** `contracts`, or units that a contract is so many of: coin, or USD of what is paid in coin. */
  readonly unit: 'contracts' | 'units';
  /** Average entry price, in the contract's quote unit. */
  readonly price: Decimal;
  /** Of the same contract a venue may hold a long and a short. */
  readonly leg?: string;
  /** What the row says that it is worth, in the currency it is settled in, at one of the prices that it names. */
  readonly worth?: { readonly name: string; readonly value: Decimal; readonly prices: readonly Decimal[] };
  /** Why no book can hold it. */
  readonly problem?: string;
}

/** Something in a row that cannot be read; the place is the row's. */
export class RowProblem extends Error {}

export function textOf({ fields }: AccountRow, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw new RowProblem(`${name} is missing`);
}

/** The text where the row has one. */
export function optionalText({ fields }: AccountRow, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value.trim() : '';
}

export function decimalOf({ fields }: AccountRow, name: string): Decimal {
  const value = fields[name];
  if (value === undefined || value === null || value === '') throw new RowProblem(`${name} is missing`);
  const decimal = Decimal.tryParse(typeof value === 'number' ? String(value) : String(value).trim());
  if (decimal === undefined) throw new RowProblem(`${name} is ${JSON.stringify(value)}, which is no decimal`);
  return decimal;
}

/** What a row says its position is worth, where it says that and a price. */
export function worthOf(
  row: AccountRow,
  names: readonly string[],
  prices: readonly string[],
): Pick<HeldPosition, 'worth'> {
  const isThere = (column: string): boolean =>
    !['', 'null', 'undefined'].includes(String(row.fields[column]));
  const name = names.find(isThere);
  if (name === undefined) return {};
  const value = decimalOf(row, name);
  return { worth: { name, value, prices: prices.filter(isThere).map((price) => decimalOf(row, price)) } };
}

/** A size with the sign that a side gives it; where it carries one itself, the two agree. */
export function signedBy(row: AccountRow, name: string, size: Decimal, side: string, signs: Signs): Decimal {
  const sign = Object.hasOwn(signs, side) ? signs[side] : undefined;
  if (sign === undefined)
    throw new RowProblem(
      `${name} is ${JSON.stringify(side)}, and not one of ${Object.keys(signs).join(', ')}`,
    );
  if (sign === 0) return size;
  if (size.isNegative() && sign > 0) throw new RowProblem(`says ${side}, and its size is ${size.toString()}`);
  return sign > 0 ? size.abs() : size.abs().negated();
}

/** What a side means: +1 long, -1 short, 0 the size's own sign. */
export type Signs = Readonly<Record<string, -1 | 0 | 1>>;
