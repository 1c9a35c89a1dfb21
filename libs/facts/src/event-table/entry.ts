/** Written where an event means nothing to a reader: silence is not an answer. */
export const nothing = 'nothing';
type Nothing = typeof nothing;

/**
 * Who folds events besides the read models: the cores by their contexts, the desk of governance, the report of a run, the
 * analysis of transaction costs, and what a live run shows.
 */
export type EventReader = 'risk' | 'strategy' | 'execution' | 'governance' | 'report' | 'tca' | 'live';

/** Tables of the read models that events are projected into, besides incidents and the double-entry books. */
export type ProjectedTable =
  | 'books'
  | 'policies'
  | 'positions'
  | 'position_changes'
  | 'orders'
  | 'order_events'
  | 'fills'
  | 'parent_orders'
  | 'decisions'
  | 'quiet_stretches'
  | 'pnl'
  | 'exposures'
  | 'explained_pnl'
  | 'limits'
  | 'halts'
  | 'overrides'
  | 'restrictions'
  | 'reconciliations'
  | 'proposals'
  | 'settlements';

/** `act`: somebody has to do something. `note`: somebody on call wants to know. */
export type IncidentSeverity = 'act' | 'note';

/** The files of a regulator's pack, besides the checks inside decisions and orders. */
export type PackFile = 'orders' | 'decisions' | 'overrides' | 'config_changes' | 'kills' | 'incidents';

/** What everybody does with one type of event. */
export interface EventEntry {
  /** Its Protobuf message, without the leading `evenkeel.`. */
  readonly schema: string;
  /**
   * The payload version it is written in. A field that is only added needs no new one: proto3 reads its absence as empty.
   * It is raised when an old field's meaning changes, and an upcaster joins `UPCASTERS` of `contracts` in the same commit.
   */
  readonly version: number;
  /** Who folds it, its own context included. */
  readonly readBy: readonly EventReader[] | Nothing;
  readonly projection: readonly ProjectedTable[] | Nothing;
  readonly incident: IncidentSeverity | Nothing;
  readonly pack: PackFile | Nothing;
  /** `entries`: it moves money and is posted to the double-entry books. */
  readonly postings: 'entries' | Nothing;
}
