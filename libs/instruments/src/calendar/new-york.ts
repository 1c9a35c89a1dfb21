import { NANOS_PER_HOUR, NANOS_PER_MINUTE } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import {
  FRIDAY,
  MONDAY,
  SATURDAY,
  SUNDAY,
  THURSDAY,
  lastWeekday,
  nthWeekday,
  plusDays,
  sameDay,
  startOf,
  weekdayOf,
} from './civil-day';
import type { CivilDay } from './civil-day';

/** Whole days on which the exchanges closed without notice in any calendar: 9/11, funerals of presidents, a hurricane. */
const CLOSED_ONCE = [
  '2001-09-11',
  '2001-09-12',
  '2001-09-13',
  '2001-09-14',
  '2004-06-11',
  '2007-01-02',
  '2012-10-29',
  '2012-10-30',
  '2018-12-05',
  '2025-01-09',
];

/** The first year in which Juneteenth was kept. */
const JUNETEENTH_SINCE = 2022;
/** Since then the clock changes in March and November (Energy Policy Act of 2005). */
const LONGER_SUMMER_SINCE = 2007;
const EARLY_CLOSE = '13:00';

/** `16:00` of a day in New York. The clock changes at two in the morning: times after that are meant. */
export function newYorkTime(day: CivilDay, time: string): Instant {
  const [hours = '0', minutes = '0'] = time.split(':');
  const behind = isSummerTime(day) ? 4 : 5;
  return startOf(day) + BigInt(Number(hours) + behind) * NANOS_PER_HOUR + BigInt(minutes) * NANOS_PER_MINUTE;
}

/** Daylight saving in New York: second Sunday of March to first of November; until 2006 first of April to last of October. */
function isSummerTime(day: CivilDay): boolean {
  const { year } = day;
  const longer = year >= LONGER_SUMMER_SINCE;
  const begins = longer ? nthWeekday(year, 3, SUNDAY, 2) : nthWeekday(year, 4, SUNDAY, 1);
  const ends = longer ? nthWeekday(year, 11, SUNDAY, 1) : lastWeekday(year, 10, SUNDAY);
  return startOf(day) >= startOf(begins) && startOf(day) < startOf(ends);
}

/** True on a day on which New York's exchanges trade, by the rules of their holidays and the closures known so far. */
export function isNewYorkTradingDay(day: CivilDay): boolean {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY || weekday === SUNDAY) return false;
  if (CLOSED_ONCE.includes(textOf(day))) return false;
  return !holidaysOf(day.year).some((holiday) => sameDay(holiday, day));
}

/** When trading of the day ends: 13:00 before Independence Day and Christmas, and after Thanksgiving. */
export function newYorkClose(day: CivilDay, usual: string): string {
  const { year, month } = day;
  if (sameDay(day, plusDays(nthWeekday(year, 11, THURSDAY, 4), 1))) return EARLY_CLOSE;
  const eve = (month === 7 && day.day === 3) || (month === 12 && day.day === 24);
  // A Friday's eve is kept as the holiday itself where that falls on a Saturday.
  return eve && weekdayOf(day) >= MONDAY && weekdayOf(day) <= THURSDAY ? EARLY_CLOSE : usual;
}

/** The third Friday, or the trading day before where that is none. */
export function thirdFriday(year: number, month: number): CivilDay {
  const friday = nthWeekday(year, month, FRIDAY, 3);
  return isNewYorkTradingDay(friday) ? friday : plusDays(friday, -1);
}

function holidaysOf(year: number): CivilDay[] {
  const fixed = (month: number, day: number): CivilDay[] => observed({ year, month, day });
  return [
    ...fixed(1, 1),
    nthWeekday(year, 1, MONDAY, 3),
    nthWeekday(year, 2, MONDAY, 3),
    plusDays(easterSunday(year), -2),
    lastWeekday(year, 5, MONDAY),
    ...(year >= JUNETEENTH_SINCE ? fixed(6, 19) : []),
    ...fixed(7, 4),
    nthWeekday(year, 9, MONDAY, 1),
    nthWeekday(year, 11, THURSDAY, 4),
    ...fixed(12, 25),
  ];
}

/** Sundays are kept on Monday, Saturdays on Friday; but New Year's is not kept in the old year. */
function observed(day: CivilDay): CivilDay[] {
  const weekday = weekdayOf(day);
  if (weekday === SUNDAY) return [plusDays(day, 1)];
  if (weekday !== SATURDAY) return [day];
  return day.month === 1 ? [] : [plusDays(day, -1)];
}

/** Gregorian computus, by the anonymous algorithm of 1876. */
function easterSunday(year: number): CivilDay {
  const a = year % 19;
  const century = Math.floor(year / 100);
  const c = year % 100;
  const leaps = Math.floor(century / 4);
  const f = Math.floor((century + 8) / 25);
  const g = Math.floor((century - f + 1) / 3);
  const h = (19 * a + century - leaps - g + 15) % 30;
  const l = (32 + 2 * (century % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  return { year, month, day: ((h + l - 7 * m + 114) % 31) + 1 };
}

function textOf({ year, month, day }: CivilDay): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
