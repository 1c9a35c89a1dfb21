import type { VenueReport } from '@evenkeel/facts';
import { Decimal, type Instant, Recent, formatInstant } from '@evenkeel/kernel';

import type { OrderState, OwnTrade } from './order-routes';

interface Known {
  acknowledged: boolean;
  over: boolean;
  filled: Decimal;
  readonly trades: Set<string>;
}

/** Orders that were spoken of last: what is said again of another is reported again, and judged where orders are known. */
const ORDERS_KEPT = 10_000;

export type ReportSink = (report: VenueReport, at: Instant) => void;

/**
 * Turns what a venue says of our orders, in answers and in notifications, in whatever order and however often, into reports:
 * acknowledged once, each trade once, the end once and after the last trade.
 */
export class OrderReports {
  private readonly orders = new Recent<Known>(ORDERS_KEPT);

  constructor(private readonly sink: ReportSink) {}

  trade(trade: OwnTrade, now: Instant): void {
    const { clientOrderId } = trade;
    const known = this.acknowledge(clientOrderId, trade.venueOrderId, now);
    if (known.trades.has(trade.tradeId)) return;
    known.trades.add(trade.tradeId);
    known.filled = known.filled.plus(trade.quantity);
    this.sink(
      {
        kind: 'filled',
        clientOrderId,
        fillId: trade.tradeId,
        quantity: trade.quantity.toString(),
        price: trade.price,
        fee: trade.fee,
        liquidity: trade.liquidity,
        trade: {
          venueOrderId: trade.venueOrderId,
          instrument: trade.instrument,
          side: trade.side,
          at: formatInstant(trade.at),
        },
      },
      now,
    );
  }

  /**
   * The state of an order. `missing-trades`: it is over, but it filled more than the trades we have seen; they must be asked
   * for before its end may be reported.
   */
  order(order: OrderState, now: Instant): 'settled' | 'missing-trades' {
    const { clientOrderId } = order;
    const known = this.acknowledge(clientOrderId, order.venueOrderId, now);
    if (known.over || order.state === 'open') return 'settled';
    if (order.filled.greaterThan(known.filled)) return 'missing-trades';
    known.over = true;
    // A filled order has ended with its last trade.
    if (order.state === 'filled') return 'settled';
    if (order.state === 'rejected')
      this.sink({ kind: 'rejected', clientOrderId, reason: 'VENUE_REJECTED' }, now);
    else if (!order.isImmediate) this.sink({ kind: 'cancelled', clientOrderId, reason: 'REQUESTED' }, now);
    else if (known.filled.isZero()) this.sink({ kind: 'expired', clientOrderId }, now);
    else this.sink({ kind: 'cancelled', clientOrderId, reason: 'IOC_REMAINDER' }, now);
    return 'settled';
  }

  /** A question must be answered in full even where everything had been said before: forget what was said. */
  forget(clientOrderId: string): void {
    this.orders.delete(clientOrderId);
  }

  private acknowledge(clientOrderId: string, venueOrderId: string, now: Instant): Known {
    const known = this.orders.get(clientOrderId) ?? {
      acknowledged: false,
      over: false,
      filled: Decimal.ZERO,
      trades: new Set<string>(),
    };
    this.orders.set(clientOrderId, known);
    if (!known.acknowledged) {
      known.acknowledged = true;
      this.sink({ kind: 'acknowledged', clientOrderId, venueOrderId }, now);
    }
    return known;
  }
}
