import type { Instant, Nanoseconds } from '@evenkeel/kernel';

import { blockBucket, fullBucket, takeTokens } from '@evenkeel/venue-wire';
import type { TokenBucket, TokenBucketRule } from '@evenkeel/venue-wire';

/** What takes orders back goes first, then what places or changes them. Questions have a limit of their own at every venue. */
export type Urgency = 'take-back' | 'order' | 'question';

interface Waiting {
  readonly go: (granted: boolean) => void;
  readonly until: Instant;
}

/** What a venue takes of one account. */
export interface PaceRules {
  readonly orders: TokenBucketRule;
  readonly questions: TokenBucketRule;
}

const KINDS = ['orders', 'questions'] as const;
const TURNS: Readonly<Record<keyof PaceRules, readonly Urgency[]>> = {
  orders: ['take-back', 'order'],
  questions: ['question'],
};
const WAITING_MAX = 1_000;

/** Holds calls to a venue's rate limit. What would wait longer than its patience has not left, and that is said. */
export class Pacer {
  private readonly buckets: Record<keyof PaceRules, TokenBucket>;
  private readonly queues: Record<Urgency, Waiting[]> = { 'take-back': [], order: [], question: [] };

  constructor(
    private readonly rules: PaceRules,
    private readonly clock: () => Instant,
  ) {
    const now = clock();
    this.buckets = { orders: fullBucket(rules.orders, now), questions: fullBucket(rules.questions, now) };
  }

  /** Resolves true when the call may leave, false when its patience ended before. */
  turn(urgency: Urgency, patienceNs: Nanoseconds): Promise<boolean> {
    const queue = this.queues[urgency];
    if (queue.length >= WAITING_MAX) return Promise.resolve(false);
    return new Promise((go) => {
      queue.push({ go, until: this.clock() + patienceNs });
      this.tick();
    });
  }

  /** The venue said that it was too much. */
  hold(forNs: Nanoseconds): void {
    for (const kind of KINDS) this.buckets[kind] = blockBucket(this.buckets[kind], this.clock() + forNs);
  }

  /** To be called often. */
  tick(): void {
    const now = this.clock();
    for (const kind of KINDS) for (const urgency of TURNS[kind]) this.drain(kind, this.queues[urgency], now);
  }

  private drain(kind: keyof PaceRules, queue: Waiting[], now: Instant): void {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const isLate = next.until < now;
      if (!isLate) {
        const grant = takeTokens(this.rules[kind], this.buckets[kind], now);
        this.buckets[kind] = grant.bucket;
        if (!grant.granted) return;
      }
      queue.shift();
      next.go(!isLate);
    }
  }

  close(): void {
    for (const queue of Object.values(this.queues)) for (const { go } of queue.splice(0)) go(false);
  }
}
