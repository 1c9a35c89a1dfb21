import type { TransactionIntended } from '@evenkeel/facts';
import { Decimal, sum } from '@evenkeel/kernel';
import type { ChainAccount, Head, NonceUse } from './state';

const COIN_DECIMALS = 18;
/** A node takes another attempt of a nonce for at least a tenth more; an eighth more is that with room for rounding. */
const BUMP = { times: 9n, over: 8n };

export interface Fees {
  /** Wei a unit of gas. */
  readonly maxFee: bigint;
  readonly tip: bigint;
}

/** Coins, from wei. */
export function coinsOf(wei: bigint): Decimal {
  return Decimal.ofUnits(wei, COIN_DECIMALS);
}

/** USD that the gas of a transaction costs at most. */
export function mostUsd(gasLimit: number, maxFee: bigint, coinUsd: Decimal): Decimal {
  return coinsOf(BigInt(gasLimit) * maxFee).times(coinUsd);
}

/** Fees of a first attempt: they outlast a base fee twice today's, which is six full blocks in a row (EIP-1559: an eighth each). */
export function firstFees({ baseFee, tip }: Head): Fees {
  return { maxFee: 2n * baseFee + tip, tip };
}

/** The least fees at which nodes take another attempt in place of `last`. */
export function bumped(last: TransactionIntended): Fees {
  return { maxFee: raised(BigInt(last.maxFeePerGas)), tip: raised(BigInt(last.maxPriorityFeePerGas)) };
}

/** Fees of another attempt: enough for nodes to take it, and for today's base fee. */
export function replacementFees(last: TransactionIntended, head: Head): Fees {
  const least = bumped(last);
  const today = firstFees(head);
  return {
    maxFee: least.maxFee > today.maxFee ? least.maxFee : today.maxFee,
    tip: least.tip > today.tip ? least.tip : today.tip,
  };
}

/** USD that gas may cost today when everything that waits costs its most: what was paid, and the dearest attempt of each open nonce. */
export function dayAtWorst(account: ChainAccount, day: string, except?: NonceUse): Decimal {
  const paid = account.spent.day === day ? account.spent.usd : Decimal.ZERO;
  const waiting = [...account.uses.values()]
    .filter((use) => use !== except && use.inclusion === undefined)
    .map(dearest);
  return sum([paid, ...waiting]);
}

function dearest({ attempts }: NonceUse): Decimal {
  return attempts.reduce((most, { intended: { gasLimit, maxFeePerGas, coinUsd } }) => {
    return most.max(mostUsd(gasLimit, BigInt(maxFeePerGas), Decimal.parse(coinUsd)));
  }, Decimal.ZERO);
}

function raised(fee: bigint): bigint {
  return (fee * BUMP.times + BUMP.over - 1n) / BUMP.over;
}
