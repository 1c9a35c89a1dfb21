import { feeOf } from '@evenkeel/adapter-venue-sim';
import { VENUE_PROTOCOLS, createPaperVenue, placeOf } from '@evenkeel/adapter-venues';
import { createVenueConnection } from '@evenkeel/venue-wire';
import type { PaperVenue } from '@evenkeel/adapter-venues';
import type { SequencedBook, VenueConnection } from '@evenkeel/venue-wire';
import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { VenueReport } from '@evenkeel/facts';
import { Decimal, createRandom } from '@evenkeel/kernel';
import type { LiveVenue, LiveVenueOptions } from './live-venue';

/** Orders that never leave the house, filled against the live books of their contracts. */
export class PaperAccount implements LiveVenue {
  private readonly connections = new Map<string, VenueConnection>();
  private readonly positions = new Map<string, Decimal>();
  private readonly orders = new Map<string, { readonly order: VenueOrder; open: Decimal }>();
  private readonly fills = new Set<string>();
  private readonly paper: PaperVenue;

  constructor(private readonly options: LiveVenueOptions) {
    const { specifications } = options.account;
    this.paper = createPaperVenue({
      specifications,
      book: (symbol) => this.bookOf(symbol),
      feeOf,
      onReport: (report, at) => {
        this.note(report);
        options.onReport(report, at);
      },
    });
    const symbols = new Map<string, string[]>();
    for (const { id } of specifications) {
      const place = placeOf(id);
      if (place !== undefined) symbols.set(place.feed, [...(symbols.get(place.feed) ?? []), place.symbol]);
    }
    for (const [feed, names] of symbols) this.connect(feed, names);
  }

  get ready(): boolean {
    return [...this.connections.values()].every(({ phase }) => phase === 'open');
  }

  start(): void {
    for (const connection of this.connections.values()) connection.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.connections.values()].map((connection) => connection.stop()));
  }

  holds(positions: ReadonlyMap<string, Decimal>): void {
    for (const [instrument, quantity] of positions) this.positions.set(instrument, quantity);
  }

  perform(effect: VenueEffect): void {
    const now = this.options.clock();
    switch (effect.kind) {
      case 'submit': {
        const { order } = effect;
        if (!this.orders.has(order.clientOrderId))
          this.orders.set(order.clientOrderId, { order, open: Decimal.parse(order.quantity) });
        return this.paper.submit(order, now);
      }
      case 'cancel':
        return this.paper.cancel(effect.clientOrderId, now);
      case 'query':
        return this.paper.query(effect.clientOrderId, now);
      case 'amend': {
        const { clientOrderId } = effect;
        return this.options.onReport({ kind: 'amend-rejected', clientOrderId, reason: 'NOT_ON_PAPER' }, now);
      }
      case 'reconcile':
        return this.options.onReport(this.accountOf(effect.requestId), now);
    }
  }

  private connect(feed: string, symbols: readonly string[]): void {
    const protocol = VENUE_PROTOCOLS.get(feed);
    if (protocol === undefined) return;
    const { clock, urls, onFact, onReady } = this.options;
    const url = urls.get(feed);
    const connection = createVenueConnection({
      protocol,
      subscriptions: symbols.flatMap((symbol) => [
        { channel: 'book' as const, symbol },
        { channel: 'trades' as const, symbol },
      ]),
      clock,
      random: createRandom(`paper/${process.pid}/${feed}`),
      onEvent: (event, at) => this.paper.onEvent(event, at),
      onFact: (fact) => {
        onFact(fact);
        if (fact.fact === 'book' && fact.what.fact === 'book-synced') onReady();
      },
      ...(url === undefined ? {} : { url }),
    });
    this.connections.set(feed, connection);
  }

  private bookOf(symbol: string): SequencedBook | undefined {
    for (const connection of this.connections.values()) {
      const book = connection.book(symbol);
      if (book !== undefined) return book;
    }
    return undefined;
  }

  /** Keeps what a venue would keep: positions and what is still open. */
  private note(report: VenueReport): void {
    if (report.kind === 'account') return;
    const known = this.orders.get(report.clientOrderId);
    if (known === undefined) return;
    if (report.kind === 'cancelled' || report.kind === 'rejected' || report.kind === 'expired')
      known.open = Decimal.ZERO;
    if (report.kind !== 'filled' || this.fills.has(report.fillId)) return;
    this.fills.add(report.fillId);
    const quantity = Decimal.parse(report.quantity);
    known.open = known.open.minus(quantity);
    const { instrument, side } = known.order;
    const held = this.positions.get(instrument) ?? Decimal.ZERO;
    this.positions.set(instrument, side === 'buy' ? held.plus(quantity) : held.minus(quantity));
  }

  private accountOf(requestId: string): VenueReport {
    const { book, venue } = this.options.account;
    return {
      kind: 'account',
      venue,
      book,
      requestId,
      positions: [...this.positions].flatMap(([instrument, quantity]) =>
        quantity.isZero() ? [] : [{ instrument, quantity: quantity.toString() }],
      ),
      openOrders: [...this.orders.values()].flatMap(({ order, open }) =>
        open.isPositive()
          ? [{ clientOrderId: order.clientOrderId, instrument: order.instrument, remaining: open.toString() }]
          : [],
      ),
      balances: [],
      complete: true,
    };
  }
}
