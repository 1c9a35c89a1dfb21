import { Q96 } from './fixed-point';
import { amount0Between, amount1Between } from './sqrt-price-math';
import { sqrtRatioAtTick } from './tick-math';

/** Whether to round the way the router does (a Q96 intermediate) or to keep everything. */
export type LiquidityPrecision = 'router' | 'full';

function liquidityOf0(sqrtA: bigint, sqrtB: bigint, amount0: bigint, precision: LiquidityPrecision): bigint {
  if (precision === 'router') return (amount0 * ((sqrtA * sqrtB) / Q96)) / (sqrtB - sqrtA);
  return (amount0 * sqrtA * sqrtB) / (Q96 * (sqrtB - sqrtA));
}

function liquidityOf1(sqrtA: bigint, sqrtB: bigint, amount1: bigint): bigint {
  return (amount1 * Q96) / (sqrtB - sqrtA);
}

/** The most liquidity that the amounts buy over a range at this √price, rounded down. */
export function liquidityForAmounts(
  sqrtPrice: bigint,
  sqrtA: bigint,
  sqrtB: bigint,
  amount0: bigint,
  amount1: bigint,
  precision: LiquidityPrecision = 'full',
): bigint {
  const [low, high] = sqrtA <= sqrtB ? [sqrtA, sqrtB] : [sqrtB, sqrtA];
  if (sqrtPrice <= low) return liquidityOf0(low, high, amount0, precision);
  if (sqrtPrice >= high) return liquidityOf1(low, high, amount1);
  const by0 = liquidityOf0(sqrtPrice, high, amount0, precision);
  const by1 = liquidityOf1(low, sqrtPrice, amount1);
  return by0 < by1 ? by0 : by1;
}

export interface TokenAmounts {
  readonly amount0: bigint;
  readonly amount1: bigint;
}

/** What liquidity over a range holds: rounded down when it is taken out, up when it has to be put in. */
export function amountsOfLiquidity(
  sqrtPrice: bigint,
  sqrtA: bigint,
  sqrtB: bigint,
  liquidity: bigint,
  roundUp = false,
): TokenAmounts {
  const [low, high] = sqrtA <= sqrtB ? [sqrtA, sqrtB] : [sqrtB, sqrtA];
  const inside = sqrtPrice < low ? low : sqrtPrice > high ? high : sqrtPrice;
  return {
    amount0: amount0Between(inside, high, liquidity, roundUp),
    amount1: amount1Between(low, inside, liquidity, roundUp),
  };
}

export interface RangeLiquidity {
  readonly tickLower: number;
  readonly tickUpper: number;
  readonly liquidity: bigint;
}

/** What a range has to be paid for: rounded up. */
export function mintAmounts(sqrtPrice: bigint, range: RangeLiquidity): TokenAmounts {
  return amountsOfLiquidity(
    sqrtPrice,
    sqrtRatioAtTick(range.tickLower),
    sqrtRatioAtTick(range.tickUpper),
    range.liquidity,
    true,
  );
}
