import type { AccountDifference, ForeignTradeSeen } from './account-events';
import type { Approval } from './governance-events';
import type { MoneyAmount } from './money';
import type { Side } from './order-events';
import type { QuietStretch } from './strategy-events';

/**
 * What an epoch takes over from the one before it (`keel epoch open --from-ledger`). Terms, policies, limits and latches come in
 * the facts that always say them; these say the rest. Quantities are signed contracts unless said otherwise.
 */

/** governance context, aggregate `epoch` (id = the epoch it opens): its first fact behind the keys that commits are signed with. */
export interface EpochCarried {
  /** Wall clock, ISO 8601. */
  readonly at: string;
  readonly fromEpoch: string;
  /** The newest commit of that epoch that is carried: its sequence, and SHA-256 of its bytes, hex. */
  readonly lastSequence: string;
  readonly lastHash: string;
  /** The ledger's tree over everything up to that commit; root in hex. */
  readonly treeSize: string;
  readonly rootHash: string;
  /** The signed note over that tree. */
  readonly checkpoint: string;
  readonly carriedBy: string;
  readonly reason: string;
  /** Who asked for it and who agreed; absent where governance is not required. */
  readonly approval?: Approval;
  /** Revision of the program that worked out what is carried. */
  readonly code: string;
  /** First facts that follow, and SHA-256 of what they say, hex. */
  readonly facts: number;
  readonly factsHash: string;
  /** What ends with the old epoch. */
  readonly givenUp: readonly GivenUp[];
}

/** Something under way that no epoch takes over, because asking again is safer than going on. */
export interface GivenUp {
  readonly book: string;
  /** `request`, `proposal`, `decided-trade`, `parent-order`. */
  readonly kind: string;
  /** Its id, or its instrument where it has none. */
  readonly name: string;
}

/** risk context, aggregate `book`, behind its `BookOpened`: what the book has come to. */
export interface BookCarried {
  readonly book: string;
  readonly at: string;
  readonly fromEpoch: string;
  /** Names the book's snapshots from here on apart from those that the lost end of the other epoch may have had. */
  readonly lineage: string;
  readonly positions: readonly CarriedPosition[];
  /** What of these the book itself brought in, of contracts that hedges may be made of. */
  readonly own: readonly CarriedPosition[];
  readonly positionsVersion: number;
  /** Cash by what it came from; the P&L since inception is made of it. */
  readonly cash: readonly CarriedCash[];
  /** Payoffs in the numeraire, fixed when they were paid. */
  readonly settled: string;
  /** Snapshots taken since inception. */
  readonly snapshots: number;
  /** Fills of the carried orders that are in the positions. */
  readonly appliedFills: readonly string[];
  /** Trades of others that are in the positions, as `venue/trade id`. */
  readonly adoptedTrades: readonly string[];
  /** Known and not yet in the positions. */
  readonly dueFills: readonly CarriedFill[];
  readonly dueTrades: readonly ForeignTradeSeen[];
  /** Trades of the desk that can still be corrected. */
  readonly trades: readonly CarriedTrade[];
  readonly closed: boolean;
}

export interface CarriedPosition {
  readonly instrument: string;
  readonly quantity: string;
  /** Value at the average entry price, settlement currency. */
  readonly basis: string;
}

export interface CarriedCash {
  /** `options`, `settlement`, `hedge`, `fees`, `funding`. */
  readonly line: string;
  readonly currency: string;
  readonly amount: string;
}

export interface CarriedFill {
  readonly book: string;
  readonly instrument: string;
  readonly clientOrderId: string;
  readonly fillId: string;
  readonly quantity: string;
  readonly price: string;
  readonly fee: MoneyAmount;
  readonly at: string;
  /** Set where it undoes a fill that the venue busted. */
  readonly busts?: string;
}

export interface CarriedTrade {
  readonly tradeId: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly price: string;
}

/** strategy context, aggregate `hedge-program`, behind its `PolicySet`: what the policy remembers. */
export interface ProgramCarried {
  readonly book: string;
  readonly at: string;
  readonly fromEpoch: string;
  readonly memory: readonly CarriedMemory[];
  /** What the policy asked to be given back. */
  readonly remembered: readonly NamedText[];
  /** Orders that may still trade; each counts as of unknown outcome until its venue has answered. */
  readonly orders: readonly CarriedWork[];
  /** Fills that risk has yet to count. */
  readonly unapplied: readonly CarriedMovement[];
  /** The refusal in force, and when it was last said. */
  readonly refusal?: CarriedRefusal;
  /** Evaluations since the last decision that are on no record yet. */
  readonly quiet?: QuietStretch;
  /** The halt on record. */
  readonly halted?: CarriedHalt;
  /** Reasons to stand still, by what asked for it: `price`, or the scope of a kill latch. */
  readonly halts: readonly NamedText[];
  /** Kill latches on a venue or an instrument. */
  readonly blocked: readonly string[];
}

