import type { VenueReport } from '@evenkeel/facts';
import { Decimal, Recent, formatInstant, type Instant } from '@evenkeel/kernel';

import type { OrderFill, OrderState } from './order-state';

interface Known {
  acknowledged: boolean;
  over: boolean;
  filled: Decimal;
  readonly fills: Set<string>;
}

/** Orders that were spoken of last: what is said again of another is reported again, and judged where orders are known. */
const ORDERS_KEPT = 10_000;

export type ReportSink = (report: VenueReport, at: Instant) => void;

/**
 * Turns what a venue says of our orders, in answers and on its stream, in whatever order and however often, into reports:
 * acknowledged once, each fill once, the end once and after the last fill.
 */
export class OrderReports {
  private readonly orders = new Recent<Known>(ORDERS_KEPT);

  constructor(private readonly sink: ReportSink) {}

  fill(fill: OrderFill, now: Instant): void {
    const { clientOrderId, venueOrderId, fillId, instrument, side, price, fee, liquidity, at } = fill;
    const known = this.acknowledge(clientOrderId, venueOrderId, now);
    if (known.fills.has(fillId)) return;
    known.fills.add(fillId);
    known.filled = known.filled.plus(fill.quantity);
    const trade = { venueOrderId, instrument, side, at: formatInstant(at) };
    const quantity = fill.quantity.toString();
    this.sink({ kind: 'filled', clientOrderId, fillId, quantity, price, fee, liquidity, trade }, now);
  }

  /**
   * The state of an order. `missing-fills`: it is over, but it filled more than we have seen; the fills must be asked for before its
   * end may be reported.
   */
  order(order: OrderState, now: Instant): 'settled' | 'missing-fills' {
    const { clientOrderId, state, reason } = order;
    const known = this.acknowledge(clientOrderId, order.venueOrderId, now);
    if (known.over || state === 'open') return 'settled';
    if (order.filled.greaterThan(known.filled)) return 'missing-fills';
    known.over = true;
    // A filled order has ended with its last fill.
    if (state === 'rejected') this.sink({ kind: 'rejected', clientOrderId, reason }, now);
    else if (state === 'cancelled') this.sink({ kind: 'cancelled', clientOrderId, reason }, now);
    else if (state === 'remainder' && known.filled.isZero())
      this.sink({ kind: 'expired', clientOrderId }, now);
    else if (state === 'remainder')
      this.sink({ kind: 'cancelled', clientOrderId, reason: 'IOC_REMAINDER' }, now);
    return 'settled';
  }

  /** A question must be answered in full even where everything had been said before: forget what was said. */
  forget(clientOrderId: string): void {
    this.orders.delete(clientOrderId);
  }

  acknowledge(clientOrderId: string, venueOrderId: string, now: Instant): Known {
    const known = this.orders.get(clientOrderId) ?? {
      acknowledged: false,
      over: false,
      filled: Decimal.ZERO,
      fills: new Set<string>(),
    };
    this.orders.set(clientOrderId, known);
    if (!known.acknowledged) {
      known.acknowledged = true;
      this.sink({ kind: 'acknowledged', clientOrderId, venueOrderId }, now);
    }
    return known;
  }
}
