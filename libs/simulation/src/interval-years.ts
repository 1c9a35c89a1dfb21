import { parseDuration, NANOS_PER_YEAR } from '@evenkeel/kernel';

/** Years of an ISO 8601 or short duration (a year has 365 days) or a number of years; `undefined` where it is neither, or not above 0. */
export function yearsOf(written: unknown): number | undefined {
  if (typeof written === 'number') return written > 0 && written < 100 ? written : undefined;
  if (typeof written !== 'string') return undefined;
  try {
    const nanoseconds = Number(parseDuration(written));
    return nanoseconds > 0 ? nanoseconds / NANOS_PER_YEAR : undefined;
  } catch {
    return undefined;
  }
}
