import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { AccountOrder, VenueReport } from '@evenkeel/facts';
import { bookFill, contractOf, emptyLedger } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, createRandom, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { connectionNote, createVenueConnection } from '@evenkeel/venue-wire';
import type { SequencedBook, Subscription, VenueConnection } from '@evenkeel/venue-wire';
import { ReportInbox, feeOf, holdingsReport } from '@evenkeel/venues';
import type {
  Backlog,
  Booked,
  ConnectorDefinition,
  ConnectorEvents,
  ConnectorHost,
  DueReport,
  OpenedAccount,
  Sent,
  VenueConnector,
} from '@evenkeel/venues';
import { z } from 'zod';

import { placeOf } from '../live/feed-plan';
import { VENUE_PROTOCOLS, connectionOf } from '../venue-protocols';
import { createPaperVenue, type PaperVenue } from './paper-venue';

const settings = z.strictObject({
  /** Endpoints that stand in for a feed's own, by feed name. */
  urls: z.record(z.string(), z.url({ protocol: /^wss?$/ })).default({}),
});
type Settings = z.output<typeof settings>;

/** Orders that never leave the house, filled against the live books of their contracts. */
export const PAPER: ConnectorDefinition<Settings> = {
  connector: 'paper',
  finality: 'at-once',
  onConnectionLost: 'in-house',
  settings,
  isReal: () => false,
  keys: () => [],
  checkKeys: () => undefined,
  connect: (own, host) => (account, events) => new PaperAccount(account, events, host, own),
};

interface Kept {
  readonly order: VenueOrder;
  open: Decimal;
  readonly fills: Set<string>;
}

/** Orders that are over are remembered as long as somebody may still ask for them. */
const KEPT_MAX = 10_000;

class PaperAccount implements VenueConnector {
  readonly time = 'wall';
  readonly accountKey: string;
  readonly lastSettledAt = undefined;
  private readonly inbox: ReportInbox;
  private readonly connections = new Map<string, VenueConnection>();
  private readonly ledger = emptyLedger();
  private readonly contracts: ReadonlyMap<string, Contract>;
  private readonly orders = new Map<string, Kept>();
  private readonly paper: PaperVenue;

  constructor(
    private readonly account: OpenedAccount,
    private readonly events: ConnectorEvents,
    private readonly host: ConnectorHost,
    { urls }: Settings,
  ) {
    const { specifications, book } = account;
    this.accountKey = book;
    this.inbox = new ReportInbox({ life: host.life, onMissed: events.onReady });
    this.contracts = new Map(specifications.map((spec) => [spec.id, contractOf(spec)]));
    this.paper = createPaperVenue({
      specifications,
      book: (instrument) => this.bookOf(instrument),
      feeOf,
      onReport: (report, at) => this.report(report, at),
    });
    const symbols = new Map<string, string[]>();
    for (const { id } of specifications) {
      const place = placeOf(id);
      if (place !== undefined) symbols.set(place.feed, [...(symbols.get(place.feed) ?? []), place.symbol]);
    }
    for (const [feed, names] of symbols) this.connect(feed, names, urls);
  }

