import type { MakeRow, RowSink } from './row-batch';
import type { Cell, Row } from './row';
import type { ReadTableName } from './tables';

/** Keeps the rows of the read models as the projector says them, by table, in order. */
export class CollectedRows implements RowSink {
  readonly rows = new Map<ReadTableName, Row[]>();

  add(name: ReadTableName, row: Row): void {
    this.rows.set(name, [...(this.rows.get(name) ?? []), row]);
  }

  set(name: ReadTableName, _key: readonly Cell[], make: MakeRow): void {
    this.add(name, make());
  }

  patch(): void {
    // Asked about where they are written.
  }
}
