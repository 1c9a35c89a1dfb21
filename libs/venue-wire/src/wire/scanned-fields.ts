import type { Instant } from '@evenkeel/kernel';

import type { BestPrice, Level, QuoteEvent, TickerEvent, TickerFields } from '../events/venue-event';
import { canonicalDecimal, isNegativeText, type DecimalText } from './decimal-text';
import {
  asObject,
  booleanOf,
  choiceOf,
  decimalOf,
  fault,
  identifierOf,
  instantOfMillis,
  integerOf,
  textOf,
} from './fields';
import { ABSENT, type JsonScan, type Slot } from './json-scan';
import type { WireObject, WireValue } from './wire-value';

/** Fields of a scanned message: what `fields.ts` reads off plain data, with the same faults, and made of what is on the wire. */

export function valueAt(scan: JsonScan, slot: Slot): WireValue | undefined {
  return slot === ABSENT ? undefined : scan.value(slot);
}

/** The whole object as plain data. */
export function plainObject(scan: JsonScan, slot: Slot, path: string): WireObject {
  return asObject(valueAt(scan, slot), path);
}

export function objectAt(scan: JsonScan, slot: Slot, path: string): Slot {
  return scan.isObject(slot) ? slot : fault('is not an object', path);
}

export function arrayAt(scan: JsonScan, slot: Slot, path: string): Slot {
  return scan.isArray(slot) ? slot : fault('is not an array', path);
}

/** What `read` makes of each item of an array of objects. */
export function eachObject<T>(scan: JsonScan, array: Slot, path: string, read: (item: Slot) => T): T[] {
  const found: T[] = [];
  for (let item = scan.first(arrayAt(scan, array, path)); item !== ABSENT; item = scan.after(array, item))
    found.push(read(objectAt(scan, item, path)));
  return found;
}

/** Absent, `null` and the empty text mean "not said". */
export function isSaid(scan: JsonScan, slot: Slot): boolean {
  return slot !== ABSENT && !scan.isNull(slot) && !scan.isEmptyText(slot);
}

export function textAt(scan: JsonScan, slot: Slot, path: string): string {
  return scan.isPlainText(slot) && !scan.isEmptyText(slot)
    ? scan.textAt(slot)
    : textOf(valueAt(scan, slot), path);
}

export function optionalTextAt(scan: JsonScan, slot: Slot, path: string): string | undefined {
  return isSaid(scan, slot) ? textAt(scan, slot, path) : undefined;
}

export function identifierAt(scan: JsonScan, slot: Slot, path: string): string {
  const plain = scan.isPlainText(slot) ? !scan.isEmptyText(slot) : wholeNumber(scan, slot) !== undefined;
  return plain ? scan.textAt(slot) : identifierOf(valueAt(scan, slot), path);
}

