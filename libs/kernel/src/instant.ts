import { EvenkeelError } from './errors';

/** A point in time: nanoseconds since 1970-01-01T00:00:00Z, UTC without leap seconds. */
export type Instant = bigint;

/** A length of time in nanoseconds. */
export type Nanoseconds = bigint;

export const NANOS_PER_MILLISECOND = 1_000_000n;
export const NANOS_PER_SECOND = 1_000_000_000n;
export const NANOS_PER_MINUTE = 60n * NANOS_PER_SECOND;
export const NANOS_PER_HOUR = 60n * NANOS_PER_MINUTE;
export const NANOS_PER_DAY = 24n * NANOS_PER_HOUR;
/** Days of a year, ACT/365. */
export const DAYS_PER_YEAR = 365;
/** A day in years, ACT/365. */
export const DAY_YEARS = 1 / DAYS_PER_YEAR;
/** Nanoseconds of a year, ACT/365. */
export const NANOS_PER_YEAR = DAYS_PER_YEAR * 86_400 * 1e9;

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Days since 1970-01-01 of a proleptic Gregorian date (the civil-from-days algorithm, no `Date`). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1,
  };
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysInMonth(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

/** Midnight UTC (or `hour`) of a calendar date. */
export function instantOfDate(year: number, month: number, day: number, hour = 0): Instant {
  return BigInt(daysFromCivil(year, month, day)) * NANOS_PER_DAY + BigInt(hour) * NANOS_PER_HOUR;
}

/** Texts read lately, by their newest digits, and what they say: an event time is read by every core that it comes to. */
const LATELY = 256;
const textsRead = new Array<string>(LATELY).fill('');
const instantsRead = new Array<Instant>(LATELY).fill(0n);

export function tryParseInstant(text: string): Instant | undefined {
  const { length } = text;
  const place =
    (text.charCodeAt(length - 2) * 31 + text.charCodeAt(18) * 7 + text.charCodeAt(15)) & (LATELY - 1);
  if (textsRead[place] === text && length > 0) return instantsRead[place];
  const instant = readWritten(text) ?? readIso(text);
  if (instant === undefined) return undefined;
  textsRead[place] = text;
  instantsRead[place] = instant;
  return instant;
}

const WRITTEN_LENGTH = 'YYYY-MM-DDTHH:MM:SS'.length;

/** What `formatInstant` writes, without a pattern: a fifth of its time. Anything else, and what no calendar has, is left to `readIso`. */
function readWritten(text: string): Instant | undefined {
  const { length } = text;
  const fraction = length - WRITTEN_LENGTH - 2;
  if (text.charCodeAt(length - 1) !== 0x5a || !(fraction === -1 || (fraction > 0 && fraction <= 9)))
    return undefined;
  const separated =
    text.charCodeAt(4) === 0x2d &&
    text.charCodeAt(7) === 0x2d &&
    text.charCodeAt(10) === 0x54 &&
    text.charCodeAt(13) === 0x3a &&
    text.charCodeAt(16) === 0x3a &&
    (fraction === -1 || text.charCodeAt(WRITTEN_LENGTH) === 0x2e);
  if (!separated) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  let nanos = fraction === -1 ? 0 : digits(text, WRITTEN_LENGTH + 1, length - 1);
  // NaN, where something else than digits stands, is in no range.
  const sound =
    year >= 0 &&
    month >= 1 &&
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    nanos >= 0;
  if (!sound) return undefined;
  for (let digit = Math.max(fraction, 0); digit < 9; digit += 1) nanos *= 10;
  const seconds = daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  return BigInt(seconds) * NANOS_PER_SECOND + BigInt(nanos);
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function readIso(text: string): Instant | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const seconds = daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  const nanos = BigInt((match[7] ?? '').padEnd(9, '0'));
  return BigInt(seconds) * NANOS_PER_SECOND + nanos - offset(match[8]);
}

function offset(zone: string | undefined): bigint {
  if (zone === undefined || zone === 'Z') return 0n;
  const digits = zone.replace(':', '');
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return BigInt(digits.startsWith('-') ? -minutes : minutes) * NANOS_PER_MINUTE;
}

/** Reads ISO 8601 with up to nine fractional digits; without a zone it is UTC. Throws `KERNEL.INSTANT_INVALID`. */
export function parseInstant(text: string): Instant {
  const instant = tryParseInstant(text);
  if (instant === undefined) {
    throw new EvenkeelError({ code: 'KERNEL.INSTANT_INVALID', message: `"${text}" is not an ISO 8601 time` });
  }
  return instant;
}

const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, value) =>
  String(value).padStart(2, '0'),
);
const two = (value: number): string => TWO_DIGITS[value] ?? '';
const SECONDS_PER_DAY = 86_400;

