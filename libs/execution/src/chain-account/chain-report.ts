import type { BalanceChange, ChainBlock } from '@evenkeel/facts';

/** What a signer or the followed chain says of one account. A node's word counts only when the follower stands by it. */
export type ChainReport =
  | {
      readonly kind: 'signed';
      readonly nonce: number;
      readonly attempt: number;
      /** Keccak-256 of what the signer was given. */
      readonly signingHash: string;
      readonly hash: string;
    }
  /** A new head that both nodes know. */
  | {
      readonly kind: 'block';
      readonly block: ChainBlock;
      /** ISO 8601, by the chain's clock. */
      readonly time: string;
      /** Wei a unit of gas that the next block will ask. */
      readonly baseFee: bigint;
      /** Wei a unit of gas that gets a transaction into a block soon. */
      readonly tip: bigint;
      /** USD a coin. */
      readonly coinUsd: string;
    }
  | {
      readonly kind: 'included';
      readonly hash: string;
      readonly block: ChainBlock;
      readonly blockTime: string;
      readonly index: number;
      readonly gasUsed: number;
      readonly gasPrice: bigint;
      /** Undefined where it did what it should; else why it failed. */
      readonly reverted: string | undefined;
      readonly balances: readonly BalanceChange[];
    }
  /** A block that was of the chain and is no more. */
  | { readonly kind: 'gone'; readonly block: ChainBlock }
  /** At a block beyond finality this nonce is used, and by no transaction of ours. */
  | { readonly kind: 'taken'; readonly nonce: number; readonly block: ChainBlock }
  /** The nodes contradict each other for longer than one may lag. */
  | { readonly kind: 'disagree'; readonly detail: string };
