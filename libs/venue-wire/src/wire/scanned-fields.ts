import { failure, type Instant, type Result } from '@evenkeel/kernel';

import type { BestPrice, Level, QuoteEvent, TickerEvent, TickerFields } from '../events/venue-event';
import { canonicalDecimal, isNegativeText, type DecimalText } from './decimal-text';
import {
  MESSAGE_CHARACTERS_MAX,
  asObject,
  booleanOf,
  choiceOf,
  decimalOf,
  failureOf,
  fault,
  identifierOf,
  instantOfMillis,
  integerOf,
  textOf,
} from './fields';
import { JsonScan, ScanPool, type Slot } from './json-scan';
import type { WireKey } from './wire-key';
import type { WireObject, WireValue } from './wire-value';

/**
 * The fields of a scanned message: what `fields.ts` reads off plain data, with the same faults, and made of what is on the wire.
 * Methods, since a function that comes through the library's index is looked up at each call: 0.9 × of a message.
 */
export class WireScan extends JsonScan {
  valueAt(slot: Slot): WireValue | undefined {
    return slot < 0 ? undefined : this.value(slot);
  }

  /** The whole object as plain data. */
  plainObject(slot: Slot, path: string): WireObject {
    return asObject(this.valueAt(slot), path);
  }

  objectAt(slot: Slot, path: string): Slot {
    return this.isObject(slot) ? slot : fault('is not an object', path);
  }

  arrayAt(slot: Slot, path: string): Slot {
    return this.isArray(slot) ? slot : fault('is not an array', path);
  }

  /** What `read` makes of each item of an array of objects. */
  eachObject<T>(array: Slot, path: string, read: (item: Slot) => T): T[] {
    const found: T[] = [];
    for (let item = this.first(this.arrayAt(array, path)); item >= 0; item = this.after(array, item))
      found.push(read(this.objectAt(item, path)));
    return found;
  }

  /** Absent, `null` and the empty text mean "not said". */
  isSaid(slot: Slot): boolean {
    return slot >= 0 && !this.isNull(slot) && !this.isEmptyText(slot);
  }

  textAt(slot: Slot, path: string): string {
    return this.isPlainText(slot) && !this.isEmptyText(slot)
      ? this.literalAt(slot)
      : textOf(this.valueAt(slot), path);
  }

  optionalTextAt(slot: Slot, path: string): string | undefined {
    return this.isSaid(slot) ? this.textAt(slot, path) : undefined;
  }

  identifierAt(slot: Slot, path: string): string {
    const plain = this.isPlainText(slot) ? !this.isEmptyText(slot) : this.wholeNumber(slot) !== undefined;
    return plain ? this.literalAt(slot) : identifierOf(this.valueAt(slot), path);
  }

  /** Digits alone, no more than a double keeps; undefined for all else, which is judged as plain data. */
  private wholeNumber(slot: Slot): number | undefined {
    if (!this.isPlainText(slot) && !this.isNumber(slot)) return undefined;
    const from = this.fromOf(slot);
    const to = this.toOf(slot);
    if (to === from || to - from > 15) return undefined;
    const { codes } = this;
    let number = 0;
    for (let at = from; at < to; at += 1) {
      const digit = (codes[at] ?? 0) - 0x30;
      if (!(digit >= 0 && digit <= 9)) return undefined;
      number = number * 10 + digit;
    }
    return number;
  }

  integerAt(slot: Slot, path: string): number {
    return this.wholeNumber(slot) ?? integerOf(this.valueAt(slot), path);
  }

  optionalIntegerAt(slot: Slot, path: string): number | undefined {
    return this.isSaid(slot) ? this.integerAt(slot, path) : undefined;
  }

  millisAt(slot: Slot, path: string): Instant {
    return instantOfMillis(this.integerAt(slot, path), path);
  }

  /** Absent, empty or zero mean "no such time". */
  optionalMillisAt(slot: Slot, path: string): Instant | undefined {
    if (!this.isSaid(slot)) return undefined;
    const millis = this.wholeNumber(slot) ?? 0;
    if (millis > 0) return instantOfMillis(millis, path);
    const value = this.valueAt(slot);
    return value === 0 || value === '0' ? undefined : instantOfMillis(integerOf(value, path), path);
  }

  decimalAt(slot: Slot, path: string): DecimalText {
    if (this.isPlainText(slot) || this.isNumber(slot)) {
      const text = canonicalDecimal(this.codes, this.text, this.fromOf(slot), this.toOf(slot));
      if (text !== undefined) return text;
    }
    return decimalOf(this.valueAt(slot), path);
  }

  sizeAt(slot: Slot, path: string): DecimalText {
    const size = this.decimalAt(slot, path);
    return isNegativeText(size) ? fault('is a negative size', path) : size;
  }

  positiveAt(slot: Slot, path: string): DecimalText {
    const price = this.decimalAt(slot, path);
    return isNegativeText(price) || price === '0' ? fault('is not a positive number', path) : price;
  }

  optionalDecimalAt(slot: Slot, path: string): DecimalText | undefined {
    return this.isSaid(slot) ? this.decimalAt(slot, path) : undefined;
  }

  booleanAt(slot: Slot, path: string): boolean {
    return booleanOf(this.valueAt(slot), path);
  }

