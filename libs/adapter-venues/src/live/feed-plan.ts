import { isDollar, parseInstrument, priceSourceProblem } from '@evenkeel/instruments';
import { InvalidInputError, required, type InputProblem, type Nanoseconds } from '@evenkeel/kernel';
import type { SourceDescription } from '@evenkeel/market';

import { splitInstrumentId } from '@evenkeel/venue-wire';
import type { Subscription, VenueProtocol } from '@evenkeel/venue-wire';
import { VENUE_PROTOCOLS, connectionOf } from '../venue-protocols';

export interface PlannedFeed {
  /** A name of `VENUE_PROTOCOLS`. */
  readonly name: string;
  readonly protocol: VenueProtocol;
  readonly subscriptions: readonly Subscription[];
}

export interface FeedPlan {
  readonly feeds: readonly PlannedFeed[];
  readonly sources: readonly SourceDescription[];
  /** Instruments whose tickers are quotes of options. */
  readonly options: ReadonlySet<string>;
}

export interface FeedPlanOptions {
  /** How long a source may be silent before it counts as late; three times as long halts it. */
  readonly rhythm: Nanoseconds;
  /** Feeds whose main contract of each underlying joins its composite, besides what the books name. */
  readonly witnesses: readonly string[];
}

interface Place {
  readonly feed: string;
  readonly symbol: string;
}

/** Indexes of Deribit that say what a stablecoin is worth: of USDC in dollars, of USDT in USDC. */
export const PEG_INDEXES = ['usdc_usd', 'usdt_usdc'] as const;

/**
 * Which connections a set of instruments needs, and what is subscribed on each. Throws `InvalidInputError` naming every
 * instrument of a venue that has no feed.
 */
export function planFeeds(
  instruments: readonly string[],
  options: FeedPlanOptions,
  source = 'the books',
): FeedPlan {
  const plan = new Planner(options.rhythm, options.witnesses.includes('deribit-pegs'));
  const problems: InputProblem[] = [];
  for (const instrument of instruments) {
    const place = placeOf(instrument);
    const problem =
      place === undefined ? 'no live feed is known for this instrument' : sourceProblem(instrument);
    if (problem !== undefined) problems.push({ path: instrument, message: problem });
    else if (place !== undefined) plan.add(instrument, place);
  }
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  for (const underlying of [...plan.underlyings].sort())
    for (const witness of options.witnesses) plan.addWitness(witness, underlying);
  return plan.finish();
}

function sourceProblem(instrument: string): string | undefined {
  const parsed = parseInstrument(instrument);
  return parsed.ok
    ? priceSourceProblem(instrument, parsed.value.kind, parsed.value.quote)
    : parsed.failure.message;
}

/** The feed and symbol of an instrument; `undefined` where there is none. */
export function placeOf(instrument: string): Place | undefined {
  const parsed = parseInstrument(instrument);
  const [symbol, venue] = splitInstrumentId(instrument);
  if (!parsed.ok) return undefined;
  const { kind, quote, inverse } = parsed.value;
  const bare = symbol.replace(/-PERP$/, '');
  const isOption = kind === 'option';
  switch (venue) {
    case 'deribit':
      return { feed: 'deribit', symbol };
    case 'okx':
      return { feed: 'okx', symbol };
    case 'hyperliquid':
      return { feed: 'hyperliquid', symbol: bare };
    case 'binance':
      // Its options are read; there is no connection to them.
      if (isOption) return undefined;
      if (kind === 'spot') return { feed: 'binance-spot', symbol: bare };
      return quote === 'USD'
        ? { feed: 'binance-coin-m', symbol: symbol.replace('-', '_') }
        : { feed: 'binance-usd-m', symbol: bare.replace('-', '_') };
    case 'bybit':
      if (isOption) return { feed: 'bybit-option', symbol };
      if (kind === 'spot') return { feed: 'bybit-spot', symbol };
      return { feed: inverse ? 'bybit-inverse' : 'bybit-linear', symbol: bare };
    default:
      return undefined;
  }
}

