import type { Instant, Nanoseconds } from '@evenkeel/kernel';

import type { BookFact } from '../book/sequenced-book';
import type { MarketEvent } from '../events/venue-event';

/** Everything that can happen to a connection. Time is an input: silence and due retries are noticed on `time`. */
export type ConnectionInput =
  | { readonly input: 'start' | 'stop' | 'opened' | 'time' | 'alive' | 'renew'; readonly now: Instant }
  | { readonly input: 'received' | 'send'; readonly now: Instant; readonly text: string }
  | { readonly input: 'closed'; readonly now: Instant; readonly code: number; readonly reason: string }
  | { readonly input: 'snapshot'; readonly now: Instant; readonly symbol: string; readonly text: string }
  | {
      readonly input: 'snapshot-failed';
      readonly now: Instant;
      readonly symbol: string;
      readonly reason: string;
      readonly retryAfterNs?: Nanoseconds;
    };

export type ConnectionEffect =
  | { readonly effect: 'connect'; readonly url: string }
  | { readonly effect: 'disconnect'; readonly reason: string }
  | { readonly effect: 'send'; readonly text: string }
  | { readonly effect: 'fetch-snapshot'; readonly symbol: string; readonly path: string }
  | { readonly effect: 'event'; readonly event: MarketEvent; readonly receivedTime: Instant }
  | { readonly effect: 'fact'; readonly fact: ConnectionFact };

/** What happened to a connection or its books that belongs on record. */
export type ConnectionFact =
  | { readonly fact: 'connected'; readonly at: Instant; readonly attempt: number }
  | {
      readonly fact: 'disconnected';
      readonly at: Instant;
      readonly code: number;
      readonly reason: string;
      readonly retryInNs: Nanoseconds;
    }
  | { readonly fact: 'silent'; readonly at: Instant; readonly forNs: Nanoseconds }
  | {
      readonly fact: 'message-refused';
      readonly at: Instant;
      readonly code: string;
      readonly message: string;
      readonly count: number;
    }
  | {
      readonly fact: 'venue-error';
      readonly at: Instant;
      readonly code: string | null;
      readonly detail: string | null;
    }
  | { readonly fact: 'throttled'; readonly at: Instant; readonly forNs: Nanoseconds }
  | { readonly fact: 'subscribed'; readonly at: Instant }
  | {
      readonly fact: 'snapshot-failed';
      readonly at: Instant;
      readonly symbol: string;
      readonly reason: string;
    }
  | {
      readonly fact: 'clock-offset';
      readonly at: Instant;
      readonly offsetNs: Nanoseconds;
      readonly errorNs: Nanoseconds;
    }
  | {
      readonly fact: 'book';
      readonly at: Instant;
      readonly instrument: string;
      readonly depth: 'full' | 'top';
      readonly what: BookFact;
    };
