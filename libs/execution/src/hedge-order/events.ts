import type { DomainEvent, EventOf } from '@evenkeel/facts';

/** What can happen to one order, in the words of the journal. */
export type HedgeOrderEvent = EventOf<
  | 'OrderIntended'
  | 'OrderRefused'
  | 'OrderAcknowledged'
  | 'OrderFilled'
  | 'OrderRejected'
  | 'OrderCancelled'
  | 'OrderExpired'
  | 'OrderUnresolved'
  | 'CancelIntended'
  | 'FillBusted'
  | 'AmendIntended'
  | 'AmendRefused'
  | 'OrderAmended'
  | 'AmendRejected'
>;

const TYPES: ReadonlySet<string> = new Set<HedgeOrderEvent['type']>([
  'OrderIntended',
  'OrderRefused',
  'OrderAcknowledged',
  'OrderFilled',
  'OrderRejected',
  'OrderCancelled',
  'OrderExpired',
  'OrderUnresolved',
  'CancelIntended',
  'FillBusted',
  'AmendIntended',
  'AmendRefused',
  'OrderAmended',
  'AmendRejected',
]);

export function isHedgeOrderEvent(event: DomainEvent): event is HedgeOrderEvent {
  return TYPES.has(event.type);
}
