import { EvenkeelError, formatInstant, parseInstant } from '@evenkeel/kernel';

const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?Z$/;
/** Where PostgreSQL counts from. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const DAY_MS = 86_400_000;
const DAY_TEXT = 'YYYY-MM-DD'.length;

/** Midnights by day: the rows of a batch are of few days, and a calendar costs more than a look-up. */
let knownDay = '';
let knownMidnight = 0;

/** The newest answer: the rows of a commit, three in the mean, are of one time. */
let knownText = '';
let knownMicros = 0;

/** Microseconds since 2000 of an ISO 8601 time in UTC, rounded as the server rounds nanoseconds. Throws for what is none. */
export function postgresMicros(text: string): number {
  if (text === knownText && text !== '') return knownMicros;
  knownMicros = microsOf(text);
  knownText = text;
  return knownMicros;
}

function microsOf(text: string): number {
  const parts = FORM.exec(text);
  // Times are written in this form; what people write may have another.
  if (parts === null) return microsOf(formatInstant(parseInstant(text)));
  const [, , , , hours, minutes, seconds, fraction] = parts;
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  if (h > 23 || m > 59 || s > 59) throw noTime(text);
  const micros = fraction === undefined ? 0 : roundedToEven(Number(`0${fraction}`) * 1e6);
  return midnightOf(text.slice(0, DAY_TEXT)) + ((h * 60 + m) * 60 + s) * 1e6 + micros;
}

function midnightOf(day: string): number {
  if (day === knownDay) return knownMidnight;
  const at = Date.parse(`${day}T00:00:00Z`);
  if (!Number.isFinite(at) || !new Date(at).toISOString().startsWith(day)) throw noTime(day);
  knownDay = day;
  knownMidnight = ((at - EPOCH_MS) / DAY_MS) * DAY_MS * 1_000;
  return knownMidnight;
}

function noTime(text: string): EvenkeelError {
  return new EvenkeelError({ code: 'INPUT.INVALID', message: `${JSON.stringify(text)} is no time` });
}

function roundedToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
