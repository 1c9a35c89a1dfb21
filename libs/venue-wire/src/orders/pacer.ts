import type { Instant, Nanoseconds } from '@evenkeel/kernel';

import { blockBucket, fullBucket, takeTokens } from '../connection/token-bucket';
import type { TokenBucket, TokenBucketRule } from '../connection/token-bucket';

/** What takes orders back goes first, then what places or changes them, then questions. */
export type Urgency = 'take-back' | 'order' | 'question';

interface Waiting {
  readonly go: (granted: boolean) => void;
  readonly until: Instant;
}

const TURNS: readonly Urgency[] = ['take-back', 'order', 'question'];
const WAITING_MAX = 1_000;

/** Holds calls to a venue's rate limit. What would wait longer than its patience has not left, and that is said. */
export class Pacer {
  private bucket: TokenBucket;
  private readonly queues: Record<Urgency, Waiting[]> = { 'take-back': [], order: [], question: [] };

  constructor(
    private readonly rule: TokenBucketRule,
    private readonly clock: () => Instant,
  ) {
    this.bucket = fullBucket(rule, clock());
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
    this.bucket = blockBucket(this.bucket, this.clock() + forNs);
  }

  /** To be called often. */
  tick(): void {
    const now = this.clock();
    for (const urgency of TURNS) {
      const queue = this.queues[urgency];
      for (let next = queue[0]; next !== undefined; next = queue[0]) {
        if (next.until < now) {
          queue.shift();
          next.go(false);
          continue;
        }
        const grant = takeTokens(this.rule, this.bucket, now);
        this.bucket = grant.bucket;
        if (!grant.granted) break;
        queue.shift();
        next.go(true);
      }
    }
  }

  close(): void {
    for (const urgency of TURNS) for (const { go } of this.queues[urgency].splice(0)) go(false);
  }
}
