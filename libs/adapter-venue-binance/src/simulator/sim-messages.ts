import { Decimal } from '@evenkeel/kernel';
import { cashOf } from '@evenkeel/local-exchange';
import type { SimExchange, SimInstrument, SimOrder, SimTrade } from '@evenkeel/local-exchange';

export type Fields = Record<string, unknown>;

const SIDE = { buy: 'BUY', sell: 'SELL' } as const;
const TIME_IN_FORCE = { good_til_cancelled: 'GTC', immediate_or_cancel: 'IOC', fill_or_kill: 'FOK' } as const;

const timeInForceOf = ({ postOnly, timeInForce }: SimOrder): string =>
  postOnly ? 'GTX' : TIME_IN_FORCE[timeInForce];

/** What has been filled of an order once `lots` of it have. */
function statusOf(order: SimOrder, lots: number): string {
  if (lots >= order.lots) return 'FILLED';
  if (order.state === 'open' || lots < order.filledLots) return lots > 0 ? 'PARTIALLY_FILLED' : 'NEW';
  return order.timeInForce === 'good_til_cancelled' ? 'CANCELED' : 'EXPIRED';
}

/** An order as the answers to questions state it. */
export function orderMessage(exchange: SimExchange, order: SimOrder): Fields {
  const listing = exchange.listing(order.instrument);
  if (listing === undefined) return {};
  const { grid } = listing;
  return {
    orderId: Number(order.orderId),
    symbol: order.instrument,
    status: statusOf(order, order.filledLots),
    clientOrderId: order.label,
    price: order.ticks === undefined ? '0' : grid.priceOf(order.ticks).toString(),
    avgPrice: '0.00',
    origQty: grid.amountOf(order.lots).toString(),
    executedQty: grid.amountOf(order.filledLots).toString(),
    timeInForce: timeInForceOf(order),
    type: order.type === 'limit' ? 'LIMIT' : 'MARKET',
    reduceOnly: order.reduceOnly,
    closePosition: false,
    side: SIDE[order.direction],
    positionSide: 'BOTH',
    stopPrice: '0',
    workingType: 'CONTRACT_PRICE',
    time: order.createdMs,
    updateTime: order.updatedMs,
  };
}

/** `ORDER_TRADE_UPDATE`: an order as it stands, or one of its trades with how it stood after it. */
export function updateMessage(
  exchange: SimExchange,
  order: SimOrder,
  what: 'NEW' | 'AMENDMENT' | 'CANCELED' | 'EXPIRED' | SimTrade,
): Fields {
  const listing = exchange.listing(order.instrument);
  if (listing === undefined) return {};
  const { grid, instrument } = listing;
  const trade = typeof what === 'string' ? undefined : what;
  const filled = trade === undefined ? order.filledLots : filledBy(order, trade);
  const last = trade === undefined ? undefined : { at: trade.atMs, ...tradeFields(instrument, trade) };
  return {
    e: 'ORDER_TRADE_UPDATE',
    E: last?.at ?? order.updatedMs,
    T: last?.at ?? order.updatedMs,
    o: {
      s: order.instrument,
      c: order.label,
      S: SIDE[order.direction],
      o: order.type === 'limit' ? 'LIMIT' : 'MARKET',
      f: timeInForceOf(order),
      q: grid.amountOf(order.lots).toString(),
      p: order.ticks === undefined ? '0' : grid.priceOf(order.ticks).toString(),
      ap: '0',
      sp: '0',
      x: trade === undefined ? what : 'TRADE',
      X: what === 'NEW' ? 'NEW' : statusOf(order, filled),
      i: Number(order.orderId),
      l: trade === undefined ? '0' : grid.amountOf(trade.lots).toString(),
      z: what === 'NEW' ? '0' : grid.amountOf(filled).toString(),
      L: trade === undefined ? '0' : grid.priceOf(trade.ticks).toString(),
      T: last?.at ?? order.updatedMs,
      t: trade === undefined ? 0 : Number(trade.tradeId),
      m: trade?.liquidity === 'M',
      ...last?.fee,
      R: order.reduceOnly,
      wt: 'CONTRACT_PRICE',
      ot: order.type === 'limit' ? 'LIMIT' : 'MARKET',
      ps: 'BOTH',
      cp: false,
      rp: '0',
    },
  };
}

/** Binance leaves the commission out where there is none. */
const tradeFields = ({ settlement }: SimInstrument, { fee }: SimTrade): { readonly fee: Fields } => ({
  fee: fee === '0' ? {} : { n: fee, N: settlement },
});

function filledBy(order: SimOrder, trade: SimTrade): number {
  const upTo = order.trades.findIndex(({ serial }) => serial === trade.serial);
  return order.trades.slice(0, upTo + 1).reduce((sum, { lots }) => sum + lots, 0);
}

export function tradeMessage(exchange: SimExchange, trade: SimTrade): Fields {
  const listing = exchange.listing(trade.instrument);
  if (listing === undefined) return {};
  const { grid, instrument } = listing;
  return {
    symbol: trade.instrument,
    id: Number(trade.tradeId),
    orderId: Number(trade.orderId),
    side: SIDE[trade.direction],
    price: grid.priceOf(trade.ticks).toString(),
    qty: grid.amountOf(trade.lots).toString(),
    commission: trade.fee,
    commissionAsset: instrument.settlement,
    time: trade.atMs,
    positionSide: 'BOTH',
    maker: trade.liquidity === 'M',
    buyer: trade.direction === 'buy',
    realizedPnl: '0',
  };
}

export function positionMessage(exchange: SimExchange, account: string, { name }: SimInstrument): Fields {
  const lots = exchange.position(account, name);
  const size = exchange.listing(name)?.grid.amountOf(Math.abs(lots)) ?? Decimal.ZERO;
  return {
    symbol: name,
    positionSide: 'BOTH',
    positionAmt: (lots < 0 ? size.negated() : size).toString(),
    entryPrice: '0.0',
    unRealizedProfit: '0',
  };
}

/** The wallet of a currency: what was paid in, with what was made and lost. */
export function balanceMessage(exchange: SimExchange, account: string, currency: string): Fields {
  const { balance, sessionProfit } = cashOf(exchange, account, currency);
  const wallet = balance.plus(sessionProfit).toString();
  return {
    accountAlias: 'sim',
    asset: currency,
    balance: wallet,
    crossWalletBalance: wallet,
    crossUnPnl: '0',
  };
}
