import type { ChainAccountAdopted, ChainBlock, TransactionIntended } from '@evenkeel/facts';
import type { Decimal, Instant, Recent } from '@evenkeel/kernel';

/** One transaction that was signed for a nonce, or is to be. */
export interface Attempt {
  readonly intended: TransactionIntended;
  /** Undefined until the signer has answered. */
  hash: string | undefined;
}

export interface Inclusion {
  readonly hash: string;
  readonly block: ChainBlock;
  /** What its gas cost, USD at the price that it was weighed with, and the day of UTC that bears it. */
  readonly paidUsd: Decimal;
  readonly day: string;
}

/** A nonce from its first intent until it is final. */
export interface NonceUse {
  readonly nonce: number;
  readonly actionId: string;
  /** In order; all of one nonce, so at most one is ever included. */
  readonly attempts: Attempt[];
  /** Number of the block that was newest when the last attempt was intended, or when a reorganisation made it wait again. */
  waitsFrom: number;
  inclusion: Inclusion | undefined;
}

export interface Head {
  readonly block: ChainBlock;
  readonly time: Instant;
  readonly baseFee: bigint;
  readonly tip: bigint;
  readonly coinUsd: Decimal;
}

/** What gas has cost in a day of UTC. */
export interface DaySpent {
  readonly day: string;
  readonly usd: Decimal;
}

/** So many actions that are done are remembered: at one a block of 2 s, more than two days. */
export const DONE_KEPT = 100_000;

/** An account on a chain whose nonces are ours alone. */
export interface ChainAccount {
  readonly adopted: ChainAccountAdopted;
  nextNonce: number;
  /** Not final yet, by nonce. What is final is forgotten. */
  readonly uses: Map<number, NonceUse>;
  /** Actions whose nonce is final, the newest of them: none is done again, whoever asks for it once more. */
  readonly done: Recent<true>;
  /** What `observe` saw last; no fact. Undefined before the first block. */
  head: Head | undefined;
  spent: DaySpent;
  /** Number of the newest block that a final transaction lies in, or that the account was adopted at. */
  finalTo: number;
  /** Why nothing is signed any more; undefined while it works. */
  halted: string | undefined;
}

/** What the host does once the commits beside it are durable. Each may safely be done twice. */
export type ChainEffect =
  | { readonly kind: 'sign'; readonly intended: TransactionIntended }
  | { readonly kind: 'broadcast'; readonly account: string; readonly hash: string };
