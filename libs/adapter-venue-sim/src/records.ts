import type { VenueReport } from '@evenkeel/facts';
import type { VenueOrder } from '@evenkeel/execution';

/** One report of the venue about one order. `id` names it once and for ever; times are ISO 8601 event time. */
export interface VenueReportRecord {
  readonly id: string;
  readonly at: string;
  readonly report: VenueReport;
}

/**
 * What the simulated venue remembers, as data: its state is the fold of these, in order, so they are also the lines of its
 * durable store.
 */
export type VenueRecord =
  /** An order came in: what became of it at once, and what is left resting in the book. */
  | {
      readonly kind: 'order';
      readonly order: VenueOrder;
      readonly at: string;
      readonly venueOrderId: string;
      /** Positive contracts left in the book; `0` when nothing rests. */
      readonly resting: string;
      readonly reports: readonly VenueReportRecord[];
      /** Contracts before it at its price. */
      readonly queueAhead?: string;
      /** The venue does not say what happened until it is asked. */
      readonly silent: boolean;
    }
  /** An order was lost on its way; the venue proper never hears of it, we only remember whose it was. */
  | { readonly kind: 'lost'; readonly clientOrderId: string; readonly book: string; readonly venue: string }
  /** More happened to an order that is known: a resting fill, a cancel. */
  | {
      readonly kind: 'more';
      readonly clientOrderId: string;
      readonly resting: string;
      readonly reports: readonly VenueReportRecord[];
    }
  /** An answer to a question. */
  | {
      readonly kind: 'answer';
      readonly clientOrderId: string;
      readonly book: string;
      readonly venue: string;
      readonly reports: readonly VenueReportRecord[];
    }
  /** An order that rests was given new terms, or was not. */
  | {
      readonly kind: 'amend';
      readonly clientOrderId: string;
      readonly quantity: string;
      readonly limitPrice: string;
      readonly resting: string;
      readonly reports: readonly VenueReportRecord[];
    }
  /** What an account holds was asked for. */
  | {
      readonly kind: 'account';
      readonly book: string;
      readonly venue: string;
      readonly reports: readonly VenueReportRecord[];
    }
  /** Something moved an account without an order of ours. */
  | {
      readonly kind: 'adjustment';
      readonly book: string;
      readonly venue: string;
      readonly instrument: string;
      readonly quantity: string;
    }
  /** The same client order id came again; the first order stands. */
  | { readonly kind: 'duplicate'; readonly clientOrderId: string; readonly at: string }
  /** The host has taken a report in durably, at event time `at` where it said so. */
  | { readonly kind: 'settled'; readonly id: string; readonly at?: string };
