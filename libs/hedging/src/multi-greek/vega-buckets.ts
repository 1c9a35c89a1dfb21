import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { DAYS_PER_YEAR } from '@evenkeel/kernel';
import type { UnderlyingView } from '../policy/policy';

/** Index of the bucket that an expiry falls into: the first whose upper end it does not exceed, else the open last one. */
export function bucketOf(expiryYears: number, ends: readonly number[]): number {
  const days = expiryYears * DAYS_PER_YEAR;
  const found = ends.findIndex((end) => days <= end);
  return found < 0 ? ends.length : found;
}

/** `≤7d`, `≤30d`, `>90d`. */
export function bucketName(index: number, ends: readonly number[]): string {
  const end = ends[index];
  return end === undefined ? `>${round(ends[ends.length - 1] ?? 0)}d` : `≤${round(end)}d`;
}

function round(days: number): number {
  return Math.round(days * 100) / 100;
}

/** Vega of the book by bucket, numeraire per 1.00 of volatility, contracts in flight included. */
export function bucketVegas(
  view: UnderlyingView,
  snapshot: RiskSnapshotTaken,
  ends: readonly number[],
): number[] {
  const sums = new Array<number>(ends.length + 1).fill(0);
  const add = (years: number, vega: number): void => {
    const index = bucketOf(years, ends);
    sums[index] = (sums[index] ?? 0) + vega;
  };
  for (const leg of snapshot.legs)
    if (leg.underlying === view.underlying && leg.kind === 'option') add(leg.expiryYears, leg.vega);
  for (const { id, vegaPerContract, expiryYears } of view.instruments)
    if (vegaPerContract !== 0) add(expiryYears, (view.inFlightContracts.get(id) ?? 0) * vegaPerContract);
  return sums;
}
