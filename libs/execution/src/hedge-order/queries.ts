import { isOpenStatus } from '@evenkeel/facts';
import type { OrderStatus } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { HedgeOrder } from './state';

/** Could still be filled as far as we know; also when nobody waits for its answer any more. */
export function isOpen(order: HedgeOrder): boolean {
  return isOpenStatus(order.status);
}

/** Open, and its outcome is waited for: it has not been given up. */
export function isAwaited(order: HedgeOrder): boolean {
  return isOpen(order) && order.doubt !== 'given-up';
}

export function isResting(order: HedgeOrder): boolean {
  return order.timeInForce !== 'IOC';
}

/** Positive contracts that traded and were not busted. */
export function filledOf(order: HedgeOrder): Decimal {
  let filled = Decimal.ZERO;
  for (const { standing, quantity } of order.fills.values())
    if (standing === 'counted' || standing === 'bust-due') filled = filled.plus(quantity);
  return filled;
}

/** Positive contracts that could still trade on the worst reading of what the venue was asked for. */
export function workingOf(order: HedgeOrder): Decimal {
  if (!isOpen(order)) return Decimal.ZERO;
  if (order.pendingAmend === undefined) return order.remaining;
  const used = order.quantity.minus(order.remaining);
  return order.pendingAmend.quantity.minus(used).max(order.remaining);
}

/** The stations of an order's life in the words of a trader. */
export type OrderPhase =
  | 'submitted'
  | 'acknowledged'
  | 'partially-filled'
  | 'unknown'
  | 'filled'
  | 'rejected'
  | 'cancelled'
  | 'expired'
  | 'refused';

export function phaseOf(order: HedgeOrder): OrderPhase {
  if (order.status === 'unresolved') return 'unknown';
  if (!isOpen(order)) return order.status as Exclude<OrderStatus, 'intended' | 'unresolved'>; // open ones were just ruled out
  if (!filledOf(order).isZero()) return 'partially-filled';
  return order.status === 'intended' ? 'submitted' : 'acknowledged';
}
