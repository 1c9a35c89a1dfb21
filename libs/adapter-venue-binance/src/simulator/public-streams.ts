import type {
  LevelChange,
  SimEvent,
  SimExchange,
  SimInstrument,
  WireSession,
} from '@evenkeel/local-exchange';

import type { Fields } from './sim-messages';

/** What everybody may hear of the market of one of the two. */
export class PublicStreams {
  constructor(
    private readonly exchange: SimExchange,
    private readonly nowMs: () => number,
  ) {}

  /** The answer to `exchangeInfo`. */
  listing(inverse: boolean): Fields {
    const symbols = this.exchange.instruments.filter((item) => item.inverse === inverse).map(symbolMessage);
    return { timezone: 'UTC', serverTime: this.nowMs(), symbols };
  }

  /** The answer to `depth`. */
  book(symbol: string): Fields | undefined {
    const listing = this.exchange.listing(symbol);
    if (listing === undefined) return undefined;
    const side = (which: 'buy' | 'sell') => this.rows(symbol, listing.book.depth(which, 1000));
    const at = this.nowMs();
    return { lastUpdateId: listing.changeId, E: at, T: at, bids: side('buy'), asks: side('sell') };
  }

  /** What a session is told of an event, in the envelope of combined streams. */
  tell(event: SimEvent, session: WireSession): readonly Fields[] {
    return [...session.channels].flatMap((stream) => {
      const data = this.dataOf(event, stream);
      return data === undefined ? [] : [{ stream, data }];
    });
  }

  /** How things stand on a stream: said at its beginning, and marks once a second. */
  standing(stream: string): readonly Fields[] {
    const [name = '', kind = ''] = stream.split('@');
    const symbol = name.toUpperCase();
    const changeId = this.exchange.listing(symbol)?.changeId ?? 0;
    const data =
      kind === 'bookTicker'
        ? this.touch(symbol, changeId)
        : kind === 'markPrice'
          ? this.mark(symbol)
          : undefined;
    return data === undefined ? [] : [{ stream, data }];
  }

  private dataOf(event: SimEvent, stream: string): Fields | undefined {
    const [name = '', kind = ''] = stream.split('@');
    const symbol = name.toUpperCase();
    if (event.event === 'book' && event.instrument === symbol) {
      if (kind === 'depth') return this.depth(symbol, event);
      return kind === 'bookTicker' ? this.touch(symbol, event.changeId) : undefined;
    }
    if (event.event !== 'trade' || event.trade.instrument !== symbol || kind !== 'aggTrade') return undefined;
    const grid = this.exchange.listing(symbol)?.grid;
    const { trade } = event;
    return {
      e: 'aggTrade',
      E: trade.atMs,
      T: trade.atMs,
      s: symbol,
      a: trade.serial,
      p: grid?.priceOf(trade.ticks).toString(),
      q: grid?.amountOf(trade.lots).toString(),
      m: trade.direction === 'sell',
    };
  }

  private depth(symbol: string, event: Extract<SimEvent, { event: 'book' }>): Fields {
    const side = (which: LevelChange['side']) =>
      this.rows(
        symbol,
        event.changes.filter((change) => change.side === which).map(({ ticks, lots }) => [ticks, lots]),
      );
    const at = this.nowMs();
    const numbers = { U: event.previous + 1, u: event.changeId, pu: event.previous };
    return { e: 'depthUpdate', E: at, T: at, s: symbol, ...numbers, b: side('buy'), a: side('sell') };
  }

  private touch(symbol: string, changeId: number): Fields | undefined {
    const listing = this.exchange.listing(symbol);
    if (listing === undefined) return undefined;
    const best = (side: 'buy' | 'sell') => this.rows(symbol, listing.book.depth(side, 1))[0] ?? ['0', '0'];
    const [[b, B], [a, A], at] = [best('buy'), best('sell'), this.nowMs()];
    return { e: 'bookTicker', u: changeId, s: symbol, b, B, a, A, T: at, E: at };
  }

  private mark(symbol: string): Fields | undefined {
    const listing = this.exchange.listing(symbol);
    if (listing === undefined) return undefined;
    const fair = listing.grid.priceOf(listing.flow.fair).toString();
    return { e: 'markPriceUpdate', E: this.nowMs(), s: symbol, p: fair, i: fair, P: fair, r: '0', T: 0 };
  }

  private rows(symbol: string, levels: readonly (readonly [number, number])[]): [string, string][] {
    const grid = this.exchange.listing(symbol)?.grid;
    return levels.map(([ticks, lots]) => [
      grid?.priceOf(ticks).toString() ?? '0',
      grid?.amountOf(lots).toString() ?? '0',
    ]);
  }
}

function symbolMessage(instrument: SimInstrument): Fields {
  const { name, underlying, quote, settlement, inverse, tickSize, amountStep, contractSize } = instrument;
  const perpetual = instrument.settlementPeriod === 'perpetual';
  return {
    symbol: name,
    pair: name.split('_')[0],
    contractType: perpetual ? 'PERPETUAL' : 'CURRENT_QUARTER',
    baseAsset: underlying,
    quoteAsset: quote,
    marginAsset: settlement,
    ...(inverse ? { contractStatus: 'TRADING', contractSize: Number(contractSize) } : { status: 'TRADING' }),
    deliveryDate: instrument.expirationMs ?? 4_133_404_800_000,
    filters: [
      { filterType: 'PRICE_FILTER', tickSize },
      { filterType: 'LOT_SIZE', stepSize: amountStep, minQty: amountStep },
    ],
  };
}
