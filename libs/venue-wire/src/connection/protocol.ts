import type { Nanoseconds, Result } from '@evenkeel/kernel';

import type { SequencedBookOptions } from '../book/sequenced-book';
import type { ControlEvent, Feed, VenueEvent } from '../events/venue-event';
import type { TokenBucketRule } from './token-bucket';

export type Channel = 'quote' | 'book' | 'trades' | 'ticker' | 'funding' | 'index';

export interface Subscription {
  readonly channel: Channel;
  /** The venue's symbol. */
  readonly symbol: string;
}

/** What a connection must know of its venue. Pure: it writes and reads messages and keeps no state. */
export interface VenueProtocol {
  readonly feed: Feed;
  /** The public endpoint, unless another is configured. */
  readonly url: string;
  readonly restUrl?: string;
  /** Requests under `restUrl` that together list every instrument of the feed. */
  readonly listings: readonly { readonly path: string; readonly body?: string }[];
  /** Sent as soon as the connection stands. */
  greeting(requestId: number): readonly string[];
  /** Messages that subscribe; several where the venue limits what one may hold. */
  subscribe(subscriptions: readonly Subscription[], requestId: number): readonly string[];
  unsubscribe(subscriptions: readonly Subscription[], requestId: number): readonly string[];
  /** Sent when nothing has been sent or received for `heartbeatNs`; absent where the server pings. */
  readonly ping?: (requestId: number) => string;
  readonly heartbeatNs: Nanoseconds;
  /** No byte for this long: the connection is dead whatever TCP thinks. */
  readonly silenceNs: Nanoseconds;
  /** The answer a control message asks for. */
  reply(control: ControlEvent, requestId: number): string | undefined;
  parse(text: string, symbol?: string): Result<VenueEvent[]>;
  readonly book: SequencedBookOptions;
  /** Where to ask for a whole book, for venues that do not push one. */
  snapshotPath?(symbol: string): string;
  /** Outgoing messages. */
  readonly sendLimit: TokenBucketRule;
  /** The control message says that we send too much; how long to be quiet. */
  throttled(control: ControlEvent): Nanoseconds | undefined;
}

/** Splits a list so that no message holds more than `size`. */
export function chunked<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += size) chunks.push(items.slice(from, from + size));
  return chunks;
}

export const SECOND_NS = 1_000_000_000n;
