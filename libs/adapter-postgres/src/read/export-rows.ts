import { formatInstant } from '@evenkeel/kernel';
import type { Pool, PoolClient } from 'pg';
import type { ReadFilter } from './read-views';
import { READ_VERSION } from './tables';

/** How a value is written: `decimal` is exact and has no bounds, `timestamp` is UTC to the microsecond. */
export type ExportType = 'text' | 'integer' | 'decimal' | 'double' | 'timestamp' | 'boolean';

export interface ExportColumn {
  readonly name: string;
  readonly type: ExportType;
  /** Unit, sign and what it is. */
  readonly meaning: string;
  /** SQL of the value, where it is not the column of that name. */
  readonly sql?: string;
}

interface ExportTable {
  readonly from: string;
  /** What places a row in event time; absent for what is of now. */
  readonly at?: string;
  readonly book: string;
  /** Rows of an epoch come in this order, always the same. */
  readonly order: string;
  readonly columns: readonly ExportColumn[];
}

const column = (name: string, type: ExportType, meaning: string, sql?: string): ExportColumn => ({
  name,
  type,
  meaning,
  ...(sql === undefined ? {} : { sql }),
});

const EPOCH = column('epoch', 'text', 'epoch of the journal', 't.epoch');
const SEQ = column('seq', 'integer', 'sequence of the commit in that epoch', 't.seq');
const BOOK = column('book', 'text', 'book', 't.book');
const AT = column('at', 'timestamp', 'event time', 't.at');
const EVENT_ORDER = 't.seq, t.event_index';

/** What can be exported, and every column of it. */
export const EXPORTS = {
  positions: {
    from: `${READ_VERSION}.positions t`,
    book: 't.book',
    order: 't.book COLLATE "C", t.instrument COLLATE "C"',
    columns: [
      EPOCH,
      BOOK,
      column('instrument', 'text', 'instrument id'),
      column('quantity', 'decimal', 'contracts held at the end of the epoch, long positive'),
      column(
        'average_price',
        'decimal',
        'of what is held, in the quote unit of the instrument; empty where none is known',
      ),
      column('changed_at', 'timestamp', 'event time of the last change'),
      column('changed_seq', 'integer', 'sequence of the last change'),
    ],
  },
  exposure: {
    from: `${READ_VERSION}.exposures t JOIN ${READ_VERSION}.pnl p USING (epoch, seq, event_index)`,
    at: 'p.at',
    book: 't.book',
    order: 'seq, event_index, t.underlying COLLATE "C"',
    columns: [
      column('epoch', 'text', 'epoch of the journal', 'epoch'),
      column('seq', 'integer', 'sequence of the commit in that epoch', 'seq'),
      BOOK,
      column('underlying', 'text', 'coin that the exposure is to', 't.underlying'),
      column('at', 'timestamp', 'event time of the valuation', 'p.at'),
      column('spot', 'double', 'price of the underlying, numeraire', 't.spot'),
      column('spot_status', 'text', 'OK, DEGRADED or HALTED', 't.spot_status'),
      column('delta', 'double', 'of the whole book, units of the underlying, long positive', 't.delta'),
      column('option_delta', 'double', 'the part that the book brought in', 't.option_delta'),
      column('hedge_delta', 'double', 'the part that hedging added', 't.hedge_delta'),
      column('gamma', 'double', 'change of delta when the underlying moves by 1 of the numeraire', 't.gamma'),
      column('vega', 'double', 'numeraire per 1.00 of volatility', 't.vega'),
      column('theta', 'double', 'numeraire per year of time that passes', 't.theta'),
    ],
  },
  decisions: {
    from: `${READ_VERSION}.decisions t`,
    at: 't.at',
    book: 't.book',
    order: EVENT_ORDER,
    columns: [
      EPOCH,
      SEQ,
      column('decision_id', 'text', 'id of the decision'),
      BOOK,
      AT,
      column('outcome', 'text', 'HEDGED or DECLINED'),
      column('policy_kind', 'text', 'kind of the policy that decided'),
      column('policy_hash', 'text', 'SHA-256 of the policy with its parameters'),
      column('snapshot_id', 'text', 'the valuation it was decided on'),
      column('reasons', 'text', 'reason codes, joined by ;', `array_to_string(t.reasons, ';')`),
      column('instruments', 'text', 'instruments traded, joined by ;', `array_to_string(t.instruments, ';')`),
      column(
        'quiet_evaluations',
        'integer',
        'evaluations since the decision before it, in which nothing was decided',
      ),
    ],
  },
  orders: {
    from: `${READ_VERSION}.orders t`,
    at: 't.intended_at',
    book: 't.book',
    order: 't.intended_seq, t.client_order_id COLLATE "C"',
    columns: [
      EPOCH,
      column('client_order_id', 'text', 'our id of the order'),
      column('decision_id', 'text', 'the decision behind it'),
      column('parent_id', 'text', 'the parent order it is a child of; empty for none'),
      BOOK,
      column('venue', 'text', 'where it was sent'),
      column('instrument', 'text', 'instrument id'),
      column('side', 'text', 'buy or sell'),
      column('quantity', 'decimal', 'contracts ordered, positive'),
      column('limit_price', 'decimal', 'quote unit; empty for a market order'),
      column('reference_price', 'decimal', 'price seen at its decision, quote unit'),
      column('time_in_force', 'text', 'how long it stays'),
      column('status', 'text', 'how it stands at the end'),
      column('remaining', 'decimal', 'contracts not filled, positive'),
      column('filled', 'decimal', 'contracts filled, positive'),
      column('notional', 'decimal', 'filled contracts × price, quote unit, positive'),
      column('venue_order_id', 'text', 'the venue’s id; empty where it never gave one'),
      column(
        'reasons',
        'text',
        'why it was refused or rejected, joined by ;',
        `array_to_string(t.reasons, ';')`,
      ),
      column('late_fills', 'integer', 'fills that came after its end'),
      column('intended_at', 'timestamp', 'event time of the intent'),
      column('changed_at', 'timestamp', 'event time of the last change'),
      column('intended_seq', 'integer', 'sequence of the intent'),
      column('changed_seq', 'integer', 'sequence of the last change'),
    ],
  },
  fills: {
    from: `${READ_VERSION}.fills t`,
    at: 't.at',
    book: 't.book',
    order: EVENT_ORDER,
    columns: [
      EPOCH,
      SEQ,
      column('client_order_id', 'text', 'our id of the order'),
      column('fill_id', 'text', 'the venue’s id of the fill'),
      BOOK,
      column('instrument', 'text', 'instrument id'),
      column('quantity', 'decimal', 'contracts, bought positive, sold negative'),
      column('price', 'decimal', 'quote unit of the instrument'),
      column('fee', 'decimal', 'in fee_currency, paid negative, rebate positive'),
      column('fee_currency', 'text', 'currency of the fee'),
      column('liquidity', 'text', 'maker or taker'),
      AT,
      column('late', 'boolean', 'came after the end of its order'),
      column('busted_at', 'timestamp', 'event time at which the venue took it back; empty for most'),
      column('bust_reason', 'text', 'why it was taken back'),
    ],
  },
  pnl: {
    from: `${READ_VERSION}.pnl t`,
    at: 't.at',
    book: 't.book',
    order: EVENT_ORDER,
    columns: [
      EPOCH,
      SEQ,
      column('snapshot_id', 'text', 'the valuation'),
      BOOK,
      AT,
      column('trigger', 'text', 'what asked for the valuation'),
      column('status', 'text', 'whether its inputs were sound'),
      column('unpriced', 'integer', 'legs that had no price'),
      column('equity', 'decimal', 'cash and positions, numeraire'),
      column(
        'unhedged',
        'decimal',
        'options + settlement: P&L without hedging since the book was opened, numeraire, gain positive',
      ),
      column('hedged', 'decimal', 'unhedged + hedge + fees + funding, numeraire, gain positive'),
      column('options', 'decimal', 'of the book’s own positions, numeraire, gain positive'),
      column('hedge', 'decimal', 'of what hedging traded, before fees and funding, numeraire, gain positive'),
      column('fees', 'decimal', 'numeraire, paid negative'),
      column('funding', 'decimal', 'numeraire, received positive, paid negative'),
      column('settlement', 'decimal', 'payoffs of expired options, numeraire, gain positive'),
    ],
  },
} as const satisfies Readonly<Record<string, ExportTable>>;

