import type { EventOf } from '@evenkeel/facts';
import { assertNever, Decimal } from '@evenkeel/kernel';

/** How many, and how many carried each reason, by name; one order may carry several. */
export interface CountByReason {
  readonly total: number;
  readonly byReason: Readonly<Record<string, number>>;
}

/** What became of a book's hedge orders that did not trade in full. */
export interface OrderCounts {
  /** Passed every pre-trade check and went to a venue. */
  readonly sent: number;
  /** Stopped by a pre-trade check; they never left. */
  readonly refused: CountByReason;
  /** Turned down by their venue. */
  readonly rejected: CountByReason;
  /** Cancelled or expired with something never filled. */
  readonly unfilled: CountByReason;
  /** Fills beyond the size of their order: how many, and the contracts beyond it by instrument, exact decimals. */
  readonly beyondSize: { readonly fills: number; readonly contracts: Readonly<Record<string, string>> };
}

export type OrderEvent = EventOf<
  'OrderIntended' | 'OrderFilled' | 'OrderRefused' | 'OrderRejected' | 'OrderCancelled' | 'OrderExpired'
>;

/** The orders of one book, counted as its events come. */
export class OrderCounter {
  private sent = 0;
  private readonly refused = new ReasonCounter();
  private readonly rejected = new ReasonCounter();
  private readonly unfilled = new ReasonCounter();
  private excessFills = 0;
  private readonly excess = new Map<string, Decimal>();

  add(event: OrderEvent): void {
    switch (event.type) {
      case 'OrderIntended':
        this.sent += 1;
        return;
      case 'OrderFilled':
        return this.addExcess(event.payload);
      case 'OrderRefused':
        return this.refused.add(event.payload.reasons);
      case 'OrderRejected':
        return this.rejected.add([event.payload.reason]);
      case 'OrderCancelled':
      case 'OrderExpired':
        if (Decimal.parse(event.payload.unfilled).isPositive()) this.unfilled.add([event.payload.reason]);
        return;
      default:
        assertNever(event, 'an event of an order');
    }
  }

  counts(): OrderCounts {
    return {
      sent: this.sent,
      refused: this.refused.count(),
      rejected: this.rejected.count(),
      unfilled: this.unfilled.count(),
      beyondSize: {
        fills: this.excessFills,
        contracts: Object.fromEntries(
          [...this.excess]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, amount]) => [name, amount.toString()]),
        ),
      },
    };
  }

  private addExcess({ instrument, excess }: EventOf<'OrderFilled'>['payload']): void {
    if (excess === undefined) return;
    this.excessFills += 1;
    this.excess.set(instrument, (this.excess.get(instrument) ?? Decimal.ZERO).plus(Decimal.parse(excess)));
  }
}

class ReasonCounter {
  private total = 0;
  private readonly byReason = new Map<string, number>();

  add(reasons: readonly string[]): void {
    this.total += 1;
    for (const reason of reasons) this.byReason.set(reason, (this.byReason.get(reason) ?? 0) + 1);
  }

  count(): CountByReason {
    const byReason = Object.fromEntries([...this.byReason].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { total: this.total, byReason };
  }
}
