import { NANOS_PER_DAY, formatInstant, instantOfDate } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';

/** A day of the calendar, without a place. */
export interface CivilDay {
  readonly year: number;
  /** 1 is January. */
  readonly month: number;
  readonly day: number;
}

export const SUNDAY = 0;
export const MONDAY = 1;
export const THURSDAY = 4;
export const FRIDAY = 5;
export const SATURDAY = 6;
const DAYS_PER_WEEK = 7;

/** Undefined for a thirtieth of February, which is no day. */
export function civilDay(year: number, month: number, day: number): CivilDay | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const found = dayAt(instantOfDate(year, month, day));
  return found.month === month && found.day === day ? found : undefined;
}

/** The first moment of the day, UTC. */
export function startOf({ year, month, day }: CivilDay): Instant {
  return instantOfDate(year, month, day);
}

/** The day `days` later, or earlier where negative. */
export function plusDays(from: CivilDay, days: number): CivilDay {
  return dayAt(startOf(from) + BigInt(days) * NANOS_PER_DAY);
}

/** 0 is Sunday; the first of January 1970 was a Thursday. */
export function weekdayOf(day: CivilDay): number {
  return (Number(startOf(day) / NANOS_PER_DAY) + THURSDAY) % DAYS_PER_WEEK;
}

export function sameDay(a: CivilDay, b: CivilDay): boolean {
  return a.year === b.year && a.month === b.month && a.day === b.day;
}

/** The `count`-th `weekday` of a month, 1 the first. */
export function nthWeekday(year: number, month: number, weekday: number, count: number): CivilDay {
  const first: CivilDay = { year, month, day: 1 };
  const ahead = (weekday - weekdayOf(first) + DAYS_PER_WEEK) % DAYS_PER_WEEK;
  return plusDays(first, ahead + (count - 1) * DAYS_PER_WEEK);
}

/** The last `weekday` of a month. */
export function lastWeekday(year: number, month: number, weekday: number): CivilDay {
  const next = month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 };
  const last = plusDays(next, -1);
  return plusDays(last, -((weekdayOf(last) - weekday + DAYS_PER_WEEK) % DAYS_PER_WEEK));
}

/** The day that an instant falls on, UTC. */
export function dayAt(instant: Instant): CivilDay {
  const iso = formatInstant(instant);
  return {
    year: Number(iso.slice(0, 4)),
    month: Number(iso.slice(5, 7)),
    day: Number(iso.slice(8, 10)),
  };
}
