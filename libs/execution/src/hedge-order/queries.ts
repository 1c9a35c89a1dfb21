import type { HedgeOrder, OrderStatus } from './state';

const OPEN: ReadonlySet<OrderStatus> = new Set<OrderStatus>(['intended', 'acknowledged', 'unresolved']);

/** Could still be filled as far as we know. */
export function isOpen(order: HedgeOrder): boolean {
  return OPEN.has(order.status);
}

export function isResting(order: HedgeOrder): boolean {
  return order.timeInForce !== 'IOC';
}
