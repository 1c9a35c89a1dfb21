import type { Instant, Nanoseconds, Random } from '@evenkeel/kernel';

import { createVenueConnection } from './connection';
import type { ConnectionFact } from './connection-messages';
import type { Subscription, VenueProtocol } from './protocol';

export interface ProbeOptions {
  readonly protocol: VenueProtocol;
  readonly subscriptions: readonly Subscription[];
  readonly clock: () => Instant;
  readonly random: Random;
  readonly timeoutMs: number;
  readonly url?: string;
  readonly restUrl?: string;
}

/** What a short look at a venue found. */
export interface VenueProbe {
  readonly venue: string;
  readonly connected: boolean;
  /** From start to the connection, and to the first event. */
  readonly connectNs?: Nanoseconds;
  readonly firstEventNs?: Nanoseconds;
  /** Every subscribed book stood and was sound. */
  readonly booksSynced: boolean;
  readonly clockOffsetNs?: Nanoseconds;
  readonly events: number;
  readonly facts: readonly ConnectionFact[];
}

/** Connects, subscribes, waits until every book stands or the time is up, and leaves. For `keel venues`. */
export async function probeVenue(options: ProbeOptions): Promise<VenueProbe> {
  const { protocol, subscriptions, clock, random, url, restUrl } = options;
  const facts: ConnectionFact[] = [];
  const start = clock();
  let events = 0;
  let connectNs: Nanoseconds | undefined;
  let firstEventNs: Nanoseconds | undefined;
  let look: () => void = () => undefined;
  const connection = createVenueConnection({
    protocol,
    subscriptions,
    clock,
    random,
    ...(url === undefined ? {} : { url }),
    ...(restUrl === undefined ? {} : { restUrl }),
    onEvent: () => {
      events += 1;
      firstEventNs ??= clock() - start;
      look();
    },
    onFact: (fact) => {
      facts.push(fact);
      if (fact.fact === 'connected') connectNs ??= clock() - start;
      look();
    },
  });
  const books = subscriptions.filter(({ channel }) => channel === 'book');
  const synced = (): boolean => books.every(({ symbol }) => connection.book(symbol)?.status === 'synced');
  const booksSynced = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(events > 0 && synced()), options.timeoutMs);
    look = () => {
      if (events === 0 || !synced()) return;
      clearTimeout(timer);
      resolve(true);
    };
    connection.start();
  });
  const offset = connection.clockOffset;
  await connection.stop();
  return {
    venue: protocol.feed.venue,
    connected: connectNs !== undefined,
    booksSynced,
    events,
    facts,
    ...(connectNs === undefined ? {} : { connectNs }),
    ...(firstEventNs === undefined ? {} : { firstEventNs }),
    ...(offset === undefined ? {} : { clockOffsetNs: offset.offsetNs }),
  };
}
