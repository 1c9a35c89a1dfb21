import { Decimal } from '@evenkeel/kernel';

export interface Weighted {
  /** The double of the price: what is compared. */
  readonly value: number;
  readonly weight: number;
}

/** Where half of the weight lies: at one price, then both are it, or between two. */
export interface WeightedMedian<T extends Weighted> {
  readonly low: T;
  readonly high: T;
}

/**
 * The weighted median: the price at which half of the weight lies on either side; the middle of two where the halves meet between
 * them. No source with less than half of the weight can move it past its neighbours. `undefined` for nothing to go by.
 */
export function weightedMedian<T extends Weighted>(prices: readonly T[]): WeightedMedian<T> | undefined {
  if (prices.length > inOrder.length) inOrder = new Int32Array(2 * prices.length);
  let count = 0;
  let half = 0;
  for (let index = 0; index < prices.length; index += 1) {
    const entry = prices[index];
    if (entry === undefined || !(entry.weight > 0)) continue;
    // A handful of sources: put in where it belongs, after its equals.
    let place = count;
    for (; place > 0; place -= 1) {
      const before = inOrder[place - 1] ?? 0;
      if (!((prices[before]?.value ?? 0) > entry.value)) break;
      inOrder[place] = before;
    }
    inOrder[place] = index;
    count += 1;
  }
  for (let place = 0; place < count; place += 1) half += (prices[inOrder[place] ?? 0]?.weight ?? 0) / 2;
  let below = 0;
  for (let place = 0; place < count; place += 1) {
    const low = prices[inOrder[place] ?? 0];
    if (low === undefined) break;
    below += low.weight;
    const high = place + 1 < count ? prices[inOrder[place + 1] ?? 0] : undefined;
    if (below > half || high === undefined) return { low, high: low };
    if (below === half) return { low, high };
  }
  return undefined;
}

/** Places of prices, the lowest first: used again by every median, which was a list for each before. */
let inOrder = new Int32Array(16);

const HALF = Decimal.parse('0.5');
const POWERS = Array.from({ length: 16 }, (_, power) => Number(`1e${power}`));
/** Whole numbers below are exact as doubles, and so is the sum of two of them, five times over. */
const EXACT = 2 ** 49;

/** Two decimals together, in whole units of the last digit. */
interface Units {
  readonly sum: number;
  readonly scale: number;
}

/** `undefined` for what is longer, or otherwise written, than prices usually are. */
function unitsOf(one: string, other: string): Units | undefined {
  const scale = Math.max(digitsAfterPoint(one), digitsAfterPoint(other));
  const unit = POWERS[scale] ?? Number.POSITIVE_INFINITY;
  // The nearest double to a number of so few digits, in units, is nearer to the whole number than a half.
  const [left, right] = [Number(one) * unit, Number(other) * unit];
  return left < EXACT && right < EXACT ? { sum: Math.round(left) + Math.round(right), scale } : undefined;
}

/** Infinity unless the text is digits with at most one point among them. */
function digitsAfterPoint(text: string): number {
  const point = text.indexOf('.');
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if ((code < ZERO || code > NINE) && position !== point) return Number.POSITIVE_INFINITY;
  }
  return point === -1 ? 0 : text.length - 1 - point;
}

const ZERO = 48;
const NINE = 57;

/**
 * The double nearest to the exact middle of two decimals. In whole units numerator and denominator are exact, so that the division rounds
 * once: a ninth of what exact decimals and their text cost.
 */
export function middleOf(one: string, other: string): number {
  const units = unitsOf(one, other);
  if (units === undefined) return exactMiddle(Decimal.parse(one), Decimal.parse(other)).toNumber();
  return units.sum / (2 * (POWERS[units.scale] ?? 1));
}

export function exactMiddle(one: Decimal, other: Decimal): Decimal {
  return one.plus(other).times(HALF);
}

/** Weights with none above `shareMax` of the total, where there are sources enough for that; the excess is dropped, not handed on. */
export function cappedWeights(weights: readonly number[], shareMax: number): readonly number[] {
  if (weights.length * shareMax <= 1) return weights.map(() => 1);
  // Nobody is more than all of them.
  if (shareMax >= 1) return weights;
  const sorted = [...weights].sort((a, b) => b - a);
  let rest = sorted.reduce((total, weight) => total + weight, 0);
  // With the k heaviest at the cap c: c = shareMax × (k × c + rest), so c = shareMax × rest ÷ (1 − shareMax × k).
  for (let capped = 0; capped < sorted.length; capped += 1) {
    const remaining = 1 - shareMax * capped;
    const cap = remaining <= 0 ? Number.POSITIVE_INFINITY : (shareMax * rest) / remaining;
    const heaviest = sorted[capped] ?? 0;
    if (heaviest <= cap) return weights.map((weight) => Math.min(weight, cap));
    rest -= heaviest;
  }
  return weights.map(() => 1);
}

/** Distance of a from b in basis points of b, signed. Basic arithmetic only, so the same on every machine. */
export function signedBps(a: number, b: number): number {
  return (a / b - 1) * 10_000;
}

/** How far apart two prices are, in basis points of their middle. */
export function distanceBps(a: number, b: number): number {
  return (Math.abs(a - b) / ((a + b) / 2)) * 10_000;
}
