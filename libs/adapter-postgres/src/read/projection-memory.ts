import { ExplainedBook, builtInContracts, contractsOfBook } from '@evenkeel/accounting';
import type { ContractLookup } from '@evenkeel/accounting';
import type { AggregateRef, BookOpened } from '@evenkeel/facts';
import type { ClientBase } from 'pg';
import type { OrderStatus } from '@evenkeel/facts';
import type { OrderRecord, OrderStanding } from './order-record';
import type { ProjectorMemory } from './projector-memory';
import { restoreExplained } from './restore-explained';

const ORDERS_MAX = 50_000;
const EXPLAINED_MAX = 1_000;

interface KeptTerms {
  readonly specifications: readonly string[];
  readonly lookup: ContractLookup | undefined;
}

/** What the projector needs to know, kept in memory and fetched from the read models when it is not. */
export class ProjectionMemory implements ProjectorMemory {
  private readonly orders = new Map<string, OrderRecord>();
  private readonly books = new Map<string, KeptTerms>();
  private readonly pnl = new Map<string, ExplainedBook>();

  /** `pnlSchema`: where snapshots of books are looked up, if not in the schema that is written. */
  constructor(private readonly pnlSchema?: string) {}

  order(epoch: string, clientOrderId: string): OrderRecord | undefined {
    return this.orders.get(`${epoch}/${clientOrderId}`);
  }

  keepOrder(order: OrderRecord): void {
    this.orders.set(`${order.epoch}/${order.clientOrderId}`, order);
  }

  terms(epoch: string, book: string): ContractLookup | undefined {
    return this.books.get(`${epoch}/${book}`)?.lookup;
  }

  specifications(epoch: string, book: string): readonly string[] {
    return this.books.get(`${epoch}/${book}`)?.specifications ?? [];
  }

  keepTerms(epoch: string, book: string, specifications: readonly string[]): void {
    // Without terms of its own a book goes by the built-in catalogue.
    const opened = { book, specifications } as BookOpened; // the terms are read from these two
    const lookup = specifications.length === 0 ? undefined : contractsOfBook(opened);
    this.books.set(`${epoch}/${book}`, { specifications, lookup });
  }

  explained(epoch: string, book: string): ExplainedBook | undefined {
    return this.pnl.get(`${epoch}/${book}`);
  }

  explainFrom(epoch: string, book: string, numeraire: string): void {
    this.pnl.set(`${epoch}/${book}`, new ExplainedBook(book, numeraire, this.contracts(epoch, book)));
  }

  private contracts(epoch: string, book: string): ContractLookup {
    return this.terms(epoch, book) ?? builtInContracts;
  }

  kept(): { readonly orders: number; readonly books: number } {
    return { orders: this.orders.size, books: Math.max(this.books.size, this.pnl.size) };
  }

  /** False for what must be fetched before a later commit of an aggregate is projected. */
  knows(epoch: string, { type, id }: AggregateRef): boolean {
    if (type === 'hedge-order') return this.orders.has(`${epoch}/${id}`);
    return type !== 'book' || this.pnl.has(`${epoch}/${id}`);
  }

  /** False when it remembers more than it may. */
  get isSmall(): boolean {
    return this.orders.size <= ORDERS_MAX && this.pnl.size <= EXPLAINED_MAX;
  }

  /**
   * Fetches what commits of these aggregates, the first of them at `seq`, need and is not in memory; no query when all is known.
   */
  async prepare(
    client: Pick<ClientBase, 'query'>,
    schema: string,
    { epoch, seq }: { readonly epoch: string; readonly seq: number },
    aggregates: Iterable<AggregateRef>,
  ): Promise<void> {
    if (this.orders.size > ORDERS_MAX) this.orders.clear();
    if (this.pnl.size > EXPLAINED_MAX) this.pnl.clear();
    const orders = new Set<string>();
    const books = new Set<string>();
    for (const aggregate of aggregates) {
      if (this.knows(epoch, aggregate)) continue;
      (aggregate.type === 'book' ? books : orders).add(aggregate.id);
    }
    if (orders.size > 0) {
      const found = await client.query<OrderColumns>(
        `SELECT *, intended_at::text AS intended_text FROM "${schema}"."orders" WHERE "epoch" = $1 AND "client_order_id" = ANY($2)`,
        [epoch, [...orders]],
      );
      for (const row of found.rows) this.keepOrder(recordOf(row));
    }
    if (books.size > 0) {
      const found = await client.query<{ book: string; numeraire: string; specifications: string[] }>(
        `SELECT book, numeraire, specifications FROM "${schema}"."books" WHERE "epoch" = $1 AND "book" = ANY($2)`,
        [epoch, [...books]],
      );
      for (const { book, numeraire, specifications } of found.rows) {
        this.keepTerms(epoch, book, specifications);
        const pnlSchema = this.pnlSchema ?? schema;
        const recorded = { client, schema, pnlSchema, epoch, book, numeraire, beforeSeq: seq };
        const contracts = this.contracts(epoch, book);
        this.pnl.set(`${epoch}/${book}`, await restoreExplained({ ...recorded, contracts }));
      }
    }
  }
}

interface OrderColumns {
  epoch: string;
  client_order_id: string;
  decision_id: string;
  parent_id: string | null;
  book: string;
  venue: string | null;
  instrument: string;
  side: string;
  quantity: string;
  limit_price: string | null;
  reference_price: string | null;
  time_in_force: string | null;
  status: OrderStanding;
  remaining: string;
  filled: string;
  notional: string;
  venue_order_id: string | null;
  reasons: string[];
  late_fills: number;
  /** As text: a JavaScript date knows no microseconds. */
  intended_text: string;
  intended_seq: number;
}

function recordOf(row: OrderColumns): OrderRecord {
  // What is partly filled was acknowledged or is as good as that: the next event makes the same of both.
  const status = row.status === 'PARTIALLY_FILLED' ? 'ACKNOWLEDGED' : row.status;
  return {
    epoch: row.epoch,
    clientOrderId: row.client_order_id,
    origin: {
      epoch: row.epoch,
      client_order_id: row.client_order_id,
      decision_id: row.decision_id,
      parent_id: row.parent_id,
      book: row.book,
      venue: row.venue,
      instrument: row.instrument,
      side: row.side,
      reference_price: row.reference_price,
      time_in_force: row.time_in_force,
      intended_at: row.intended_text,
      intended_seq: row.intended_seq,
    },
    life: {
      status: status.toLowerCase() as OrderStatus, // undoes what `standingOf` did
      quantity: row.quantity,
      limitPrice: row.limit_price ?? '',
      remaining: row.remaining,
      filled: row.filled,
      notional: row.notional,
      venueOrderId: row.venue_order_id ?? '',
      lateFills: row.late_fills,
      reasons: row.reasons,
    },
  };
}
