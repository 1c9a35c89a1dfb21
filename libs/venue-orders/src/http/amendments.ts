import { Decimal, type Instant, type Nanoseconds } from '@evenkeel/kernel';

import type { ReportSink } from '../order-reports';
import type { OrderState } from '../order-state';

interface Asked {
  readonly quantity: string;
  readonly limitPrice: string;
  readonly at: Instant;
  /** The venue has been asked whether it took. */
  questioned: boolean;
}

/**
 * Changes of terms that are under way. A venue that answers has taken the request; new terms are in force once it states the order
 * with them, and an order that it states without them after it was asked again was not changed.
 */
export class Amendments {
  private readonly open = new Map<string, Asked>();

  constructor(
    private readonly sink: ReportSink,
    private readonly patienceNs: Nanoseconds,
    private readonly question: (clientOrderId: string) => void,
  ) {}

  asked(clientOrderId: string, quantity: string, limitPrice: string, at: Instant): void {
    this.open.set(clientOrderId, { quantity, limitPrice, at, questioned: false });
  }

  refused(clientOrderId: string, reason: string, now: Instant): void {
    if (this.open.delete(clientOrderId)) this.sink({ kind: 'amend-rejected', clientOrderId, reason }, now);
  }

  settled({ clientOrderId, quantity, price, state }: OrderState, now: Instant): void {
    const asked = this.open.get(clientOrderId);
    if (asked === undefined) return;
    const terms = { quantity: asked.quantity, limitPrice: asked.limitPrice };
    if (quantity.equals(Decimal.parse(asked.quantity)) && isPrice(price, asked.limitPrice)) {
      this.open.delete(clientOrderId);
      this.sink({ kind: 'amended', clientOrderId, ...terms }, now);
    } else if (state !== 'open') this.refused(clientOrderId, 'ORDER_OVER', now);
    else if (asked.questioned) this.refused(clientOrderId, 'NOT_CHANGED', now);
  }

  tick(now: Instant): void {
    for (const [clientOrderId, asked] of this.open) {
      if (asked.questioned || now - asked.at < this.patienceNs) continue;
      asked.questioned = true;
      this.question(clientOrderId);
    }
  }
}

const isPrice = (price: string | undefined, asked: string): boolean =>
  price !== undefined && Decimal.parse(price).equals(Decimal.parse(asked));
