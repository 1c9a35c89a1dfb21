import { Q96, divideRoundingUp } from './fixed-point';

function ordered(a: bigint, b: bigint): readonly [bigint, bigint] {
  return a <= b ? [a, b] : [b, a];
}

/** Token0 between two √prices: L·(√b − √a)/(√a·√b). */
export function amount0Between(sqrtA: bigint, sqrtB: bigint, liquidity: bigint, roundUp: boolean): bigint {
  const [low, high] = ordered(sqrtA, sqrtB);
  const numerator = (liquidity << 96n) * (high - low);
  return roundUp ? divideRoundingUp(divideRoundingUp(numerator, high), low) : numerator / high / low;
}

/** Token1 between two √prices: L·(√b − √a). */
export function amount1Between(sqrtA: bigint, sqrtB: bigint, liquidity: bigint, roundUp: boolean): bigint {
  const [low, high] = ordered(sqrtA, sqrtB);
  const product = liquidity * (high - low);
  return roundUp ? divideRoundingUp(product, Q96) : product / Q96;
}

/** √price after `amount` comes in: token0 pushes it down, token1 up; rounded so that the pool is never short. */
export function sqrtPriceAfterInput(
  sqrtPrice: bigint,
  liquidity: bigint,
  amount: bigint,
  zeroForOne: boolean,
): bigint {
  return zeroForOne
    ? moveByToken0(sqrtPrice, liquidity, amount, true)
    : sqrtPrice + (amount << 96n) / liquidity;
}

/** √price after `amount` goes out. Throws a `RangeError` where the liquidity holds less than that. */
export function sqrtPriceAfterOutput(
  sqrtPrice: bigint,
  liquidity: bigint,
  amount: bigint,
  zeroForOne: boolean,
): bigint {
  if (!zeroForOne) return moveByToken0(sqrtPrice, liquidity, amount, false);
  const quotient = divideRoundingUp(amount << 96n, liquidity);
  if (sqrtPrice <= quotient) throw new RangeError('the liquidity holds less token1 than that');
  return sqrtPrice - quotient;
}

function moveByToken0(sqrtPrice: bigint, liquidity: bigint, amount: bigint, add: boolean): bigint {
  if (amount === 0n) return sqrtPrice;
  const scaled = liquidity << 96n;
  const product = amount * sqrtPrice;
  if (!add) {
    if (scaled <= product) throw new RangeError('the liquidity holds less token0 than that');
    return divideRoundingUp(scaled * sqrtPrice, scaled - product);
  }
  // The contract falls back to a coarser quotient where the exact one would overflow 256 bits.
  if (product < 1n << 256n && scaled + product < 1n << 256n)
    return divideRoundingUp(scaled * sqrtPrice, scaled + product);
  return divideRoundingUp(scaled, scaled / sqrtPrice + amount);
}
