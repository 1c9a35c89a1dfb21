import { NANOS_PER_HOUR } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';

/** For so long after its end a venue may still report on an order. */
export const LATE_REPORTS: Nanoseconds = 24n * NANOS_PER_HOUR;

/**
 * What was over at this event time or before is forgotten at `now`. In whole hours, and of event time alone: whoever comes to `now`
 * has forgotten the same, by whatever inputs it came there.
 */
export function forgottenUpTo(now: Instant): Instant {
  return (now / NANOS_PER_HOUR) * NANOS_PER_HOUR - LATE_REPORTS;
}
