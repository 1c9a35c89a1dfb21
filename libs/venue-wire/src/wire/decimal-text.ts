import { Decimal } from '@evenkeel/kernel';

/**
 * An exact decimal in canonical text: plain notation, no exponent, no `+`, no leading or trailing zeros, `-0` is `0`. Equal
 * numbers have equal texts, so prices are map keys as they stand.
 */
export type DecimalText = string & { readonly decimalText: unique symbol };

const PLAIN = /^-?\d+(?:\.\d+)?$/;
const LENGTH_MAX = 80;

/** The canonical text of what a venue wrote as a decimal string, or `undefined` if it is not one. */
export function decimalTextOfString(text: string): DecimalText | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  if (!PLAIN.test(text)) {
    if (!/[eE]/.test(text)) return undefined;
    const parsed = Decimal.tryParse(text);
    if (parsed === undefined || parsed.scale > LENGTH_MAX) return undefined;
    const plain = parsed.toString();
    return plain.length > LENGTH_MAX ? undefined : canonical(plain);
  }
  return canonical(text);
}

/** The canonical text of a double that came from a literal of at most 15 digits (see `parseExactJson`). */
export function decimalTextOfNumber(value: number): DecimalText | undefined {
  if (!Number.isFinite(value)) return undefined;
  const text = String(value);
  // 5e-7 and the like: the shortest digits are exact, only the notation differs.
  return text.includes('e') ? decimalTextOfString(text) : canonical(text);
}

function canonical(text: string): DecimalText {
  let end = text.length;
  const point = text.indexOf('.');
  if (point >= 0) {
    while (text.charCodeAt(end - 1) === 0x30) end -= 1;
    if (end - 1 === point) end = point;
  }
  const negative = text.charCodeAt(0) === 0x2d;
  let start = negative ? 1 : 0;
  while (start + 1 < end && text.charCodeAt(start) === 0x30 && text.charCodeAt(start + 1) !== 0x2e)
    start += 1;
  const magnitude = start === 0 && end === text.length ? text : text.slice(start, end);
  // The brand's only source: text that has just been validated and trimmed.
  return (negative && magnitude !== '0' ? `-${magnitude}` : magnitude) as DecimalText;
}

/** text × 10^places, exactly: percent to fraction, e4-scaled integers to prices. */
export function shiftDecimal(text: DecimalText, places: number): DecimalText {
  const value = Decimal.parse(text);
  const shifted =
    places >= 0
      ? value.times(Decimal.parse(`1e${places}`))
      : Decimal.ofUnits(value.units, value.scale - places);
  return canonical(shifted.toString());
}

/** left × right, exactly: a contract's size of its factors. */
export function timesDecimal(left: DecimalText, right: DecimalText): DecimalText {
  return canonical(Decimal.parse(left).times(Decimal.parse(right)).toString());
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
