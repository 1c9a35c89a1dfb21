import type { DeliveryPrice } from '@evenkeel/facts';
import { parseInstrument } from '@evenkeel/instruments';
import { Decimal, formatInstant, type Instant } from '@evenkeel/kernel';
import {
  markOfQuote,
  rawPrice,
  type RawInstant,
  type RawPeg,
  type RawPrice,
  type SourceDescription,
  type ToldPrice,
} from '@evenkeel/market';

import { compareDecimalText, mergeTicker } from '@evenkeel/venue-wire';
import type { DecimalText, Level, MarketEvent, TickerEvent } from '@evenkeel/venue-wire';
import { LiveFunding } from './live-funding';

const HALF = Decimal.parse('0.5');

/**
 * Collects what live feeds say and hands it over as instants, in the shape the price core takes from tapes: a live market and a
 * recorded one are the same input. Pure. Prices are the middle of the best bid and ask. Times are the exchange's, but never
 * later than when we heard of it: a clock that runs ahead must not bring news from the future.
 */
export class LiveMarket {
  private readonly sources: ReadonlyMap<string, SourceDescription>;
  private readonly prices = new Map<string, RawPrice>();
  /** Instruments that any earlier instant had a price of. */
  private readonly heard = new Set<string>();
  private readonly tickers = new Map<string, TickerEvent>();
  private readonly pegs = new Map<string, RawPeg>();
  /** Indexes by the venue and the name that options of it say they follow. */
  private readonly indexes = new Map<string, DecimalText>();
  private readonly changed = new Set<string>();
  private readonly fundings = new LiveFunding();
  private readonly deliveries = new Map<string, DeliveryPrice>();
  private readonly delivered = new Set<string>();

  /** `options`: instruments whose tickers are quotes of options. */
  constructor(
    sources: readonly SourceDescription[],
    private readonly options: ReadonlySet<string>,
  ) {
    this.sources = new Map(
      sources.filter((source) => source.kind === 'price').map((source) => [source.instrument, source]),
    );
  }

  take(event: MarketEvent, receivedTime: Instant): void {
    const at = event.eventTime === null || event.eventTime > receivedTime ? receivedTime : event.eventTime;
    if (event.kind === 'quote') this.takeTop(event.instrument, event.bid, event.ask, at);
    if (event.kind === 'ticker') this.takeTicker(event, at);
    if (event.kind === 'index') {
      this.indexes.set(`${event.venue}/${event.symbol}`, event.price);
      this.takeIndex(event.instrument, event.symbol, event.price, at);
    }
  }

  /** The best prices of a book that is kept elsewhere. One empty side, or a crossed one, says nothing. */
  takeTop(instrument: string, bid: Level | undefined, ask: Level | undefined, at: Instant): void {
    const source = this.sources.get(instrument);
    if (source === undefined || bid === undefined || ask === undefined) return;
    if (compareDecimalText(bid.price, ask.price) >= 0) return;
    const price = Decimal.parse(bid.price).plus(Decimal.parse(ask.price)).times(HALF).toString();
    this.hear({ source: source.source, instrument, price, bid: bid.price, ask: ask.price, at });
  }

  /** An index is a price without a book. */
  private takeIndex(instrument: string, symbol: string, price: string, at: Instant): void {
    this.takePeg(symbol, price, at);
    const source = this.sources.get(instrument);
    if (source === undefined) return;
    this.hear({ source: source.source, instrument, price, at });
  }

  private hear(told: Omit<ToldPrice, 'traded' | 'eventTime'>): void {
    const price = rawPrice({ ...told, traded: true, eventTime: formatInstant(told.at) });
    this.prices.set(price.instrument, price);
  }

  /** USDC is told in dollars, USDT in USDC. */
  private takePeg(symbol: string, price: string, at: Instant): void {
    if (symbol === 'usdc_usd') this.pegs.set('USDC', { currency: 'USDC', price, at });
    const dollars = this.pegs.get('USDC')?.price;
    if (symbol !== 'usdt_usdc' || dollars === undefined) return;
    const inDollars = Decimal.parse(price).times(Decimal.parse(dollars)).toString();
    this.pegs.set('USDT', { currency: 'USDT', price: inDollars, at });
  }

  /** The sources that have said nothing yet. */
  get silent(): readonly string[] {
    return [...this.sources].flatMap(([instrument, { source }]) =>
      this.heard.has(instrument) || this.prices.has(instrument) ? [] : [source],
    );
  }

  /** Everything that is new since the last instant. */
  instant(now: Instant): RawInstant {
    const quotes = [...this.changed].flatMap((instrument) => {
      const ticker = this.tickers.get(instrument);
      const mark = ticker === undefined ? undefined : markOfTicker(this.withIndex(ticker), now);
      return mark === undefined ? [] : [mark];
    });
    const instant: RawInstant = {
      at: now,
      eventTime: formatInstant(now),
      prices: [...this.prices.values()],
      quotes,
      fundings: this.fundings.due(now),
      deliveries: [...this.deliveries.values()],
      ...(this.pegs.size === 0 ? {} : { pegs: [...this.pegs.values()] }),
    };
    for (const instrument of this.prices.keys()) this.heard.add(instrument);
    this.prices.clear();
    this.changed.clear();
    this.deliveries.clear();
    return instant;
  }

  /** A venue that tells the index of its options apart from them says its name with them. */
  private withIndex(ticker: TickerEvent): TickerEvent {
    const index = this.indexes.get(`${ticker.venue}/${ticker.underlyingName ?? ''}`);
    return ticker.index !== undefined || index === undefined ? ticker : { ...ticker, index };
  }

  private takeTicker(event: TickerEvent, at: Instant): void {
    const { instrument } = event;
    if (this.options.has(instrument)) {
      const known = mergeTicker(this.tickers.get(instrument), { ...event, eventTime: at });
      this.tickers.set(instrument, known);
      this.changed.add(instrument);
      if (known.state === 'closed' && known.deliveryPrice !== undefined)
        this.takeDelivery(instrument, event.venue, known.deliveryPrice);
      return;
    }
    this.fundings.take(event, this.sources.get(instrument)?.source ?? event.venue, at);
  }

  private takeDelivery(instrument: string, venue: string, price: string): void {
    const parsed = parseInstrument(instrument);
    if (!parsed.ok || parsed.value.expiry === undefined) return;
    const { underlying, expiry } = parsed.value;
    const key = `${underlying}/${venue}/${expiry}`;
    if (this.delivered.has(key)) return;
    this.delivered.add(key);
    this.deliveries.set(key, { underlying, venue, expiry: formatInstant(expiry), price, source: venue });
  }
}

/** Without mark, forward or index the quote can't be judged: it is left out and grows old in the eyes of its book. */
function markOfTicker(ticker: TickerEvent, now: Instant): ReturnType<typeof markOfQuote> | undefined {
  if (ticker.mark === undefined || ticker.underlyingPrice === undefined || ticker.index === undefined)
    return undefined;
  return markOfQuote({
    instrument: ticker.instrument,
    price: ticker.mark,
    bid: ticker.bid?.price,
    ask: ticker.ask?.price,
    volatility: ticker.markIv === undefined ? undefined : Number(ticker.markIv),
    forward: ticker.underlyingPrice,
    index: ticker.index,
    eventTime: formatInstant(ticker.eventTime ?? now),
    source: ticker.venue,
  });
}
