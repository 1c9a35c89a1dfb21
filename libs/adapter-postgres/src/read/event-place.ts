import type { EventCell, EventOf, EventType, ProjectedTable } from '@evenkeel/facts';
import type { LedgerCommit } from '../ledger/ledger-commit';
import type { ProjectorMemory } from './projector-memory';
import type { MakeRow } from './row-batch';
import type { Row } from './row';

/** Where an event stands in the log. */
export interface EventPlace {
  readonly epoch: string;
  readonly seq: number;
  /** Position within the commit. */
  readonly index: number;
  readonly commit: LedgerCommit;
}

/** Where the rows of an event go: the tables that its row of `EVENT_TABLE` names, and no others. */
export interface Projected<Table extends string> {
  readonly place: EventPlace;
  readonly memory: ProjectorMemory;
  /** A row of a log, or of a state, whose newest row counts. */
  add(table: Table | 'incidents', row: Row): void;
  /** The newest row of a state with this key, the values of its key's columns in order: made only when it is written. */
  set(table: Table, key: readonly string[], make: MakeRow): void;
  patch(table: Table, columns: Row): void;
}

type TableOf<T extends EventType> =
  EventCell<T, 'projection'> extends readonly (infer Named)[] ? Named & ProjectedTable : never;

/** What an event does to the read models. */
export type Projection<T extends EventType> = (event: EventOf<T>, to: Projected<TableOf<T>>) => void;

/** A projection for each of these events. */
export type Projections<T extends EventType> = { readonly [E in T]: Projection<E> };
