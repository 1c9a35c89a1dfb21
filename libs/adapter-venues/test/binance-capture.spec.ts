import { itWithSharedData } from '@evenkeel/testkit';

import { BINANCE_COIN_M, BINANCE_SPOT, BINANCE_USD_M } from '@evenkeel/adapter-venue-binance';
import type { BinanceFeed } from '@evenkeel/adapter-venue-binance';
import {
  compareDecimalText,
  createSequencedBook,
  estimateClockOffset,
  initialClockOffset,
  observeLatency,
} from '@evenkeel/venue-wire';
import type {
  BookFact,
  BookSnapshotEvent,
  QuoteEvent,
  SequencedBook,
  VenueEvent,
} from '@evenkeel/venue-wire';
import { parseFeed } from './parse-feed';
import { recordedLines } from './recorded-files';

const CAPTURES: readonly (readonly [string, BinanceFeed, string, number])[] = [
  ['usdm_btcusdt_20240808.gz', BINANCE_USD_M, 'BTCUSDT', 93_954],
  ['spot_btcusdt_20240808.gz', BINANCE_SPOT, 'BTCUSDT', 41_249],
  ['cm_btcusd_perp_20240808.gz', BINANCE_COIN_M, 'BTCUSD_PERP', 48_270],
];

const maybe = itWithSharedData('data/wire/hftbacktest');

interface Replay {
  readonly book: SequencedBook;
  readonly facts: BookFact[];
  readonly tops: Map<number, QuoteEvent>;
  messages: number;
  crossings: number;
  topsCompared: number;
  topsEqual: number;
  snapshot: BookSnapshotEvent | undefined;
  /** Prices that changes before the snapshot set, with the size they set last. */
  readonly before: Map<string, { size: string; side: 'bids' | 'asks'; last: number }>;
}

/** The top of book after each change, by the update the change ends with, to compare with the book tickers of the same update. */
function replay(
  file: string,
  feed: BinanceFeed,
  symbol: string,
): Replay & { clock: ReturnType<typeof estimateClockOffset>; latencies: bigint[] } {
  const result: Replay = {
    book: createSequencedBook({ snapshots: 'requested' }),
    facts: [],
    tops: new Map(),
    messages: 0,
    crossings: 0,
    topsCompared: 0,
    topsEqual: 0,
    snapshot: undefined,
    before: new Map(),
  };
  const bookTops = new Map<number, readonly [string, string, string, string]>();
  let clock = initialClockOffset({ windowNs: 60_000_000_000n, floorNs: 0n });
  const times: (readonly [bigint, bigint])[] = [];
  for (const line of recordedLines(`hftbacktest/${file}`)) {
    const space = line.indexOf(' ');
    const received = BigInt(line.slice(0, space));
    const parsed = parseFeed(feed, line.slice(space + 1), symbol);
    if (!parsed.ok) throw new Error(`${parsed.failure.code}: ${line}`);
    result.messages += 1;
    for (const event of parsed.value) {
      take(event, result, bookTops);
      if ('eventTime' in event && event.eventTime !== null) {
        clock = observeLatency(clock, event.eventTime, received);
        times.push([event.eventTime, received]);
      }
    }
  }
  compareTops(result, bookTops);
  const estimate = estimateClockOffset(clock);
  const latencies =
    estimate === undefined ? [] : times.map(([event, received]) => received - event - estimate.offsetNs);
  return { ...result, clock: estimate, latencies };
}

function take(
  event: VenueEvent,
  result: Replay,
  bookTops: Map<number, readonly [string, string, string, string]>,
): void {
  if (event.kind === 'quote' && event.sequence !== undefined) result.tops.set(event.sequence, event);
  if (event.kind !== 'book-delta' && event.kind !== 'book-snapshot') return;
  if (event.kind === 'book-snapshot') result.snapshot = event;
  if (event.kind === 'book-delta' && event.sequence.rule !== 'none') {
    const { last } = event.sequence;
    if (result.snapshot === undefined || last <= lastOf(result.snapshot)) {
      for (const side of ['bids', 'asks'] as const) {
        for (const { price, size } of event[side])
          result.before.set(`${side} ${price}`, { size, side, last });
      }
    }
  }
  result.facts.push(...result.book.apply(event));
  const { book } = result;
  if (book.status !== 'synced') return;
  const bid = book.best('bid');
  const ask = book.best('ask');
  if (bid === undefined || ask === undefined) return;
  if (compareDecimalText(bid.price, ask.price) >= 0) result.crossings += 1;
  if (event.kind === 'book-delta' && book.last !== null)
    bookTops.set(book.last, [bid.price, bid.size, ask.price, ask.size]);
}

