import type { Approval } from './governance-events';
import type { MoneyAmount } from './money';

/** execution context, aggregate `venue-account` (id = `<venue>/<book>`): what may be sent, and what the venue holds. */

export interface VenueAccountOpened {
  readonly book: string;
  readonly venue: string;
  readonly at: string;
  /** Canonical JSON of the InstrumentSpecs tradable here. */
  readonly specifications: readonly string[];
  readonly limits: OrderLimits;
  readonly limitsVersion: string;
  /** Canonical JSON of the book's execution instructions; absent: every trade is one immediate or resting order. */
  readonly execution?: string;
}

/** Pre-trade limits of a book. Decimal strings; absent means the default named in docs. */
export interface OrderLimits {
  readonly maxOrderQuantity: readonly InstrumentLimit[];
  /** Gross notional of hedge positions and open orders after the trade, USD. */
  readonly maxGrossNotionalUsd: string;
  /** Largest distance of an order's limit price from the reference price, basis points. */
  readonly priceCollarBps: string;
  /** Orders and amendments per minute of event time; cancels are never held back. */
  readonly maxOrdersPerMinute: number;
  /** Notional of one order at the price seen, USD; absent: gross notional only. */
  readonly maxOrderNotionalUsd?: string;
  /** Largest absolute position in contracts after every open order on the worse side; absent or unnamed: gross notional only. */
  readonly maxPosition?: readonly InstrumentLimit[];
  /** Largest absolute Greeks of the book after the trade; absent or unnamed: none. */
  readonly maxGreeks?: readonly GreekLimit[];
  /** Largest loss of the hedged book since 00:00 UTC, in its numeraire; absent: none. */
  readonly maxDailyLoss?: string;
  /** Gross notional of positions and open orders at one venue, USD; absent or unnamed: `maxGrossNotionalUsd` alone. */
  readonly maxVenueNotionalUsd?: readonly VenueLimit[];
  /** Decisions executed in one instrument within `throttleWindow` before it is stopped until a person resets it; absent: 500. */
  readonly maxRepeatedExecutions?: number;
  /** ISO 8601 duration of event time; absent: `PT1H`. */
  readonly throttleWindow?: string;
  /** An order equal to a living or filled one that is younger than this is a duplicate; ISO 8601 duration; absent: `PT1S`. */
  readonly duplicateWindow?: string;
  /** Instruments that may not be traded although the account has them; absent: none. */
  readonly restrictedInstruments?: readonly string[];
  /** When and how closely the venue's account is compared with our own; absent: never by itself. */
  readonly reconciliation?: ReconciliationRules;
}

export interface GreekLimit {
  readonly underlying: string;
  /** `delta` (units of the underlying), `gamma` (units per USD), `vega` (numeraire per 1.00 of volatility). */
  readonly greek: string;
  /** Positive. */
  readonly max: string;
}

export interface VenueLimit {
  readonly venue: string;
  /** USD. */
  readonly maxUsd: string;
}

export interface ReconciliationRules {
  /** Once, before the first order of a run. */
  readonly atStart: boolean;
  /** ISO 8601 duration of event time between comparisons; empty: no timer. */
  readonly interval: string;
  /** Largest difference of a position that does not halt the venue, contracts. */
  readonly positionTolerance: string;
  /** Largest difference of a balance that does not halt the venue, in units of its own currency. */
  readonly balanceTolerance: string;
  /**
   * True: trades that others make on the account, in what it trades, enter the book instead of halting the account; absent:
   * they halt it.
   */
  readonly adoptTrades?: boolean;
}

export interface InstrumentLimit {
  readonly instrument: string;
  readonly maxQuantity: string;
}

/** Order limits of an account that two people agreed on while it runs. */
export interface LimitsSet {
  readonly book: string;
  readonly venue: string;
  readonly at: string;
  readonly limits: OrderLimits;
  readonly limitsVersion: string;
  readonly approval?: Approval;
}

/** Order limits that were approved and do not come into force: the approval does not hold, or the content is none. */
export interface LimitsRefused {
  readonly book: string;
  readonly proposalId: string;
  readonly approvedBy: string;
  readonly at: string;
  /** `NOT_PROPOSED`, `OTHER_CHANGE`, `OTHER_CONTENT`, `SAME_PERSON`, `EXPIRED`, `NOT_LIMITS`, `NOT_TRADED`. */
  readonly reasons: readonly string[];
}

/** The venue is asked what it holds for us. Durable before it is asked. */
export interface ReconciliationRequested {
  readonly reconciliationId: string;
  readonly book: string;
  readonly venue: string;
  /** `start`, `interval`, `person`, `foreign-order`, `gap`. */
  readonly trigger: string;
  /** 1 for the first asking; more when the venue did not answer. */
  readonly attempt: number;
  readonly at: string;
}

/** Venue and books agree, apart from what is on its way. */
export interface VenueReconciled {
  readonly reconciliationId: string;
  readonly book: string;
  readonly venue: string;
  readonly at: string;
  readonly positions: number;
  readonly openOrders: number;
  readonly balances: readonly MoneyAmount[];
  /** Instruments the venue holds for us that this account does not trade; not compared. */
  readonly outsideScope: readonly string[];
}

export interface AccountDifference {
  /**
   * `position`, `open-order`, `balance`, `answer`; `foreign-order`: one that was never sent by us; `excess-fill`: an order that the
   * venue filled beyond its size.
   */
  readonly kind: string;
  /** Instrument, client order id or currency. */
  readonly name: string;
  /** What we hold to be true; a range `[a, b]` where orders are on their way. */
  readonly ours: string;
  readonly theirs: string;
  readonly tolerance: string;
  readonly tolerable: boolean;
}

/** Venue and books differ. Nothing is corrected by it. */
export interface ReconciliationDiffered {
  readonly reconciliationId: string;
  readonly book: string;
  readonly venue: string;
  readonly at: string;
  readonly differences: readonly AccountDifference[];
  /** True when every difference is within its tolerance; otherwise the venue is halted. */
  readonly tolerable: boolean;
}

/** Somebody else traded on an account whose trades the book adopts: by hand, another program. */
export interface ForeignTradeSeen {
  readonly book: string;
  readonly venue: string;
  /** When it became known. */
  readonly at: string;
  /** The venue's own ids: they are the evidence. */
  readonly venueOrderId: string;
  readonly tradeId: string;
  readonly instrument: string;
  /** Signed contracts; bought positive. */
  readonly quantity: string;
  readonly price: string;
  /** Paid is negative. */
  readonly fee: MoneyAmount;
  /** When it was made, by the venue's clock. */
  readonly tradedAt: string;
}

/** No new orders of this book to this venue until a person resumes it. */
export interface VenueHalted {
  readonly book: string;
  readonly venue: string;
  readonly reason: string;
  readonly at: string;
}

export interface VenueResumed {
  readonly book: string;
  readonly venue: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** The differences last found are known and understood: exactly these do not halt again. Nothing is corrected. */
  readonly acceptsDifferences: boolean;
  /** Who asked for it and who agreed; absent where governance is not required. */
  readonly approval?: Approval;
}

/** Names a trade of somebody else: venues number their trades each for itself. */
export function foreignTradeKey({ venue, tradeId }: Pick<ForeignTradeSeen, 'venue' | 'tradeId'>): string {
  return `${venue}/${tradeId}`;
}
