import { ExplainedBook, REFERENCES_MAX } from '@evenkeel/accounting';
import type { ContractLookup, ExplainedDay } from '@evenkeel/accounting';
import type { DomainEvent, RiskSnapshotTaken } from '@evenkeel/facts';
import { aggregateKey } from '@evenkeel/eventing';
import { assert } from '@evenkeel/kernel';
import type { ClientBase } from 'pg';
import { ledgerCommitOf } from '../ledger/ledger-commit';
import { EXPLAINED_COLUMNS, explainedDayOf } from './explained-rows';
import type { ExplainedColumns } from './explained-rows';

const PAGE = 500;

/** What the explained P&L of a book is fetched from, as it stood before a sequence. */
export interface RecordedBook {
  readonly client: Pick<ClientBase, 'query'>;
  readonly schema: string;
  /** Where its snapshots are looked up. */
  readonly pnlSchema: string;
  readonly epoch: string;
  readonly book: string;
  readonly numeraire: string;
  readonly contracts: ContractLookup;
  readonly beforeSeq: number;
}

/**
 * Where the fold that explains a book's P&L stood: its last snapshot without unpriced legs, what is on record since, the prices
 * of its newest orders and its newest day. Reads one interval of the book's own commits, however long the record.
 */
export async function restoreExplained(recorded: RecordedBook): Promise<ExplainedBook> {
  const explained = new ExplainedBook(recorded.book, recorded.numeraire, recorded.contracts);
  const last = await lastSnapshot(recorded);
  for (const order of await ordersUpTo(recorded, last?.seq ?? 0)) noteOrder(explained, order);
  const later = await ordersAfter(recorded, last?.seq ?? 0);
  let next = 0;
  for await (const { seq, index, event } of eventsFrom(recorded, last)) {
    for (let order = later[next]; order !== undefined && order.seq < seq; order = later[(next += 1)])
      noteOrder(explained, order);
    if (last !== undefined && seq === last.seq && index <= last.index) {
      if (index === last.index) explained.resume(snapshotIn(event), await newestDay(recorded));
    } else if (event.type !== 'RiskSnapshotTaken') explained.note(event);
  }
  for (const order of later.slice(next)) noteOrder(explained, order);
  return explained;
}

interface SnapshotPlace {
  readonly seq: number;
  readonly index: number;
}

async function lastSnapshot(recorded: RecordedBook): Promise<SnapshotPlace | undefined> {
  const { client, pnlSchema, epoch, book, beforeSeq } = recorded;
  const found = await client.query<SnapshotPlace>(
    `SELECT seq, event_index AS index FROM "${pnlSchema}"."pnl"
      WHERE epoch = $1 AND book = $2 AND seq < $3 AND unpriced = 0 ORDER BY seq DESC, event_index DESC LIMIT 1`,
    [epoch, book, beforeSeq],
  );
  return found.rows[0];
}

function snapshotIn(event: DomainEvent): RiskSnapshotTaken {
  assert(event.type === 'RiskSnapshotTaken', 'the P&L of the read models is a snapshot’s');
  return event.payload;
}

interface Order {
  readonly seq: number;
  readonly id: string;
  readonly price: string;
}

function noteOrder(explained: ExplainedBook, { id, price }: Order): void {
  explained.noteOrder(id, Number(price));
}

const ORDERS = 'SELECT intended_seq AS seq, client_order_id AS id, reference_price::text AS price FROM';
const INTENDED = 'epoch = $1 AND book = $2 AND reference_price IS NOT NULL';

async function ordersUpTo({ client, schema, epoch, book }: RecordedBook, seq: number): Promise<Order[]> {
  const found = await client.query<Order>(
    `${ORDERS} "${schema}"."orders" WHERE ${INTENDED} AND intended_seq <= $3
      ORDER BY intended_seq DESC LIMIT ${REFERENCES_MAX}`,
    [epoch, book, seq],
  );
  return found.rows.reverse();
}

async function ordersAfter({ client, schema, epoch, book }: RecordedBook, seq: number): Promise<Order[]> {
  const found = await client.query<Order>(
    `${ORDERS} "${schema}"."orders" WHERE ${INTENDED} AND intended_seq > $3 ORDER BY intended_seq`,
    [epoch, book, seq],
  );
  return found.rows;
}

interface Recorded extends SnapshotPlace {
  readonly event: DomainEvent;
}

/** The book's own events from a snapshot on, or from its beginning. */
async function* eventsFrom(
  { client, epoch, book, beforeSeq }: RecordedBook,
  from: SnapshotPlace | undefined,
): AsyncIterable<Recorded> {
  const aggregate = aggregateKey({ context: 'risk', type: 'book', id: book });
  const first = await client.query<{ version: number }>(
    'SELECT version FROM ledger.commit_log WHERE epoch = $1 AND seq = $2',
    [epoch, from?.seq ?? -1],
  );
  for (let version = first.rows[0]?.version ?? 0; ;) {
    const page = await client.query<{ seq: number; version: number; bytes: Buffer }>(
      `SELECT seq, version, bytes FROM ledger.commit_log
        WHERE epoch = $1 AND aggregate = $2 AND version >= $3 AND seq < $4 ORDER BY version LIMIT ${PAGE}`,
      [epoch, aggregate, version, beforeSeq],
    );
    for (const { seq, bytes } of page.rows) {
      const { commit } = ledgerCommitOf(epoch, seq, bytes);
      for (const [index, { event }] of commit.events.entries()) yield { seq, index, event };
    }
    const last = page.rows.at(-1);
    if (last === undefined || page.rows.length < PAGE) return;
    version = last.version + 1;
  }
}

async function newestDay({ client, schema, epoch, book }: RecordedBook): Promise<ExplainedDay[]> {
  const table = `"${schema}"."explained_pnl"`;
  const found = await client.query<ExplainedColumns>(
    `SELECT ${EXPLAINED_COLUMNS} FROM ${table} WHERE epoch = $1 AND book = $2
        AND day = (SELECT max(day) FROM ${table} WHERE epoch = $1 AND book = $2)`,
    [epoch, book],
  );
  return found.rows.map(explainedDayOf);
}
