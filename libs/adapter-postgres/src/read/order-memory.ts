import type { ClientBase } from 'pg';
import type { LedgerCommit } from '../ledger/ledger-commit';
import type { OrderState, OrderStatus } from './order-state';
import type { ProjectorMemory } from './projector';

const ORDERS_MAX = 50_000;

/** The orders the projector needs, kept in memory and fetched from the read model when they are not. */
export class OrderMemory implements ProjectorMemory {
  private readonly orders = new Map<string, OrderState>();

  order(epoch: string, clientOrderId: string): OrderState | undefined {
    return this.orders.get(`${epoch}/${clientOrderId}`);
  }

  keep(order: OrderState): void {
    this.orders.set(`${order.epoch}/${order.clientOrderId}`, order);
  }

  /** After a rolled-back transaction: what is remembered may never have been written. */
  clear(): void {
    this.orders.clear();
  }

  /** Fetches the orders these commits change and that are not in memory. One query, none when all are known. */
  async prepare(client: ClientBase, schema: string, commits: readonly LedgerCommit[]): Promise<void> {
    if (this.orders.size > ORDERS_MAX) this.orders.clear();
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
      for (const row of found.rows) this.keep(stateOf(row));
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
