import { Decimal } from '@evenkeel/kernel';
import { cashOf, whyEnded } from '@evenkeel/local-exchange';
import type {
  EndedOrder,
  LevelChange,
  SimExchange,
  SimInstrument,
  SimOrder,
  SimTrade,
} from '@evenkeel/local-exchange';

type Fields = Record<string, unknown>;

export function categoryOf({ kind, inverse }: SimInstrument): 'linear' | 'inverse' | 'option' {
  return kind === 'option' ? 'option' : inverse ? 'inverse' : 'linear';
}

const SIDE = { buy: 'Buy', sell: 'Sell' } as const;
const TIME_IN_FORCE = { good_til_cancelled: 'GTC', immediate_or_cancel: 'IOC', fill_or_kill: 'FOK' } as const;

export function orderMessage(exchange: SimExchange, order: SimOrder | EndedOrder): Fields {
  const listing = exchange.listing(order.instrument);
  if (listing === undefined) return {};
  const { grid, instrument } = listing;
  const filled = grid.amountOf(order.filledLots);
  const why = whyEnded(order);
  const rejectReason =
    why === 'post-only'
      ? 'EC_PostOnlyWillTakeLiquidity'
      : why === undefined
        ? 'EC_NoError'
        : 'EC_NoImmediateQtyToFill';
  const state =
    order.state === 'open' ? (order.filledLots > 0 ? 'PartiallyFilled' : 'New') : STATE[order.state];
  return {
    category: categoryOf(instrument),
    symbol: order.instrument,
    orderId: order.orderId,
    orderLinkId: order.label,
    side: SIDE[order.direction],
    orderType: order.type === 'limit' ? 'Limit' : 'Market',
    price: order.ticks === undefined ? '' : grid.priceOf(order.ticks).toString(),
    qty: grid.amountOf(order.lots).toString(),
    timeInForce: order.postOnly ? 'PostOnly' : TIME_IN_FORCE[order.timeInForce],
    orderStatus: state,
    cancelType: order.state === 'cancelled' ? 'CancelByUser' : 'UNKNOWN',
    rejectReason,
    cumExecQty: filled.toString(),
    leavesQty: order.state === 'open' ? grid.amountOf(order.lots - order.filledLots).toString() : '0',
    avgPrice: averageOf(order, grid.priceOf(1)),
    positionIdx: 0,
    reduceOnly: order.reduceOnly,
    createdTime: String(order.createdMs),
    updatedTime: String(order.updatedMs),
  };
}

const STATE = { filled: 'Filled', cancelled: 'Cancelled', rejected: 'Rejected' } as const;

const averageOf = ({ filledLots, filledTicks }: SimOrder, tick: Decimal): string =>
  filledLots === 0
    ? ''
    : tick.times(Decimal.ofInteger(filledTicks)).dividedBy(Decimal.ofInteger(filledLots), 8).toString();

export function executionMessage(exchange: SimExchange, trade: SimTrade): Fields {
  const listing = exchange.listing(trade.instrument);
  if (listing === undefined) return {};
  const { grid, instrument } = listing;
  return {
    category: categoryOf(instrument),
    symbol: trade.instrument,
    orderId: trade.orderId,
    orderLinkId: trade.label,
    execId: trade.tradeId,
    execType: 'Trade',
    execPrice: grid.priceOf(trade.ticks).toString(),
    execQty: grid.amountOf(trade.lots).toString(),
    execFee: trade.fee,
    feeCurrency: instrument.settlement,
    feeRate: trade.liquidity === 'M' ? instrument.makerFee : instrument.takerFee,
    side: SIDE[trade.direction],
    isMaker: trade.liquidity === 'M',
    execTime: String(trade.atMs),
    extraFees: '',
    seq: trade.serial,
  };
}

export function positionMessage(exchange: SimExchange, account: string, instrument: SimInstrument): Fields {
  const lots = exchange.position(account, instrument.name);
  const size = exchange.listing(instrument.name)?.grid.amountOf(Math.abs(lots)).toString() ?? '0';
  return {
    symbol: instrument.name,
    positionIdx: 0,
    side: lots > 0 ? 'Buy' : lots < 0 ? 'Sell' : '',
    size,
  };
}