let lastInstant: Instant = 0n;
let lastText = '1970-01-01T00:00:00Z';
let lastDay = 0;
let lastDate = '1970-01-01';

/**
 * ISO 8601 in UTC with the shortest of 0, 3, 6 or 9 fractional digits that is exact. The newest answer and the newest date are
 * kept: what comes of an instant is written down with its time again and again.
 */
export function formatInstant(instant: Instant): string {
  if (instant === lastInstant) return lastText;
  let seconds = Number(instant / NANOS_PER_SECOND);
  let nanos = Number(instant % NANOS_PER_SECOND);
  if (nanos < 0) {
    nanos += 1e9;
    seconds -= 1;
  }
  const day = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = seconds - day * SECONDS_PER_DAY;
  const date = day === lastDay ? lastDate : dateOf(day);
  const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  const places = nanos === 0 ? 0 : nanos % 1_000_000 === 0 ? 3 : nanos % 1000 === 0 ? 6 : 9;
  const fraction = places === 0 ? '' : `.${String(nanos).padStart(9, '0').slice(0, places)}`;
  lastDay = day;
  lastDate = date;
  lastInstant = instant;
  lastText = `${date}T${time}${fraction}Z`;
  return lastText;
}

function dateOf(day: number): string {
  const { year, month, day: ofMonth } = civilFromDays(day);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(ofMonth)}`;
}

/** ACT/365 years from `from` to `to`; negative when `to` is earlier. */
export function yearsBetween(from: Instant, to: Instant): number {
  return Number(to - from) / NANOS_PER_YEAR;
}

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$/;
const SHORT_DURATION = /^(\d+)(ms|s|m|h|d)$/;
const SHORT_UNITS: Readonly<Record<string, bigint>> = {
  ms: NANOS_PER_MILLISECOND,
  s: NANOS_PER_SECOND,
  m: NANOS_PER_MINUTE,
  h: NANOS_PER_HOUR,
  d: NANOS_PER_DAY,
};

/** Reads `PT5M`, `P1DT2H`, or the short forms `250ms`, `5m`, `8h`, `1d`. Throws `KERNEL.DURATION_INVALID`. */
export function parseDuration(text: string): Nanoseconds {
  const duration = tryParseDuration(text);
  if (duration !== undefined) return duration;
  throw new EvenkeelError({
    code: 'KERNEL.DURATION_INVALID',
    message: `"${text}" is not a duration such as PT5M or 8h`,
  });
}

/** The same, but `undefined` for what is no duration. */
export function tryParseDuration(text: string): Nanoseconds | undefined {
  const short = SHORT_DURATION.exec(text);
  if (short !== null) return BigInt(short[1] ?? '0') * (SHORT_UNITS[short[2] ?? 's'] ?? 0n);
  const match = DURATION.exec(text);
  if (match === null || text === 'P' || text.endsWith('T')) return undefined;
  const [seconds = '0', fraction = ''] = (match[4] ?? '0').split('.');
  return (
    BigInt(match[1] ?? '0') * NANOS_PER_DAY +
    BigInt(match[2] ?? '0') * NANOS_PER_HOUR +
    BigInt(match[3] ?? '0') * NANOS_PER_MINUTE +
    BigInt(seconds) * NANOS_PER_SECOND +
    BigInt(fraction.padEnd(9, '0'))
  );
}
