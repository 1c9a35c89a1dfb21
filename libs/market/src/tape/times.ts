import { formatInstant, tryParseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';

export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

const NANOS: Readonly<Record<TimeUnit, bigint>> = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n };
const NAMES: Readonly<Record<TimeUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
};
const EPOCH = /^(\d{1,19})(?:\.(\d{1,9}))?$/;
/** Counts since 1970 are of one unit alone where the market that is told of lies in these years. */
const FIRST = 631_152_000_000_000_000n; // 1990
const LAST = 4_102_444_800_000_000_000n; // 2100

/** Times as the files write them, each read and written once however many rows share it. */
export interface Times {
  /** ISO 8601, or a count of `unit` since 1970. */
  read(text: string, unit?: TimeUnit): Instant | undefined;
  write(at: Instant): string;
}

export function createTimes(): Times {
  const readTimes = new Map<string, Instant | undefined>();
  const written = new Map<Instant, string>();
  return {
    read(text, unit) {
      const key = unit === undefined ? text : `${unit} ${text}`;
      let at = readTimes.get(key);
      if (at === undefined && !readTimes.has(key)) {
        at = unit === undefined ? tryParseInstant(text) : epoch(text, unit);
        readTimes.set(key, at);
      }
      return at;
    },
    write(at) {
      let text = written.get(at);
      if (text === undefined) {
        text = formatInstant(at);
        written.set(at, text);
      }
      return text;
    },
  };
}

/** The time of a count since 1970; undefined for what is no count, or none that this unit can be meant by. */
function epoch(text: string, unit: TimeUnit): Instant | undefined {
  const at = count(text, unit);
  return at !== undefined && at >= FIRST && at < LAST ? at : undefined;
}

function count(text: string, unit: TimeUnit): Instant | undefined {
  const [, whole, fraction = ''] = EPOCH.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = fraction.padEnd(9, '0');
  return BigInt(whole) * NANOS[unit] + (BigInt(digits) * NANOS[unit]) / NANOS.s;
}

/** What a text that is no time in ISO 8601 seems to be: `looks like seconds since 1970 (2026-01-02T00:00:00Z)`. */
export function countSeems(text: string): { readonly unit: TimeUnit; readonly told: string } | undefined {
  const unit = TIME_UNITS.find((candidate) => epoch(text, candidate) !== undefined);
  if (unit === undefined) return undefined;
  return { unit, told: `looks like ${NAMES[unit]} since 1970 (${formatInstant(epoch(text, unit) ?? 0n)})` };
}

/** Why a cell is no time, and what it seems to be. `unit`: what its source says it counts. */
export function timeProblem(text: string, unit?: TimeUnit): string {
  const seems = countSeems(text);
  const said = unit === undefined ? '' : `, and its source says "timeUnit": "${unit}"`;
  if (seems !== undefined)
    return `"${text}" ${seems.told}${said === '' ? `: a source can say "timeUnit": "${seems.unit}"` : said}`;
  if (unit !== undefined && tryParseInstant(text) !== undefined)
    return `"${text}" is a time in ISO 8601${said}`;
  return `"${text}" is not a time${said}`;
}
