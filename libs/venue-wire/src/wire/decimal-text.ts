import { Decimal } from '@evenkeel/kernel';

import { copyOf } from './text-copy';

/**
 * An exact decimal in canonical text: plain notation, no exponent, no `+`, no leading or trailing zeros, `-0` is `0`. Equal
 * numbers have equal texts, so prices are map keys as they stand.
 */
export type DecimalText = string & { readonly decimalText: unique symbol };

const LENGTH_MAX = 80;
const CODES = new Uint16Array(LENGTH_MAX);

/** The canonical text of what a venue wrote as a decimal string, or `undefined` if it is not one. */
export function decimalTextOfString(text: string): DecimalText | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  for (let at = 0; at < text.length; at += 1) CODES[at] = text.charCodeAt(at);
  const plain = canonicalDecimal(CODES, text, 0, text.length);
  if (plain !== undefined || !/[eE]/.test(text)) return plain;
  const parsed = Decimal.tryParse(text);
  if (parsed === undefined || parsed.scale > LENGTH_MAX) return undefined;
  const written = textOfDecimal(parsed);
  return written.length > LENGTH_MAX ? undefined : written;
}

/** The canonical text of a double that came from a literal of at most 15 digits (see `parseExactJson`). */
export function decimalTextOfNumber(value: number): DecimalText | undefined {
  if (!Number.isFinite(value)) return undefined;
  const text = String(value);
  // 5e-7 and the like: the shortest digits are exact, only the notation differs.
  return decimalTextOfString(text);
}

/**
 * The canonical text of the decimal in plain notation that stands between two places of a text, whose UTF-16 codes are `codes`;
 * `undefined` if none does.
 */
export function canonicalDecimal(
  codes: Uint16Array,
  text: string,
  from: number,
  to: number,
): DecimalText | undefined {
  if (to - from > LENGTH_MAX || to === from) return undefined;
  const negative = codes[from] === 0x2d;
  let start = negative ? from + 1 : from;
  let end = start;
  while (end < to && isDigit(codes[end])) end += 1;
  if (end === start) return undefined;
  while (start + 1 < end && codes[start] === 0x30) start += 1;
  if (end < to) {
    if (codes[end] !== 0x2e || end + 1 === to) return undefined;
    for (let at = end + 1; at < to; at += 1) {
      const code = codes[at];
      if (!isDigit(code)) return undefined;
      if (code !== 0x30) end = at + 1;
    }
  }
  const magnitude = copyOf(text, start, end);
  // The brand's source: what has just been validated and trimmed.
  return (negative && magnitude !== '0' ? `-${magnitude}` : magnitude) as DecimalText;
}

function isDigit(code = 0): boolean {
  return code >= 0x30 && code <= 0x39;
}

function textOfDecimal(value: Decimal): DecimalText {
  return value.toString() as DecimalText; // a decimal writes itself in canonical form
}

/** 10^n, exact as doubles. */
const POWERS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const EXACT_DIGITS = 15;

/** No other text has the same double, but for those that are not exact. */
export function isExactAsDouble(text: DecimalText): boolean {
  return text.length <= EXACT_DIGITS;
}

/** The nearest double. Digits that a double holds, divided by a power of ten that it holds, are rounded once: 0.4 × of `Number`. */
export function numberOfDecimal(text: DecimalText): number {
  if (!isExactAsDouble(text)) return Number(text);
  let units = 0;
  let places = 0;
  const negative = isNegativeText(text);
  for (let at = negative ? 1 : 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) places = text.length - at - 1;
    else units = units * 10 + code - 0x30;
  }
  const magnitude = units / (POWERS[places] ?? 1);
  return negative ? -magnitude : magnitude;
}

/** text × 10^places, exactly: percent to fraction, e4-scaled integers to prices. */
export function shiftDecimal(text: DecimalText, places: number): DecimalText {
  const value = Decimal.parse(text);
  const shifted =
    places >= 0
      ? value.times(Decimal.parse(`1e${places}`))
      : Decimal.ofUnits(value.units, value.scale - places);
  return textOfDecimal(shifted);
}

/** left × right, exactly: a contract's size of its factors. */
export function timesDecimal(left: DecimalText, right: DecimalText): DecimalText {
  return textOfDecimal(Decimal.parse(left).times(Decimal.parse(right)));
}

export function isNegativeText(text: DecimalText): boolean {
  return text.charCodeAt(0) === 0x2d;
}

/** Orders two canonical texts as numbers, without parsing them. */
export function compareDecimalText(a: DecimalText, b: DecimalText): number {
  if (a === b) return 0;
  const aNegative = isNegativeText(a);
  if (aNegative !== isNegativeText(b)) return aNegative ? -1 : 1;
  return aNegative ? compareMagnitude(b, a, 1) : compareMagnitude(a, b, 0);
}

function compareMagnitude(a: string, b: string, from: number): number {
  const aPoint = a.indexOf('.');
  const bPoint = b.indexOf('.');
  const aWhole = aPoint < 0 ? a.length : aPoint;
  const bWhole = bPoint < 0 ? b.length : bPoint;
  if (aWhole !== bWhole) return aWhole < bWhole ? -1 : 1;
  // Same number of whole digits: the texts align, and a missing fraction is smaller than any fraction.
  for (let index = from; ; index += 1) {
    const x = index < a.length ? a.charCodeAt(index) : 0;
    const y = index < b.length ? b.charCodeAt(index) : 0;
    if (x !== y) return x < y ? -1 : 1;
    if (x === 0) return 0;
  }
}
