import { assert } from '@evenkeel/kernel';
import { BinaryCopy } from '../wire/copy-binary';
import { cellOf } from './row';
import type { Cell, Row } from './row';
import type { ColumnType, ReadTable } from './tables';

type WriteCell = (copy: BinaryCopy, cell: Cell) => void;

function number(cell: Cell): number {
  assert(typeof cell === 'number', 'a number');
  return cell;
}

function whole(cell: Cell): number {
  assert(Number.isSafeInteger(cell), 'a whole number');
  return number(cell);
}

function text(cell: Cell): string {
  return typeof cell === 'string' ? cell : String(cell);
}

/** How the cells of a column are written; a table with a `date` has rows that change, which go another way. */
const WRITERS: Readonly<Record<Exclude<ColumnType, 'date'>, WriteCell>> = {
  text: (copy, cell) => copy.text(text(cell)),
  bigint: (copy, cell) => copy.int8(whole(cell)),
  integer: (copy, cell) => copy.int4(whole(cell)),
  numeric: (copy, cell) => copy.numeric(text(cell)),
  'double precision': (copy, cell) => copy.float8(number(cell)),
  timestamptz: (copy, cell) => copy.timestamptz(text(cell)),
  boolean: (copy, cell) => copy.bool(cell === true),
  jsonb: (copy, cell) => copy.jsonb(text(cell)),
  'text[]': (copy, cell) => {
    assert(Array.isArray(cell), 'a list');
    copy.textArray(cell as readonly string[]); // the only lists that a cell can be
  },
};

/** Rows of a table whose rows are only added, as COPY takes them. A row is written when it comes, and is garbage after that. */
export class CopiedRows {
  private readonly copy = new BinaryCopy(8 * 1024);
  private readonly writers: readonly (readonly [name: string, write: WriteCell])[];
  private count = 0;

  constructor(table: ReadTable) {
    this.writers = table.columns.map(([name, type]) => {
      assert(type !== 'date', `no rows of ${table.name} are copied`);
      return [name, WRITERS[type]] as const;
    });
  }

  get rows(): number {
    return this.count;
  }

  add(row: Row): void {
    const { copy } = this;
    copy.row(this.writers.length);
    for (const [name, write] of this.writers) {
      const cell = cellOf(row, name);
      if (cell === null) copy.null();
      else write(copy, cell);
    }
    this.count += 1;
  }

  /** All of it; nothing is added afterwards. */
  end(): Buffer {
    this.copy.end();
    return this.copy.take();
  }
}
