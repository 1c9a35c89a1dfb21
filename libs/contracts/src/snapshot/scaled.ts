import { UNITS_MAX, undecodable } from './column';

/** How a column of decimals turns into integers. */
export interface Scale {
  readonly scale: number;
  /** True where every text has exactly `scale` digits behind the point; otherwise none ends with a nought there. */
  readonly padded: boolean;
}

const SCALE_MAX = 12;
const [MINUS, NOUGHT] = [45, 48];

/** The scale that suits these texts; a text that it does not suit has no units in it. */
export function scaleOfTexts(texts: readonly string[]): Scale {
  let scale = 0;
  let padded = false;
  for (const text of texts) {
    const digits = digitsBehindPoint(text);
    if (digits > SCALE_MAX) continue;
    scale = Math.max(scale, digits);
    if (digits > 0 && text.endsWith('0')) padded = true;
  }
  return { scale, padded };
}

function digitsBehindPoint(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** The integer that stands for a text; undefined where `textOfUnits` would not give the text back. */
export function unitsOfText(text: string, { scale, padded }: Scale): number | undefined {
  const negative = text.charCodeAt(0) === MINUS;
  const from = negative ? 1 : 0;
  const digits = digitsBehindPoint(text);
  const point = digits === 0 ? text.length : text.length - digits - 1;
  if (padded ? digits !== scale : digits > scale) return undefined;
  if (!padded && digits > 0 && text.endsWith('0')) return undefined;
  if (point === from || (point > from + 1 && text.charCodeAt(from) === NOUGHT)) return undefined;
  let units = 0;
  for (let at = from; at < text.length; at += 1) {
    if (at === point) continue;
    const digit = text.charCodeAt(at) - NOUGHT;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    units = 10 * units + digit;
    if (units > UNITS_MAX) return undefined;
  }
  units *= tens(scale - digits);
  if (units > UNITS_MAX || (negative && units === 0)) return undefined;
  return negative ? -units : units;
}

export function textOfUnits(units: number, { scale, padded }: Scale): string {
  if (scale === 0) return String(units);
  const sign = units < 0 ? '-' : '';
  const digits = String(Math.abs(units)).padStart(scale + 1, '0');
  const point = digits.length - scale;
  let end = digits.length;
  if (!padded) while (end > point && digits.charCodeAt(end - 1) === NOUGHT) end -= 1;
  const whole = sign + digits.slice(0, point);
  return end === point ? whole : `${whole}.${digits.slice(point, end)}`;
}

const TENS = Array.from({ length: SCALE_MAX + 1 }, (_, power) => Number(`1e${power}`));

const NUMBER_SCALE_MAX = 8;

/** Fewest digits that give exactly as many of these doubles as few digits can. */
export function scaleOfNumbers(values: Iterable<number>): number {
  let scale = 0;
  for (const value of values) {
    let digits = scale;
    while (digits <= NUMBER_SCALE_MAX && unitsOfNumber(value, digits) === undefined) digits += 1;
    if (digits <= NUMBER_SCALE_MAX) scale = digits;
  }
  return scale;
}

/** The integer that divided by 10^scale is this very double; undefined where there is none. */
export function unitsOfNumber(value: number, scale: number): number | undefined {
  const units = Math.round(value * tens(scale));
  if (!(Math.abs(units) <= UNITS_MAX)) return undefined;
  return value !== 0 && units / tens(scale) === value ? units : Object.is(value, 0) ? 0 : undefined;
}

/** The integer nearest to a number; 0 where it has none that a column could hold. */
export function nearestUnits(value: number, scale: number): number {
  const units = Math.round(value * tens(scale));
  return Math.abs(units) <= UNITS_MAX ? units + 0 : 0;
}

export function numberOfUnits(units: number, scale: number): number {
  return units / tens(scale);
}

export function tens(scale: number): number {
  const power = TENS[scale];
  if (power === undefined) throw undecodable(`a scale is at most ${SCALE_MAX}`);
  return power;
}

/** Doubles as they are, little-endian. */
export function doublesOf(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, index) => view.setFloat64(8 * index, value, true));
  return new Uint8Array(view.buffer);
}

export function numbersOf(doubles: Uint8Array): number[] {
  const view = new DataView(doubles.buffer, doubles.byteOffset, doubles.byteLength);
  return Array.from({ length: doubles.length / 8 }, (_, index) => view.getFloat64(8 * index, true));
}
