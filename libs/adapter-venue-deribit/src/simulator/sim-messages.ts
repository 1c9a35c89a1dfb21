import type { Decimal } from '@evenkeel/kernel';

import { cashOf } from '@evenkeel/local-exchange';
import type { LevelChange, SimExchange, SimInstrument, SimOrder, SimTrade } from '@evenkeel/local-exchange';

/** Deribit writes its numbers as JSON numbers; ours have few digits, so a double holds them. */
function json(value: Decimal | string): number {
  return Number(value.toString());
}

export function orderMessage(exchange: SimExchange, order: SimOrder): Record<string, unknown> {
  const listing = exchange.listing(order.instrument);
  if (listing === undefined) return {};
  const { grid } = listing;
  const average = order.filledLots === 0 ? 0 : (order.filledTicks / order.filledLots) * json(grid.priceOf(1));
  return {
    order_id: order.orderId,
    order_state: order.state,
    order_type: order.type,
    label: order.label,
    instrument_name: order.instrument,
    direction: order.direction,
    amount: json(grid.amountOf(order.lots)),
    filled_amount: json(grid.amountOf(order.filledLots)),
    average_price: average,
    price: order.ticks === undefined ? 'market_price' : json(grid.priceOf(order.ticks)),
    time_in_force: order.timeInForce,
    post_only: order.postOnly,
    reduce_only: order.reduceOnly,
    creation_timestamp: order.createdMs,
    last_update_timestamp: order.updatedMs,
    api: true,
  };
}

export function tradeMessage(exchange: SimExchange, trade: SimTrade, own: boolean): Record<string, unknown> {
  const listing = exchange.listing(trade.instrument);
  if (listing === undefined) return {};
  const { grid, instrument } = listing;
  const shown = {
    trade_seq: trade.tradeSequence,
    trade_id: trade.tradeId,
    timestamp: trade.atMs,
    instrument_name: trade.instrument,
    direction: trade.direction,
    price: json(grid.priceOf(trade.ticks)),
    amount: json(grid.amountOf(trade.lots)),
    tick_direction: 0,
    index_price: json(grid.priceOf(listing.flow.fair)),
  };
  if (!own) return shown;
  return {
    ...shown,
    order_id: trade.orderId,
    label: trade.label,
    liquidity: trade.liquidity,
    fee: json(trade.fee),
    fee_currency: instrument.settlement,
  };
}

export function bookMessage(
  exchange: SimExchange,
  name: string,
  nowMs: number,
  change?: { readonly changes: readonly LevelChange[]; readonly previous: number; readonly changeId: number },
): Record<string, unknown> {
  const listing = exchange.listing(name);
  if (listing === undefined) return {};
  const { grid, book } = listing;
  const row = (action: string, ticks: number, lots: number): unknown[] => [
    action,
    json(grid.priceOf(ticks)),
    json(grid.amountOf(lots)),
  ];
  const head = { instrument_name: name, timestamp: nowMs, change_id: change?.changeId ?? listing.changeId };
  if (change === undefined) {
    const side = (which: 'buy' | 'sell'): unknown[] =>
      book.depth(which, 1000).map(([ticks, lots]) => row('new', ticks, lots));
    return { ...head, type: 'snapshot', bids: side('buy'), asks: side('sell') };
  }
  const side = (which: 'buy' | 'sell'): unknown[] =>
    change.changes
      .filter((item) => item.side === which)
      .map((item) =>
        row(item.lots === 0 ? 'delete' : item.existed ? 'change' : 'new', item.ticks, item.lots),
      );
  return { ...head, type: 'change', prev_change_id: change.previous, bids: side('buy'), asks: side('sell') };
}

export function quoteMessage(exchange: SimExchange, name: string, nowMs: number): Record<string, unknown> {
  const listing = exchange.listing(name);
  if (listing === undefined) return {};
  const { grid, book } = listing;
  const best = (side: 'buy' | 'sell'): readonly [number | null, number] => {
    const [level] = book.depth(side, 1);
    return level === undefined ? [null, 0] : [json(grid.priceOf(level[0])), json(grid.amountOf(level[1]))];
  };
  const [bid, bidAmount] = best('buy');
  const [ask, askAmount] = best('sell');
  return {
    instrument_name: name,
    timestamp: nowMs,
    best_bid_price: bid,
    best_bid_amount: bidAmount,
    best_ask_price: ask,
    best_ask_amount: askAmount,
  };
}