/** The wallet of a unified account: what was paid in, with what was made and lost. */
export function walletMessage(exchange: SimExchange, account: string): Fields {
  const currencies = [...new Set(exchange.instruments.map(({ settlement }) => settlement))];
  const coin = currencies.map((currency) => {
    const { balance, sessionProfit } = cashOf(exchange, account, currency);
    return { coin: currency, walletBalance: balance.plus(sessionProfit).toString() };
  });
  return { accountType: 'UNIFIED', coin };
}

/** A whole book, or what of it has changed; a level that is gone has no size. */
export function bookMessage(
  exchange: SimExchange,
  topic: string,
  name: string,
  { nowMs, number }: { readonly nowMs: number; readonly number: number },
  changes?: readonly LevelChange[],
): Fields | undefined {
  const listing = exchange.listing(name);
  if (listing === undefined) return undefined;
  const { grid, book } = listing;
  const depth = Number(topic.split('.')[1]);
  const row = (ticks: number, lots: number): [string, string] => [
    grid.priceOf(ticks).toString(),
    grid.amountOf(lots).toString(),
  ];
  const side = (which: 'buy' | 'sell'): [string, string][] =>
    changes === undefined || depth === 1
      ? book.depth(which, depth === 1 ? 1 : 1000).map(([ticks, lots]) => row(ticks, lots))
      : changes.filter((change) => change.side === which).map(({ ticks, lots }) => row(ticks, lots));
  return {
    topic,
    type: changes === undefined || depth === 1 ? 'snapshot' : 'delta',
    ts: nowMs,
    data: { s: name, b: side('buy'), a: side('sell'), u: number, seq: number },
  };
}

export function tickerMessage(exchange: SimExchange, name: string, nowMs: number): Fields | undefined {
  const listing = exchange.listing(name);
  if (listing === undefined) return undefined;
  const { grid, book, instrument } = listing;
  const best = (side: 'buy' | 'sell'): { price: string; size: string } => {
    const [level] = book.depth(side, 1);
    return level === undefined
      ? { price: '', size: '' }
      : { price: grid.priceOf(level[0]).toString(), size: grid.amountOf(level[1]).toString() };
  };
  const [bid, ask] = [best('buy'), best('sell')];
  const head = { topic: `tickers.${name}`, type: 'snapshot', ts: nowMs };
  if (instrument.kind !== 'option') {
    const fair = grid.priceOf(listing.flow.fair).toString();
    const prices = { bid1Price: bid.price, bid1Size: bid.size, ask1Price: ask.price, ask1Size: ask.size };
    const marks = { symbol: name, lastPrice: fair, markPrice: fair, indexPrice: fair, fundingRate: '0' };
    return { ...head, data: { ...marks, ...prices } };
  }
  const mark = exchange.optionMark(name, nowMs);
  const index = exchange.spot(instrument.underlying);
  if (mark === undefined || index === undefined) return undefined;
  return {
    ...head,
    data: {
      symbol: name,
      bidPrice: bid.price,
      bidSize: bid.size,
      askPrice: ask.price,
      askSize: ask.size,
      markPrice: mark.mark.toFixed(8),
      markPriceIv: mark.volatility.toFixed(6),
      indexPrice: String(index),
      underlyingPrice: mark.forward.toFixed(4),
      delta: mark.delta.toFixed(6),
      predictedDeliveryPrice: '0',
    },
  };
}

export function tradeMessage(exchange: SimExchange, trade: SimTrade): Fields | undefined {
  const listing = exchange.listing(trade.instrument);
  if (listing === undefined) return undefined;
  const { grid } = listing;
  const data = {
    T: trade.atMs,
    s: trade.instrument,
    S: SIDE[trade.direction],
    v: grid.amountOf(trade.lots).toString(),
    p: grid.priceOf(trade.ticks).toString(),
    i: trade.tradeId,
    BT: false,
  };
  return { topic: `publicTrade.${trade.instrument}`, type: 'snapshot', ts: trade.atMs, data: [data] };
}
