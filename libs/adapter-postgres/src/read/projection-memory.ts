import { contractsOfBook } from '@evenkeel/accounting';
import type { ContractLookup } from '@evenkeel/accounting';
import type { AggregateRef, BookOpened } from '@evenkeel/facts';
import type { ClientBase } from 'pg';
import type { OrderState, OrderStatus } from './order-state';
import type { ProjectorMemory } from './projector';

const ORDERS_MAX = 50_000;

/** What the projector needs to know, kept in memory and fetched from the read models when it is not. */
export class ProjectionMemory implements ProjectorMemory {
  private readonly orders = new Map<string, OrderState>();
  private readonly books = new Map<string, ContractLookup | undefined>();

  order(epoch: string, clientOrderId: string): OrderState | undefined {
    return this.orders.get(`${epoch}/${clientOrderId}`);
  }

  keepOrder(order: OrderState): void {
    this.orders.set(`${order.epoch}/${order.clientOrderId}`, order);
  }

  terms(epoch: string, book: string): ContractLookup | undefined {
    return this.books.get(`${epoch}/${book}`);
  }

  keepTerms(epoch: string, book: string, specifications: readonly string[]): void {
    // Without terms of its own a book goes by the built-in catalogue.
    const opened = { book, specifications } as BookOpened; // the terms are read from these two
    const terms = specifications.length === 0 ? undefined : contractsOfBook(opened);
    this.books.set(`${epoch}/${book}`, terms);
  }

  /** After a rolled-back transaction: what is remembered may never have been written. */
  clear(): void {
    this.orders.clear();
    this.books.clear();
  }

  /** Fetches what commits of these aggregates need and is not in memory; no query when all is known. */
  async prepare(
    client: ClientBase,
    schema: string,
    epoch: string,
    aggregates: Iterable<AggregateRef>,
  ): Promise<void> {
    if (this.orders.size > ORDERS_MAX) this.orders.clear();
    const orders = new Set<string>();
    const books = new Set<string>();
    for (const { type, id } of aggregates) {
      if (type === 'hedge-order' && !this.orders.has(`${epoch}/${id}`)) orders.add(id);
      if (type === 'book' && !this.books.has(`${epoch}/${id}`)) books.add(id);
    }
    if (orders.size > 0) {
      const found = await client.query<OrderColumns>(
        `SELECT * FROM "${schema}"."orders" WHERE "epoch" = $1 AND "client_order_id" = ANY($2)`,
        [epoch, [...orders]],
      );
      for (const row of found.rows) this.keepOrder(stateOf(row));
    }
    if (books.size > 0) {
      const found = await client.query<{ book: string; specifications: string[] }>(
        `SELECT book, specifications FROM "${schema}"."books" WHERE "epoch" = $1 AND "book" = ANY($2)`,
        [epoch, [...books]],
      );
      for (const { book, specifications } of found.rows) this.keepTerms(epoch, book, specifications);
    }
  }
}

interface OrderColumns {
  epoch: string;
  client_order_id: string;
  decision_id: string;
  book: string;
  venue: string | null;
  instrument: string;
  side: string;
  quantity: string;
  limit_price: string | null;
  reference_price: string | null;
  time_in_force: string | null;
  status: OrderStatus;
  filled: string;
  notional: string;
  venue_order_id: string | null;
  reasons: string[];
  late_fills: number;
  intended_at: Date;
  changed_at: Date;
  intended_seq: number;
  changed_seq: number;
}

function stateOf(row: OrderColumns): OrderState {
  return {
    epoch: row.epoch,
    clientOrderId: row.client_order_id,
    decisionId: row.decision_id,
    book: row.book,
    venue: row.venue,
    instrument: row.instrument,
    side: row.side,
    quantity: row.quantity,
    limitPrice: row.limit_price,
    referencePrice: row.reference_price,
    timeInForce: row.time_in_force,
    status: row.status,
    filled: row.filled,
    notional: row.notional,
    venueOrderId: row.venue_order_id,
    reasons: row.reasons,
    lateFills: row.late_fills,
    intendedAt: row.intended_at.toISOString(),
    changedAt: row.changed_at.toISOString(),
    intendedSeq: row.intended_seq,
    changedSeq: row.changed_seq,
  };
}
