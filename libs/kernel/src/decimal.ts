import { EvenkeelError } from './errors';

export type Rounding = 'down' | 'up' | 'floor' | 'ceil' | 'half-even' | 'half-up';

const TEN = 10n;
const powers: bigint[] = [1n];

function powerOfTen(exponent: number): bigint {
  while (powers.length <= exponent) powers.push((powers[powers.length - 1] ?? 1n) * TEN);
  return powers[exponent] ?? 1n;
}

const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const SCALE_MAX = 1100;
/** Powers of ten that a double holds exactly. */
const EXACT_POWERS: readonly number[] = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Below it, a double's shortest text and its product with a power of ten lie within 0.1 units of what they stand for. */
const UNITS_ROUNDED_MAX = 2 ** 49;
const UNITS_UNSURE = 0.125;

/**
 * An exact decimal number: money, prices, quantities, fees. Immutable. Sum, difference and product are exact; a quotient
 * and any rounding name their scale (digits after the point) and their rounding rule.
 */
export class Decimal {
  static readonly ZERO = new Decimal(0n, 0);
  static readonly ONE = new Decimal(1n, 0);

  private constructor(
    /** The number times 10^scale. */
    readonly units: bigint,
    readonly scale: number,
  ) {}

  /** units × 10^-scale. */
  static ofUnits(units: bigint, scale: number): Decimal {
    return new Decimal(units, scale);
  }

  /** Reads `-12.5`, `.5`, `1e-8`. Throws `KERNEL.DECIMAL_INVALID` for anything else. */
  static parse(text: string): Decimal {
    const decimal = Decimal.tryParse(text);
    if (decimal === undefined) {
      throw new EvenkeelError({
        code: 'KERNEL.DECIMAL_INVALID',
        message: `"${text}" is not a decimal number`,
      });
    }
    return decimal;
  }

  static tryParse(text: string): Decimal | undefined {
    return parsePlain(text) ?? Decimal.parseAny(text);
  }

  private static parseAny(text: string): Decimal | undefined {
    const match = PATTERN.exec(text);
    if (match === null) return undefined;
    const whole = match[2] ?? '';
    const fraction = match[3] ?? '';
    if (whole === '' && fraction === '') return undefined;
    const scale = fraction.length - Number(match[4] ?? '0');
    if (Math.abs(scale) > SCALE_MAX) return undefined;
    let units = BigInt(whole + fraction);
    if (match[1] === '-') units = -units;
    return scale >= 0 ? new Decimal(units, scale) : new Decimal(units * powerOfTen(-scale), 0);
  }

  static ofInteger(value: number | bigint): Decimal {
    return new Decimal(BigInt(value), 0);
  }

  /**
   * The double rounded half-even to `scale` digits. The door from analytics (doubles) to money: the caller chooses the
   * precision. Throws for NaN and infinities.
   */
  static ofNumber(value: number, scale: number): Decimal {
    if (!Number.isFinite(value)) {
      throw new EvenkeelError({ code: 'KERNEL.DECIMAL_INVALID', message: `${value} is not a finite number` });
    }
    // Far enough from a half the text rounds as the product does: a fifth of the time of writing and reading it.
    const scaled = value * (EXACT_POWERS[scale] ?? Number.NaN);
    const units = Math.round(scaled);
    if (Math.abs(units) < UNITS_ROUNDED_MAX && Math.abs(Math.abs(scaled - units) - 0.5) > UNITS_UNSURE)
      return new Decimal(BigInt(units), scale);
    return Decimal.parse(String(value)).round(scale, 'half-even');
  }

