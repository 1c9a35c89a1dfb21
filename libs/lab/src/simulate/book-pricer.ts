import { EvenkeelError } from '@evenkeel/kernel';
import { createLegBatch } from '@evenkeel/pricing';
import type { LegBatch } from '@evenkeel/pricing';
import type { SimulatedOption } from './simulated-world';

/** What the book's options come to, one entry per path. Quote currency and units of the underlying; quantities applied. */
export interface BookGreeks {
  readonly value: Float64Array;
  /** ∂value/∂S. */
  readonly delta: Float64Array;
  /** ∂delta/∂S. */
  readonly gamma: Float64Array;
  /** ∂value/∂σ per 1.00 of volatility. */
  readonly vega: Float64Array;
}

/**
 * Values the options of many paths in one call of the kernel. Legs stand expiry by expiry, the longest first, so that those
 * alive are always the first ones.
 */
export interface BookPricer {
  /** Values the legs alive after `time` (years from the start) at `spot` into `into`. */
  value(time: number, spot: Float64Array, into: BookGreeks): void;
  /** Delta alone, with leg p of path i at volatility `volatility[p × count + i]` in the pricer's own order of legs. */
  deltaAt(time: number, spot: Float64Array, volatility: Float64Array, delta: Float64Array): void;
  /** The options in the pricer's order. */
  readonly legs: readonly SimulatedOption[];
  /** How many of the legs are alive after `time`. */
  aliveAfter(time: number): number;
}

export interface PricingTerms {
  readonly positions: readonly SimulatedOption[];
  readonly volatility: number;
  readonly r: number;
  readonly q: number;
}

export function createBookPricer(terms: PricingTerms, count: number): BookPricer {
  const legs = [...terms.positions].sort((a, b) => b.T - a.T);
  const alive = (time: number): number => legs.filter(({ T }) => T > time).length;
  let adjusted: LegBatch | undefined;
  const batch = filledBatch(legs, terms, count);
  const load = (into: LegBatch, time: number, spot: Float64Array): number => {
    const live = alive(time);
    for (let p = 0; p < live; p += 1) {
      into.underlying.set(spot, p * count);
      into.expiryYears.fill((legs[p]?.T ?? 0) - time, p * count, (p + 1) * count);
    }
    return live;
  };
  return {
    legs,
    aliveAfter: alive,
    value: (time, spot, into) => {
      const live = load(batch, time, spot);
      requireAll(batch.valueFirst(live * count), batch, count);
      sumLegs(batch.value, legs, live, count, into.value);
      sumLegs(batch.delta, legs, live, count, into.delta);
      sumLegs(batch.gamma, legs, live, count, into.gamma);
      sumLegs(batch.vega, legs, live, count, into.vega);
    },
    deltaAt: (time, spot, volatility, delta) => {
      adjusted ??= filledBatch(legs, terms, count);
      const live = load(adjusted, time, spot);
      adjusted.volatility.set(volatility.subarray(0, live * count));
      requireAll(adjusted.valueFirst(live * count), adjusted, count);
      sumLegs(adjusted.delta, legs, live, count, delta);
    },
  };
}

function filledBatch(legs: readonly SimulatedOption[], terms: PricingTerms, count: number): LegBatch {
  const batch = createLegBatch(legs.length * count);
  legs.forEach(({ type, K }, p) => {
    const from = p * count;
    const to = from + count;
    batch.isCall.fill(type === 'call' ? 1 : 0, from, to);
    batch.strike.fill(K, from, to);
    batch.volatility.fill(terms.volatility, from, to);
    batch.rate.fill(terms.r, from, to);
    batch.carry.fill(terms.r - terms.q, from, to);
  });
  return batch;
}

function sumLegs(
  column: Float64Array,
  legs: readonly SimulatedOption[],
  live: number,
  count: number,
  into: Float64Array,
): void {
  const first = live > 0 ? (legs[0]?.quantity ?? 0) : 0;
  for (let i = 0; i < count; i += 1) into[i] = first * (column[i] ?? 0);
  for (let p = 1; p < live; p += 1) {
    const quantity = legs[p]?.quantity ?? 0;
    const from = p * count;
    for (let i = 0; i < count; i += 1) into[i] = (into[i] ?? 0) + quantity * (column[from + i] ?? 0);
  }
}

function requireAll(refused: number, batch: LegBatch, count: number): void {
  if (refused === 0) return;
  for (let i = 0; i < batch.capacity; i += 1) {
    const why = batch.failure(i);
    if (why !== undefined)
      throw new EvenkeelError({
        code: 'LAB.SIMULATION_OUT_OF_RANGE',
        message: `a simulated path left the range that options can be valued in (path ${i % count} of its block): ${why.message}`,
        cause: why,
      });
  }
}
