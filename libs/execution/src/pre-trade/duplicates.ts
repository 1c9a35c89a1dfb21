import type { Nanoseconds } from '@evenkeel/kernel';
import type { BookExecution, ExecutionState } from '../execution-state';
import { filledOf, isOpen } from '../hedge-order/queries';
import type { ProposedOrder } from './proposed-order';
import type { OrderPrice } from './order-price';

/**
 * The client order id of an order of this book that is younger than `window` and the same in instrument, side, quantity and
 * limit. What ended without a fill is no duplicate: trying again is right. Children of one parent are held by its budget.
 */
export function recentDuplicate(
  state: ExecutionState,
  book: BookExecution,
  order: ProposedOrder,
  price: OrderPrice | undefined,
  window: Nanoseconds,
): string | undefined {
  const limit = price?.limitPrice.toString();
  for (const earlier of book.recent) {
    if (earlier.intendedAt <= state.now - window) continue;
    if (earlier.instrument !== order.instrument || earlier.side !== order.side) continue;
    if (order.replaces?.clientOrderId === earlier.clientOrderId) continue;
    if (order.parentId !== undefined && earlier.parentId === order.parentId) continue;
    if (!earlier.quantity.equals(order.quantity) || earlier.limitPrice !== limit) continue;
    if (isOpen(earlier) || !filledOf(earlier).isZero()) return earlier.clientOrderId;
  }
  return undefined;
}