const WITNESSES: Readonly<Record<string, (underlying: string) => { instrument: string; symbol: string }>> = {
  deribit: (coin) => ({ instrument: `${coin}-PERPETUAL@deribit`, symbol: `${coin}-PERPETUAL` }),
  'binance-spot': (coin) => ({ instrument: `${coin}USDT@binance`, symbol: `${coin}USDT` }),
  'binance-usd-m': (coin) => ({ instrument: `${coin}USDT-PERP@binance`, symbol: `${coin}USDT` }),
  'bybit-linear': (coin) => ({ instrument: `${coin}USDT-PERP@bybit`, symbol: `${coin}USDT` }),
  okx: (coin) => ({ instrument: `${coin}-USDT-SWAP@okx`, symbol: `${coin}-USDT-SWAP` }),
};

class Planner {
  readonly underlyings = new Set<string>();
  private readonly channels = new Map<string, Map<string, Subscription>>();
  private readonly sources = new Map<string, SourceDescription>();
  private readonly options = new Set<string>();

  constructor(
    private readonly rhythm: Nanoseconds,
    private readonly pegs: boolean,
  ) {}

  add(instrument: string, { feed, symbol }: Place): void {
    const parsed = parseInstrument(instrument);
    if (!parsed.ok) return;
    const { kind, underlying, quote } = parsed.value;
    this.underlyings.add(underlying);
    this.subscribe(feed, 'ticker', symbol);
    if (kind === 'option') {
      this.options.add(instrument);
      return;
    }
    if (kind === 'perpetual') this.subscribe(feed, 'funding', symbol);
    this.subscribe(feed, 'quote', symbol);
    // The book is kept so that a break in its sequence is noticed and recorded.
    this.subscribe(feed, 'book', symbol);
    this.describe(feed, instrument, underlying, quote);
  }

  addWitness(feed: string, underlying: string): void {
    if (feed === 'deribit-index') {
      const symbol = `${underlying.toLowerCase()}_usd`;
      this.subscribe('deribit', 'index', symbol);
      return this.describe('deribit', `${symbol}@deribit`, underlying);
    }
    if (feed === 'deribit-pegs') {
      for (const symbol of PEG_INDEXES) this.subscribe('deribit', 'index', symbol);
      return;
    }
    const named = WITNESSES[feed]?.(underlying);
    if (named === undefined || this.sources.has(`live:${named.instrument}`)) return;
    this.subscribe(feed, 'quote', named.symbol);
    this.describe(feed, named.instrument, underlying, feed === 'deribit' ? 'USD' : 'USDT');
  }

  finish(): FeedPlan {
    const feeds = [...this.channels].map(([name, channels]): PlannedFeed => {
      const protocol = required(VENUE_PROTOCOLS.get(name), `the protocol of ${name}`);
      return { name, protocol, subscriptions: [...channels.values()] };
    });
    return { feeds, sources: [...this.sources.values()], options: this.options };
  }

  private subscribe(feed: string, channel: Subscription['channel'], symbol: string): void {
    const connection = connectionOf(feed, channel);
    const channels = this.channels.get(connection) ?? new Map<string, Subscription>();
    channels.set(`${channel}/${symbol}`, { channel, symbol });
    this.channels.set(connection, channels);
  }

  /** Stablecoin quotes are converted only where somebody says what the coin is worth; otherwise it counts as a dollar. */
  private describe(feed: string, instrument: string, underlying: string, quote = 'USD'): void {
    const source = `live:${instrument}`;
    const operator = feed.split('-')[0] ?? feed;
    const converted = this.pegs && quote !== 'USD' && isDollar(quote) ? { quote } : {};
    const base = { source, kind: 'price' as const, instrument, underlying, interval: this.rhythm, operator };
    this.sources.set(source, { ...base, ...converted });
  }
}
