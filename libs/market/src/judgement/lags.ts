import { NANOS_PER_HOUR, median } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import { durationText } from './duration-text';
import type { Findings } from './findings';

/** Whole hours by which clocks and zones differ. */
const HOURS_MAX = 24;
/** Pairs of moves that are held against one another; more say no more. */
const MOVES_MAX = 2000;
const MOVES_MIN = 20;
/** Moves that correlate so well at the same time need no other. */
const AGREES = 0.97;
/** Standard errors (Fisher's z of the two correlations) by which another lag fits better. */
const MARGIN = 6;
/** And it leaves so small a part of what the same time leaves unexplained: prices that merely trail one another leave more. */
const UNEXPLAINED = 0.25;
/** Moves beyond so many times the median one count as that. */
const OUTLIER = 5;
/** A price so near to the time asked for, in parts of the spacing, is the price then. */
const NEAR = 10n;

/** Prices that one file gives of an underlying, in the order of time. */
export interface Series {
  readonly file: string;
  readonly underlying: string;
  /** Of bars: a bar is known that long after the time it is stamped with. */
  readonly interval: Nanoseconds | undefined;
  readonly at: Instant[];
  readonly price: number[];
  readonly line: number[];
}

/** How two files go together. */
interface Pair {
  readonly one: Series;
  readonly other: Series;
  /** Of their moves at the same time. */
  readonly correlation: number;
  /** The moves of `one` are those of `other` so much later (earlier where negative). */
  readonly lag?: Nanoseconds;
}

/**
 * Refuses files whose moves are those of another file of the same underlying at another time: stamps of another kind or zone.
 * Of two that contradict one another the one is named that agrees less with the rest. Files in which something else is wrong
 * are not asked.
 */
export function refuseShifted(all: readonly Series[], findings: Findings): void {
  const sound = all.filter(({ file }) => !findings.problems.some(({ path }) => path.startsWith(`${file}:`)));
  const pairs = sound.flatMap((one, index) =>
    sound
      .slice(0, index)
      .flatMap((other) => (other.underlying === one.underlying ? (pairOf(one, other) ?? []) : [])),
  );
  const told = new Set<Series>();
  for (const pair of pairs) {
    if (pair.lag === undefined) continue;
    const [blamed, witness, late] = isOther(pair, pair.lag, pairs)
      ? [pair.other, pair.one, -pair.lag]
      : [pair.one, pair.other, pair.lag];
    if (told.has(blamed)) continue;
    told.add(blamed);
    const size = durationText(late < 0n ? -late : late);
    findings.problem(
      blamed.file,
      blamed.line[0] ?? 1,
      `its prices move as those of ${witness.file} do, ${size} ${late > 0n ? 'later' : 'earlier'}: it looks like ${looksLike(blamed, late)}`,
    );
  }
}

/** Whether `other` is the one at fault. Where no third file tells, bars are, and of bars those that come late. */
function isOther({ one, other }: Pair, lag: Nanoseconds, pairs: readonly Pair[]): boolean {
  const agreement = (series: Series): number =>
    pairs.reduce(
      (sum, pair) => sum + (pair.one === series || pair.other === series ? pair.correlation : 0),
      0,
    );
  const [own, others] = [agreement(one), agreement(other)];
  if (own !== others) return others < own;
  if (one.interval === undefined || other.interval === undefined) return one.interval === undefined;
  return lag < 0n;
}

function looksLike({ interval }: Series, late: Nanoseconds): string {
  const zone = 'times of another zone';
  const bars =
    late === interval
      ? 'bars stamped at their close'
      : late === -(interval ?? 0n)
        ? 'bars stamped a bar early'
        : undefined;
  if (bars === undefined) return zone;
  return late % NANOS_PER_HOUR === 0n ? `${bars}, or ${zone}` : bars;
}

/** Nothing where too little of the two lies side by side. */
function pairOf(one: Series, other: Series): Pair | undefined {
  const [spacing, otherSpacing] = [spacingOf(one), spacingOf(other)];
  if (spacing === undefined || otherSpacing === undefined) return undefined;
  const [coarse, fine] = spacing >= otherSpacing ? [one, other] : [other, one];
  const step = spacing >= otherSpacing ? otherSpacing : spacing;
  const same = fitAt(coarse, fine, 0n, step);
  if (same === undefined) return undefined;
  const pair = { one, other, correlation: same.correlation };
  if (same.correlation > AGREES) return pair;
  let best: (Fit & { readonly lag: Nanoseconds }) | undefined;
  for (const lag of lagsOf(one, other)) {
    const fit = fitAt(coarse, fine, lag, step);
    if (fit !== undefined && fit.correlation > (best?.correlation ?? 0)) best = { ...fit, lag };
  }
  if (best === undefined || !isFarBetter(best, same)) return pair;
  // `lag` is how much later the fine one moves.
  return { ...pair, lag: fine === one ? best.lag : -best.lag };
}