  choiceAt<T>(slot: Slot, path: string, choices: Readonly<Record<string, T>>): T {
    return choiceOf(this.textAt(slot, path), path, choices);
  }

  /** `[[price, size, …], …]`. */
  pairLevelsAt(slot: Slot, path: string): Level[] {
    const levels: Level[] = [];
    for (let row = this.first(this.arrayAt(slot, path)); row >= 0; row = this.after(slot, row)) {
      const price = this.first(this.arrayAt(row, path));
      const size = price < 0 ? price : this.after(row, price);
      levels.push({ price: this.decimalAt(price, path), size: this.sizeAt(size, path) });
    }
    return levels;
  }

  /** `[{ <price>, <size> }, …]` with the venue's names for the two. */
  namedLevelsAt(slot: Slot, path: string, priceKey: WireKey, sizeKey: WireKey): Level[] {
    const levels: Level[] = [];
    for (let row = this.first(this.arrayAt(slot, path)); row >= 0; row = this.after(slot, row))
      levels.push(this.namedLevelAt(row, path, priceKey, sizeKey));
    return levels;
  }

  namedLevelAt(slot: Slot, path: string, priceKey: WireKey, sizeKey: WireKey): Level {
    const level = this.objectAt(slot, path);
    return {
      price: this.decimalAt(this.field(level, priceKey), path),
      size: this.sizeAt(this.field(level, sizeKey), path),
    };
  }

  /** A level of a quote, or nothing where the venue writes an empty side: absent price, or no size. */
  quoteLevelAt(object: Slot, priceKey: WireKey, sizeKey: WireKey): Level | undefined {
    const priceSlot = this.field(object, priceKey);
    const sizeSlot = this.field(object, sizeKey);
    if (!this.isSaid(priceSlot) || !this.isSaid(sizeSlot)) return undefined;
    const price = this.decimalAt(priceSlot, priceKey.name);
    const size = this.sizeAt(sizeSlot, sizeKey.name);
    return size === '0' ? undefined : { price, size };
  }

  /** As `bestPrice` of plain data. */
  bestPriceAt(object: Slot, priceKey: WireKey, sizeKey: WireKey): BestPrice | null | undefined {
    const slot = this.field(object, priceKey);
    if (slot < 0) return undefined;
    if (this.isSaid(this.field(object, sizeKey))) return this.quoteLevelAt(object, priceKey, sizeKey) ?? null;
    if (!this.isSaid(slot)) return null;
    const price = this.decimalAt(slot, priceKey.name);
    return price === '0' ? null : { price };
  }

  has(object: Slot, key: WireKey): boolean {
    return this.field(object, key) >= 0;
  }

  objectField(object: Slot, key: WireKey): Slot {
    return this.objectAt(this.field(object, key), key.name);
  }

  arrayField(object: Slot, key: WireKey): Slot {
    return this.arrayAt(this.field(object, key), key.name);
  }

  textField(object: Slot, key: WireKey): string {
    return this.textAt(this.field(object, key), key.name);
  }

  optionalTextField(object: Slot, key: WireKey): string | undefined {
    return this.optionalTextAt(this.field(object, key), key.name);
  }

  identifierField(object: Slot, key: WireKey): string {
    return this.identifierAt(this.field(object, key), key.name);
  }

  integerField(object: Slot, key: WireKey): number {
    return this.integerAt(this.field(object, key), key.name);
  }

  optionalIntegerField(object: Slot, key: WireKey): number | undefined {
    return this.optionalIntegerAt(this.field(object, key), key.name);
  }

  millisField(object: Slot, key: WireKey): Instant {
    return this.millisAt(this.field(object, key), key.name);
  }

  optionalMillisField(object: Slot, key: WireKey): Instant | undefined {
    return this.optionalMillisAt(this.field(object, key), key.name);
  }

  decimalField(object: Slot, key: WireKey): DecimalText {
    return this.decimalAt(this.field(object, key), key.name);
  }

  sizeField(object: Slot, key: WireKey): DecimalText {
    return this.sizeAt(this.field(object, key), key.name);
  }

  positiveField(object: Slot, key: WireKey): DecimalText {
    return this.positiveAt(this.field(object, key), key.name);
  }

  optionalDecimalField(object: Slot, key: WireKey): DecimalText | undefined {
    return this.optionalDecimalAt(this.field(object, key), key.name);
  }

  booleanField(object: Slot, key: WireKey): boolean {
    return this.booleanAt(this.field(object, key), key.name);
  }

  choiceField<T>(object: Slot, key: WireKey, choices: Readonly<Record<string, T>>): T {
    return this.choiceAt(this.field(object, key), key.name, choices);
  }

  pairLevelsField(object: Slot, key: WireKey): Level[] {
    return this.pairLevelsAt(this.field(object, key), key.name);
  }
}

const SCANS = new ScanPool(() => new WireScan());

/** As `readMessage`, for what streams say all day: read off the scan, so that a message costs what is asked of it. */
export function readScan<T>(text: string, read: (scan: WireScan) => T): Result<T> {
  if (text.length > MESSAGE_CHARACTERS_MAX)
    return failure('VENUES.MESSAGE_TOO_LONG', `${text.length} characters`);
  try {
    return SCANS.read(text, read);
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
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
