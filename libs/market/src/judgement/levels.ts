import type { DeliveryPrice } from '@evenkeel/facts';
import { NANOS_PER_HOUR, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Findings } from './findings';
import { apart, timesOf } from './looks-like';

/** Prices of one underlying from two files are no further apart than this, whatever basis, premium or venue lies between them. */
const SAME_UNDERLYING = 1.5;
/** A delivery price is an average of the last half hour or so before the expiry. */
const DELIVERY = 1.25;
/** Prices older than this are not held against one another. */
const AGE_MAX = NANOS_PER_HOUR;
/** In another unit a file is all but always off, not for a while. */
const ALL_BUT = 0.9;

/** Prices that one file gives of an underlying, in the order of time. */
export interface Level {
  add(at: Instant, price: number, line: number): void;
}

interface Series {
  readonly file: string;
  readonly underlying: string;
  readonly at: Instant[];
  readonly price: number[];
  readonly line: number[];
}

/** Holds the files of a tape against one another. */
export interface Levels {
  of(file: string, underlying: string): Level;
  delivery(file: string, line: number, delivery: DeliveryPrice): void;
  /** Once all files are read. */
  compare(from: Instant, to: Instant): void;
}

export function createLevels(findings: Findings): Levels {
  const all: Series[] = [];
  const deliveries: { file: string; line: number; delivery: DeliveryPrice }[] = [];
  return {
    of(file, underlying) {
      const series: Series = { file, underlying, at: [], price: [], line: [] };
      all.push(series);
      return {
        add(at, price, line) {
          series.at.push(at);
          series.price.push(price);
          series.line.push(line);
        },
      };
    },
    delivery: (file, line, delivery) => deliveries.push({ file, line, delivery }),
    compare(from, to) {
      all.forEach((series, index) => {
        for (const other of all.slice(0, index))
          if (other.underlying === series.underlying) comparePair(series, other, findings);
      });
      for (const { file, line, delivery } of deliveries) {
        const expiry = parseInstant(delivery.expiry);
        if (expiry < from || expiry > to) continue;
        const problem = deliveryProblem(all, delivery, expiry);
        if (problem !== undefined) findings.problem(file, line, problem);
      }
    },
  };
}

/** What is wrong with a delivery price that no file agrees with; nothing where none has a price then. */
function deliveryProblem(
  all: readonly Series[],
  delivery: DeliveryPrice,
  expiry: Instant,
): string | undefined {
  const price = Number(delivery.price);
  let problem: string | undefined;
  for (const series of all.filter(({ underlying }) => underlying === delivery.underlying)) {
    const beside = newestAt(series, expiry);
    const level = series.price[beside];
    if (level === undefined) continue;
    if (!apart(price, level, DELIVERY)) return undefined;
    problem ??=
      `the delivery price of ${delivery.underlying} at ${delivery.expiry}, ${delivery.price}, is ` +
      `${timesOf(price, level)} the price then, ${level} (${series.file}:${series.line[beside] ?? 1})`;
  }
  return problem;
}

/** The newest price at or before a time that is not too old for it; -1 where there is none. */
function newestAt({ at }: Series, time: Instant): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0n) <= time) low = middle + 1;
    else high = middle;
  }
  const found = low - 1;
  return found >= 0 && time - (at[found] ?? 0n) <= AGE_MAX ? found : -1;
}

function comparePair(series: Series, other: Series, findings: Findings): void {
  let compared = 0;
  let off = 0;
  let first: readonly [own: number, others: number] | undefined;
  let beside = -1;
  series.at.forEach((time, own) => {
    while (beside + 1 < other.at.length && (other.at[beside + 1] ?? 0n) <= time) beside += 1;
    if (beside < 0 || time - (other.at[beside] ?? 0n) > AGE_MAX) return;
    compared += 1;
    if (!apart(series.price[own] ?? 0, other.price[beside] ?? 0, SAME_UNDERLYING)) return;
    off += 1;
    first ??= [own, beside];
  });
  if (first === undefined) return;
  const [own, others] = first;
  const price = series.price[own] ?? 0;
  const level = other.price[others] ?? 0;
  const line = series.line[own] ?? 1;
  const told = `${price} is ${timesOf(price, level)} ${level}, the price of ${series.underlying} in ${other.file}:${other.line[others] ?? 1}`;
  if (off >= ALL_BUT * compared)
    findings.problem(series.file, line, `${told}, and so is all of it: one is in another unit`);
  else
    findings.remark(
      series.file,
      line,
      `level of ${other.file}`,
      `${told}; ${off} of ${compared} prices are off`,
    );
}
