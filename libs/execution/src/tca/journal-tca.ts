import type { CommitView, DomainEvent, EventPayloads, HedgeDecision } from '@evenkeel/facts';
import { isReadBy } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, NANOS_PER_SECOND, assertNever, parseInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { RealisedVolatility } from './realised-volatility';
import type { FillSeen, OrderSeen, Quote, TradeSeen } from './trades';
import { farTouch, feeInUsd } from './trades';

export interface TcaOptions {
  /** After how long the market is looked at again. */
  readonly horizons?: readonly Nanoseconds[];
  /** Trades of these books alone; of all unless told. */
  readonly books?: readonly string[];
}

export const DEFAULT_HORIZONS: readonly Nanoseconds[] = [60n, 300n, 1800n, 3600n].map(
  (seconds) => seconds * NANOS_PER_SECOND,
);

interface Markout {
  readonly fill: FillSeen;
  readonly instrument: string;
  readonly place: number;
  readonly due: Instant;
}

/**
 * Reads a journal from its first commit to its last and keeps what transaction-cost analysis needs. Prices are those on
 * record: the decision's, the orders' own references and the marks of risk snapshots; nothing is fetched.
 */
export class JournalTca {
  readonly horizons: readonly Nanoseconds[];
  readonly trades: TradeSeen[] = [];
  readonly volatility = new RealisedVolatility();
  private readonly contracts = new Map<string, Contract>();
  private readonly quotes = new Map<string, Quote>();
  private readonly byDecision = new Map<string, HedgeDecision>();
  private readonly byId = new Map<string, TradeSeen>();
  private readonly byParent = new Map<string, TradeSeen>();
  private readonly orders = new Map<string, OrderSeen>();
  private pending: Markout[] = [];

  constructor(private readonly options: TcaOptions = {}) {
    this.horizons = options.horizons ?? DEFAULT_HORIZONS;
  }

  add(commit: Pick<CommitView, 'events'>): void {
    for (const event of commit.events) this.fold(event);
  }

  private fold(event: DomainEvent): void {
    if (!isReadBy('tca', event)) return;
    switch (event.type) {
      case 'BookOpened':
      case 'VenueAccountOpened':
        for (const text of event.payload.specifications) {
          const contract = parseContract(text);
          this.contracts.set(contract.id, contract);
        }
        return;
      case 'RiskSnapshotTaken':
        return this.foldSnapshot(event.payload);
      case 'HedgeDecided':
        this.byDecision.set(event.payload.decisionId, event.payload);
        return;
      case 'ParentOrderStarted':
        return this.foldParent(event.payload);
      case 'OrderIntended':
        return this.foldIntent(event.payload);
      case 'OrderFilled':
        return this.foldFill(event.payload);
      case 'FillBusted':
        return this.foldBust(event.payload);
      case 'OrderCancelled':
      case 'OrderRejected':
      case 'OrderExpired': {
        const trade = this.orders.get(event.payload.clientOrderId)?.trade;
        if (trade !== undefined) trade.endMid = this.midOf(trade.instrument) ?? trade.endMid;
        return;
      }
      default:
        assertNever(event, 'an event that transaction costs are made of');
    }
  }

  private foldSnapshot(snapshot: EventPayloads['RiskSnapshotTaken']): void {
    const at = parseInstant(snapshot.at);
    for (const { instrument, price, bid, ask } of snapshot.marks) {
      const known = this.quotes.get(instrument);
      const mid = Decimal.parse(price);
      this.quotes.set(instrument, {
        mid,
        bid: bid === undefined ? undefined : Decimal.parse(bid),
        ask: ask === undefined ? undefined : Decimal.parse(ask),
      });
      if (instrument.endsWith('@composite') && known?.mid.equals(mid) !== true)
        this.volatility.add(instrument, at, mid.toNumber());
    }
    if (this.pending.length === 0) return;
    const later: Markout[] = [];
    for (const markout of this.pending) {
      if (markout.due > at) later.push(markout);
      else markout.fill.marks[markout.place] = this.midOf(markout.instrument);
    }
    this.pending = later;
  }

