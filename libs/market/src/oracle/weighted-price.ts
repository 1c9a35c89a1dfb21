import type { Decimal } from '@evenkeel/kernel';
import { Decimal as Exact } from '@evenkeel/kernel';

export interface WeightedPrice {
  readonly price: Decimal;
  /** The double of the price: what is compared. */
  readonly value: number;
  readonly weight: number;
}

const HALF = Exact.parse('0.5');

/**
 * The weighted median: the price at which half of the weight lies on either side; the middle of two where the halves meet between
 * them. No source with less than half of the weight can move it past its neighbours. `undefined` for nothing to go by.
 */
export function weightedMedianPrice(
  prices: readonly WeightedPrice[],
): { readonly price: Decimal; readonly value: number } | undefined {
  const sorted = prices.filter((entry) => entry.weight > 0).sort((a, b) => a.value - b.value);
  let half = 0;
  for (const entry of sorted) half += entry.weight / 2;
  let below = 0;
  for (let index = 0; index < sorted.length; index += 1) {
    const entry = sorted[index];
    if (entry === undefined) break;
    below += entry.weight;
    if (below > half) return entry;
    const next = sorted[index + 1];
    if (below === half && next !== undefined) {
      const price = entry.price.plus(next.price).times(HALF);
      return { price, value: price.toNumber() };
    }
  }
  return sorted[sorted.length - 1];
}

/** Weights with none above `shareMax` of the total, where there are sources enough for that; the excess is dropped, not handed on. */
export function cappedWeights(weights: readonly number[], shareMax: number): number[] {
  if (weights.length * shareMax <= 1) return weights.map(() => 1);
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
