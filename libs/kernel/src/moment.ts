import {
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MINUTE,
  NANOS_PER_SECOND,
  tryParseInstant,
} from './instant';
import type { Instant, Nanoseconds } from './instant';

/** A time as a person writes it: a point in time, or so long before the newest event time of what is read. */
export type Moment =
  | { readonly kind: 'at'; readonly at: Instant }
  | { readonly kind: 'before-newest'; readonly by: Nanoseconds };

/** To end a sentence about a text that is no moment. */
export const MOMENT_EXAMPLES = '2026-01-05T08:00:00Z, 2026-01-05, now, -2h, -30m or now-1d12h';

const BACK = /^(?:now)?-((?:\d{1,5}[smhdw])+)$/;
const UNITS: Readonly<Record<string, Nanoseconds>> = {
  s: NANOS_PER_SECOND,
  m: NANOS_PER_MINUTE,
  h: NANOS_PER_HOUR,
  d: NANOS_PER_DAY,
  w: 7n * NANOS_PER_DAY,
};

/**
 * Reads an ISO 8601 time, a date (its first moment, UTC), `now`, or how far back from now: `-2h`, `-1d12h`, `now-30m`. Now is the
 * newest event time of what is read and not the wall clock, so that a tape of last year has a now too.
 */
export function tryParseMoment(text: string): Moment | undefined {
  if (text === 'now') return { kind: 'before-newest', by: 0n };
  const back = BACK.exec(text);
  if (back !== null) {
    const parts = [...(back[1] ?? '').matchAll(/(\d+)([smhdw])/g)];
    const by = parts.reduce((all, [, n = '0', unit = 's']) => all + BigInt(n) * (UNITS[unit] ?? 0n), 0n);
    return { kind: 'before-newest', by };
  }
  const at = tryParseInstant(text);
  return at === undefined ? undefined : { kind: 'at', at };
}

/** `newest`: the newest event time of what is read. */
export function instantOfMoment(moment: Moment, newest: Instant): Instant {
  return moment.kind === 'at' ? moment.at : newest - moment.by;
}