export interface CarriedMemory {
  readonly underlying: string;
  /** Empty: re-armed, or never. */
  readonly rebalancedAt: string;
  readonly hedgedAt: string;
  readonly hedgeSpotUsd: number;
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

export interface CarriedWork {
  readonly clientOrderId: string;
  readonly instrument: string;
  readonly side: Side;
  /** Positive contracts that may still fill. */
  readonly remaining: string;
  readonly limitPrice: string;
  readonly resting: boolean;
  readonly withdrawn: boolean;
}

export interface CarriedMovement {
  readonly fillId: string;
  readonly instrument: string;
  readonly quantity: string;
}

export interface CarriedRefusal {
  readonly key: string;
  readonly at: string;
}

export interface CarriedHalt {
  readonly since: string;
  readonly reasons: string;
}

/**
 * execution context, aggregate `venue-account`, behind its `VenueAccountOpened`: what fills have made of the account. No order
 * leaves for it before a comparison with the venue that is clean, or accepted by a person.
 */
export interface AccountCarried {
  readonly book: string;
  readonly venue: string;
  readonly at: string;
  readonly fromEpoch: string;
  readonly positions: readonly CarriedPosition[];
  /** Signed movements since the account was opened. */
  readonly cash: readonly MoneyAmount[];
  /** What a person has accepted of the differences with the venue. */
  readonly accepted: readonly AccountDifference[];
  /** Trades of others that are counted, by the venue's id. */
  readonly foreignTrades: readonly string[];
  /** Whether the venue was ever compared with nothing on its way, and what it then held less our own movements. */
  readonly compared: boolean;
  readonly opening: readonly MoneyAmount[];
}

/** execution context, aggregate `controls` (id = the book): what the pre-trade checks go by besides limits. */
export interface ControlsCarried {
  readonly book: string;
  readonly at: string;
  readonly fromEpoch: string;
  /** From own fills. */
  readonly positions: readonly CarriedQuantity[];
  /** Fills that risk has yet to count. */
  readonly uncounted: readonly CarriedMovement[];
  /** UTC day of the newest snapshot, the hedged P&L it began with, and the newest. */
  readonly day: string;
  readonly dayStart: string;
  readonly hedged: string;
}

export interface CarriedQuantity {
  readonly instrument: string;
  readonly quantity: string;
}

/**
 * execution context, aggregate `hedge-order`: an order that may still live at its venue, or ended so lately that the venue may yet
 * report on it. One that may live is of unknown outcome until the venue has been asked; nothing is sent again.
 */
export interface OrderCarried {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly correlationId: string;
  readonly book: string;
  readonly at: string;
  readonly fromEpoch: string;
  readonly venue: string;
  readonly instrument: string;
  readonly strategy: string;
  readonly side: Side;
  /** Positive contracts, as the checks allowed; `quantity` is what it came to, filled part included. */
  readonly approved: string;
  readonly quantity: string;
  readonly remaining: string;
  readonly orderType: string;
  readonly timeInForce: string;
  readonly limitPrice: string;
  readonly intendedAt: string;
  readonly termsAt: string;
  /** Nanoseconds that the venue may be silent. */
  readonly patience: string;
  /** `unresolved` while it may live; otherwise as it ended. */
  readonly status: string;
  /** The venue has said something that proves that it knew the order. */
  readonly known: boolean;
  readonly fixed: boolean;
  readonly withdrawn: boolean;
  readonly fills: readonly CarriedOrderFill[];
  readonly pendingAmend?: CarriedTerms;
  /** Terms that were in force once, as `quantity@price`. */
  readonly pastTerms: readonly string[];
  readonly restUntil?: string;
  readonly restWanted?: string;
  readonly closedAt?: string;
  readonly cancel?: CarriedCancel;
  /** `given-up`: nobody waits for it any more; `denied`: the venue said that it never knew it. */
  readonly doubt?: string;
}

export interface CarriedOrderFill {
  readonly fillId: string;
  /** Positive contracts. */
  readonly quantity: string;
  readonly price: string;
  readonly fee: MoneyAmount;
  /** `counted`, `bust-announced`, `bust-due`, `busted`. */
  readonly standing: string;
}

export interface CarriedTerms {
  readonly quantity: string;
  readonly limitPrice: string;
}

export interface CarriedCancel {
  readonly reason: string;
  readonly attempt: number;
  readonly askedAt: string;
  readonly unheeded: boolean;
}