  plus(other: Decimal): Decimal {
    if (this.scale === other.scale) return new Decimal(this.units + other.units, this.scale);
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.unitsAt(scale) + other.unitsAt(scale), scale);
  }

  minus(other: Decimal): Decimal {
    return this.plus(other.negated());
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.units * other.units, this.scale + other.scale).trimmed();
  }

  /** this ÷ other to `scale` digits. Throws `KERNEL.DIVISION_BY_ZERO`. */
  dividedBy(other: Decimal, scale: number, rounding: Rounding = 'half-even'): Decimal {
    if (other.units === 0n)
      throw new EvenkeelError({ code: 'KERNEL.DIVISION_BY_ZERO', message: 'division by zero' });
    const shift = scale + other.scale - this.scale;
    const numerator = shift >= 0 ? this.units * powerOfTen(shift) : this.units;
    const denominator = shift >= 0 ? other.units : other.units * powerOfTen(-shift);
    return new Decimal(divide(numerator, denominator, rounding), scale);
  }

  round(scale: number, rounding: Rounding): Decimal {
    if (scale >= this.scale) return this;
    return new Decimal(divide(this.units, powerOfTen(this.scale - scale), rounding), scale);
  }

  /** The nearest multiple of `step` (a lot or a tick) under the rounding rule. */
  roundToStep(step: Decimal, rounding: Rounding): Decimal {
    return this.dividedBy(step, 0, rounding).times(step);
  }

  isMultipleOf(step: Decimal): boolean {
    const scale = Math.max(this.scale, step.scale);
    return this.unitsAt(scale) % step.unitsAt(scale) === 0n;
  }

  negated(): Decimal {
    return new Decimal(-this.units, this.scale);
  }

  abs(): Decimal {
    return this.units < 0n ? this.negated() : this;
  }

  /** −1, 0 or 1. */
  sign(): -1 | 0 | 1 {
    return this.units > 0n ? 1 : this.units < 0n ? -1 : 0;
  }

  isZero(): boolean {
    return this.units === 0n;
  }

  isNegative(): boolean {
    return this.units < 0n;
  }

  isPositive(): boolean {
    return this.units > 0n;
  }

  compare(other: Decimal): -1 | 0 | 1 {
    const scale = Math.max(this.scale, other.scale);
    const a = this.unitsAt(scale);
    const b = other.unitsAt(scale);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }

  lessThan(other: Decimal): boolean {
    return this.compare(other) < 0;
  }

  greaterThan(other: Decimal): boolean {
    return this.compare(other) > 0;
  }

  min(other: Decimal): Decimal {
    return this.compare(other) <= 0 ? this : other;
  }

  max(other: Decimal): Decimal {
    return this.compare(other) >= 0 ? this : other;
  }

  /** The nearest double: the door from money to analytics. */
  toNumber(): number {
    // Exact units over an exact power of ten: one division, correctly rounded, is the double nearest to the text.
    const units = Number(this.units);
    const power = EXACT_POWERS[this.scale];
    return power === undefined || Math.abs(units) > Number.MAX_SAFE_INTEGER
      ? Number(this.toString())
      : units === 0
        ? 0
        : units / power;
  }

  /** Shortest plain notation, no exponent, no trailing zeros; equal numbers give equal strings. */
  toString(): string {
    const { units, scale } = this.trimmed();
    if (scale === 0) return units.toString();
    const digits = units.toString();
    const from = digits.startsWith('-') ? 1 : 0;
    const point = digits.length - scale;
    if (point > from) return `${digits.slice(0, point)}.${digits.slice(point)}`;
    return `${digits.slice(0, from)}0.${digits.slice(from).padStart(scale, '0')}`;
  }

  toJSON(): string {
    return this.toString();
  }

  private unitsAt(scale: number): bigint {
    return scale === this.scale ? this.units : this.units * powerOfTen(scale - this.scale);
  }

  private trimmed(): Decimal {
    if (this.scale === 0) return this;
    if (this.units === 0n) return Decimal.ZERO;
    let { units, scale } = this;
    let small = Number(units);
    if (Math.abs(small) <= Number.MAX_SAFE_INTEGER) {
      if (small % 10 !== 0) return this;
      for (; scale > 0 && small % 10 === 0; scale -= 1) small /= 10;
      return new Decimal(BigInt(small), scale);
    }
    while (scale > 0 && units % TEN === 0n) {
      units /= TEN;
      scale -= 1;
    }
    return scale === this.scale ? this : new Decimal(units, scale);
  }
}

const SAFE_DIGITS = 15;

/** A sign, digits and a point, few enough to be counted in a double: a quarter of the pattern's time. Others are not for it. */
function parsePlain(text: string): Decimal | undefined {
  const { length } = text;
  if (length > SAFE_DIGITS + 2) return undefined;
  const first = text.charCodeAt(0);
  const signed = first === 0x2d || first === 0x2b;
  let units = 0;
  let point = -1;
  let digits = 0;
  for (let at = signed ? 1 : 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x2e && point === -1) {
      point = at;
      continue;
    }
    if (code < 0x30 || code > 0x39) return undefined;
    units = units * 10 + code - 0x30;
    digits += 1;
  }
  if (digits === 0 || digits > SAFE_DIGITS) return undefined;
  const exact = BigInt(first === 0x2d ? -units : units);
  return Decimal.ofUnits(exact, point === -1 ? 0 : length - 1 - point);
}

function divide(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n) return quotient;
  const away = numerator < 0n === denominator < 0n ? 1n : -1n;
  switch (rounding) {
    case 'down':
      return quotient;
    case 'up':
      return quotient + away;
    case 'floor':
      return away < 0n ? quotient - 1n : quotient;
    case 'ceil':
      return away > 0n ? quotient + 1n : quotient;
    case 'half-up':
    case 'half-even': {
      const twice = magnitude(remainder) * 2n;
      const whole = magnitude(denominator);
      if (twice > whole) return quotient + away;
      if (twice < whole) return quotient;
      return rounding === 'half-up' || quotient % 2n !== 0n ? quotient + away : quotient;
    }
  }
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Σ of the amounts; zero for none. */
export function sum(amounts: Iterable<Decimal>): Decimal {
  let total = Decimal.ZERO;
  for (const amount of amounts) total = total.plus(amount);
  return total;
}
