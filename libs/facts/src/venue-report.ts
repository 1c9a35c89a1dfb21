import type { MoneyAmount } from './money';

export interface AccountPosition {
  readonly instrument: string;
  /** Signed contracts. */
  readonly quantity: string;
}

export interface AccountOrder {
  readonly clientOrderId: string;
  readonly instrument: string;
  /** Positive contracts still open. */
  readonly remaining: string;
}

/** A trade told so that it can be understood without knowing its order. */
export interface ReportedTrade {
  readonly venueOrderId: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  /** By the venue's clock. */
  readonly at: string;
}

/** What a venue says about one order or account; the words of every venue adapter. Quantities positive, fees paid negative. */
export type VenueReport =
  | { readonly kind: 'acknowledged'; readonly clientOrderId: string; readonly venueOrderId: string }
  | {
      readonly kind: 'filled';
      readonly clientOrderId: string;
      readonly fillId: string;
      readonly quantity: string;
      readonly price: string;
      readonly fee: MoneyAmount;
      readonly liquidity: 'maker' | 'taker';
      /** What the venue says of the trade itself; absent at an exchange inside the process, where all orders are ours. */
      readonly trade?: ReportedTrade;
    }
  | { readonly kind: 'rejected'; readonly clientOrderId: string; readonly reason: string }
  | { readonly kind: 'cancelled'; readonly clientOrderId: string; readonly reason: string }
  | { readonly kind: 'expired'; readonly clientOrderId: string }
  /** New terms are in force; `quantity` is the total, filled part included. */
  | {
      readonly kind: 'amended';
      readonly clientOrderId: string;
      readonly quantity: string;
      readonly limitPrice: string;
    }
  /** The change was turned down; the order stands as it was. */
  | { readonly kind: 'amend-rejected'; readonly clientOrderId: string; readonly reason: string }
  /** A fill was taken back. */
  | {
      readonly kind: 'busted';
      readonly clientOrderId: string;
      readonly fillId: string;
      readonly reason: string;
    }
  /** What the venue holds for a book: the answer to `reconcile`. */
  | {
      readonly kind: 'account';
      readonly venue: string;
      readonly book: string;
      /** The question's id; empty when nobody asked. */
      readonly requestId: string;
      readonly positions: readonly AccountPosition[];
      readonly openOrders: readonly AccountOrder[];
      readonly balances: readonly MoneyAmount[];
      /** False when the venue could not tell everything; nothing may then be concluded from what is missing. */
      readonly complete: boolean;
    }
  /** The venue has never heard of this id. */
  | { readonly kind: 'not-found'; readonly clientOrderId: string }
  /** The call failed in a way that leaves the outcome open. */
  | { readonly kind: 'no-answer'; readonly clientOrderId: string; readonly reason: string };

export type OrderReport = Exclude<VenueReport, { kind: 'account' }>;

/** What a report is about: the client order id, or `<venue>/<book>` for an account. */
export function reportSubject(report: VenueReport): string {
  return report.kind === 'account' ? `${report.venue}/${report.book}` : report.clientOrderId;
}
