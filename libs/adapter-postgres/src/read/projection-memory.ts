import { termsOfBook } from '@evenkeel/accounting';
import type { TermsLookup } from '@evenkeel/accounting';
import type { BookOpened } from '@evenkeel/facts';
import type { ClientBase } from 'pg';
import type { LedgerCommit } from '../ledger/ledger-commit';
import type { OrderState, OrderStatus } from './order-state';
import type { ProjectorMemory } from './projector';

const ORDERS_MAX = 50_000;

/** What the projector needs to know, kept in memory and fetched from the read models when it is not. */
export class ProjectionMemory implements ProjectorMemory {
  private readonly orders = new Map<string, OrderState>();
  private readonly books = new Map<string, TermsLookup | undefined>();

  order(epoch: string, clientOrderId: string): OrderState | undefined {
    return this.orders.get(`${epoch}/${clientOrderId}`);
  }

  keepOrder(order: OrderState): void {
    this.orders.set(`${order.epoch}/${order.clientOrderId}`, order);
  }

  terms(epoch: string, book: string): TermsLookup | undefined {
    return this.books.get(`${epoch}/${book}`);
  }

  keepTerms(epoch: string, book: string, specifications: readonly string[]): void {
    // Without terms of its own a book goes by the built-in catalogue.
    const opened = { book, specifications } as BookOpened; // the terms are read from these two
    const terms = specifications.length === 0 ? undefined : termsOfBook(opened);
    this.books.set(`${epoch}/${book}`, terms);
  }

  /** After a rolled-back transaction: what is remembered may never have been written. */
  clear(): void {
    this.orders.clear();
    this.books.clear();
  }

  /** Fetches what these commits need and is not in memory; no query when all is known. */
  async prepare(client: ClientBase, schema: string, commits: readonly LedgerCommit[]): Promise<void> {
    if (this.orders.size > ORDERS_MAX) this.orders.clear();
    await this.fetchOrders(client, schema, commits);
    await this.fetchBooks(client, schema, commits);
  }

  private async fetchOrders(
    client: ClientBase,
    schema: string,
    commits: readonly LedgerCommit[],
  ): Promise<void> {
    const missing = new Map<string, Set<string>>();
    for (const { epoch, commit } of commits) {
      if (commit.aggregate.type !== 'hedge-order' || commit.fromVersion === 1) continue;
      const { id } = commit.aggregate;
      if (this.orders.has(`${epoch}/${id}`)) continue;
      missing.set(epoch, (missing.get(epoch) ?? new Set()).add(id));
    }
    for (const [epoch, ids] of missing) {
      const found = await client.query<OrderColumns>(
        `SELECT * FROM "${schema}"."orders" WHERE "epoch" = $1 AND "client_order_id" = ANY($2)`,
        [epoch, [...ids]],
      );
      for (const row of found.rows) this.keepOrder(stateOf(row));
    }
  }

  private async fetchBooks(
    client: ClientBase,
    schema: string,
    commits: readonly LedgerCommit[],
  ): Promise<void> {
    for (const { epoch, commit } of commits) {
      const key = `${epoch}/${commit.book}`;
      if (this.books.has(key)) continue;
      const found = await client.query<{ specifications: string[] }>(
        `SELECT specifications FROM "${schema}"."books" WHERE "epoch" = $1 AND "book" = $2`,
        [epoch, commit.book],
      );
      this.keepTerms(epoch, commit.book, found.rows[0]?.specifications ?? []);
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
