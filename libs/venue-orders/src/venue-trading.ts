import type { VenueOrder } from '@evenkeel/execution';
import type { AccountOrder, VenueReport } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import type { Parting, Sent } from '@evenkeel/venues';

import { OrderReports } from './order-reports';
import type { Amendment, Hearing, Holdings, OrderRoutes, Outcome, Placed } from './order-routes';
import type { OrderState } from './order-state';
import type { Trading, TradingOptions } from './trading';

export type VenueTradingOptions = Omit<TradingOptions, 'random' | 'instrumentOf'>;

const NOT_CONNECTED = 'VENUE_NOT_CONNECTED';

/**
 * Orders, cancels and questions at one venue, whatever its dialect: the life of an order from answers, notifications and questions, in
 * any order and however often. Every outcome is a report; what is not known is said to be not known. Nothing is ever sent again:
 * an order whose fate is open is asked for.
 */
export class VenueTrading implements Trading {
  private readonly reports: OrderReports;
  private readonly routes: OrderRoutes;

  constructor(
    private readonly options: VenueTradingOptions,
    open: (hearing: Hearing) => OrderRoutes,
  ) {
    this.reports = new OrderReports(options.onReport);
    this.routes = open({
      onOrder: (order, at) => this.settle(order, at),
      onTrade: (trade, at) => this.reports.fill(trade, at),
      onFact: options.onFact,
      onNote: options.onNote,
      onReady: options.onReady,
    });
  }

  /** Orders may leave. */
  get ready(): boolean {
    return this.routes.ready;
  }

  start(): void {
    this.routes.start();
  }

  stop(parting: Parting): Promise<void> {
    return this.routes.stop(parting);
  }

  submit(order: VenueOrder): void {
    const { clientOrderId } = order;
    // Nothing has left the house: that is certain, so it is a refusal and not an open outcome.
    if (!this.ready) return this.say({ kind: 'rejected', clientOrderId, reason: NOT_CONNECTED });
    void this.routes.place(order).then((outcome) => {
      if (outcome.outcome === 'answered') this.placed(outcome.value);
      else if (outcome.outcome === 'refused')
        this.say({ kind: 'rejected', clientOrderId, reason: outcome.reason });
      else this.say({ kind: 'no-answer', clientOrderId, reason: outcome.reason });
    });
  }

  amend(terms: Amendment): void {
    const { clientOrderId, quantity, limitPrice } = terms;
    if (!this.ready) return this.say({ kind: 'amend-rejected', clientOrderId, reason: NOT_CONNECTED });
    void this.routes.amend(terms).then((outcome) => {
      if (outcome.outcome === 'answered') {
        this.say({ kind: 'amended', clientOrderId, quantity, limitPrice });
        this.placed(outcome.value);
      } else if (outcome.outcome === 'refused')
        this.say({ kind: 'amend-rejected', clientOrderId, reason: outcome.reason });
      // Nobody knows whether the change took: the order itself is asked for.
      else this.query(clientOrderId);
    });
  }

  cancel(clientOrderId: string): Sent {
    return this.takeBack(clientOrderId, (routes) => routes.cancel(clientOrderId));
  }

  /** Everything on the account, whoever placed it. */
  cancelAll(): Sent {
    return this.takeBack('everything', (routes) => routes.cancelAll());
  }

  /** Refused or lost, the orders are as they were; their end, when it comes, is reported by itself. */
  private takeBack(what: string, ask: (routes: OrderRoutes) => Promise<Outcome<unknown>>): Sent {
    if (!this.routes.reachable) return 'not-connected';
    void ask(this.routes).then((outcome) => {
      if (outcome.outcome !== 'refused') return;
      const detail = `${what}: ${outcome.reason}`;
      this.options.onFact({ fact: 'venue-error', at: this.options.clock(), code: 'CANCEL_REFUSED', detail });
    });
    return 'sent';
  }

  query(clientOrderId: string): void {
    const unknown = (reason: string): void => this.say({ kind: 'no-answer', clientOrderId, reason });
    if (!this.ready) return unknown(NOT_CONNECTED);
    void this.routes.find(clientOrderId).then((outcome) => {
      if (outcome.outcome !== 'answered') return unknown(outcome.reason);
      const order = outcome.value;
      if (order === undefined) return this.say({ kind: 'not-found', clientOrderId });
      this.reports.forget(clientOrderId);
      return this.fetchTrades(order);
    });
  }

  /** Answered by one `account` report for the book, incomplete where the venue could not say. */
  reconcile(requestId: string, book: string): void {
    void this.account(requestId, book).then((report) => this.say(report));
  }

  holdings(): Promise<Holdings> {
    return this.routes.holdings();
  }

  /** What the venue lists as resting, in contracts; undefined where it could not say. */
  async standing(): Promise<readonly AccountOrder[] | undefined> {
    if (!this.routes.reachable) return undefined;
    const listed = await this.routes.openOrders();
    return listed.outcome === 'answered' ? listed.value.map(openOrderOf) : undefined;
  }

  private async account(requestId: string, book: string): Promise<VenueReport> {
    const { venue } = this.routes;
    const { positions, balances, complete } = await this.routes.holdings();
    const openOrders = await this.standing();
    return {
      kind: 'account',
      venue,
      book,
      requestId,
      positions: positions.filter(({ quantity }) => quantity !== '0'),
      openOrders: openOrders ?? [],
      balances,
      complete: complete && openOrders !== undefined,
    };
  }

  private placed({ order, trades }: Placed): void {
    const now = this.options.clock();
    for (const trade of trades) this.reports.fill(trade, now);
    this.settle(order, now);
  }

  private settle(order: OrderState, now: Instant): void {
    if (this.reports.order(order, now) === 'missing-fills') void this.fetchTrades(order);
  }

  private async fetchTrades(order: OrderState): Promise<void> {
    const { clientOrderId } = order;
    const outcome = await this.routes.tradesOf(order);
    const now = this.options.clock();
    if (outcome.outcome !== 'answered')
      return this.say({ kind: 'no-answer', clientOrderId, reason: outcome.reason });
    for (const trade of outcome.value) this.reports.fill(trade, now);
    // Still missing some: the venue's own books are behind; ask again rather than guess.
    if (this.reports.order(order, now) === 'missing-fills')
      this.say({ kind: 'no-answer', clientOrderId, reason: 'TRADES_INCOMPLETE' });
  }

  private say(report: VenueReport): void {
    this.options.onReport(report, this.options.clock());
  }
}

/** An open order as everybody else speaks of it. */
function openOrderOf({ clientOrderId, instrument, quantity, filled }: OrderState): AccountOrder {
  return { clientOrderId, instrument, remaining: quantity.minus(filled).toString() };
}
