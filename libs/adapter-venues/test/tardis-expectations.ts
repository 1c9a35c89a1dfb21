import { tryParseInstant } from '@evenkeel/kernel';

import {
  NumberLexeme,
  createSequencedBook,
  decimalTextOfString,
  mergeTicker,
  parseExactJson,
} from '@evenkeel/venue-wire';
import type {
  BestPrice,
  Level,
  SequencedBook,
  TickerEvent,
  VenueEvent,
  WireObject,
  WireValue,
} from '@evenkeel/venue-wire';
import { recordedFile } from './recorded-files';

/** Expected events by test name and position, numbers as canonical decimal text, absent values as `null`. */
export function readTardisExpectations(): Map<string, Expected[][]> {
  const byTest = new Map<string, Expected[][]>();
  const text = recordedFile('tardis/expected_normalized.snapshot.txt');
  for (const match of text.matchAll(/exports\[`(?:mappers > )?(.*?) (\d+)`\] = `\n([^]*?)\n`;/g)) {
    const json = parseExactJson((match[3] ?? '').replace(/: undefined/g, ': null'));
    if (!json.ok || !Array.isArray(json.value)) continue;
    const list = byTest.get(match[1] ?? '') ?? [];
    list[Number(match[2]) - 1] = json.value.map((item) => plain(item) as Expected);
    byTest.set(match[1] ?? '', list);
  }
  return byTest;
}

export type Expected = Readonly<Record<string, unknown>> & { readonly type: string };

