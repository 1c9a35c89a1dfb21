import type { Decimal } from '@evenkeel/kernel';

import { DEFAULT_FLOW, GeneratedFlow, type FlowOptions } from './generated-flow';
import { markOption, type OptionMark } from './option-model';
import { MatchingBook, opposite, type Fill, type SelfTrading, type Side } from './matching-book';
import type { SimEvent, SimFaults } from './sim-events';
import { usualDeposit } from './sim-deposit';
import { simFee } from './sim-fee';
import { Grid, type SimInstrument } from './sim-instrument';
import type { OrderRequest, Refusal, SimOrder, SimTrade } from './sim-orders';

export type { SimEvent, SimFaults } from './sim-events';

interface Listing {
  readonly instrument: SimInstrument;
  readonly grid: Grid;
  readonly book: MatchingBook;
  readonly flow: GeneratedFlow;
  changeId: number;
  tradeSequence: number;
  lastTicks: number | undefined;
}

export interface SimExchangeOptions {
  readonly instruments: readonly SimInstrument[];
  /** Lists what somebody asks for and is not listed yet: the instrument, and what it needs beside it. */
  readonly listOnDemand?: (name: string) => readonly SimInstrument[];
  readonly flow?: Partial<FlowOptions>;
  /** How the venue writes its ids, by their place among all; Deribit's way when absent. */
  readonly orderIds?: (serial: number) => string;
  readonly tradeIds?: (serial: number) => string;
  /** What every account begins with in a currency; 100 coins, or ten million of a dollar, when absent. */
  readonly deposit?: (currency: string) => Decimal;
  readonly selfTrading?: SelfTrading;
  /**
   * What becomes of an order under an id of ours that the account has used: `same-order` answers with the first one, `refused` and
   * `refused-while-open` say no (the latter only while the first one rests). `same-order` when absent.
   */
  readonly repeatedLabel?: 'same-order' | 'refused' | 'refused-while-open';
}

const REFUSED_BY_THE_BOOK = {
  POST_ONLY: 'post-only',
  SELF_TRADE: 'self-trade',
  FILL_OR_KILL: 'fill-or-kill',
} as const satisfies Readonly<Record<string, Refusal>>;

/** Cash that moved without a trade: funding. */
export interface SimPayment {
  readonly account: string;
  readonly currency: string;
  readonly instrument: string;
  /** Coins, from the account's side: paid is negative. */
  readonly amount: Decimal;
}

/**
 * The exchange without its wire: accounts, orders, positions and a generated market per instrument, all in one deterministic
 * machine. Time comes in as milliseconds; what happened is kept until `takeEvents`.
 */
export class SimExchange {
  readonly faults: SimFaults = { outage: false };
  readonly payments: SimPayment[] = [];
  private readonly listings = new Map<string, Listing>();
  private readonly orders = new Map<string, SimOrder>();
  private readonly positions = new Map<string, number>();
  private readonly events: SimEvent[] = [];
  private serial = 0;
  private trades = 0;
  /** Orders whose label had come before. */
  duplicates = 0;

  constructor(private readonly options: SimExchangeOptions) {
    for (const instrument of options.instruments) this.list(instrument);
  }

  private list(instrument: SimInstrument): void {
    if (this.listings.has(instrument.name)) return;
    const { options } = this;
    const grid = new Grid(instrument);
    const book = new MatchingBook();
    const fair = grid.ticksOf(instrument.initialPrice) ?? 1000;
    // Options follow the model, not a wandering price of their own.
    const own = instrument.kind === 'option' ? { moveMax: 0, levels: 6, takerChance: 0 } : {};
    const flow = new GeneratedFlow(book, fair, { ...DEFAULT_FLOW, ...options.flow, ...own }, instrument.name);
    const listing = {
      instrument,
      grid,
      book,
      flow,
      changeId: 1000,
      tradeSequence: 0,
      lastTicks: undefined,
    };
    this.listings.set(instrument.name, listing);
    flow.step();
    book.takeChanges();
  }

