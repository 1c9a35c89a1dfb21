import type { ScheduleSlice } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, NANOS_PER_HOUR, formatInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';

/** Starts of equal slices of a horizon; the first is the start itself. */
export function sliceStarts(start: Instant, horizon: Nanoseconds, slices: number): Instant[] {
  return Array.from({ length: slices }, (_, index) => start + (horizon * BigInt(index)) / BigInt(slices));
}

/** Even shares. */
export function evenShares(slices: number): number[] {
  return Array.from({ length: slices }, () => 1 / slices);
}

/** Shares in proportion to the profile's weight of the UTC hours that each slice covers. */
export function profileShares(
  profile: readonly number[],
  start: Instant,
  horizon: Nanoseconds,
  slices: number,
): number[] {
  const bounds = [...sliceStarts(start, horizon, slices), start + horizon];
  const weights = bounds.slice(1).map((to, index) => weightBetween(profile, bounds[index] ?? start, to));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total > 0 ? weights.map((weight) => weight / total) : evenShares(slices);
}

function weightBetween(profile: readonly number[], from: Instant, to: Instant): number {
  let weight = 0;
  for (let at = from; at < to;) {
    const hourEnd = (at / NANOS_PER_HOUR + 1n) * NANOS_PER_HOUR;
    const end = hourEnd < to ? hourEnd : to;
    const hour = Number((at / NANOS_PER_HOUR) % 24n);
    weight += (profile[hour] ?? 0) * Number(end - at);
    at = end;
  }
  return weight;
}

/**
 * Cumulative contracts per slice from shares that sum to 1: rounded down to the lot as they add up, the last one whole. Slices
 * that add less than the smallest order wait for the next.
 */
export function scheduleOf(
  quantity: Decimal,
  shares: readonly number[],
  starts: readonly Instant[],
  { lot, minQuantity }: Pick<Contract, 'lot' | 'minQuantity'>,
): ScheduleSlice[] {
  const slices: ScheduleSlice[] = [];
  let share = 0;
  let before = Decimal.ZERO;
  shares.forEach((part, index) => {
    share += part;
    const last = index === shares.length - 1;
    let cumulative = last
      ? quantity
      : quantity.times(Decimal.ofNumber(Math.min(1, share), 12)).roundToStep(lot, 'floor');
    if (cumulative.minus(before).lessThan(minQuantity)) cumulative = last ? quantity : before;
    // What would be left for the last slice must be an order too.
    const rest = quantity.minus(cumulative);
    if (!last && rest.isPositive() && rest.lessThan(minQuantity)) cumulative = before;
    if (cumulative.greaterThan(before)) {
      slices.push({ at: formatInstant(starts[index] ?? 0n), cumulative: cumulative.toString() });
      before = cumulative;
    }
  });
  return slices;
}