function isFarBetter(best: Fit, same: Fit): boolean {
  const errors = Math.sqrt(1 / (best.moves - 3) + 1 / (same.moves - 3));
  const margin = (fisher(best.correlation) - fisher(same.correlation)) / errors;
  const unexplained = (1 - best.correlation ** 2) / (1 - Math.max(0, same.correlation) ** 2);
  return margin > MARGIN && unexplained < UNEXPLAINED;
}

function fisher(correlation: number): number {
  const bounded = Math.min(correlation, 1 - 1e-9);
  return (math.log(1 + bounded) - math.log(1 - bounded)) / 2;
}

/** A bar of either, and whole hours, both ways. */
function lagsOf(one: Series, other: Series): readonly Nanoseconds[] {
  const ahead = new Set([one.interval ?? 0n, other.interval ?? 0n]);
  for (let hours = 1n; hours <= HOURS_MAX; hours += 1n) ahead.add(hours * NANOS_PER_HOUR);
  ahead.delete(0n);
  return [...ahead].flatMap((lag) => [lag, -lag]);
}

function spacingOf({ at, interval }: Series): Nanoseconds | undefined {
  if (interval !== undefined) return interval;
  const found = median(
    sampled(1, at.length).map((index) => Number((at[index] ?? 0n) - (at[index - 1] ?? 0n))),
  );
  return found === undefined || found <= 0 ? undefined : BigInt(Math.round(found));
}

/** Indices from `first` to below `end`, evenly apart, no more than are needed. */
function sampled(first: number, end: number): number[] {
  const stride = Math.max(1, (end - first) / MOVES_MAX);
  const indices: number[] = [];
  for (let at = first; at < end; at += stride) indices.push(Math.floor(at));
  return indices;
}

interface Fit {
  readonly correlation: number;
  readonly moves: number;
}

/** How well the moves of `coarse` from one price to the next fit those of `fine` over the same time, `lag` later. */
function fitAt(coarse: Series, fine: Series, lag: Nanoseconds, step: Nanoseconds): Fit | undefined {
  const own: number[] = [];
  const others: number[] = [];
  for (const index of sampled(1, coarse.at.length)) {
    const from = priceAt(fine, (coarse.at[index - 1] ?? 0n) + lag, step);
    const to = from === undefined ? undefined : priceAt(fine, (coarse.at[index] ?? 0n) + lag, step);
    if (from === undefined || to === undefined) continue;
    own.push((coarse.price[index] ?? 0) / (coarse.price[index - 1] ?? 0) - 1);
    others.push(to / from - 1);
  }
  if (own.length < MOVES_MIN) return undefined;
  const correlation = correlationOf(clipped(own), clipped(others));
  return correlation === undefined ? undefined : { correlation, moves: own.length };
}

/** One row that is out of place does not decide for the rest. */
function clipped(moves: readonly number[]): number[] {
  const sizes = moves.map(Math.abs);
  const limit = OUTLIER * (median(sizes.filter((size) => size > 0)) ?? 0);
  return moves.map((move) => Math.max(-limit, Math.min(limit, move)));
}

function correlationOf(own: readonly number[], others: readonly number[]): number | undefined {
  const count = own.length;
  let [x, y, xx, xy, yy] = [0, 0, 0, 0, 0];
  own.forEach((a, index) => {
    const b = others[index] ?? 0;
    x += a;
    y += b;
    xx += a * a;
    xy += a * b;
    yy += b * b;
  });
  const spread = (xx - (x * x) / count) * (yy - (y * y) / count);
  return spread > 0 ? (xy - (x * y) / count) / Math.sqrt(spread) : undefined;
}

/** The price at a time, where there is one then. */
function priceAt(series: Series, time: Instant, step: Nanoseconds): number | undefined {
  const found = newestAt(series, time);
  return found >= 0 && (time - (series.at[found] ?? 0n)) * NEAR <= step ? series.price[found] : undefined;
}

/** The newest price at or before a time; -1 where there is none. */
export function newestAt({ at }: Series, time: Instant): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0n) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
