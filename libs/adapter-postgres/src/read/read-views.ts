import type { Terms } from '@evenkeel/accounting';
import type { Instant } from '@evenkeel/kernel';

/**
 * Which rows; of one epoch, since ids repeat from epoch to epoch. Absent fields do not restrict. Times are event times, to the
 * millisecond; `from` inclusive, `to` exclusive.
 */
export interface ReadFilter {
  readonly epoch: string;
  readonly book?: string;
  readonly from?: Instant;
  readonly to?: Instant;
  /** Default 1000; the newest are kept, in ascending order. */
  readonly limit?: number;
}

/** Quantities, prices and money are decimal strings. */
export interface PositionView {
  readonly epoch: string;
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly averagePrice: string | undefined;
  readonly changedAt: string;
  readonly changedSeq: number;
}

export interface OrderView {
  readonly epoch: string;
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly instrument: string;
  readonly side: string;
  readonly quantity: string;
  readonly remaining: string;
  /** What traded and was not taken back. */
  readonly filled: string;
  readonly status: string;
  readonly reasons: readonly string[];
  readonly intendedAt: string;
  readonly intendedSeq: number;
}

export interface FillView {
  readonly epoch: string;
  readonly seq: number;
  readonly clientOrderId: string;
  readonly fillId: string;
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly price: string;
  /** Paid is negative. */
  readonly fee: string;
  readonly feeCurrency: string;
  readonly at: string;
  /** When the venue took it back, and why; it counts no more. */
  readonly bustedAt: string | undefined;
  readonly bustReason: string | undefined;
}

/** Cumulative since the book was opened, in its numeraire. */
export interface PnlView {
  readonly epoch: string;
  readonly seq: number;
  readonly snapshotId: string;
  readonly book: string;
  readonly at: string;
  readonly trigger: string;
  readonly equity: string;
  readonly hedged: string;
  readonly unhedged: string;
  readonly fees: string;
  readonly funding: string;
}

export interface IncidentView {
  readonly epoch: string;
  readonly seq: number;
  readonly type: string;
  /** `act` or `note`. */
  readonly severity: string;
  readonly subject: string;
  readonly book: string;
  readonly at: string;
  readonly reasons: readonly string[];
}

/** What stands still: a program, a kill's scope, a venue, a throttled instrument, a price. */
export interface HaltView {
  readonly epoch: string;
  readonly book: string;
  readonly kind: string;
  readonly subject: string;
  readonly reasons: readonly string[];
  readonly since: string;
  readonly seq: number;
}

/** Σ of the postings of an account; debits positive. Over all accounts of a currency they sum to zero. */
export interface AccountBalance {
  readonly epoch: string;
  readonly book: string;
  readonly account: string;
  readonly currency: string;
  readonly balance: string;
}

/** Where the P&L of one underlying came from on one UTC day, in the book's numeraire; `total` is the sum of the terms. */
export interface ExplainedPnlView extends Terms<string> {
  readonly epoch: string;
  readonly book: string;
  readonly numeraire: string;
  readonly day: string;
  readonly underlying: string;
  readonly total: string;
  /** Σ of all terms' sizes, interval by interval; `unexplained` is Σ|residual|. */
  readonly gross: string;
  readonly unexplained: string;
}