function plain(value: WireValue): unknown {
  if (value instanceof NumberLexeme) return decimalTextOfString(value.text);
  if (typeof value === 'number') return decimalTextOfString(String(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value as WireObject).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}

/** What a consumer knows after the messages so far: the expectations are of such a consumer, not of one message. */
export class Consumer {
  readonly tickers = new Map<string, TickerEvent>();
  readonly books = new Map<string, SequencedBook>();

  take(events: readonly VenueEvent[]): void {
    for (const event of events) {
      if (event.kind === 'ticker')
        this.tickers.set(event.symbol, mergeTicker(this.tickers.get(event.symbol), event));
      if (event.kind !== 'book-snapshot' && event.kind !== 'book-delta') continue;
      const key = `${event.symbol}/${event.depth}`;
      const book = this.books.get(key) ?? createSequencedBook();
      this.books.set(key, book);
      book.apply(event);
    }
  }
}

/** Compares one expected item with what the message gave; returns how many values were compared. Throws on a difference. */
export function compareExpected(
  expected: Expected,
  events: readonly VenueEvent[],
  consumer: Consumer,
): number {
  switch (expected.type) {
    case 'trade':
    case 'liquidation':
      return comparePrint(expected, events);
    case 'book_change':
      return compareBook(expected, events, consumer);
    case 'book_ticker':
      return compareTop(expected, events, consumer);
    case 'derivative_ticker':
      return compareTicker(expected, consumer, events);
    case 'option_summary':
      return compareOption(expected, consumer, events);
    default:
      throw new Error(`unknown expectation ${expected.type}`);
  }
}

function sameTime(expected: Expected, eventTime: bigint | null): boolean {
  if (eventTime === null) return true;
  const time = tryParseInstant(String(expected['timestamp']).replace(/(\.\d{6})Z$/, '$1Z'));
  // The expectations take the sending time of some Binance messages; ours is the matching time, some milliseconds before.
  return time !== undefined && time >= eventTime && time - eventTime <= 20_000_000n;
}

function comparePrint(expected: Expected, events: readonly VenueEvent[]): number {
  const found = events.find(
    (event) =>
      event.kind === expected.type &&
      'size' in event &&
      event.symbol === expected['symbol'] &&
      event.price === expected['price'] &&
      event.size === expected['amount'] &&
      event.side === expected['side'] &&
      (event.id ?? null) === (expected['id'] ?? event.id ?? null) &&
      sameTime(expected, event.eventTime),
  );
  expect(found ?? { expected, events }).toBe(found);
  return 6;
}

function levelsOf(list: unknown): Map<string, string> {
  // The expectations hold lists of { price, amount }.
  return new Map((list as { price: string; amount: string }[]).map((level) => [level.price, level.amount]));
}

function ourLevels(list: readonly Level[]): Map<string, string> {
  return new Map(list.map((level) => [level.price, level.size]));
}

function compareBook(expected: Expected, events: readonly VenueEvent[], consumer: Consumer): number {
  const bids = levelsOf(expected['bids']);
  const asks = levelsOf(expected['asks']);
  const wanted = expected['isSnapshot'] === true ? 'book-snapshot' : 'book-delta';
  const event = events.find(
    (candidate) =>
      candidate.kind === wanted || candidate.kind === 'book-delta' || candidate.kind === 'book-snapshot',
  );
  if (event?.kind !== 'book-snapshot' && event?.kind !== 'book-delta')
    throw new Error('no book in the message');
  expect(sameTime(expected, event.eventTime)).toBe(true);
  const merged = consumer.books.get(`${event.symbol}/${event.depth}`);
  const asSent = { bids: ourLevels(event.bids), asks: ourLevels(event.asks) };
  // A snapshot that arrives after changes it does not hold yet is expected with those changes applied.
  const sameAsSent = sameMap(asSent.bids, bids) && sameMap(asSent.asks, asks);
  if (!sameAsSent && merged !== undefined) {
    expect(ourLevels(merged.levels('bid', 1000))).toEqual(bids);
    expect(ourLevels(merged.levels('ask', 1000))).toEqual(asks);
  } else {
    expect(asSent).toEqual({ bids, asks });
  }
  return 2 * (bids.size + asks.size) + 1;
}

function sameMap(a: Map<string, string>, b: Map<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function compareTop(expected: Expected, events: readonly VenueEvent[], consumer: Consumer): number {
  let bid: BestPrice | null | undefined;
  let ask: BestPrice | null | undefined;
  for (const event of events) {
    if (event.kind === 'quote' || event.kind === 'ticker')
      ({ bid, ask } = { bid: event.bid, ask: event.ask });
    if (event.kind !== 'book-snapshot' && event.kind !== 'book-delta') continue;
    const book = consumer.books.get(`${event.symbol}/${event.depth}`);
    // A change from another day does not follow: our book refuses it, the expectation reads the change alone.
    const usable = book?.status === 'synced';
    bid = usable ? book.best('bid') : event.bids.find((level) => level.size !== '0');
    ask = usable ? book.best('ask') : event.asks.find((level) => level.size !== '0');
  }
  const ours = [bid?.price, bid?.size, ask?.price, ask?.size].map((value) => value ?? null);
  const theirs = ['bidPrice', 'bidAmount', 'askPrice', 'askAmount'].map((key) => expected[key] ?? null);
  expect(ours).toEqual(theirs);
  return 4;
}

const TICKER_FIELDS = [
  ['lastPrice', 'last'],
  ['openInterest', 'openInterest'],
  ['fundingRate', 'fundingRate'],
  ['predictedFundingRate', 'predictedFundingRate'],
  ['indexPrice', 'index'],
  ['markPrice', 'mark'],
] as const;

function tickerOf(
  expected: Expected,
  consumer: Consumer,
  events: readonly VenueEvent[],
): TickerEvent | undefined {
  const ticker = consumer.tickers.get(String(expected['symbol']));
  const said = events.find((event) => event.kind === 'ticker');
  // The expectation is stamped with the latest time seen so far, which an earlier message may have set.
  const stamped = tryParseInstant(String(expected['timestamp'])) ?? 0n;
  if (said?.kind === 'ticker' && said.eventTime !== null) expect(stamped >= said.eventTime).toBe(true);
  return ticker;
}

function compareTicker(expected: Expected, consumer: Consumer, events: readonly VenueEvent[]): number {
  const ticker = tickerOf(expected, consumer, events);
  let compared = 0;
  for (const [theirs, ours] of TICKER_FIELDS) {
    // An index of its own is joined to instruments by the consumer; a last price may come from the trades.
    if (ticker?.[ours] === undefined && (ours === 'index' || ours === 'last')) continue;
    // On combos the venue's index is stated but the expectation holds it too; zero and absent are one for them.
    expect({ [theirs]: ticker?.[ours] ?? null }).toEqual({ [theirs]: expected[theirs] ?? null });
    compared += 1;
  }
  if (expected['fundingTimestamp'] !== null && ticker?.fundingTime !== undefined) {
    expect(tryParseInstant(String(expected['fundingTimestamp']))).toBe(ticker.fundingTime);
    compared += 1;
  }
  return compared;
}

const OPTION_FIELDS = [
  ['lastPrice', 'last'],
  ['openInterest', 'openInterest'],
  ['markPrice', 'mark'],
  ['underlyingIndex', 'underlyingName'],
] as const;

function compareOption(expected: Expected, consumer: Consumer, events: readonly VenueEvent[]): number {
  const said = events.find(
    (event): event is TickerEvent =>
      event.kind === 'ticker' && event.symbol.toUpperCase() === expected['symbol'],
  );
  if (said === undefined) throw new Error(`no ticker of ${String(expected['symbol'])}`);
  expect(sameTime(expected, said.eventTime)).toBe(true);
  const ticker = consumer.tickers.get(said.symbol) ?? said;
  let compared = 0;
  const check = (name: string, ours: string | undefined, zeroIsAbsent = false): void => {
    const theirs = expected[name] ?? null;
    expect({ [name]: zeroIsAbsent && ours === '0' ? null : (ours ?? null) }).toEqual({ [name]: theirs });
    compared += 1;
  };
  // OKX writes zero open interest where the expectation has none.
  for (const [theirs, ours] of OPTION_FIELDS) check(theirs, ticker[ours], expected[theirs] === null);
  for (const greek of ['delta', 'gamma', 'vega', 'theta', 'rho'] as const) {
    check(greek, ticker.greeks?.[greek], expected[greek] === null);
  }
  check('bestBidPrice', ticker.bid?.price);
  check('bestBidAmount', ticker.bid?.size);
  check('bestAskPrice', ticker.ask?.price);
  check('bestAskAmount', ticker.ask?.size);
  for (const [name, ours] of [
    ['markIV', ticker.markIv],
    ['bestBidIV', ticker.bidIv],
    ['bestAskIV', ticker.askIv],
  ] as const) {
    // Deribit's volatilities are expected in percent.
    const percent = expected['exchange'] === 'deribit' && ours !== undefined ? timesHundred(ours) : ours;
    check(name, percent);
  }
  return compared;
}

function timesHundred(text: string): string {
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = fraction.padEnd(2, '0');
  return decimalTextOfString(`${whole}${digits.slice(0, 2)}.${digits.slice(2)}0`) ?? text;
}
