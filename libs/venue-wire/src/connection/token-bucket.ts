import type { Instant, Nanoseconds } from '@evenkeel/kernel';

/** A rate limit as plain state: `capacity` tokens, one more every `refillNs`. */
export interface TokenBucketRule {
  readonly capacity: number;
  readonly refillNs: Nanoseconds;
}

export interface TokenBucket {
  readonly tokens: number;
  /** When `tokens` was true. */
  readonly at: Instant;
  /** No token is given before this: the venue said to wait. */
  readonly blockedUntil: Instant;
}

export function fullBucket(rule: TokenBucketRule, now: Instant): TokenBucket {
  return { tokens: rule.capacity, at: now, blockedUntil: 0n };
}

export type TokenGrant =
  | { readonly granted: true; readonly bucket: TokenBucket }
  | { readonly granted: false; readonly bucket: TokenBucket; readonly readyAt: Instant };

/** Takes `cost` tokens, or says when there will be enough. Time that goes backwards refills nothing. */
export function takeTokens(rule: TokenBucketRule, bucket: TokenBucket, now: Instant, cost = 1): TokenGrant {
  const filled = refill(rule, bucket, now);
  if (now < bucket.blockedUntil) return { granted: false, bucket: filled, readyAt: bucket.blockedUntil };
  if (filled.tokens >= cost) return { granted: true, bucket: { ...filled, tokens: filled.tokens - cost } };
  const missing = BigInt(Math.min(cost, rule.capacity) - filled.tokens);
  return { granted: false, bucket: filled, readyAt: filled.at + missing * rule.refillNs };
}

/** The venue refused for too many requests: nothing goes out before `until`. */
export function blockBucket(bucket: TokenBucket, until: Instant): TokenBucket {
  return { ...bucket, tokens: 0, blockedUntil: until > bucket.blockedUntil ? until : bucket.blockedUntil };
}

/** Whole tokens only; the part of the next one stays in `at`. */
function refill(rule: TokenBucketRule, bucket: TokenBucket, now: Instant): TokenBucket {
  if (now <= bucket.at) return bucket;
  const earned = Number((now - bucket.at) / rule.refillNs);
  if (bucket.tokens + earned >= rule.capacity) return { ...bucket, tokens: rule.capacity, at: now };
  return { ...bucket, tokens: bucket.tokens + earned, at: bucket.at + BigInt(earned) * rule.refillNs };
}