  listing(name: string): Listing | undefined {
    const known = this.listings.get(name);
    if (known !== undefined || this.options.listOnDemand === undefined) return known;
    for (const instrument of this.options.listOnDemand(name)) this.list(instrument);
    return this.listings.get(name);
  }

  get instruments(): readonly SimInstrument[] {
    return [...this.listings.values()].map(({ instrument }) => instrument);
  }

  depositOf(currency: string): Decimal {
    return (this.options.deposit ?? usualDeposit)(currency);
  }

  /** Lots, signed. */
  position(account: string, instrument: string): number {
    return this.positions.get(`${account}/${instrument}`) ?? 0;
  }

  place(account: string, request: OrderRequest, nowMs: number): SimOrder | Refusal {
    const listing = this.listing(request.instrument);
    if (listing === undefined) return 'instrument';
    if (this.faults.outage) return 'maintenance';
    const known = request.label === '' ? undefined : this.byLabel(account, request.label).at(-1);
    if (known !== undefined) {
      this.duplicates += 1;
      const { repeatedLabel = 'same-order' } = this.options;
      if (repeatedLabel === 'same-order') return known;
      if (repeatedLabel === 'refused' || known.state === 'open') return 'duplicate';
    }
    const rejected = this.faults.rejectNext;
    if (rejected !== undefined) {
      this.faults.rejectNext = undefined;
      return rejected;
    }
    const lots = listing.grid.lotsOf(request.amount);
    if (lots === undefined || lots <= 0) return 'amount';
    const ticks = request.price === undefined ? undefined : listing.grid.ticksOf(request.price);
    if (request.type === 'limit' && request.price === undefined) return 'price';
    if (request.price !== undefined && ticks === undefined) return 'tick';
    const allowed = request.reduceOnly ? this.reducible(account, request, lots) : lots;
    if (allowed === 0) return 'reduce-only';
    return this.match(account, request, listing, ticks, allowed, nowMs);
  }

  cancel(account: string, orderId: string, nowMs: number): SimOrder | Refusal {
    const order = this.orders.get(orderId);
    if (order === undefined || order.account !== account) return 'not-found';
    if (order.state !== 'open') return 'not-open';
    this.listings.get(order.instrument)?.book.cancel(orderId);
    this.end(order, 'cancelled', nowMs);
    this.publish(order.instrument);
    return order;
  }

  /** Fewer lots at the same price keep their place in the queue; anything else goes to its end, and may trade. */
  edit(
    account: string,
    orderId: string,
    change: { readonly amount: string; readonly price: string },
    nowMs: number,
  ): SimOrder | Refusal {
    const order = this.orders.get(orderId);
    const listing = order === undefined ? undefined : this.listings.get(order.instrument);
    if (order === undefined || listing === undefined || order.account !== account) return 'not-found';
    if (this.faults.outage) return 'maintenance';
    if (order.state !== 'open') return 'not-open';
    const lots = listing.grid.lotsOf(change.amount);
    const ticks = listing.grid.ticksOf(change.price);
    if (lots === undefined || lots <= order.filledLots) return 'amount';
    if (ticks === undefined) return 'tick';
    const open = lots - order.filledLots;
    if (ticks !== order.ticks || !listing.book.reduce(orderId, open))
      this.requeue(listing, order, ticks, open, nowMs);
    order.lots = lots;
    order.ticks = ticks;
    order.updatedMs = nowMs;
    if (order.filledLots === order.lots) order.state = 'filled';
    this.events.push({ event: 'order', order });
    this.publish(order.instrument);
    return order;
  }

  private requeue(listing: Listing, order: SimOrder, ticks: number, lots: number, nowMs: number): void {
    listing.book.cancel(order.orderId);
    const outcome = listing.book.submit({
      id: order.orderId,
      owner: order.account,
      side: order.direction,
      ticks,
      lots,
      timeInForce: 'good_til_cancelled',
      selfTrading: 'cancel_maker',
      ...(order.postOnly ? { postOnly: 'adjust' as const } : {}),
    });
    if (outcome.outcome === 'rejected') return;
    for (const fill of outcome.fills) this.settleFill(listing, fill, order.direction, order, nowMs);
  }

