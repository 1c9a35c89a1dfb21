import type { DeliveryPrice } from '@evenkeel/facts';
import { NANOS_PER_HOUR, parseInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import type { Findings } from './findings';
import { newestAt, refuseShifted } from './lags';
import type { Series } from './lags';
import { apart, timesOf } from './looks-like';

/** Prices of one underlying from two files are no further apart than this, whatever basis, premium or venue lies between them. */
const SAME_UNDERLYING = 1.5;
/** A delivery price is an average of the last half hour or so before the expiry. */
const DELIVERY = 1.25;
/** Off the price of its hour by more than this, it is told. */
const DELIVERY_TOLD = 1.03;
/** A source that stands so far from so many others all through is told: it may be of something else. */
const STANDS_APART = 1.1;
const OTHERS = 3;
/** Prices older than this are not held against one another. */
const AGE_MAX = NANOS_PER_HOUR;
/** In another unit a file is all but always off, not for a while. */
const ALL_BUT = 0.9;

/** Prices that one file gives of an underlying, in the order of time. */
export interface Level {
  add(at: Instant, price: number, line: number): void;
}

/** Holds the files of a tape against one another. */
export interface Levels {
  /** `interval`: of bars. */
  of(file: string, underlying: string, interval?: Nanoseconds): Level;
  delivery(file: string, line: number, delivery: DeliveryPrice): void;
  /** Once all files are read. */
  compare(from: Instant, to: Instant): void;
}

export function createLevels(findings: Findings): Levels {
  const all: Series[] = [];
  const deliveries: { file: string; line: number; delivery: DeliveryPrice }[] = [];
  return {
    of(file, underlying, interval) {
      const series: Series = { file, underlying, interval, at: [], price: [], line: [] };
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
      const apartFrom = new Map<Series, Series[]>();
      all.forEach((series, index) => {
        for (const other of all.slice(0, index)) {
          if (other.underlying !== series.underlying || !comparePair(series, other, findings)) continue;
          apartFrom.set(series, [...(apartFrom.get(series) ?? []), other]);
          apartFrom.set(other, [...(apartFrom.get(other) ?? []), series]);
        }
      });
      for (const [series, others] of apartFrom) remarkStanding(series, others, findings);
      refuseShifted(all, findings);
      for (const { file, line, delivery } of deliveries) {
        const expiry = parseInstant(delivery.expiry);
        if (expiry < from || expiry > to) continue;
        const beside = pricesThen(all, delivery, expiry);
        const nearest = beside[0];
        if (nearest === undefined || !apart(Number(delivery.price), nearest.level, DELIVERY_TOLD)) continue;
        const told = deliveryTold(delivery, nearest);
        if (apart(Number(delivery.price), nearest.level, DELIVERY)) findings.problem(file, line, told);
        else findings.remark(file, line, 'delivery', told);
      }
    },
  };
}

interface PriceThen {
  readonly level: number;
  readonly place: string;
}

/** The prices of an underlying when it expires, the nearest to the delivery price first; none where no file has one then. */
function pricesThen(
  all: readonly Series[],
  { underlying, price }: DeliveryPrice,
  expiry: Instant,
): readonly PriceThen[] {
  const distance = ({ level }: PriceThen): number => Math.max(level / Number(price), Number(price) / level);
  return all
    .filter((series) => series.underlying === underlying)
    .flatMap((series) => {
      const beside = newestAt(series, expiry);
      const level = series.price[beside];
      if (level === undefined || expiry - (series.at[beside] ?? 0n) > AGE_MAX) return [];
      return [{ level, place: `${series.file}:${series.line[beside] ?? 1}` }];
    })
    .sort((one, other) => distance(one) - distance(other));
}

function deliveryTold({ underlying, expiry, price }: DeliveryPrice, { level, place }: PriceThen): string {
  return `the delivery price of ${underlying} at ${expiry}, ${price}, is ${timesOf(Number(price), level)} the price then, ${level} (${place})`;
}

function remarkStanding(series: Series, others: readonly Series[], findings: Findings): void {
  if (others.length < OTHERS) return;
  const [first] = others;
  const price = series.price[0] ?? 0;
  const level =
    first?.price[first === undefined ? -1 : Math.max(0, newestAt(first, series.at[0] ?? 0n))] ?? 0;
  findings.remark(
    series.file,
    undefined,
    'stands apart',
    `its prices of ${series.underlying} stand more than 10 % from those of ${others.map(({ file }) => file).join(', ')} ` +
      `all through (${price} against ${level}): are they of something else?`,
  );
}

/** Answers whether the two stand apart all through. */
function comparePair(series: Series, other: Series, findings: Findings): boolean {
  let compared = 0;
  let off = 0;
  let standing = 0;
  let first: readonly [own: number, others: number] | undefined;
  let beside = -1;
  series.at.forEach((time, own) => {
    while (beside + 1 < other.at.length && (other.at[beside + 1] ?? 0n) <= time) beside += 1;
    if (beside < 0 || time - (other.at[beside] ?? 0n) > AGE_MAX) return;
    compared += 1;
    const [price, level] = [series.price[own] ?? 0, other.price[beside] ?? 0];
    if (!apart(price, level, STANDS_APART)) return;
    standing += 1;
    if (!apart(price, level, SAME_UNDERLYING)) return;
    off += 1;
    first ??= [own, beside];
  });
  const apartThroughout = standing > 0 && standing >= ALL_BUT * compared;
  if (first === undefined) return apartThroughout;
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
  return apartThroughout;
}
