import type { Approval } from './governance-events';
import type { MoneyAmount } from './money';
import type { Check, NamedNumber } from './strategy-events';

/** execution context: aggregate `hedge-order` (id = clientOrderId) and `venue-account` (id = `<venue>/<book>`). */

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
}

export interface InstrumentLimit {
  readonly instrument: string;
  readonly maxQuantity: string;
}

export type Side = 'buy' | 'sell';

/** Durable before the venue is called. */
export interface OrderIntended {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: Side;
  /** Positive contracts. */
  readonly quantity: string;
  /** `limit`; an aggressive limit at the collar stands in for a market order. */
  readonly orderType: string;
  /** `IOC`, `GTC`, `POST_ONLY`. */
  readonly timeInForce: string;
  readonly limitPrice: string;
  readonly referencePrice: string;
  readonly at: string;
  /** When silence becomes an unknown outcome. */
  readonly timeoutAt: string;
  readonly checks: readonly Check[];
  /** The parent order whose budget this child spends; absent for orders that carry out a trade whole. */
  readonly parentId?: string;
  /** Kind of the policy that decided: the kill scope `strategy:<kind>`. */
  readonly strategy?: string;
  /** When a resting order is taken back at the latest, where its decision said so. */
  readonly restUntil?: string;
}

/** A pre-trade check said no; nothing left the house. */
export interface OrderRefused {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly instrument: string;
  readonly side: Side;
  readonly quantity: string;
  readonly at: string;
  readonly checks: readonly Check[];
  readonly reasons: readonly string[];
  /** The parent order that wanted this child. */
  readonly parentId?: string;
}

export interface OrderAcknowledged {
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly at: string;
}

export interface OrderFilled {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly fillId: string;
  /** Signed, from the book's side: a buy is positive. */
  readonly quantity: string;
  readonly price: string;
  /** Paid is negative. */
  readonly fee: MoneyAmount;
  readonly liquidity: string;
  readonly at: string;
  /** Positive contracts still open after this fill. */
  readonly remaining: string;
  /** True when this fill came after the order had been given up for dead. */
  readonly late: boolean;
}

/** One step of a parent order's schedule. */
export interface ScheduleSlice {
  readonly at: string;
  /** Positive contracts that should have traded or be working from then on. */
  readonly cumulative: string;
}

/**
 * A trade of a decision that is carried out over time (aggregate `parent-order`, id = parentId). Its children's fills and
 * working quantity together never exceed `quantity` when a child is sent.
 */
export interface ParentOrderStarted {
  readonly parentId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: Side;
  /** Positive contracts, as approved. */
  readonly quantity: string;
  /** The price that arrival slippage is measured against, quote unit. */
  readonly referencePrice: string;
  readonly at: string;
  /** When what is left is taken or given up. */
  readonly endsAt: string;
  /** `peg`, `twap`, `vwap`, `pov`, `almgren-chriss`, `iceberg`. */
  readonly algorithm: string;
  /** Canonical JSON of the parameters in force, defaults and urgency worked in. */
  readonly parameters: string;
  /** 0 (no hurry) to 1 (now). */
  readonly urgency: number;
  /** What the urgency was made of. */
  readonly ingredients: readonly NamedNumber[];
  /** Empty where the algorithm follows the market instead. */
  readonly schedule: readonly ScheduleSlice[];
  /** Why this algorithm with these parameters, in a sentence. */
  readonly explanation: string;
  /** The pre-trade checks of the whole quantity; each child is checked again when it goes. */
  readonly checks: readonly Check[];
  /** Kind of the policy that decided. */
  readonly strategy: string;
}

