import type { LedgerCommit } from '../ledger/ledger-commit';
import type { Row } from './row-batch';

/** Where an event stands in the log. */
export interface EventPlace {
  readonly epoch: string;
  readonly seq: number;
  /** Position within the commit. */
  readonly index: number;
  readonly commit: LedgerCommit;
}

/** The key columns of tables with a row per event. */
export function placeColumns(place: EventPlace): Row {
  return { epoch: place.epoch, seq: place.seq, event_index: place.index };
}
