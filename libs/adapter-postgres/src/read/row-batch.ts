import { CopiedRows } from './copy-rows';
import { cellOf } from './row';
import type { Cell, Row } from './row';
import { READ_TABLES, READ_TABLE_LIST } from './tables';
import type { ReadTable, ReadTableName } from './tables';

export type MakeRow = () => Row;

/** Where the rows of the read models go. */
export interface RowSink {
  add(name: ReadTableName, row: Row): void;
  /** The newest row of a state, by the values of its key: most are overtaken before they are written, and never made. */
  set(name: ReadTableName, key: readonly Cell[], make: MakeRow): void;
  /** Fills in columns of the row with the key given among them; a row that is not there stays away. */
  patch(name: ReadTableName, columns: Row): void;
}

/** What a stretch of commits does to one table of the read models. */
export interface TableChange {
  readonly table: ReadTable;
  /** New rows of a log. */
  readonly copied: CopiedRows | undefined;
  /** The newest row per key of a state. */
  readonly rows: readonly Row[];
  /** Columns filled in on rows that are there by then, the ones above included. */
  readonly patches: readonly Row[];
}

/** What a stretch of commits adds to the read models: in whatever stretches they come, the tables end up the same. */
export class RowBatch implements RowSink {
  private readonly logs = new Map<ReadTableName, CopiedRows>();
  private readonly states = new Map<ReadTableName, Map<string, MakeRow>>();
  private readonly patches = new Map<ReadTableName, Map<string, Row>>();

  add(name: ReadTableName, row: Row): void {
    const table = READ_TABLES[name];
    if (table.kind === 'log') {
      of(this.logs, name, () => new CopiedRows(table)).add(row);
      return;
    }
    this.set(name, keyOf(table.key, row), () => row);
  }

  set(name: ReadTableName, values: readonly Cell[], make: MakeRow): void {
    const key = JSON.stringify(values);
    of(this.states, name, () => new Map<string, MakeRow>()).set(key, make);
    this.patches.get(name)?.delete(key);
  }

  patch(name: ReadTableName, columns: Row): void {
    const key = JSON.stringify(keyOf(READ_TABLES[name].patchedBy ?? READ_TABLES[name].key, columns));
    const make = this.states.get(name)?.get(key);
    if (make !== undefined) {
      const row = { ...make(), ...columns };
      this.states.get(name)?.set(key, () => row);
      return;
    }
    const patches = of(this.patches, name, () => new Map<string, Row>());
    patches.set(key, { ...patches.get(key), ...columns });
  }

  /** The rows of a log, as COPY takes them. */
  copied(name: ReadTableName): { readonly data: Buffer; readonly rows: number } {
    const copied = this.logs.get(name);
    return { data: copied?.end() ?? NO_ROWS, rows: copied?.rows ?? 0 };
  }

  /** Tables with changes, in the fixed order of the tables. */
  *tables(): Iterable<TableChange> {
    for (const table of READ_TABLE_LIST) {
      const copied = this.logs.get(table.name);
      const rows = [...(this.states.get(table.name)?.values() ?? [])].map((make) => make());
      const patches = [...(this.patches.get(table.name)?.values() ?? [])];
      if (copied !== undefined || rows.length > 0 || patches.length > 0)
        yield { table, copied, rows, patches };
    }
  }
}

const NO_ROWS = Buffer.alloc(0);

function of<V>(map: Map<ReadTableName, V>, name: ReadTableName, create: () => V): V {
  const known = map.get(name);
  if (known !== undefined) return known;
  const made = create();
  map.set(name, made);
  return made;
}

function keyOf(key: readonly string[], row: Row): readonly Cell[] {
  return key.map((column) => cellOf(row, column));
}
