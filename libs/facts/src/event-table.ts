import { ACCOUNT_EVENTS } from './event-table/account';
import { CARRY_EVENTS } from './event-table/carry';
import { CHAIN_EVENTS } from './event-table/chain';
import { CONTROL_EVENTS } from './event-table/control';
import { DESK_EVENTS } from './event-table/desk';
import { nothing } from './event-table/entry';
import type { EventEntry, EventReader } from './event-table/entry';
import { GOVERNANCE_EVENTS } from './event-table/governance';
import { ORDER_EVENTS } from './event-table/order';
import { PRICE_EVENTS } from './event-table/price';
import { RISK_EVENTS } from './event-table/risk';
import { STRATEGY_EVENTS } from './event-table/strategy';
import type { DomainEvent, EventOf, EventType } from './events';

/** What everybody does with every event there is. The compiler asks for a row of each, and for nothing else. */
export const EVENT_TABLE = {
  ...PRICE_EVENTS,
  ...RISK_EVENTS,
  ...STRATEGY_EVENTS,
  ...ORDER_EVENTS,
  ...ACCOUNT_EVENTS,
  ...CONTROL_EVENTS,
  ...GOVERNANCE_EVENTS,
  ...DESK_EVENTS,
  ...CARRY_EVENTS,
  ...CHAIN_EVENTS,
} satisfies Readonly<Record<EventType, EventEntry>>;

type Table = typeof EVENT_TABLE;

/** A row for a type that no payload has is an error here. */
type RowsWithoutEvent = Exclude<keyof Table, EventType>;
const EVERY_ROW_HAS_AN_EVENT: [RowsWithoutEvent] extends [never] ? true : RowsWithoutEvent = true;
void EVERY_ROW_HAS_AN_EVENT;

/** Event types whose row has something other than `nothing` in a column. */
export type EventTypeWith<C extends 'projection' | 'incident' | 'pack' | 'postings'> = {
  [T in EventType]: Table[T][C] extends 'nothing' ? never : T;
}[EventType];

/** Event types that a reader folds. */
export type EventTypeReadBy<R extends EventReader> = {
  [T in EventType]: Table[T]['readBy'] extends readonly (infer Named)[]
    ? R extends Named
      ? T
      : never
    : never;
}[EventType];

/** The row's cell in a column. */
export type EventCell<T extends EventType, C extends keyof EventEntry> = Table[T][C];

/** True for the events that the table says `reader` folds; its switch over them then needs no default. */
export function isReadBy<R extends EventReader>(
  reader: R,
  event: DomainEvent,
): event is EventOf<EventTypeReadBy<R>> {
  const { readBy }: EventEntry = EVENT_TABLE[event.type];
  return readBy !== nothing && readBy.includes(reader);
}