function lastOf(snapshot: BookSnapshotEvent): number {
  return snapshot.sequence.rule === 'none' ? 0 : snapshot.sequence.last;
}

/** The REST snapshot holds what the changes up to its own update set; returns how many prices were compared. */
function compareSnapshot({ snapshot, before }: Replay): number {
  if (snapshot === undefined) return 0;
  let compared = 0;
  for (const [key, change] of before) {
    if (change.last > lastOf(snapshot)) continue;
    const price = key.split(' ')[1] ?? '';
    const levels = snapshot[change.side];
    const worst = Number(levels[levels.length - 1]?.price);
    // The snapshot shows the best thousand levels only.
    if (change.side === 'bids' ? Number(price) < worst : Number(price) > worst) continue;
    const shown = levels.find((level) => level.price === price)?.size ?? '0';
    expect({ price, size: shown }).toEqual({ price, size: change.size });
    compared += 1;
  }
  return compared;
}

/** A change that ends with update u shows the top that the last book ticker at or before u announced. */
function compareTops(
  result: Replay,
  bookTops: ReadonlyMap<number, readonly [string, string, string, string]>,
): void {
  const updates = [...result.tops.keys()].sort((a, b) => a - b);
  let at = -1;
  for (const [last, top] of [...bookTops].sort((a, b) => a[0] - b[0])) {
    while (at + 1 < updates.length && (updates[at + 1] ?? Infinity) <= last) at += 1;
    const quote = result.tops.get(updates[at] ?? -1);
    if (quote === undefined) continue;
    result.topsCompared += 1;
    const expected = [quote.bid?.price, quote.bid?.size, quote.ask?.price, quote.ask?.size];
    if (top.every((value, index) => value === expected[index])) result.topsEqual += 1;
  }
}

describe('the recorded Binance captures', () => {
  for (const [file, feed, symbol, count] of CAPTURES) {
    maybe(
      `${file}: replays into a book that never crosses and agrees with its own snapshot and book tickers`,
      () => {
        const result = replay(file, feed, symbol);
        const offsetMs = Number((result.clock?.offsetNs ?? 0n) / 1_000_000n);
        const sorted = [...result.latencies].sort((a, b) => (a < b ? -1 : 1));
        const median = Number(sorted[sorted.length >> 1] ?? 0n) / 1e6;
        const snapshotPrices = compareSnapshot(result);
        process.stderr.write(
          `${file}: ${result.messages} messages, ${result.book.depth('bid')}+${result.book.depth('ask')} levels, ` +
            `${snapshotPrices} prices equal the REST snapshot, ${result.topsEqual} of ${result.topsCompared} tops equal the book ticker, crossed ${result.crossings}, ` +
            `facts ${JSON.stringify(result.facts)}, clock ${offsetMs} ms, median latency ${median.toFixed(1)} ms\n`,
        );
        expect(result.messages).toBe(count);
        expect(result.crossings).toBe(0);
        expect(result.facts.map((fact) => fact.fact)).toEqual(['book-synced']);
        expect(result.book.status).toBe('synced');
        expect(snapshotPrices).toBeGreaterThan(5);
        expect(result.topsCompared).toBeGreaterThan(2000);
        expect(result.topsEqual).toBe(result.topsCompared);
        // The recording machine was about 1.27 s behind the exchange; one-way latency adds a few milliseconds to that.
        expect(offsetMs).toBeLessThan(-1200);
        expect(offsetMs).toBeGreaterThan(-1300);
        expect((sorted[0] ?? -1n) >= 0n).toBe(true);
      },
    );
  }
});