export type ExportName = keyof typeof EXPORTS;
/** Values as text in the order of the columns; null where there is none. */
export type ExportRow = readonly (string | null)[];

const BATCH_ROWS = 2_000;

/** One epoch's rows after the other, each in an order that is always the same, a batch at a time: any number fits in memory. */
export async function* exportRows(
  pool: Pool,
  what: ExportName,
  filters: readonly ReadFilter[],
  batchRows = BATCH_ROWS,
): AsyncGenerator<readonly ExportRow[]> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (const filter of filters) yield* rowsOfEpoch(client, EXPORTS[what], filter, batchRows);
  } finally {
    // Whoever stops in the middle leaves a transaction with a cursor behind.
    await client.query('ROLLBACK').catch(() => undefined);
    client.release();
  }
}

async function* rowsOfEpoch(
  client: PoolClient,
  { from, at, book, order, columns }: ExportTable,
  filter: ReadFilter,
  batchRows: number,
): AsyncGenerator<readonly ExportRow[]> {
  const values: string[] = [filter.epoch];
  const where = ['epoch = $1'];
  const and = (condition: string, value: string): void => {
    values.push(value);
    where.push(`${condition} $${values.length}`);
  };
  if (filter.book !== undefined) and(`${book} =`, filter.book);
  if (at !== undefined && filter.from !== undefined) and(`${at} >=`, formatInstant(filter.from));
  if (at !== undefined && filter.to !== undefined) and(`${at} <`, formatInstant(filter.to));
  const list = columns.map((one) => `${textOf(one)} AS "${one.name}"`).join(', ');
  await client.query(
    `DECLARE exported NO SCROLL CURSOR FOR SELECT ${list} FROM ${from} WHERE ${where.join(' AND ')} ORDER BY ${order}`,
    values,
  );
  for (;;) {
    const { rows } = await client.query<(string | null)[]>({
      text: `FETCH ${batchRows} FROM exported`,
      rowMode: 'array',
    });
    if (rows.length > 0) yield rows;
    if (rows.length < batchRows) break;
  }
  await client.query('CLOSE exported');
}

/** Numbers as the database writes them: numerics with every digit, doubles in the fewest digits that give them back. */
function textOf({ name, type, sql = `t.${name}` }: ExportColumn): string {
  if (type === 'timestamp') return `to_char(${sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return type === 'boolean' ? `CASE WHEN ${sql} THEN 'true' ELSE 'false' END` : `(${sql})::text`;
}