  start(booked: Booked): void {
    for (const [instrument, position] of booked.positions) this.ledger.positions.set(instrument, position);
    for (const [currency, amount] of booked.cash) this.ledger.cash.set(currency, amount);
    for (const connection of this.connections.values()) connection.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.connections.values()].map((connection) => connection.stop()));
  }

  submit(order: VenueOrder): void {
    if (!this.orders.has(order.clientOrderId)) this.keep(order);
    this.paper.submit(order, this.host.clock());
  }

  amend({ clientOrderId }: Extract<VenueEffect, { kind: 'amend' }>): void {
    this.report({ kind: 'amend-rejected', clientOrderId, reason: 'NOT_ON_PAPER' }, this.host.clock());
  }

  cancel(clientOrderId: string): Sent {
    this.paper.cancel(clientOrderId, this.host.clock());
    return 'sent';
  }

  cancelAll(): Sent {
    for (const { clientOrderId } of this.standing()) this.cancel(clientOrderId);
    return 'sent';
  }

  openOrders(): Promise<readonly AccountOrder[]> {
    return Promise.resolve(this.standing());
  }

  query(clientOrderId: string): void {
    this.inbox.beginQuery(clientOrderId);
    this.paper.query(clientOrderId, this.host.clock());
  }

  reconcile(requestId: string): void {
    this.report(this.holdings(requestId), this.host.clock());
  }

  knows(): undefined {
    return undefined;
  }

  onMarket(): void {
    // It looks at the live books itself.
  }

  get backlog(): Backlog {
    return this.inbox.backlog;
  }

  due(): DueReport | undefined {
    return this.inbox.due();
  }

  settled(reportId: string): void {
    this.inbox.settled(reportId);
  }

  /** Books and trades of a feed, over one connection or two. */
  private connect(feed: string, symbols: readonly string[], urls: Settings['urls']): void {
    const wanted = new Map<string, Subscription[]>();
    for (const channel of ['book', 'trades'] as const) {
      const name = connectionOf(feed, channel);
      const subscriptions = symbols.map((symbol) => ({ channel, symbol }));
      wanted.set(name, [...(wanted.get(name) ?? []), ...subscriptions]);
    }
    for (const [name, subscriptions] of wanted) this.open(name, subscriptions, urls[name]);
  }

  private open(name: string, subscriptions: readonly Subscription[], url: string | undefined): void {
    const { onNote, onReady } = this.events;
    const connection = createVenueConnection({
      protocol: required(VENUE_PROTOCOLS.get(name), `the protocol of ${name}`),
      subscriptions,
      clock: this.host.clock,
      random: createRandom(`paper/${this.host.life}/${name}`),
      onEvent: (event, at) => this.paper.onEvent(event, at),
      onFact: (fact) => {
        const note = connectionNote(fact);
        if (note !== undefined) onNote(note);
        if (fact.fact === 'book' && fact.what.fact === 'book-synced') onReady();
      },
      ...(url === undefined ? {} : { url }),
    });
    this.connections.set(name, connection);
  }

  private bookOf(instrument: string): SequencedBook | undefined {
    const place = placeOf(instrument);
    return place === undefined ? undefined : this.connections.get(place.feed)?.book(place.symbol);
  }

  private keep(order: VenueOrder): void {
    this.orders.set(order.clientOrderId, { order, open: Decimal.parse(order.quantity), fills: new Set() });
    if (this.orders.size <= KEPT_MAX) return;
    for (const [id, { open }] of this.orders) {
      if (open.isPositive()) continue;
      this.orders.delete(id);
      return;
    }
  }

  private report(report: VenueReport, at: Instant): void {
    this.note(report, at);
    this.inbox.receive(report, at);
    this.events.onNews();
  }

  /** Keeps what a venue would keep: positions and what is still open. */
  private note(report: VenueReport, at: Instant): void {
    if (report.kind === 'account') return;
    const known = this.orders.get(report.clientOrderId);
    if (known === undefined) return;
    if (report.kind === 'cancelled' || report.kind === 'rejected' || report.kind === 'expired')
      known.open = Decimal.ZERO;
    if (report.kind !== 'filled' || known.fills.has(report.fillId)) return;
    known.fills.add(report.fillId);
    const quantity = Decimal.parse(report.quantity);
    known.open = known.open.minus(quantity);
    const { instrument, side } = known.order;
    const contract = required(this.contracts.get(instrument), `the terms of ${instrument}`);
    const signed = side === 'buy' ? quantity : quantity.negated();
    const price = Decimal.parse(report.price);
    bookFill(this.ledger, report.fillId, { contract, quantity: signed, price, fee: report.fee, at });
    // Nothing is ever taken back here: what a fill did to the account is enough.
    this.ledger.fills.clear();
  }

  private standing(): AccountOrder[] {
    return [...this.orders.values()].flatMap(({ order: { clientOrderId, instrument }, open }) =>
      open.isPositive() ? [{ clientOrderId, instrument, remaining: open.toString() }] : [],
    );
  }

  private holdings(requestId: string): VenueReport {
    const { book, venue } = this.account;
    return holdingsReport({ book, venue, requestId, openOrders: this.standing() }, this.ledger);
  }
}
