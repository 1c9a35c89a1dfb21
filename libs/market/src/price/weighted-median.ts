import { Decimal } from '@evenkeel/kernel';

export interface WeightedPrice {
  readonly price: string;
  readonly value: number;
  readonly weight: number;
}

const HALF = Decimal.parse('0.5');

/**
 * The price with half of the weight on either side; exactly half-way between two of them, their midpoint (exact). The
 * same for every order of the input. `undefined` without a price.
 */
export function weightedMedian(prices: readonly WeightedPrice[]): string | undefined {
  const sorted = [...prices].sort((a, b) => a.value - b.value || (a.price < b.price ? -1 : 1));
  let total = 0;
  for (const { weight } of sorted) total += weight;
  let below = 0;
  for (let index = 0; index < sorted.length; index += 1) {
    const entry = sorted[index];
    if (entry === undefined) break;
    below += entry.weight;
    if (below * 2 < total) continue;
    const next = sorted[index + 1];
    if (below * 2 === total && next !== undefined) return midpoint(entry.price, next.price);
    return entry.price;
  }
  return undefined;
}

function midpoint(a: string, b: string): string {
  return Decimal.parse(a).plus(Decimal.parse(b)).times(HALF).toString();
}
