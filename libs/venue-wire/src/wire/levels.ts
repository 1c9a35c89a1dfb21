import type { BestPrice, Level } from '../events/venue-event';
import type { WireObject, WireValue } from './wire-value';
import { asArray, asObject, decimalOf, field, sizeOf } from './fields';

/** `[[price, size, …], …]`. */
export function pairLevels(value: WireValue | undefined, path: string): Level[] {
  const rows = asArray(value, path);
  const levels: Level[] = new Array<Level>(rows.length);
  for (let index = 0; index < rows.length; index += 1) {
    const row = asArray(rows[index], path);
    levels[index] = { price: decimalOf(row[0], path), size: sizeOf(row[1], path) };
  }
  return levels;
}

/** `[{ <price>, <size> }, …]` with the venue's names for the two. */
export function namedLevels(
  value: WireValue | undefined,
  path: string,
  priceKey: string,
  sizeKey: string,
): Level[] {
  return asArray(value, path).map((row) => {
    const level = asObject(row, path);
    return { price: decimalOf(field(level, priceKey), path), size: sizeOf(field(level, sizeKey), path) };
  });
}

/** A level of a quote, or nothing where the venue writes an empty side: absent price, or no size. */
export function quoteLevel(object: WireObject, priceKey: string, sizeKey: string): Level | undefined {
  const price = field(object, priceKey);
  const size = field(object, sizeKey);
  if (isNothing(price) || isNothing(size)) return undefined;
  const level = { price: decimalOf(price, priceKey), size: sizeOf(size, sizeKey) };
  return level.size === '0' ? undefined : level;
}

/**
 * As `quoteLevel`, for tickers, which may leave a side out: `undefined` where the message says nothing of it, `null` where it
 * says that the side is empty. A price of zero without a size is an empty side.
 */
export function bestPrice(
  object: WireObject,
  priceKey: string,
  sizeKey: string,
): BestPrice | null | undefined {
  const price = field(object, priceKey);
  if (price === undefined) return undefined;
  if (!isNothing(field(object, sizeKey))) return quoteLevel(object, priceKey, sizeKey) ?? null;
  if (isNothing(price)) return null;
  const best = decimalOf(price, priceKey);
  return best === '0' ? null : { price: best };
}

function isNothing(value: WireValue | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** Only the fields that are defined: `exactOptionalPropertyTypes` keeps absent and undefined apart. */
export function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) present[key] = value;
  // Built from the entries of `fields`, less the undefined ones.
  return present as { [K in keyof T]?: Exclude<T[K], undefined> };
}
