import { cashOf, contractsOf, whyEnded } from '@evenkeel/local-exchange';
import type { EndedOrder, SimExchange, SimInstrument, SimOrder, SimTrade } from '@evenkeel/local-exchange';

export type Fields = Record<string, unknown>;

const SIDE = { buy: 'B', sell: 'A' } as const;
const LEVELS = 20;

/** Where an order is filed: what of it is left, and how it stands. */
export function orderMessage(exchange: SimExchange, order: SimOrder | EndedOrder): Fields {
  const grid = exchange.listing(order.instrument)?.grid;
  if (grid === undefined) return {};
  const left = order.state === 'filled' ? 0 : order.lots - order.filledLots;
  return {
    coin: order.instrument,
    side: SIDE[order.direction],
    limitPx: order.ticks === undefined ? '0' : grid.priceOf(order.ticks).toString(),
    sz: grid.amountOf(left).toString(),
    oid: Number(order.orderId),
    timestamp: order.createdMs,
    origSz: grid.amountOf(order.lots).toString(),
    ...(order.label === '' ? {} : { cloid: order.label }),
  };
}

/** What only lists and answers to questions tell. */
export function orderDetails(order: SimOrder | EndedOrder): Fields {
  const tif = order.postOnly ? 'Alo' : order.timeInForce === 'immediate_or_cancel' ? 'Ioc' : 'Gtc';
  const trigger = {
    triggerCondition: 'N/A',
    isTrigger: false,
    triggerPx: '0.0',
    children: [],
    isPositionTpsl: false,
  };
  return { ...trigger, reduceOnly: order.reduceOnly, orderType: 'Limit', tif };
}

export function statusOf(order: SimOrder | EndedOrder): string {
  const why = whyEnded(order);
  if (why === 'post-only') return 'badAloPxRejected';
  if (why === 'self-trade') return 'selfTradeCanceled';
  if (why !== undefined) return 'rejected';
  if (order.state === 'open' || order.state === 'filled' || order.state === 'rejected') return order.state;
  const nothing = order.timeInForce === 'immediate_or_cancel' && order.filledLots === 0;
  return nothing ? 'iocCancelRejected' : 'canceled';
}

export function fillMessage(exchange: SimExchange, trade: SimTrade): Fields {
  const listing = exchange.listing(trade.instrument);
  if (listing === undefined) return {};
  const { grid, instrument } = listing;
  return {
    coin: trade.instrument,
    px: grid.priceOf(trade.ticks).toString(),
    sz: grid.amountOf(trade.lots).toString(),
    side: SIDE[trade.direction],
    time: trade.atMs,
    hash: `0x${trade.tradeId.padStart(64, '0')}`,
    oid: Number(trade.orderId),
    crossed: trade.liquidity === 'T',
    fee: trade.fee,
    tid: Number(trade.tradeId),
    feeToken: instrument.settlement,
  };
}

/** The value of an account: cash, and what its positions have made and not realised. */
export function accountMessage(
  exchange: SimExchange,
  account: string,
  listed: readonly SimInstrument[],
  time: number,
): Fields {
  const settlement = listed[0]?.settlement ?? 'USDC';
  const { balance, sessionProfit, positions } = cashOf(exchange, account, settlement);
  let value = balance.plus(sessionProfit);
  const assetPositions = listed.flatMap(({ name }) => {
    const held = positions.get(name);
    const listing = exchange.listing(name);
    const lots = exchange.position(account, name);
    if (held === undefined || listing === undefined || lots === 0) return [];
    const { grid, instrument, flow } = listing;
    const size = grid.amountOf(Math.abs(lots));
    const signed = lots < 0 ? size.negated() : size;
    const made = contractsOf(instrument, signed).times(grid.priceOf(flow.fair)).minus(held.basis);
    value = value.plus(made);
    const position = {
      coin: name,
      szi: signed.toString(),
      entryPx: held.basis.dividedBy(signed, 8).toString(),
      unrealizedPnl: made.toString(),
    };
    return [{ type: 'oneWay', position }];
  });
  return {
    marginSummary: { accountValue: value.toString() },
    withdrawable: value.toString(),
    assetPositions,
    time,
  };
}

type Row = { readonly px: string; readonly sz: string; readonly n: number };

function sides(exchange: SimExchange, coin: string, depth: number): readonly [Row[], Row[]] {
  const listing = exchange.listing(coin);
  const side = (which: 'buy' | 'sell'): Row[] =>
    (listing?.book.depth(which, depth) ?? []).map(([ticks, lots]) => ({
      px: listing?.grid.priceOf(ticks).toString() ?? '',
      sz: listing?.grid.amountOf(lots).toString() ?? '',
      n: 1,
    }));
  return [side('buy'), side('sell')];
}

/** What a public subscription tells now. */
export function marketMessage(
  exchange: SimExchange,
  type: string,
  coin: string,
  time: number,
): Fields | undefined {
  const listing = exchange.listing(coin);
  if (listing === undefined) return undefined;
  if (type === 'l2Book')
    return { channel: type, data: { coin, time, levels: sides(exchange, coin, LEVELS) } };
  if (type === 'bbo') {
    const [[bid], [ask]] = sides(exchange, coin, 1);
    return { channel: type, data: { coin, time, bbo: [bid ?? null, ask ?? null] } };
  }
  if (type !== 'activeAssetCtx') return undefined;
  const fair = listing.grid.priceOf(listing.flow.fair).toString();
  const ctx = { funding: '0', openInterest: '0', oraclePx: fair, markPx: fair, midPx: fair };
  return { channel: type, data: { coin, ctx } };
}

export function tradeMessage(exchange: SimExchange, trade: SimTrade): Fields {
  const { coin, side, px, sz, time, hash, tid } = fillMessage(exchange, trade);
  return { channel: 'trades', data: [{ coin, side, px, sz, time, hash, tid, users: [] }] };
}
