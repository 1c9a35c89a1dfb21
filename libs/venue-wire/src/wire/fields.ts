import { failure, success, tryParseInstant } from '@evenkeel/kernel';
import type { Failure, Instant, Result } from '@evenkeel/kernel';

import { decimalTextOfNumber, decimalTextOfString, isNegativeText, type DecimalText } from './decimal-text';
import type { ItemFailureEvent, VenueName } from '../events/venue-event';
import { parseExactJson } from './exact-json';
import { NumberLexeme } from './wire-value';
import type { WireObject, WireValue } from './wire-value';

/** A message that is not what its venue documents. Thrown only inside a parser and returned by `readMessage`. */
export class WireFault extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly path?: string,
  ) {
    super(message);
  }
}

/** Longer messages are refused unread: no venue sends them, and a limit on everything keeps a broken peer from filling memory. */
export const MESSAGE_CHARACTERS_MAX = 16 * 1024 * 1024;

/** Runs a parser over one message: the JSON is read exactly, and every fault in it comes back as a named failure. */
export function readMessage<T>(text: string, read: (root: WireValue) => T): Result<T> {
  if (text.length > MESSAGE_CHARACTERS_MAX)
    return failure('VENUES.MESSAGE_TOO_LONG', `${text.length} characters`);
  try {
    const json = parseExactJson(text);
    return json.ok ? success(read(json.value)) : json;
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}

/** The same for a part of a message that has been read already. */
export function readPart<T>(value: WireValue, read: (value: WireValue) => T): Result<T> {
  try {
    return success(read(value));
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}

/** Reads items that have nothing to do with one another: one that can't be read costs itself alone, by name. */
export function readEach<T, Event>(
  venue: VenueName,
  items: readonly T[],
  read: (item: T) => Event | readonly Event[],
): (Event | ItemFailureEvent)[] {
  return items.flatMap((item): readonly (Event | ItemFailureEvent)[] => {
    try {
      const found = read(item);
      return Array.isArray(found) ? (found as readonly Event[]) : [found as Event]; // an event is no list
    } catch (error) {
      return [{ kind: 'item-failure', venue, failure: failureOf(error) }];
    }
  });
}

/** What a peer sends stops no process: a fault that no parser names costs its message, and is on record. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof WireFault)) return { code: 'VENUES.MESSAGE_UNREADABLE', message: String(error) };
  const { code, message, path } = error;
  return { code, message, ...(path === undefined ? {} : { path }) };
}

export function fault(message: string, path: string): never {
  throw new WireFault('VENUES.FIELD_INVALID', `${path}: ${message}`, path);
}

export function unsupported(what: string): never {
  throw new WireFault('VENUES.MESSAGE_UNSUPPORTED', what);
}

export function isObject(value: WireValue | undefined): value is WireObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberLexeme)
  );
}

export function asObject(value: WireValue | undefined, path: string): WireObject {
  return isObject(value) ? value : fault('is not an object', path);
}

export function asArray(value: WireValue | undefined, path: string): WireValue[] {
  return Array.isArray(value) ? value : fault('is not an array', path);
}

export function field(object: WireObject, key: string): WireValue | undefined {
  return Object.prototype.hasOwnProperty.call(object, key) ? object[key] : undefined;
}

export function objectField(object: WireObject, key: string): WireObject {
  return asObject(field(object, key), key);
}

export function arrayField(object: WireObject, key: string): WireValue[] {
  return asArray(field(object, key), key);
}

export function textOf(value: WireValue | undefined, path: string): string {
  return typeof value === 'string' && value !== '' ? value : fault('is not a text', path);
}

export function textField(object: WireObject, key: string): string {
  return textOf(field(object, key), key);
}

export function optionalText(object: WireObject, key: string): string | undefined {
  const value = field(object, key);
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : fault('is not a text', key);
}

/** An identifier that some venues write as a number and some as a text. */
export function identifierOf(value: WireValue | undefined, path: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (value instanceof NumberLexeme) return value.text;
  return typeof value === 'number' ? String(value) : fault('is not an identifier', path);
}

export function identifierField(object: WireObject, key: string): string {
  return identifierOf(field(object, key), key);
}

export function decimalOf(value: WireValue | undefined, path: string): DecimalText {
  const text =
    typeof value === 'string'
      ? decimalTextOfString(value)
      : typeof value === 'number'
        ? decimalTextOfNumber(value)
        : value instanceof NumberLexeme
          ? decimalTextOfString(value.text)
          : undefined;
  return text ?? fault('is not a decimal number', path);
}

export function decimalField(object: WireObject, key: string): DecimalText {
  return decimalOf(field(object, key), key);
}

/** Absent, `null` and the empty text mean "not said"; anything else must be a decimal. */
export function optionalDecimal(object: WireObject, key: string): DecimalText | undefined {
  const value = field(object, key);
  if (value === undefined || value === null || value === '') return undefined;
  return decimalOf(value, key);
}

export function sizeOf(value: WireValue | undefined, path: string): DecimalText {
  const size = decimalOf(value, path);
  return isNegativeText(size) ? fault('is a negative size', path) : size;
}

export function sizeField(object: WireObject, key: string): DecimalText {
  return sizeOf(field(object, key), key);
}

/** A traded or index price: more than zero. Spreads and combos, whose prices may be negative, use `decimalField`. */
export function positiveField(object: WireObject, key: string): DecimalText {
  const price = decimalField(object, key);
  return isNegativeText(price) || price === '0' ? fault('is not a positive number', key) : price;
}

export function integerOf(value: WireValue | undefined, path: string): number {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^-?\d{1,16}$/.test(value)
        ? Number(value)
        : value instanceof NumberLexeme && /^-?\d{1,16}$/.test(value.text)
          ? Number(value.text)
          : Number.NaN;
  return Number.isSafeInteger(number) ? number : fault('is not an integer', path);
}

export function integerField(object: WireObject, key: string): number {
  return integerOf(field(object, key), key);
}

export function optionalInteger(object: WireObject, key: string): number | undefined {
  const value = field(object, key);
  return value === undefined || value === null || value === '' ? undefined : integerOf(value, key);
}

const MILLIS_MAX = 4_102_444_800_000; // the year 2100: beyond it a time is in another unit

export function millisOf(value: WireValue | undefined, path: string): Instant {
  return instantOfMillis(integerOf(value, path), path);
}

let lastMillis = Number.NaN;
let lastInstant: Instant = 0n;

/** Messages come several in a millisecond, and two new integers for each are 0.05 × of a quote. */
export function instantOfMillis(millis: number, path: string): Instant {
  if (millis === lastMillis) return lastInstant;
  if (!(millis > 0 && millis < MILLIS_MAX)) fault('is not a time in milliseconds', path);
  lastInstant = BigInt(millis) * 1_000_000n;
  lastMillis = millis;
  return lastInstant;
}

export function millisField(object: WireObject, key: string): Instant {
  return millisOf(field(object, key), key);
}

/** Absent, empty or zero mean "no such time". */
export function optionalMillis(object: WireObject, key: string): Instant | undefined {
  const value = field(object, key);
  if (value === undefined || value === null || value === '' || value === 0 || value === '0') return undefined;
  return millisOf(value, key);
}

export function microsField(object: WireObject, key: string): Instant {
  const micros = integerField(object, key);
  return micros > 0 && micros < MILLIS_MAX * 1000
    ? BigInt(micros) * 1000n
    : fault('is not a time in microseconds', key);
}

export function isoField(object: WireObject, key: string): Instant {
  const instant = tryParseInstant(textField(object, key));
  return instant !== undefined && instant > 0n ? instant : fault('is not an ISO 8601 time', key);
}

export function booleanOf(value: WireValue | undefined, path: string): boolean {
  return typeof value === 'boolean' ? value : fault('is not true or false', path);
}

export function booleanField(object: WireObject, key: string): boolean {
  return booleanOf(field(object, key), key);
}

/** One of the named choices, mapped to ours. */
export function choiceField<T>(object: WireObject, key: string, choices: Readonly<Record<string, T>>): T {
  return choiceOf(textField(object, key), key, choices);
}

export function choiceOf<T>(name: string, key: string, choices: Readonly<Record<string, T>>): T {
  const choice = Object.prototype.hasOwnProperty.call(choices, name) ? choices[name] : undefined;
  return choice ?? fault(`"${name}" is not one of ${Object.keys(choices).join(', ')}`, key);
}
