import type { Side } from '@evenkeel/facts';
import type { Decimal } from '@evenkeel/kernel';

/** An order as a venue adapter gets it. */
export interface VenueOrder {
  readonly clientOrderId: string;
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: Side;
  /** Positive contracts. */
  readonly quantity: string;
  readonly orderType: string;
  readonly timeInForce: string;
  readonly limitPrice: string;
  /** Kind of the policy that decided, for the kill switch at the door. */
  readonly strategy?: string;
}

/** What the host does at the venue once the commits beside it are durable. All of it may safely be done twice. */
export type VenueEffect =
  | { readonly kind: 'submit'; readonly order: VenueOrder }
  | {
      readonly kind: 'cancel';
      readonly clientOrderId: string;
      readonly book: string;
      readonly venue: string;
      readonly reason: string;
    }
  | { readonly kind: 'query'; readonly clientOrderId: string; readonly book: string; readonly venue: string }
  /** New terms for a resting order; `quantity` is the total, filled part included. Answered `amended` or `amend-rejected`. */
  | {
      readonly kind: 'amend';
      readonly clientOrderId: string;
      readonly book: string;
      readonly venue: string;
      readonly instrument: string;
      readonly quantity: string;
      readonly limitPrice: string;
    }
  /** What does the venue hold for this book? Answered by an `account` report with this request id. */
  | { readonly kind: 'reconcile'; readonly book: string; readonly venue: string; readonly requestId: string };

export function venueOrderOf(
  order: Omit<VenueOrder, 'quantity'> & { readonly quantity: string | Decimal },
): VenueOrder {
  const { clientOrderId, book, venue, instrument, side, quantity, orderType, timeInForce, limitPrice } =
    order;
  const quantityText = typeof quantity === 'string' ? quantity : quantity.toString();
  const sent = {
    clientOrderId,
    book,
    venue,
    instrument,
    side,
    quantity: quantityText,
    orderType,
    timeInForce,
    limitPrice,
  };
  return order.strategy === undefined || order.strategy === '' ? sent : { ...sent, strategy: order.strategy };
}
