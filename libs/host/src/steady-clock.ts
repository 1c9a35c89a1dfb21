import { NANOS_PER_MILLISECOND } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';

/** No faster than a time daemon moves a clock: half a millisecond a second. */
const SLEW_PPM_MAX = 500n;
const MILLION = 1_000_000n;

export interface SteadyClockOptions {
  /** Wall clock, nanoseconds since 1970; it may be set at any time. */
  readonly wallNs?: () => bigint;
  /** Milliseconds that only go forward. */
  readonly monotonicMs?: () => number;
}

/** What the wall clock is ahead of the monotonic one, in milliseconds. */
let wallAheadMs = performance.timeOrigin;

/** Wall clock in nanoseconds: the platform tells it in whole milliseconds, and the monotonic clock what lies between them. */
export function wallNanoseconds(): bigint {
  const monotonicMs = performance.now();
  const wallMs = Date.now();
  const within = wallAheadMs + monotonicMs - wallMs;
  // It was set, or slewed away from the monotonic one.
  if (within < 0 || within >= 1) wallAheadMs = wallMs - monotonicMs + Math.min(Math.max(within, 0), 1 - 1e-3);
  const fraction = wallAheadMs + monotonicMs - wallMs;
  return BigInt(wallMs) * NANOS_PER_MILLISECOND + BigInt(Math.floor(fraction * 1e6));
}

/**
 * The wall clock as it was at the start, carried on by the monotonic one and slewed towards the wall. A wall clock that is set, back or
 * forward, neither stops this one nor makes it jump; how far the two are apart is `differenceNs`.
 */
export class SteadyClock {
  private readonly wallNs: () => bigint;
  private readonly monotonicMs: () => number;
  private at: Instant;
  private readAtMs: number;
  private difference: Nanoseconds = 0n;

  constructor(options: SteadyClockOptions = {}) {
    this.wallNs = options.wallNs ?? wallNanoseconds;
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.at = this.wallNs();
    this.readAtMs = this.monotonicMs();
  }

  now(): Instant {
    const readAtMs = this.monotonicMs();
    const elapsed = BigInt(Math.max(0, Math.round((readAtMs - this.readAtMs) * 1e6)));
    const wall = this.wallNs();
    const straight = this.at + elapsed;
    const room = (elapsed * SLEW_PPM_MAX) / MILLION;
    const wanted = wall - straight;
    this.at = straight + (wanted > room ? room : wanted < -room ? -room : wanted);
    this.readAtMs = readAtMs;
    this.difference = wall - this.at;
    return this.at;
  }

  /** The wall less this clock, when it was read last: positive where the wall is ahead. */
  get differenceNs(): Nanoseconds {
    return this.difference;
  }

  /** An earlier life has come to `at` already: this one goes on from there, although the wall may be behind. */
  startFrom(at: Instant): void {
    if (at > this.at) this.at = at;
  }
}