  cancelAll(account: string, nowMs: number, which: (order: SimOrder) => boolean = () => true): number {
    const open = this.ordersOf(account).filter((order) => order.state === 'open' && which(order));
    for (const order of open) this.cancel(account, order.orderId, nowMs);
    return open.length;
  }

  order(account: string, orderId: string): SimOrder | undefined {
    const order = this.orders.get(orderId);
    return order?.account === account ? order : undefined;
  }

  byLabel(account: string, label: string): SimOrder[] {
    return this.ordersOf(account).filter((order) => order.label === label);
  }

  /** Everybody who ever sent an order. */
  accounts(): string[] {
    return [...new Set([...this.orders.values()].map((order) => order.account))];
  }

  ordersOf(account: string): SimOrder[] {
    return [...this.orders.values()].filter((order) => order.account === account);
  }

  /** One step of the generated markets; clients' resting orders are filled when their turn comes. */
  step(nowMs: number): void {
    for (const listing of this.listings.values()) {
      if (listing.instrument.kind === 'option') this.followModel(listing, nowMs);
      for (const { side, fill } of listing.flow.step())
        this.settleFill(listing, fill, side, undefined, nowMs);
      this.publish(listing.instrument.name);
    }
  }

  /** Price of a coin: the fair price of its perpetual, which stands for its index. */
  spot(underlying: string): number | undefined {
    for (const { instrument, grid, flow } of this.listings.values())
      if (instrument.underlying === underlying && instrument.settlementPeriod === 'perpetual')
        return Number(grid.priceOf(flow.fair).toString());
    return undefined;
  }

  /** The model's mark of an option; `undefined` where its coin has no perpetual to go by. */
  optionMark(name: string, nowMs: number): OptionMark | undefined {
    const instrument = this.listings.get(name)?.instrument;
    const spot = instrument === undefined ? undefined : this.spot(instrument.underlying);
    return instrument === undefined || spot === undefined ? undefined : markOption(instrument, spot, nowMs);
  }

  private followModel(listing: Listing, nowMs: number): void {
    const { instrument, flow } = listing;
    const mark = this.optionMark(instrument.name, nowMs);
    if (mark === undefined) return;
    flow.aim(Math.round(mark.mark / Number(instrument.tickSize)));
    this.events.push({ event: 'ticker', instrument: instrument.name });
  }

  takeEvents(): SimEvent[] {
    return this.events.splice(0, this.events.length);
  }

  private match(
    account: string,
    request: OrderRequest,
    listing: Listing,
    ticks: number | undefined,
    lots: number,
    nowMs: number,
  ): SimOrder | Refusal {
    this.serial += 1;
    const orderId = this.options.orderIds?.(this.serial) ?? `${listing.instrument.underlying}-${this.serial}`;
    const immediate = request.type === 'market' || request.timeInForce !== 'good_til_cancelled';
    const part = immediate ? this.faults.partialNext : undefined;
    if (part !== undefined) this.faults.partialNext = undefined;
    const outcome = listing.book.submit({
      id: orderId,
      owner: account,
      side: request.direction,
      ticks: request.type === 'market' ? undefined : ticks,
      lots: Math.min(lots, part ?? lots),
      timeInForce: request.type === 'market' ? 'immediate_or_cancel' : request.timeInForce,
      selfTrading: this.options.selfTrading ?? 'reject_taker',
      ...(request.postOnly
        ? { postOnly: request.rejectPostOnly ? ('reject' as const) : ('adjust' as const) }
        : {}),
    });
    if (outcome.outcome === 'rejected') {
      return REFUSED_BY_THE_BOOK[outcome.reason];
    }
    const order = this.record(orderId, account, request, outcome.ticks, lots, nowMs);
    for (const maker of outcome.cancelledMakers) {
      const own = this.orders.get(maker.id);
      if (own !== undefined) this.end(own, 'cancelled', nowMs);
    }
    for (const fill of outcome.fills) this.settleFill(listing, fill, request.direction, order, nowMs);
    if (order.filledLots === order.lots) order.state = 'filled';
    else if (outcome.restingLots === 0) order.state = 'cancelled';
    this.events.push({ event: 'order', order });
    this.publish(order.instrument);
    return order;
  }

