import type { MoneyAmount, OrderStatus, Side } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';

export type FillStanding =
  | 'counted'
  /** Its bust came before it; it will be counted and undone when it comes. */
  | 'bust-announced'
  /** Counted, and to be undone at once because its bust came first. */
  | 'bust-due'
  | 'busted';

/** A fill as the venue told it; busted ones stay known so that they are never counted again. */
export interface OrderFill {
  /** Positive contracts; zero while only its bust is known. */
  readonly quantity: Decimal;
  readonly price: string;
  readonly fee: MoneyAmount;
  readonly standing: FillStanding;
}

/** New terms that the venue has been asked for. */
export interface PendingAmend {
  /** Positive contracts in total, filled part included. */
  readonly quantity: Decimal;
  readonly limitPrice: string;
}

/** That the venue is to take an order back, as it is on record. */
export interface CancelRequest {
  readonly reason: string;
  /** How often the venue has been asked. */
  readonly attempt: number;
  readonly askedAt: Instant;
  /** The venue has confirmed the order since: it still stands and is asked for again. */
  readonly unheeded: boolean;
}

/**
 * Why an order that counts for nothing any more may live at the venue all the same. `given-up`: it never answered. `denied`: it did
 * not know the order when it was asked, and may have got it since.
 */
export type OrderDoubt = 'given-up' | 'denied';

/** One order from intent to end. Quantities in positive contracts. */
export interface HedgeOrder {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly correlationId: string;
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  /** Kind of the policy that decided; empty for orders of older journals. */
  readonly strategy: string;
  /** The parent whose budget it spends; undefined where it carries out a trade whole. */
  readonly parentId: string | undefined;
  readonly side: Side;
  /** What the checks allowed when it was intended, positive contracts. */
  readonly approved: Decimal;
  /** In total, filled part included. */
  quantity: Decimal;
  readonly orderType: string;
  readonly timeInForce: string;
  limitPrice: string;
  readonly intendedAt: Instant;
  /** When its terms were last set, or a change of them was last refused. */
  termsAt: Instant;
  /** A change of it was refused by our checks or by the venue: who still wants other terms takes it back. */
  fixed: boolean;
  /** How long the venue may be silent. */
  readonly patience: Nanoseconds;
  status: OrderStatus;
  /** True once the venue has said anything that proves that it knows the order. */
  known: boolean;
  remaining: Decimal;
  readonly fills: Map<string, OrderFill>;
  /** Contracts that its venue filled beyond what it wanted. */
  excess: Decimal;
  pendingAmend: PendingAmend | undefined;
  /** Terms that were in force once and are no more, as `quantity@price`: an echo of them is no news. */
  readonly pastTerms: Set<string>;
  /** When a resting order is taken back; undefined for immediate ones and before the acknowledgement. */
  restUntil: Instant | undefined;
  /** The same as the decision wanted it; undefined leaves it to our own patience. */
  readonly restWanted: Instant | undefined;
  /** Times the venue was asked for the outcome. */
  attempts: number;
  /** When the venue was last asked. */
  askedAt: Instant | undefined;
  /** When silence becomes an unknown outcome, or a resting order is taken back; undefined once it is over. */
  timeoutAt: Instant | undefined;
  /** Undefined for an order that is waited for, and for one whose end the venue has told. */
  doubt: OrderDoubt | undefined;
  /** When it ended; undefined while open. */
  closedAt: Instant | undefined;
  /** A decision takes it back, or nobody counts on it any more. */
  withdrawn: boolean;
  /** Undefined while nobody has asked for its end. */
  cancel: CancelRequest | undefined;
  /** Where it stands among living orders; see `place`, as for the rest. */
  rank: number;
  /** `timeoutAt` as it stands among the deadlines, and in which slot. */
  deadline: Instant | undefined;
  slot: number;
  /** Contracts that it counts for in what its book's open orders could still trade. */
  counted: Decimal;
  /** The full hour at or after its end under which it waits to be forgotten. */
  endedBy: Instant | undefined;
}

/** As an order is before it was placed among the others. */
export const UNPLACED = {
  rank: 0,
  deadline: undefined,
  slot: 0,
  counted: Decimal.ZERO,
  endedBy: undefined,
} as const;
