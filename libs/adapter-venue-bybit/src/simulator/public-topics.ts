import type { SimEvent, SimExchange, SimInstrument, WireSession } from '@evenkeel/local-exchange';

import { bookMessage, categoryOf, tickerMessage, tradeMessage } from './sim-messages';

const CONTRACT_TYPE = { linear: 'Linear', inverse: 'Inverse' } as const;

/** What everybody may hear of the market. */
export class PublicTopics {
  /** Bybit numbers the messages of a book one by one; the exchange counts what has changed. */
  private readonly numbers = new Map<string, { changeId: number; number: number }>();

  constructor(
    private readonly exchange: SimExchange,
    private readonly nowMs: () => number,
  ) {}

  /** The answer to `instruments-info`. */
  listing(category: string): unknown {
    const listed = this.exchange.instruments.filter((instrument) => categoryOf(instrument) === category);
    return { category, list: listed.map(instrumentMessage), nextPageCursor: '' };
  }

  /** What a topic begins with. */
  first(topic: string): readonly unknown[] {
    const name = topic.split('.').at(-1) ?? '';
    const [kind] = topic.split('.');
    const message =
      kind === 'orderbook'
        ? bookMessage(this.exchange, topic, name, { nowMs: this.nowMs(), number: this.numberOf(name) })
        : kind === 'tickers'
          ? tickerMessage(this.exchange, name, this.nowMs())
          : undefined;
    return message === undefined ? [] : [message];
  }

  tell(event: SimEvent, session: WireSession): readonly unknown[] {
    return [...session.channels].flatMap((topic) => {
      const message = this.messageOf(event, topic);
      return message === undefined ? [] : [message];
    });
  }

  /** The number of the change that left the book so; of the newest where none is named. */
  private numberOf(name: string, changeId?: number): number {
    const known = this.numbers.get(name) ?? { changeId: changeId ?? 0, number: 2 };
    if (changeId !== undefined && changeId !== known.changeId) {
      known.changeId = changeId;
      known.number += 1;
    }
    this.numbers.set(name, known);
    return known.number;
  }

  private messageOf(event: SimEvent, topic: string): unknown {
    const [kind] = topic.split('.');
    const name = topic.split('.').at(-1) ?? '';
    const { exchange } = this;
    if (event.event === 'book' && event.instrument === name) {
      const head = { nowMs: this.nowMs(), number: this.numberOf(name, event.changeId) };
      if (kind === 'orderbook') return bookMessage(exchange, topic, name, head, event.changes);
      return kind === 'tickers' ? tickerMessage(exchange, name, this.nowMs()) : undefined;
    }
    if (event.event === 'ticker' && event.instrument === name && kind === 'tickers')
      return tickerMessage(exchange, name, this.nowMs());
    return event.event === 'trade' && event.trade.instrument === name && kind === 'publicTrade'
      ? tradeMessage(exchange, event.trade)
      : undefined;
  }
}

function instrumentMessage(instrument: SimInstrument): Record<string, unknown> {
  const { name, underlying, quote, settlement, tickSize, amountStep, settlementPeriod, expirationMs } =
    instrument;
  const category = categoryOf(instrument);
  const kind = settlementPeriod === 'perpetual' ? 'Perpetual' : 'Futures';
  return {
    symbol: name,
    ...(category === 'option'
      ? { optionsType: instrument.optionType === 'put' ? 'Put' : 'Call' }
      : { contractType: `${CONTRACT_TYPE[category]}${kind}` }),
    status: 'Trading',
    baseCoin: underlying,
    quoteCoin: quote,
    settleCoin: settlement,
    deliveryTime: String(expirationMs ?? 0),
    priceFilter: { tickSize },
    lotSizeFilter: { qtyStep: amountStep, minOrderQty: amountStep },
  };
}