/** Nothing of the parent is working any more and no child will follow. */
export interface ParentOrderCompleted {
  readonly parentId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly instrument: string;
  readonly at: string;
  /** Positive contracts. */
  readonly filled: string;
  /** Positive contracts given up; the program is re-armed for them. */
  readonly unfilled: string;
  /** Volume-weighted, quote unit, rounded half to even to 12 digits; absent without fills. */
  readonly averagePrice?: string;
  readonly children: number;
  /** `FILLED`, `HORIZON_OVER`, `CHILD_REFUSED`, `KILL_ENGAGED`, `CHILDREN_FAILED`. */
  readonly reason: string;
}

/** The venue took a fill back: the trade never was. Whoever counted it undoes it. */
export interface FillBusted {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly fillId: string;
  /** Signed, as the fill was; `0` when the bust came before its fill, which will then not count. */
  readonly quantity: string;
  readonly price: string;
  /** As it was charged with the fill; it comes back. */
  readonly fee: MoneyAmount;
  readonly reason: string;
  readonly at: string;
}

/** A change of a resting order, durable before the venue is asked for it. Quantities are totals, filled part included. */
export interface AmendIntended {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly limitPrice: string;
  readonly at: string;
  readonly checks: readonly Check[];
}

/** A pre-trade check said no to a change; the order stays as it is. */
export interface AmendRefused {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly limitPrice: string;
  readonly at: string;
  readonly checks: readonly Check[];
  readonly reasons: readonly string[];
}

/** The venue confirmed new terms. */
export interface OrderAmended {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  /** Positive contracts in total, filled part included. */
  readonly quantity: string;
  readonly limitPrice: string;
  readonly at: string;
  /** Positive contracts still open. */
  readonly remaining: string;
}

/** The venue would not change the order; it stays as it was. */
export interface AmendRejected {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly reason: string;
  readonly at: string;
}

/** The order ended without (further) fills. */
export interface OrderClosed {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly at: string;
  /** Positive contracts never filled. */
  readonly unfilled: string;
  readonly reason: string;
}

/** The venue did not answer: the outcome is unknown until the venue is asked for this id. */
export interface OrderUnresolved {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly at: string;
  readonly attempt: number;
}

export interface KillEngaged {
  readonly scope: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
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

export interface KillReleased {
  readonly scope: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** Who asked for the release and who agreed; absent where governance is not required. */
  readonly approval?: Approval;
}

/** The venue is asked what it holds for us. Durable before it is asked. */
export interface ReconciliationRequested {
  readonly reconciliationId: string;
  readonly book: string;
  readonly venue: string;
  /** `start`, `interval`, `person`. */
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
  /** `position`, `open-order`, `balance`, `answer`. */
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

/** A named person lets a soft limit be exceeded, for a while. */
export interface ControlOverridden {
  readonly overrideId: string;
  readonly book: string;
  /** Name of the check, e.g. `order-quantity`. */
  readonly control: string;
  /** Only for this instrument; empty: every instrument of the book. */
  readonly instrument: string;
  /** The limit in force meanwhile, in the control's own unit; empty: none. */
  readonly upTo: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  readonly expiresAt: string;
  /** Who asked for it and who agreed; absent where governance is not required. */
  readonly approval?: Approval;
}

export interface OverrideRevoked {
  readonly overrideId: string;
  readonly book: string;
  readonly control: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

export interface OverrideExpired {
  readonly overrideId: string;
  readonly book: string;
  readonly control: string;
  readonly at: string;
}

/** The same thing was done too often: nothing more in this instrument until a person resets it. */
export interface ThrottleTripped {
  readonly book: string;
  readonly instrument: string;
  readonly executions: number;
  readonly limit: number;
  readonly window: string;
  readonly at: string;
}

export interface ThrottleReset {
  readonly book: string;
  readonly instrument: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** Who asked for it and who agreed; absent where governance is not required. */
  readonly approval?: Approval;
}

/** A named person forbids an instrument to a book, or allows it again. */
export interface RestrictionSet {
  readonly book: string;
  readonly instrument: string;
  readonly restricted: boolean;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** Who asked for it and who agreed; absent for a restriction, and where governance is not required. */
  readonly approval?: Approval;
}

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
