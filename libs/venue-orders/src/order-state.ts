import type { MoneyAmount } from '@evenkeel/facts';
import type { Decimal, Instant } from '@evenkeel/kernel';

/** An order as its venue states it. Quantities are contracts of ours. */
export interface OrderState {
  /** Our id; the venue's own for an order that was placed by hand. */
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly instrument: string;
  /** `remainder`: what an immediate order could not fill. */
  readonly state: 'open' | 'filled' | 'cancelled' | 'remainder' | 'rejected';
  readonly reason: string;
  readonly quantity: Decimal;
  readonly filled: Decimal;
  /** Its limit, where the venue states one. */
  readonly price?: string;
}

/** A trade of an order. Quantity positive, contracts of ours; a fee that was paid is negative. */
export interface OrderFill {
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly instrument: string;
  readonly fillId: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: Decimal;
  readonly price: string;
  readonly fee: MoneyAmount;
  readonly liquidity: 'maker' | 'taker';
  readonly at: Instant;
}
