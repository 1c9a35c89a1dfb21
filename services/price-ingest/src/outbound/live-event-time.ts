import { randomUUID } from 'node:crypto';
import { connectionNote } from '@evenkeel/venue-wire';
import { ConnectionNotes } from '@evenkeel/venues';
import { ListingNotes } from './listing-notes';
import { GrowingFeed } from '@evenkeel/adapter-venues';
import { SteadyClock, wallNanoseconds } from '@evenkeel/host';
import type { ProcessShell } from '@evenkeel/host';
import { PARTITION_COUNT, createRandom } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { createPriceIngest } from '@evenkeel/market';
import { createGauge } from '@evenkeel/telemetry';
import type { PriceIngestEnvironment } from '../config';
import type { OpenedBooks } from '../inbound/opened-books';
import { ClockGuard } from './clock-guard';
import { LiveClock } from './live-clock';
import { NatsMarketBus } from './nats-market-bus';

/** How soon a book that was opened is followed. */
const LOOK_EVERY_MS = 500;
const ALL_PARTITIONS = Array.from({ length: PARTITION_COUNT }, (_, index) => String(index).padStart(2, '0'));

/** Event time from the clock, the market from the venues' public data. */
export function openLive(
  shell: ProcessShell<PriceIngestEnvironment>,
  opened: OpenedBooks,
): LiveClock & { close(): Promise<void> } {
  const { environment, logger } = shell;
  const offset = BigInt(environment.EK_LIVE_CLOCK_OFFSET_MS) * 1_000_000n;
  const steady = new SteadyClock({ wallNs: () => wallNanoseconds() + offset });
  const clock = (): Instant => steady.now();
  createGauge(shell.metrics.registry, 'evenkeel_clock_difference_seconds', (gauge) =>
    gauge.set({ clock: 'event' }, Number(steady.differenceNs) / 1e9),
  );
  const guard = new ClockGuard((note, isWorse) => {
    notes.add('host-clock', note);
    if (isWorse) logger.error({ offsetNs: note.offsetNs }, `${note.what}: ${note.detail}`);
    else logger.info({ offsetNs: note.offsetNs }, `${note.what}: ${note.detail}`);
  });
  const { interest } = opened;
  const rhythm = BigInt(environment.EK_LIVE_RHYTHM_MS) * 1_000_000n;
  const feeds = new GrowingFeed({
    rhythm,
    witnesses: environment.EK_LIVE_WITNESSES,
    clock,
    // Only the jitter of reconnecting: it decides nothing.
    random: createRandom(`live/${randomUUID()}`),
    urls: environment.EK_LIVE_URLS,
    onFact: (name, fact) => {
      const note = connectionNote(fact);
      if (note !== undefined) notes.add(name, note);
      if (fact.fact === 'disconnected') logger.warn({ feed: name, reason: fact.reason }, 'feed lost');
    },
  });
  const notes = new ConnectionNotes();
  const sources = feeds.follow([...interest]);
  const listings = new ListingNotes(notes, environment.EK_LIVE_URLS);
  void listings.compare([...interest]);
  logger.info({ sources: sources.length }, 'following live feeds');
  const ingest = createPriceIngest({ sources, interest });
  const forMs = environment.EK_LIVE_FOR_MS;
  const live = new LiveClock({
    bus: new NatsMarketBus(shell),
    market: (now) => feeds.instant(now),
    silent: () => feeds.silent,
    notes: (now) => notes.take(now),
    ingest,
    // Books may be opened in any partition while the clock goes.
    partitions: environment.EK_PARTITIONS ?? ALL_PARTITIONS,
    clock,
    startFrom: (at) => steady.startFrom(at),
    guard: (instant) => guard.check(instant, steady.differenceNs),
    intervalMs: environment.EK_LIVE_INTERVAL_MS,
    lasts: forMs === 0 ? undefined : BigInt(forMs) * 1_000_000n,
    stalls: shell.stalls,
    logger,
  });
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const added = await opened.refresh();
      if (added.length === 0) return;
      ingest.follow(feeds.follow(added));
      void listings.compare(added);
      logger.info({ instruments: added }, 'following what a new book or trade names');
    } catch (error) {
      // What cannot be followed has no price, and its book says so in every snapshot.
      logger.error({ err: error }, 'a new book or trade cannot be followed');
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return Object.assign(live, {
    close: async () => {
      clearInterval(timer);
      await feeds.stop();
    },
  });
}
