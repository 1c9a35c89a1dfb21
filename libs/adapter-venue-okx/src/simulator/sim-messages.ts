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

export function instTypeOf({ kind, settlementPeriod }: SimInstrument): 'SWAP' | 'FUTURES' | 'OPTION' {
  if (kind === 'option') return 'OPTION';
  return settlementPeriod === 'perpetual' ? 'SWAP' : 'FUTURES';
}

const TIME_IN_FORCE = {
  good_til_cancelled: 'limit',
  immediate_or_cancel: 'ioc',
  fill_or_kill: 'fok',
} as const;
const STATE = { filled: 'filled', cancelled: 'canceled', rejected: 'canceled' } as const;

/** An order, with the trade that it is told for where it is for one. */
export function orderMessage(exchange: SimExchange, order: SimOrder | EndedOrder, trade?: SimTrade): Fields {
  const listing = exchange.listing(order.instrument);
  if (listing === undefined) return {};
  const { grid, instrument } = listing;
  const why = whyEnded(order);
  const state =
    order.state === 'open' ? (order.filledLots > 0 ? 'partially_filled' : 'live') : STATE[order.state];
  return {
    instType: instTypeOf(instrument),
    instId: order.instrument,
    ordId: order.orderId,
    clOrdId: order.label,
    px: order.ticks === undefined ? '' : grid.priceOf(order.ticks).toString(),
    sz: grid.amountOf(order.lots).toString(),
    ordType:
      order.type === 'market' ? 'market' : order.postOnly ? 'post_only' : TIME_IN_FORCE[order.timeInForce],
    side: order.direction,
    posSide: 'net',
    tdMode: 'cross',
    accFillSz: grid.amountOf(order.filledLots).toString(),
    avgPx: averageOf(order, grid.priceOf(1)),
    state,
    cancelSource: order.state !== 'cancelled' ? '' : why === 'post-only' ? '31' : '1',
    reduceOnly: String(order.reduceOnly),
    amendResult: '',
    ...tradeOf(exchange, trade),
    uTime: String(order.updatedMs),
    cTime: String(order.createdMs),
  };
}

function tradeOf(exchange: SimExchange, trade: SimTrade | undefined): Fields {
  const listing = trade === undefined ? undefined : exchange.listing(trade.instrument);
  if (trade === undefined || listing === undefined)
    return { tradeId: '', fillSz: '0', fillPx: '', fillFee: '0', fillFeeCcy: '', fillTime: '', execType: '' };
  return {
    tradeId: trade.tradeId,
    fillSz: listing.grid.amountOf(trade.lots).toString(),
    fillPx: listing.grid.priceOf(trade.ticks).toString(),
    fillFee: Decimal.parse(trade.fee).negated().toString(),
    fillFeeCcy: listing.instrument.settlement,
    fillTime: String(trade.atMs),
    execType: trade.liquidity,
  };
}

const averageOf = ({ filledLots, filledTicks }: SimOrder, tick: Decimal): string =>
  filledLots === 0
    ? ''
    : tick.times(Decimal.ofInteger(filledTicks)).dividedBy(Decimal.ofInteger(filledLots), 8).toString();

/** A trade of a list. */
export function fillMessage(exchange: SimExchange, trade: SimTrade): Fields {
  const listing = exchange.listing(trade.instrument);
  if (listing === undefined) return {};
  return {
    instType: instTypeOf(listing.instrument),
    instId: trade.instrument,
    tradeId: trade.tradeId,
    ordId: trade.orderId,
    clOrdId: trade.label,
    billId: String(trade.serial),
    fillPx: listing.grid.priceOf(trade.ticks).toString(),
    fillSz: listing.grid.amountOf(trade.lots).toString(),
    side: trade.direction,
    posSide: 'net',
    execType: trade.liquidity,
    feeCcy: listing.instrument.settlement,
    fee: Decimal.parse(trade.fee).negated().toString(),
    ts: String(trade.atMs),
  };
}

export function positionMessage(exchange: SimExchange, account: string, instrument: SimInstrument): Fields {
  const lots = exchange.position(account, instrument.name);
  const pos = exchange.listing(instrument.name)?.grid.amountOf(lots).toString() ?? '0';
  return { instType: instTypeOf(instrument), instId: instrument.name, posSide: 'net', mgnMode: 'cross', pos };
}

export function balanceMessage(exchange: SimExchange, account: string): Fields {
  const currencies = [...new Set(exchange.instruments.map(({ settlement }) => settlement))];
  const details = currencies.map((ccy) => {
    const { balance, sessionProfit } = cashOf(exchange, account, ccy);
    return { ccy, cashBal: balance.plus(sessionProfit).toString() };
  });
  return { details };
}

