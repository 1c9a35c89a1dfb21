import type { VenueOrder } from '@evenkeel/execution';
import type { MoneyAmount, VenueReport } from '@evenkeel/facts';
import { contractOf } from '@evenkeel/instruments';
import type { Contract, InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, type Instant } from '@evenkeel/kernel';

import type { Level, MarketEvent, SequencedBook, TradeEvent } from '@evenkeel/venue-wire';

export type Liquidity = 'maker' | 'taker';

export interface PaperVenueOptions {
  readonly specifications: readonly InstrumentSpec[];
  /** The live book of an instrument, in the venue's amounts. */
  readonly book: (instrument: string) => SequencedBook | undefined;
  /** The fee of a fill as reports carry it: paid is negative. */
  readonly feeOf: (
    contract: Contract,
    quantity: Decimal,
    price: Decimal,
    liquidity: Liquidity,
  ) => MoneyAmount;
  readonly onReport: (report: VenueReport, at: Instant) => void;
}

/** Orders that never leave the house, filled against the market that is really there. */
export interface PaperVenue {
  submit(order: VenueOrder, now: Instant): void;
  cancel(clientOrderId: string, now: Instant): void;
  query(clientOrderId: string, now: Instant): void;
  /** Shows the venue what happened in the market; resting orders fill on it. */
  onEvent(event: MarketEvent, now: Instant): void;
}

interface PaperOrder {
  readonly order: VenueOrder;
  readonly contract: Contract;
  readonly limit: Decimal;
  open: Decimal;
  /** Amount displayed in front of us when we joined, less what has traded there since. */
  ahead: Decimal;
  fills: number;
  over: boolean;
  readonly said: VenueReport[];
}

/** What we have already taken of a displayed level, until the venue shows another size there. */
interface Taken {
  displayed: string;
  used: Decimal;
}

/**
 * Paper trading on live data. A taker gets the displayed levels up to its limit, and not the same level twice until it has
 * been shown anew; a maker stands behind what was displayed at its price and is filled by trades there, or when the market
 * goes through it. Our own impact on others is not modelled: fills are what the displayed market would have given.
 */
export function createPaperVenue(options: PaperVenueOptions): PaperVenue {
  return new Paper(options);
}

class Paper implements PaperVenue {
  private readonly contracts: ReadonlyMap<string, Contract>;
  private readonly orders = new Map<string, PaperOrder>();
  private readonly resting = new Set<PaperOrder>();
  private readonly taken = new Map<string, Taken>();

  constructor(private readonly options: PaperVenueOptions) {
    this.contracts = new Map(options.specifications.map((spec) => [spec.id, contractOf(spec)]));
  }

  submit(order: VenueOrder, now: Instant): void {
    // The same id twice is one order.
    if (this.orders.has(order.clientOrderId)) return;
    const contract = this.contracts.get(order.instrument);
    const book = this.options.book(order.instrument);
    const reason = contract === undefined ? 'NOT_LISTED' : refusalOf(contract, book);
    if (contract === undefined || book === undefined || reason !== undefined) {
      return this.options.onReport(
        { kind: 'rejected', clientOrderId: order.clientOrderId, reason: reason ?? 'NO_MARKET' },
        now,
      );
    }
    const amount = Decimal.parse(order.quantity).times(amountPerContract(contract));
    const paper: PaperOrder = {
      order,
      contract,
      limit: Decimal.parse(order.limitPrice),
      open: amount,
      ahead: Decimal.ZERO,
      fills: 0,
      over: false,
      said: [],
    };
    this.orders.set(order.clientOrderId, paper);
    const touch = book.best(order.side === 'buy' ? 'ask' : 'bid');
    if (
      order.timeInForce === 'POST_ONLY' &&
      touch !== undefined &&
      this.reaches(paper, Decimal.parse(touch.price))
    ) {
      return this.end(
        paper,
        { kind: 'rejected', clientOrderId: order.clientOrderId, reason: 'POST_ONLY' },
        now,
      );
    }
    this.say(
      paper,
      {
        kind: 'acknowledged',
        clientOrderId: order.clientOrderId,
        venueOrderId: `paper-${order.clientOrderId}`,
      },
      now,
    );
    this.take(paper, book, now);
    if (paper.open.isZero()) return;
    if (order.timeInForce === 'IOC') return this.expire(paper, now);
    paper.ahead = this.displayedAt(book, paper);
    this.resting.add(paper);
  }

  cancel(clientOrderId: string, now: Instant): void {
    const paper = this.orders.get(clientOrderId);
    if (paper === undefined || paper.over) return;
    this.end(paper, { kind: 'cancelled', clientOrderId, reason: 'REQUESTED' }, now);
  }

  query(clientOrderId: string, now: Instant): void {
    const paper = this.orders.get(clientOrderId);
    if (paper === undefined) return this.options.onReport({ kind: 'not-found', clientOrderId }, now);
    for (const report of paper.said) this.options.onReport(report, now);
  }

  onEvent(event: MarketEvent, now: Instant): void {
    if (this.resting.size === 0) return;
    for (const paper of [...this.resting]) {
      if (event.instrument !== paper.order.instrument) continue;
      if (event.kind === 'trade' && event.special === undefined) this.tradeAt(paper, event, now);
      else if (event.kind === 'book-delta' || event.kind === 'book-snapshot' || event.kind === 'quote')
        this.throughCheck(paper, now);
    }
  }

