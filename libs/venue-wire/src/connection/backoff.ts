import type { Nanoseconds } from '@evenkeel/kernel';

export interface BackoffRule {
  readonly baseNs: Nanoseconds;
  readonly maxNs: Nanoseconds;
  /** A connection that lived this long was good: the next attempt starts from the base again. */
  readonly stableAfterNs: Nanoseconds;
}

export const DEFAULT_BACKOFF: BackoffRule = {
  baseNs: 500_000_000n,
  maxNs: 30_000_000_000n,
  stableAfterNs: 60_000_000_000n,
};

/**
 * How long to wait before attempt number `attempt` (0 is the first again): between half and all of base × 2^attempt, at most the
 * maximum. `jitter` is uniform on [0, 1) and an input, so that many clients do not come back at the same moment and tests know when.
 */
export function backoffDelay(rule: BackoffRule, attempt: number, jitter: number): Nanoseconds {
  const exponent = Math.min(attempt, 40);
  const full = rule.baseNs * 2n ** BigInt(exponent);
  const capped = full < rule.maxNs ? full : rule.maxNs;
  const half = capped / 2n;
  return half + (half * BigInt(Math.floor(jitter * 1_000_000))) / 1_000_000n;
}