  private foldParent(payload: EventPayloads['ParentOrderStarted']): void {
    const trade = this.tradeOf(payload.parentId, payload, payload.referencePrice);
    if (trade === undefined) return;
    trade.algorithm = payload.algorithm;
    this.byParent.set(payload.parentId, trade);
  }

  private foldIntent(payload: EventPayloads['OrderIntended']): void {
    const { clientOrderId, parentId, instrument, side } = payload;
    let trade = parentId === undefined ? undefined : this.byParent.get(parentId);
    if (trade === undefined) {
      trade = this.tradeOf(clientOrderId, payload, this.decidedPrice(payload) ?? payload.referencePrice);
      if (trade === undefined) return;
      trade.algorithm = payload.timeInForce === 'IOC' ? 'immediate' : 'resting';
    }
    trade.orders += 1;
    const sentMid = Decimal.parse(payload.referencePrice);
    const sentTouch = farTouch(this.quotes.get(instrument), sentMid, trade.contract, side);
    this.orders.set(clientOrderId, { trade, sentMid, sentTouch });
  }

  private foldFill(payload: EventPayloads['OrderFilled']): void {
    const order = this.orders.get(payload.clientOrderId);
    if (order === undefined) return;
    const { trade, sentMid, sentTouch } = order;
    const at = parseInstant(payload.at);
    const fill: FillSeen = {
      fillId: payload.fillId,
      clientOrderId: payload.clientOrderId,
      at,
      quantity: Decimal.parse(payload.quantity).abs(),
      price: Decimal.parse(payload.price),
      liquidity: payload.liquidity === 'maker' ? 'maker' : 'taker',
      sentMid,
      sentTouch,
      tradedMid: this.midOf(trade.instrument) ?? sentMid,
      fee: feeInUsd(payload.fee, (coin) => this.coinUsd(coin)),
      marks: this.horizons.map(() => undefined),
    };
    trade.fills.push(fill);
    trade.endMid = fill.tradedMid;
    this.horizons.forEach((horizon, place) =>
      this.pending.push({ fill, instrument: trade.instrument, place, due: at + horizon }),
    );
  }

  /** A trade that never was costs nothing and is no markout. */
  private foldBust({ clientOrderId, fillId }: EventPayloads['FillBusted']): void {
    const trade = this.orders.get(clientOrderId)?.trade;
    const place = trade?.fills.findIndex((fill) => fill.fillId === fillId) ?? -1;
    if (trade === undefined || place < 0) return;
    const [busted] = trade.fills.splice(place, 1);
    this.pending = this.pending.filter(({ fill }) => fill !== busted);
  }

  private decidedPrice({ decisionId, instrument, side }: EventPayloads['OrderIntended']): string | undefined {
    return this.byDecision
      .get(decisionId)
      ?.trades.find(
        (trade) => trade.instrument === instrument && trade.quantity.startsWith('-') === (side === 'sell'),
      )?.referencePrice;
  }

  private tradeOf(
    id: string,
    payload: EventPayloads['OrderIntended'] | EventPayloads['ParentOrderStarted'],
    referencePrice: string,
  ): TradeSeen | undefined {
    const { instrument, decisionId, book, side, quantity, at } = payload;
    const contract = this.contracts.get(instrument);
    if (contract === undefined || this.byId.has(id)) return this.byId.get(id);
    if (this.options.books?.includes(book) === false) return undefined;
    const arrival = Decimal.parse(referencePrice);
    const trade: TradeSeen = {
      id,
      decisionId,
      book,
      instrument,
      venue: payload.venue,
      contract,
      side,
      quantity: Decimal.parse(quantity),
      arrival,
      underlyingUsd: this.coinUsd(contract.underlying),
      at: parseInstant(this.byDecision.get(decisionId)?.at ?? at),
      algorithm: '',
      fills: [],
      orders: 0,
      endMid: arrival,
    };
    this.byId.set(id, trade);
    this.trades.push(trade);
    return trade;
  }

  private coinUsd(coin: string): Decimal | undefined {
    return this.midOf(`${coin}@composite`);
  }

  private midOf(instrument: string): Decimal | undefined {
    return this.quotes.get(instrument)?.mid;
  }
}