/** Digits alone, no more than a double keeps; undefined for all else, which is judged as plain data. */
function wholeNumber(scan: JsonScan, slot: Slot): number | undefined {
  if (!scan.isPlainText(slot) && !scan.isNumber(slot)) return undefined;
  const from = scan.fromOf(slot);
  const to = scan.toOf(slot);
  if (to === from || to - from > 15) return undefined;
  const { codes } = scan;
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (codes[at] ?? 0) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

export function integerAt(scan: JsonScan, slot: Slot, path: string): number {
  return wholeNumber(scan, slot) ?? integerOf(valueAt(scan, slot), path);
}

export function optionalIntegerAt(scan: JsonScan, slot: Slot, path: string): number | undefined {
  return isSaid(scan, slot) ? integerAt(scan, slot, path) : undefined;
}

export function millisAt(scan: JsonScan, slot: Slot, path: string): Instant {
  return instantOfMillis(integerAt(scan, slot, path), path);
}

/** Absent, empty or zero mean "no such time". */
export function optionalMillisAt(scan: JsonScan, slot: Slot, path: string): Instant | undefined {
  if (!isSaid(scan, slot)) return undefined;
  const millis = wholeNumber(scan, slot) ?? 0;
  if (millis > 0) return instantOfMillis(millis, path);
  const value = valueAt(scan, slot);
  return value === 0 || value === '0' ? undefined : instantOfMillis(integerOf(value, path), path);
}

export function decimalAt(scan: JsonScan, slot: Slot, path: string): DecimalText {
  if (scan.isPlainText(slot) || scan.isNumber(slot)) {
    const text = canonicalDecimal(scan.codes, scan.text, scan.fromOf(slot), scan.toOf(slot));
    if (text !== undefined) return text;
  }
  return decimalOf(valueAt(scan, slot), path);
}

export function sizeAt(scan: JsonScan, slot: Slot, path: string): DecimalText {
  const size = decimalAt(scan, slot, path);
  return isNegativeText(size) ? fault('is a negative size', path) : size;
}

export function positiveAt(scan: JsonScan, slot: Slot, path: string): DecimalText {
  const price = decimalAt(scan, slot, path);
  return isNegativeText(price) || price === '0' ? fault('is not a positive number', path) : price;
}

export function optionalDecimalAt(scan: JsonScan, slot: Slot, path: string): DecimalText | undefined {
  return isSaid(scan, slot) ? decimalAt(scan, slot, path) : undefined;
}

export function booleanAt(scan: JsonScan, slot: Slot, path: string): boolean {
  return booleanOf(valueAt(scan, slot), path);
}

export function choiceAt<T>(
  scan: JsonScan,
  slot: Slot,
  path: string,
  choices: Readonly<Record<string, T>>,
): T {
  return choiceOf(textAt(scan, slot, path), path, choices);
}

/** `[[price, size, …], …]`. */
export function pairLevelsAt(scan: JsonScan, slot: Slot, path: string): Level[] {
  const levels: Level[] = [];
  for (let row = scan.first(arrayAt(scan, slot, path)); row !== ABSENT; row = scan.after(slot, row)) {
    const price = scan.first(arrayAt(scan, row, path));
    const size = price === ABSENT ? ABSENT : scan.after(row, price);
    levels.push({ price: decimalAt(scan, price, path), size: sizeAt(scan, size, path) });
  }
  return levels;
}

/** `[{ <price>, <size> }, …]` with the venue's names for the two. */
export function namedLevelsAt(
  scan: JsonScan,
  slot: Slot,
  path: string,
  priceKey: string,
  sizeKey: string,
): Level[] {
  const levels: Level[] = [];
  for (let row = scan.first(arrayAt(scan, slot, path)); row !== ABSENT; row = scan.after(slot, row))
    levels.push(namedLevelAt(scan, row, path, priceKey, sizeKey));
  return levels;
}

export function namedLevelAt(
  scan: JsonScan,
  slot: Slot,
  path: string,
  priceKey: string,
  sizeKey: string,
): Level {
  const level = objectAt(scan, slot, path);
  return {
    price: decimalAt(scan, scan.field(level, priceKey), path),
    size: sizeAt(scan, scan.field(level, sizeKey), path),
  };
}

/** A level of a quote, or nothing where the venue writes an empty side: absent price, or no size. */
export function quoteLevelAt(
  scan: JsonScan,
  object: Slot,
  priceKey: string,
  sizeKey: string,
): Level | undefined {
  const priceSlot = scan.field(object, priceKey);
  const sizeSlot = scan.field(object, sizeKey);
  if (!isSaid(scan, priceSlot) || !isSaid(scan, sizeSlot)) return undefined;
  const price = decimalAt(scan, priceSlot, priceKey);
  const size = sizeAt(scan, sizeSlot, sizeKey);
  return size === '0' ? undefined : { price, size };
}

/** As `bestPrice` of plain data. */
export function bestPriceAt(
  scan: JsonScan,
  object: Slot,
  priceKey: string,
  sizeKey: string,
): BestPrice | null | undefined {
  const slot = scan.field(object, priceKey);
  if (slot === ABSENT) return undefined;
  if (isSaid(scan, scan.field(object, sizeKey))) return quoteLevelAt(scan, object, priceKey, sizeKey) ?? null;
  if (!isSaid(scan, slot)) return null;
  const price = decimalAt(scan, slot, priceKey);
  return price === '0' ? null : { price };
}

/** A quote of what is there: an empty side, and a sequence that nobody gives, are absent. */
export function quoteEvent(
  head: Pick<QuoteEvent, 'venue' | 'instrument' | 'symbol' | 'eventTime'>,
  bid: Level | undefined,
  ask: Level | undefined,
  sequence?: number,
): QuoteEvent {
  const { venue, instrument, symbol, eventTime } = head;
  if (bid !== undefined && ask !== undefined)
    return sequence === undefined
      ? { kind: 'quote', venue, instrument, symbol, eventTime, bid, ask }
      : { kind: 'quote', venue, instrument, symbol, eventTime, bid, ask, sequence };
  return {
    kind: 'quote',
    ...head,
    ...(bid === undefined ? {} : { bid }),
    ...(ask === undefined ? {} : { ask }),
    ...(sequence === undefined ? {} : { sequence }),
  };
}

type Maybe<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/** A ticker of what is said; what is not is absent. */
export function tickerEvent(
  head: Pick<TickerEvent, 'venue' | 'instrument' | 'symbol' | 'eventTime'>,
  fields: Maybe<TickerFields>,
): TickerEvent {
  const { venue, instrument, symbol, eventTime } = head;
  const event: Record<string, unknown> = { kind: 'ticker', venue, instrument, symbol, eventTime };
  for (const key in fields) {
    const value = fields[key as keyof TickerFields]; // a key of its own
    if (value !== undefined) event[key] = value;
  }
  return event as unknown as TickerEvent; // the head of one, with those of its fields that are said
}
