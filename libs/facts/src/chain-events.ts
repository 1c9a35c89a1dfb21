import type { MoneyAmount } from './money';
import type { NamedNumber } from './strategy-events';

/** execution context, aggregate `chain-account` (id = `<chain id>:<address>`): the one owner of an account's nonces. */

/** A block by number and hash; a number alone names no block. */
export interface ChainBlock {
  readonly number: number;
  /** `0x` and 64 hex digits, lower case, as every hash here. */
  readonly hash: string;
}

/** What an account may do, and when it stops waiting. */
export interface ChainRules {
  /** Blocks on top of an inclusion before it counts as final. */
  readonly finalityBlocks: number;
  /** Nonces that may wait for a block at once. */
  readonly maxOpen: number;
  /** Blocks without an inclusion after which an attempt is replaced. */
  readonly replaceAfterBlocks: number;
  /** Attempts at an action, the first included; after them it is cancelled. */
  readonly maxAttempts: number;
  /** Most that the gas of one action may cost, USD. */
  readonly maxActionUsd: string;
  /** Most that gas may cost in a day of UTC, what waits counted at its most, USD. */
  readonly maxDayUsd: string;
}

/** From here on this process alone uses the account's nonces. */
export interface ChainAccountAdopted {
  readonly account: string;
  readonly book: string;
  readonly chainId: number;
  /** `0x` and 40 hex digits, lower case, as every address here. */
  readonly address: string;
  /** The coin that pays for gas. */
  readonly coin: string;
  /** The next nonce to use: the account's count of transactions at `block`. */
  readonly nonce: number;
  /** A block beyond finality. */
  readonly block: ChainBlock;
  readonly rules: ChainRules;
  readonly at: string;
}

/** What is to be signed, whole. Attempts with one nonce exclude each other on the chain: at most one of them is ever included. */
export interface TransactionIntended {
  readonly account: string;
  readonly book: string;
  /** Names the action over all its attempts. */
  readonly actionId: string;
  /** `swap`, `split`, `range`, `value`; `cancel`: an empty transfer to itself that uses the nonce up. */
  readonly action: string;
  /** Orders that it carries out, or the epoch that it settles. */
  readonly serves: readonly string[];
  readonly nonce: number;
  /** 1 for the first attempt with this nonce. */
  readonly attempt: number;
  /** `WANTED`; of a later attempt `SLOW`; of a cancel `GAS_CAP`, `ATTEMPTS`, `DEADLINE`, `WITHDRAWN`. */
  readonly reason: string;
  readonly to: string;
  /** Call data, `0x` and hex digits. */
  readonly data: string;
  /** Wei. */
  readonly value: string;
  readonly gasLimit: number;
  /** What the gas limit was made of, units of gas. */
  readonly gasParts: readonly NamedNumber[];
  /** Wei a unit of gas. */
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
  /** USD a coin, as known when the gas was weighed. */
  readonly coinUsd: string;
  /** The call refuses itself from then on; absent: it has no deadline. */
  readonly deadline?: string;
  /** The newest block when it was decided. */
  readonly reference: ChainBlock;
  /** Keccak-256 of what is signed: the signer is held to it. */
  readonly signingHash: string;
  readonly at: string;
}

/** The transaction has its hash, durable before any node sees it. The bytes themselves are no fact: who reads this cannot send it. */
export interface TransactionSigned {
  readonly account: string;
  readonly book: string;
  readonly nonce: number;
  readonly attempt: number;
  readonly hash: string;
  readonly at: string;
}

/** Units of a token that the account held before and after a block's transaction: the difference is what was traded. */
export interface BalanceChange {
  /** Address of the token; empty for the coin. */
  readonly token: string;
  readonly before: string;
  readonly after: string;
}

/** A block has it. */
interface TransactionMined {
  readonly account: string;
  readonly book: string;
  readonly nonce: number;
  readonly attempt: number;
  readonly hash: string;
  readonly block: ChainBlock;
  /** By the chain's clock. */
  readonly blockTime: string;
  /** Its place in the block. */
  readonly index: number;
  readonly gasUsed: number;
  /** Wei a unit. */
  readonly gasPrice: string;
  /** In the coin; paid is negative. */
  readonly gasPaid: MoneyAmount;
  readonly at: string;
}

/** A block has it and it did what it should. */
export interface TransactionIncluded extends TransactionMined {
  readonly balances: readonly BalanceChange[];
}

/** A block has it and it failed: nothing was traded, gas and nonce are spent. */
export interface TransactionReverted extends TransactionMined {
  /** The contract's own word; `NO_REASON` where it gave none. */
  readonly reason: string;
}

/** The block that had it is no longer of the chain. The transaction may come back by itself, so its nonce waits again. */
export interface TransactionReorged {
  readonly account: string;
  readonly book: string;
  readonly nonce: number;
  readonly hash: string;
  /** The block that is gone. */
  readonly block: ChainBlock;
  readonly at: string;
}

/** Another attempt with its nonce is final: this one can never be included. */
export interface TransactionReplaced {
  readonly account: string;
  readonly book: string;
  readonly nonce: number;
  readonly hash: string;
  /** The one that won. */
  readonly by: string;
  readonly at: string;
}

/** So many blocks stand on top of it that it counts as done for good. */
export interface TransactionFinal {
  readonly account: string;
  readonly book: string;
  readonly nonce: number;
  readonly hash: string;
  readonly block: ChainBlock;
  readonly at: string;
}

/** Nothing is signed or sent for the account until a person has it adopted anew at a block beyond finality. */
export interface AccountHalted {
  readonly account: string;
  readonly book: string;
  /** `NONCE_TAKEN`, `FINALITY_BROKEN`, `NODES_DISAGREE`, `SIGNED_OTHERWISE`. */
  readonly reason: string;
  readonly detail: string;
  readonly at: string;
}