export function tickerMessage(exchange: SimExchange, name: string, nowMs: number): Record<string, unknown> {
  const listing = exchange.listing(name);
  if (listing === undefined) return {};
  if (listing.instrument.kind === 'option') return optionTicker(exchange, listing.instrument, nowMs);
  const fair = json(listing.grid.priceOf(listing.flow.fair));
  return {
    ...quoteMessage(exchange, name, nowMs),
    state: 'open',
    mark_price: fair,
    index_price: fair,
    last_price: listing.lastTicks === undefined ? null : json(listing.grid.priceOf(listing.lastTicks)),
    open_interest: 0,
    min_price: json(listing.grid.priceOf(Math.floor(listing.flow.fair * 0.9))),
    max_price: json(listing.grid.priceOf(Math.ceil(listing.flow.fair * 1.1))),
    ...(listing.instrument.settlementPeriod === 'perpetual' ? { current_funding: 0, funding_8h: 0 } : {}),
    stats: { volume: null, low: null, high: null },
  };
}

function optionTicker(
  exchange: SimExchange,
  instrument: SimInstrument,
  nowMs: number,
): Record<string, unknown> {
  const mark = exchange.optionMark(instrument.name, nowMs);
  const index = exchange.spot(instrument.underlying);
  const head = quoteMessage(exchange, instrument.name, nowMs);
  if (mark === undefined || index === undefined) return { ...head, state: 'open' };
  const over = instrument.expirationMs !== undefined && nowMs >= instrument.expirationMs;
  return {
    ...head,
    state: over ? 'closed' : 'open',
    ...(over ? { delivery_price: index } : {}),
    mark_price: mark.mark,
    mark_iv: Math.round(mark.volatility * 1e6) / 1e4,
    underlying_price: mark.forward,
    underlying_index: `SYN.${instrument.name.split('-').slice(0, 2).join('-')}`,
    index_price: index,
    interest_rate: 0,
    open_interest: 0,
    last_price: null,
    greeks: { delta: Math.round(mark.delta * 1e5) / 1e5 },
    stats: { volume: null, low: null, high: null },
  };
}

export function indexMessage(
  exchange: SimExchange,
  name: string,
  nowMs: number,
): Record<string, unknown> | undefined {
  const price = exchange.spot((name.split('_')[0] ?? '').toUpperCase());
  return price === undefined ? undefined : { index_name: name, price, timestamp: nowMs };
}

export function instrumentMessage(instrument: SimInstrument): Record<string, unknown> {
  return {
    instrument_name: instrument.name,
    kind: instrument.kind,
    instrument_type: instrument.inverse ? 'reversed' : 'linear',
    base_currency: instrument.underlying,
    quote_currency: instrument.quote,
    counter_currency: 'USD',
    settlement_currency: instrument.settlement,
    settlement_period: instrument.settlementPeriod,
    tick_size: json(instrument.tickSize),
    contract_size: json(instrument.contractSize),
    min_trade_amount: json(instrument.amountStep),
    maker_commission: json(instrument.makerFee),
    taker_commission: json(instrument.takerFee),
    is_active: true,
    ...(instrument.expirationMs === undefined ? {} : { expiration_timestamp: instrument.expirationMs }),
    ...(instrument.strike === undefined ? {} : { strike: json(instrument.strike) }),
    ...(instrument.optionType === undefined ? {} : { option_type: instrument.optionType }),
  };
}

export function positionMessage(
  exchange: SimExchange,
  account: string,
  name: string,
): Record<string, unknown> {
  const listing = exchange.listing(name);
  if (listing === undefined) return {};
  const lots = exchange.position(account, name);
  const fair = json(listing.grid.priceOf(listing.flow.fair));
  return {
    instrument_name: name,
    kind: listing.instrument.kind,
    size: json(listing.grid.amountOf(lots)),
    direction: lots > 0 ? 'buy' : lots < 0 ? 'sell' : 'zero',
    mark_price: fair,
    index_price: fair,
  };
}

/** An account in one coin, as Deribit sums it up. */
export function summaryMessage(
  exchange: SimExchange,
  account: string,
  currency: string,
): Record<string, unknown> {
  const { balance, sessionProfit } = cashOf(exchange, account, currency);
  const equity = json(balance.plus(sessionProfit));
  return {
    currency,
    balance: json(balance),
    session_rpl: json(sessionProfit),
    equity,
    available_funds: equity,
  };
}