export function instrumentMessage(instrument: SimInstrument): Fields {
  const { name, underlying, quote, settlement, inverse, tickSize, amountStep, contractSize } = instrument;
  const instType = instTypeOf(instrument);
  const family = familyOf(name);
  return {
    instType,
    instId: name,
    uly: family,
    instFamily: family,
    baseCcy: '',
    quoteCcy: '',
    settleCcy: settlement,
    ctVal: contractSize,
    ctMult: '1',
    ctValCcy: inverse && instType !== 'OPTION' ? quote : underlying,
    ctType: instType === 'OPTION' ? '' : inverse ? 'inverse' : 'linear',
    tickSz: tickSize,
    lotSz: amountStep,
    minSz: amountStep,
    state: 'live',
    stk: instrument.strike ?? '',
    optType: instrument.optionType === undefined ? '' : instrument.optionType === 'call' ? 'C' : 'P',
    expTime: instrument.expirationMs === undefined ? '' : String(instrument.expirationMs),
  };
}

export const familyOf = (name: string): string => name.split('-').slice(0, 2).join('-');

interface MarkMessage {
  readonly arg: { readonly channel: string; readonly instId?: string; readonly instFamily?: string };
  readonly data: readonly Fields[];
}

/** What an option is marked by, each on a channel of its own. */
export function markMessages(
  exchange: SimExchange,
  { name, underlying, kind }: SimInstrument,
  nowMs: number,
): readonly MarkMessage[] {
  const mark = exchange.optionMark(name, nowMs);
  const index = exchange.spot(underlying);
  if (kind !== 'option' || mark === undefined || index === undefined) return [];
  const family = familyOf(name);
  const ts = String(nowMs);
  const summary = {
    instType: 'OPTION',
    instId: name,
    uly: family,
    fwdPx: mark.forward.toFixed(4),
    markVol: mark.volatility.toFixed(6),
    delta: mark.delta.toFixed(6),
    ts,
  };
  return [
    {
      arg: { channel: 'mark-price', instId: name },
      data: [{ instId: name, markPx: mark.mark.toFixed(8), ts }],
    },
    { arg: { channel: 'opt-summary', instFamily: family }, data: [summary] },
    {
      arg: { channel: 'index-tickers', instId: family },
      data: [{ instId: family, idxPx: String(index), ts }],
    },
  ];
}

type Row = [price: string, size: string, deprecated: string, orders: string];

/** A whole book or what of it has changed; the venue has stopped to compute checksums, and writes none. */
export function bookMessage(
  exchange: SimExchange,
  channel: string,
  name: string,
  nowMs: number,
  change?: { readonly changes: readonly LevelChange[]; readonly previous: number },
): Fields | undefined {
  const listing = exchange.listing(name);
  if (listing === undefined) return undefined;
  const { grid, book, changeId } = listing;
  const row = (ticks: number, lots: number): Row => [
    grid.priceOf(ticks).toString(),
    grid.amountOf(lots).toString(),
    '0',
    lots === 0 ? '0' : '1',
  ];
  const top = channel === 'bbo-tbt';
  const side = (which: 'buy' | 'sell'): Row[] =>
    change === undefined || top
      ? book.depth(which, top ? 1 : 400).map(([ticks, lots]) => row(ticks, lots))
      : change.changes.filter((one) => one.side === which).map(({ ticks, lots }) => row(ticks, lots));
  const data = { bids: side('buy'), asks: side('sell'), ts: String(nowMs), seqId: changeId };
  const arg = { channel, instId: name };
  if (top) return { arg, data: [data] };
  const prevSeqId = change?.previous ?? -1;
  const action = change === undefined ? 'snapshot' : 'update';
  return { arg, action, data: [{ ...data, prevSeqId, checksum: 0 }] };
}

export function tickerMessage(exchange: SimExchange, name: string, nowMs: number): Fields | undefined {
  const listing = exchange.listing(name);
  if (listing === undefined) return undefined;
  const { grid, book } = listing;
  const best = (side: 'buy' | 'sell'): [string, string] => {
    const [level] = book.depth(side, 1);
    return level === undefined
      ? ['', '']
      : [grid.priceOf(level[0]).toString(), grid.amountOf(level[1]).toString()];
  };
  const [[bidPx, bidSz], [askPx, askSz]] = [best('buy'), best('sell')];
  const last = grid.priceOf(listing.lastTicks ?? listing.flow.fair).toString();
  const data = {
    instType: instTypeOf(listing.instrument),
    instId: name,
    last,
    bidPx,
    bidSz,
    askPx,
    askSz,
    ts: String(nowMs),
  };
  return { arg: { channel: 'tickers', instId: name }, data: [data] };
}

export function tradeMessage(exchange: SimExchange, trade: SimTrade): Fields | undefined {
  const listing = exchange.listing(trade.instrument);
  if (listing === undefined) return undefined;
  const data = {
    instId: trade.instrument,
    tradeId: trade.tradeId,
    px: listing.grid.priceOf(trade.ticks).toString(),
    sz: listing.grid.amountOf(trade.lots).toString(),
    side: trade.direction,
    ts: String(trade.atMs),
  };
  return { arg: { channel: 'trades', instId: trade.instrument }, data: [data] };
}
