import type { DomainEvent, OrderEvent } from '@evenkeel/facts';

export type { OrderEvent as HedgeOrderEvent } from '@evenkeel/facts';

const TYPES: ReadonlySet<string> = new Set<OrderEvent['type']>([
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

export function isHedgeOrderEvent(event: DomainEvent): event is OrderEvent {
  return TYPES.has(event.type);
}