  private reaches(paper: PaperOrder, price: Decimal): boolean {
    return paper.order.side === 'buy' ? !price.greaterThan(paper.limit) : !price.lessThan(paper.limit);
  }

  private take(paper: PaperOrder, book: SequencedBook, now: Instant): void {
    const side = paper.order.side === 'buy' ? 'ask' : 'bid';
    for (const level of book.levels(side, 200)) {
      if (paper.open.isZero() || !this.reaches(paper, Decimal.parse(level.price))) return;
      const available = this.availableAt(paper.order.instrument, side, level);
      const amount = available.amount.min(paper.open);
      if (!amount.isPositive()) continue;
      available.taken.used = available.taken.used.plus(amount);
      this.fill(paper, amount, Decimal.parse(level.price), 'taker', now);
    }
  }

  private availableAt(
    instrument: string,
    side: 'bid' | 'ask',
    level: Level,
  ): { amount: Decimal; taken: Taken } {
    const key = `${instrument}/${side}/${level.price}`;
    const known = this.taken.get(key);
    const taken = known?.displayed === level.size ? known : { displayed: level.size, used: Decimal.ZERO };
    this.taken.set(key, taken);
    return { amount: Decimal.parse(level.size).minus(taken.used), taken };
  }

  private displayedAt(book: SequencedBook, paper: PaperOrder): Decimal {
    const side = paper.order.side === 'buy' ? 'bid' : 'ask';
    const level = book.levels(side, 200).find(({ price }) => Decimal.parse(price).equals(paper.limit));
    return level === undefined ? Decimal.ZERO : Decimal.parse(level.size);
  }

  /** A trade at our price first serves who stood before us; one beyond it would have served us in full. */
  private tradeAt(paper: PaperOrder, trade: TradeEvent, now: Instant): void {
    const price = Decimal.parse(trade.price);
    if (this.isBeyond(paper, price)) return this.fill(paper, paper.open, paper.limit, 'maker', now);
    if (!price.equals(paper.limit) || trade.side === paper.order.side) return;
    const size = Decimal.parse(trade.size);
    const rest = size.minus(paper.ahead);
    paper.ahead = paper.ahead.minus(size).max(Decimal.ZERO);
    if (rest.isPositive()) this.fill(paper, rest.min(paper.open), paper.limit, 'maker', now);
  }

  /** The other side is quoted better than our price: it has come through us. */
  private throughCheck(paper: PaperOrder, now: Instant): void {
    const book = this.options.book(paper.order.instrument);
    if (book?.status !== 'synced') return;
    const touch = book.best(paper.order.side === 'buy' ? 'ask' : 'bid');
    if (touch === undefined || !this.reaches(paper, Decimal.parse(touch.price))) return;
    this.fill(paper, paper.open, paper.limit, 'maker', now);
  }

  private isBeyond(paper: PaperOrder, price: Decimal): boolean {
    return paper.order.side === 'buy' ? price.lessThan(paper.limit) : price.greaterThan(paper.limit);
  }

  private fill(paper: PaperOrder, amount: Decimal, price: Decimal, liquidity: Liquidity, now: Instant): void {
    const { order, contract } = paper;
    paper.open = paper.open.minus(amount);
    paper.fills += 1;
    const quantity = amount.dividedBy(amountPerContract(contract), 12, 'half-even');
    const signed = order.side === 'buy' ? quantity : quantity.negated();
    this.say(
      paper,
      {
        kind: 'filled',
        clientOrderId: order.clientOrderId,
        fillId: `paper-${order.clientOrderId}-${paper.fills}`,
        quantity: quantity.toString(),
        price: price.toString(),
        fee: this.options.feeOf(contract, signed, price, liquidity),
        liquidity,
      },
      now,
    );
    if (!paper.open.isZero()) return;
    paper.over = true;
    this.resting.delete(paper);
  }

  private expire(paper: PaperOrder, now: Instant): void {
    const { clientOrderId } = paper.order;
    const end: VenueReport =
      paper.fills === 0
        ? { kind: 'expired', clientOrderId }
        : { kind: 'cancelled', clientOrderId, reason: 'IOC_REMAINDER' };
    this.end(paper, end, now);
  }

  private end(paper: PaperOrder, report: VenueReport, now: Instant): void {
    paper.over = true;
    this.resting.delete(paper);
    this.say(paper, report, now);
  }

  private say(paper: PaperOrder, report: VenueReport, now: Instant): void {
    paper.said.push(report);
    this.options.onReport(report, now);
  }
}

/** What the venue counts for one contract: USD or coins on Deribit, contracts elsewhere. */
function amountPerContract({ venue, size }: Contract): Decimal {
  return venue === 'deribit' ? size : Decimal.ONE;
}

function refusalOf({ kind, coinSettled }: Contract, book: SequencedBook | undefined): string | undefined {
  if (book?.status !== 'synced') return 'NO_MARKET';
  // Its fee is a part of the underlying, whose price no book shows.
  return kind === 'option' && !coinSettled ? 'NO_INDEX' : undefined;
}
