import { connectionNote } from '@evenkeel/venue-wire';
import { ConnectionNotes } from '@evenkeel/venues';
import { LiveFeed, planFeeds } from '@evenkeel/adapter-venues';
import type { ProcessShell } from '@evenkeel/host';
import { createRandom } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { createPriceIngest } from '@evenkeel/market';
import type { PriceIngestEnvironment } from '../config';
import type { OpenedBooks } from '../inbound/opened-books';
import { LiveClock } from './live-clock';
import { NatsMarketBus } from './nats-market-bus';

/** Event time from the clock, the market from the venues' public data. */
export function openLive(
  shell: ProcessShell<PriceIngestEnvironment>,
  { partitions, interest }: OpenedBooks,
): LiveClock & { close(): Promise<void> } {
  const { environment, logger } = shell;
  const offset = BigInt(environment.EK_LIVE_CLOCK_OFFSET_MS) * 1_000_000n;
  const clock = (): Instant => BigInt(Date.now()) * 1_000_000n + offset;
  const plan = planFeeds([...interest], {
    rhythm: BigInt(environment.EK_LIVE_RHYTHM_MS) * 1_000_000n,
    witnesses: environment.EK_LIVE_WITNESSES,
  });
  const notes = new ConnectionNotes();
  const feed = new LiveFeed({
    plan,
    clock,
    // Only the jitter of reconnecting: it decides nothing.
    random: createRandom(`live/${process.pid}/${Date.now()}`),
    urls: environment.EK_LIVE_URLS,
    onFact: (name, fact) => {
      const note = connectionNote(fact);
      if (note !== undefined) notes.add(name, note);
      if (fact.fact === 'disconnected') logger.warn({ feed: name, reason: fact.reason }, 'feed lost');
    },
  });
  feed.start();
  logger.info(
    { feeds: plan.feeds.map(({ name }) => name), sources: plan.sources.length },
    'following live feeds',
  );
  const forMs = environment.EK_LIVE_FOR_MS;
  const live = new LiveClock({
    bus: new NatsMarketBus(shell),
    market: (now) => feed.instant(now),
    isComplete: () => feed.complete,
    notes: (now) => notes.take(now),
    ingest: createPriceIngest({ sources: plan.sources, interest }),
    partitions,
    clock,
    intervalMs: environment.EK_LIVE_INTERVAL_MS,
    lasts: forMs === 0 ? undefined : BigInt(forMs) * 1_000_000n,
    logger,
  });
  return Object.assign(live, { close: () => feed.stop() });
}