  private record(
    orderId: string,
    account: string,
    request: OrderRequest,
    ticks: number | undefined,
    lots: number,
    nowMs: number,
  ): SimOrder {
    const order: SimOrder = {
      orderId,
      account,
      connection: request.connection ?? '',
      label: request.label,
      instrument: request.instrument,
      direction: request.direction,
      type: request.type,
      ticks,
      lots,
      filledLots: 0,
      filledTicks: 0,
      state: 'open',
      timeInForce: request.timeInForce,
      postOnly: request.postOnly,
      reduceOnly: request.reduceOnly,
      createdMs: nowMs,
      updatedMs: nowMs,
      trades: [],
    };
    this.orders.set(orderId, order);
    return order;
  }

  /** Books a fill for the taker (a client or the market) and for the maker, whoever of them is a client. */
  private settleFill(
    listing: Listing,
    fill: Fill,
    takerSide: Side,
    taker: SimOrder | undefined,
    nowMs: number,
  ): void {
    listing.tradeSequence += 1;
    this.trades += 1;
    listing.lastTicks = fill.ticks;
    const maker = this.orders.get(fill.makerId);
    const shown = this.tradeOf(listing, fill, taker, takerSide, 'T', nowMs);
    this.events.push({ event: 'trade', trade: shown });
    if (taker !== undefined) this.bookTrade(taker, shown, nowMs);
    if (maker === undefined) return;
    this.bookTrade(maker, this.tradeOf(listing, fill, maker, opposite(takerSide), 'M', nowMs), nowMs);
    if (fill.makerDone) maker.state = 'filled';
    this.events.push({ event: 'order', order: maker });
  }

  private tradeOf(
    listing: Listing,
    fill: Fill,
    order: SimOrder | undefined,
    direction: Side,
    liquidity: 'M' | 'T',
    nowMs: number,
  ): SimTrade {
    const { instrument, tradeSequence } = listing;
    return {
      tradeId:
        this.options.tradeIds?.(this.trades) ??
        `${instrument.underlying}-${instrument.name}-${tradeSequence}`,
      tradeSequence,
      serial: this.trades,
      instrument: instrument.name,
      orderId: order?.orderId ?? '',
      label: order?.label ?? '',
      direction,
      ticks: fill.ticks,
      lots: fill.lots,
      liquidity,
      fee: simFee(
        instrument,
        listing.grid,
        fill,
        liquidity === 'M' ? instrument.makerFee : instrument.takerFee,
        this.spot(instrument.underlying),
      ),
      atMs: nowMs,
    };
  }

  private bookTrade(order: SimOrder, trade: SimTrade, nowMs: number): void {
    order.filledLots += trade.lots;
    order.filledTicks += trade.ticks * trade.lots;
    order.updatedMs = nowMs;
    order.trades.push(trade);
    const key = `${order.account}/${order.instrument}`;
    this.positions.set(
      key,
      (this.positions.get(key) ?? 0) + (trade.direction === 'buy' ? trade.lots : -trade.lots),
    );
    this.events.push({ event: 'user-trade', account: order.account, trade });
  }

  /** What a reduce-only order may still do: nothing that would open or turn the position. */
  private reducible(account: string, request: OrderRequest, lots: number): number {
    const held = this.position(account, request.instrument);
    const closing = request.direction === 'buy' ? -held : held;
    return Math.max(0, Math.min(lots, closing));
  }

  private end(order: SimOrder, state: 'cancelled', nowMs: number): void {
    order.state = state;
    order.updatedMs = nowMs;
    this.events.push({ event: 'order', order });
  }

  private publish(name: string): void {
    const listing = this.listings.get(name);
    const changes = listing?.book.takeChanges() ?? [];
    if (listing === undefined || changes.length === 0) return;
    const previous = listing.changeId;
    listing.changeId += changes.length;
    this.events.push({ event: 'book', instrument: name, changes, previous, changeId: listing.changeId });
  }
}
