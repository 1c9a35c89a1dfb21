import { divideRoundingUp } from './fixed-point';
import { amount0Between, amount1Between, sqrtPriceAfterInput, sqrtPriceAfterOutput } from './sqrt-price-math';

export const FEE_UNIT = 1_000_000n;

export interface SwapStep {
  readonly sqrtPrice: bigint;
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  readonly fee: bigint;
}

/**
 * One stretch of constant liquidity. `remaining` is what is still to go in (positive) or to come out (negative); fee in hundredths
 * of a basis point, taken from what goes in.
 */
export function swapStep(
  sqrtPrice: bigint,
  sqrtTarget: bigint,
  liquidity: bigint,
  remaining: bigint,
  feePips: bigint,
): SwapStep {
  const zeroForOne = sqrtPrice >= sqrtTarget;
  const exactIn = remaining >= 0n;
  const inBetween = (next: bigint): bigint =>
    zeroForOne
      ? amount0Between(next, sqrtPrice, liquidity, true)
      : amount1Between(sqrtPrice, next, liquidity, true);
  const outBetween = (next: bigint): bigint =>
    zeroForOne
      ? amount1Between(next, sqrtPrice, liquidity, false)
      : amount0Between(sqrtPrice, next, liquidity, false);
  let next = sqrtTarget;
  if (exactIn) {
    const lessFee = (remaining * (FEE_UNIT - feePips)) / FEE_UNIT;
    if (lessFee < inBetween(sqrtTarget))
      next = sqrtPriceAfterInput(sqrtPrice, liquidity, lessFee, zeroForOne);
  } else if (-remaining < outBetween(sqrtTarget)) {
    next = sqrtPriceAfterOutput(sqrtPrice, liquidity, -remaining, zeroForOne);
  }
  const reached = next === sqrtTarget;
  const amountIn = inBetween(next);
  const out = outBetween(next);
  const amountOut = !exactIn && out > -remaining ? -remaining : out;
  const fee =
    exactIn && !reached ? remaining - amountIn : divideRoundingUp(amountIn * feePips, FEE_UNIT - feePips);
  return { sqrtPrice: next, amountIn, amountOut, fee };
}
