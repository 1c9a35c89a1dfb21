import type { VenueReport } from '@evenkeel/facts';
import { Decimal, type Instant, Recent, formatInstant } from '@evenkeel/kernel';

import type { DeribitOrder, DeribitOwnTrade } from './private-messages';

interface Known {
  acknowledged: boolean;
  over: boolean;
  filled: Decimal;
  readonly trades: Set<string>;
}

/** Orders that were spoken of last: what is said again of another is reported again, and judged where orders are known. */
const ORDERS_KEPT = 10_000;

/** Ours carry our id as their label; one that was placed by hand carries none, and goes by the venue's own id. */
export function nameOf(order: { readonly label: string; readonly orderId: string }): string {
  return order.label === '' ? order.orderId : order.label;
}

export type ReportSink = (report: VenueReport, at: Instant) => void;

/**
 * Turns what Deribit says of our orders, in answers and in notifications, in whatever order and however often, into reports:
 * acknowledged once, each trade once, the end once and after the last trade.
 */
export class OrderReports {
  private readonly orders = new Recent<Known>(ORDERS_KEPT);

  constructor(
    /** Contract size by instrument name: reports are in contracts, Deribit speaks amounts. */
    private readonly contractSizes: ReadonlyMap<string, Decimal>,
    private readonly sink: ReportSink,
  ) {}

  trade(trade: DeribitOwnTrade, now: Instant): void {
    const clientOrderId = nameOf(trade);
    const known = this.acknowledge(clientOrderId, trade.orderId, now);
    if (known.trades.has(trade.tradeId)) return;
    known.trades.add(trade.tradeId);
    const amount = Decimal.parse(trade.amount);
    known.filled = known.filled.plus(amount);
    this.sink(
      {
        kind: 'filled',
        clientOrderId,
        fillId: trade.tradeId,
        quantity: this.contracts(trade.instrument, amount),
        price: trade.price,
        fee: { currency: trade.feeCurrency, amount: Decimal.parse(trade.fee).negated().toString() },
        liquidity: trade.liquidity,
        trade: {
          venueOrderId: trade.orderId,
          instrument: `${trade.instrument}@deribit`,
          side: trade.side,
          at: formatInstant(trade.eventTime),
        },
      },
      now,
    );
  }

  /**
   * The state of an order. `missing-trades`: it is over, but it filled more than the trades we have seen; they must be asked
   * for before its end may be reported.
   */
  order(order: DeribitOrder, now: Instant): 'settled' | 'missing-trades' {
    const clientOrderId = nameOf(order);
    const known = this.acknowledge(clientOrderId, order.orderId, now);
    if (known.over || order.state === 'open' || order.state === 'untriggered') return 'settled';
    if (Decimal.parse(order.filledAmount).greaterThan(known.filled)) return 'missing-trades';
    known.over = true;
    // A filled order has ended with its last trade.
    if (order.state === 'filled') return 'settled';
    if (order.state === 'rejected')
      this.sink({ kind: 'rejected', clientOrderId, reason: 'VENUE_REJECTED' }, now);
    else if (order.timeInForce === 'good_til_cancelled')
      this.sink({ kind: 'cancelled', clientOrderId, reason: 'REQUESTED' }, now);
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

  private contracts(instrument: string, amount: Decimal): string {
    const size = this.contractSizes.get(instrument) ?? Decimal.ONE;
    return amount.dividedBy(size, 12, 'half-even').toString();
  }
}
