import { Buffer } from 'node:buffer';
import type { ClientBase } from 'pg';
import { CopiedOut, CopiedReader, rowsOf } from '../wire/copied-rows-reader';
import type { Statement } from '../wire/flight';
import type { RowBatch } from './row-batch';
import { READ_TABLE_LIST } from './tables';
import type { ReadTable } from './tables';

/**
 * Tables whose rows are compared as they are projected, as bytes: they lie in the order of the log, and nothing changes them
 * later. A stored row is read once and a row that was expected is never written, which costs a third of comparing tables.
 * JSON is stored in another form than it is written in, so tables with JSON are compared by the database.
 */
export const COMPARED_AS_BYTES: readonly ReadTable[] = READ_TABLE_LIST.filter(
  ({ kind, key, patchedBy, columns }) =>
    kind === 'log' &&
    patchedBy === undefined &&
    key[0] === 'epoch' &&
    key[1] === 'seq' &&
    !columns.some(([, type]) => type === 'jsonb'),
);

export interface RowDifference {
  readonly epoch: string;
  readonly seq: number;
}

/** How the stored rows of a table compare with those that the log gives. */
export interface ComparedTable {
  readonly table: string;
  readonly expected: number;
  readonly stored: number;
  /** Where the first difference is. */
  readonly difference: RowDifference | undefined;
}

export interface Comparison {
  readonly statements: readonly Statement[];
  compare(): void;
}

interface Tally {
  expected: number;
  stored: number;
  difference: RowDifference | undefined;
}

/** Holds stretches of the log, in its order, against what the read models hold of them. */
export class ComparedRows {
  private readonly tallies = new Map(
    COMPARED_AS_BYTES.map((table): [ReadTable, Tally] => [
      table,
      { expected: 0, stored: 0, difference: undefined },
    ]),
  );
  private readonly ends = new Map<string, number>();

  constructor(
    private readonly client: ClientBase,
    readonly schema: string,
  ) {}

  /** The rows of an epoch from after `from` up to `to`: what asks the server for them, and what compares them once they are there. */
  comparison(epoch: string, from: number, to: number, batch: RowBatch): Comparison {
    const sides = COMPARED_AS_BYTES.map((table) => ({
      table,
      out: new CopiedOut(),
      expected: batch.copied(table.name),
    }));
    return {
      statements: sides.map(({ table, out }) => ({
        sql: this.rowsSql(table, epoch, from, to),
        into: out.add,
      })),
      compare: () => {
        this.ends.set(epoch, to);
        for (const { table, out, expected } of sides) this.tally(table, epoch, expected, out.rows());
      },
    };
  }

  private rowsSql({ name, columns, key }: ReadTable, epoch: string, from: number, to: number): string {
    const names = columns.map(([column]) => `"${column}"`).join(', ');
    const order = key.slice(1).map((column) => `"${column}"`);
    // COPY takes no parameters; the epoch comes from the log, where anything may stand.
    const text = `'${epoch.replaceAll("'", "''")}'`;
    return `COPY (SELECT ${names} FROM "${this.schema}"."${name}" WHERE epoch = ${text} AND seq > ${from} AND seq <= ${to} ORDER BY ${order.join(', ')}) TO STDOUT (FORMAT binary)`;
  }

  private tally(
    table: ReadTable,
    epoch: string,
    copied: { readonly data: Buffer; readonly rows: number },
    stored: Buffer,
  ): void {
    const tally = this.tallies.get(table);
    if (tally === undefined) return;
    tally.expected += copied.rows;
    const expected = rowsOf(copied.data);
    if (expected.equals(stored)) {
      tally.stored += copied.rows;
      return;
    }
    // Rows of one event may lie in another order than they were said in.
    const [ours, theirs] = [split(expected, table), split(stored, table)];
    tally.stored += theirs.length;
    const seq = firstDifference(ours, theirs);
    if (seq !== undefined) tally.difference ??= { epoch, seq };
  }

  /** Every table with what it holds in all, also what lies beside the log. */
  async finish(): Promise<readonly ComparedTable[]> {
    const compared: ComparedTable[] = [];
    for (const [{ name }, { expected, stored, difference }] of this.tallies) {
      const { rows } = await this.client.query<{ count: number }>(
        `SELECT count(*) AS count FROM "${this.schema}"."${name}"`,
      );
      const count = rows[0]?.count ?? 0;
      const beside = difference === undefined && count !== stored ? await this.beside(name) : undefined;
      compared.push({ table: name, expected, stored: count, difference: difference ?? beside });
    }
    return compared;
  }

  private async beside(name: string): Promise<RowDifference> {
    const { rows } = await this.client.query<RowDifference>(
      `SELECT t.epoch, t.seq FROM "${this.schema}"."${name}" t
         LEFT JOIN unnest($1::text[], $2::bigint[]) e (epoch, last) ON e.epoch = t.epoch
        WHERE e.epoch IS NULL OR t.seq < 1 OR t.seq > e.last ORDER BY t.epoch, t.seq LIMIT 1`,
      [[...this.ends.keys()], [...this.ends.values()]],
    );
    return rows[0] ?? { epoch: '', seq: 0 };
  }
}

interface Slice {
  readonly seq: number;
  readonly bytes: Buffer;
}

function split(rows: Buffer, { columns }: ReadTable): readonly Slice[] {
  const slices: Slice[] = [];
  const reader = new CopiedReader(rows);
  for (let from = reader.position; reader.next(); from = reader.position) {
    reader.text(); // the epoch
    const seq = reader.int8();
    for (let column = 2; column < columns.length; column += 1) reader.field();
    slices.push({ seq, bytes: rows.subarray(from, reader.position) });
  }
  return slices.sort((a, b) => a.seq - b.seq || Buffer.compare(a.bytes, b.bytes));
}

function firstDifference(ours: readonly Slice[], theirs: readonly Slice[]): number | undefined {
  for (let at = 0; at < Math.max(ours.length, theirs.length); at += 1) {
    const [a, b] = [ours[at], theirs[at]];
    if (a !== undefined && b !== undefined && a.bytes.equals(b.bytes)) continue;
    return Math.min(a?.seq ?? Infinity, b?.seq ?? Infinity);
  }
  return undefined;
}
