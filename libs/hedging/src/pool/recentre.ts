import { liquidityOfValue, rangeGreeks } from '@evenkeel/pools';
import type { RangePosition } from '@evenkeel/pools';
import type { PoolCarry, PoolLeg } from './pool-leg';
import { poolCarry, poolGreeks } from './pool-leg';

/** Moving a range so that the price lies in its geometric middle, as wide as before. */
export interface Recentring {
  readonly range: RangePosition;
  /** Coin bought (positive) or sold to have the new range's amounts. */
  readonly coinSwapped: number;
  /** USD: the pool's own fee and the slippage on what is swapped. */
  readonly swapCost: number;
  readonly gasCost: number;
  readonly carryBefore: PoolCarry;
  readonly carryAfter: PoolCarry;
  /** USD until the horizon: fees less loss versus rebalancing, after against before, less what the move costs. */
  readonly gain: number;
}

/**
 * What re-centring would bring. The new range holds what the old one is worth less the cost of moving it. Undefined for a full
 * range, which has no middle, or where nothing would be left.
 */
export function recentring(
  leg: PoolLeg,
  spotUsd: number,
  volatility: number,
  horizonYears: number,
  slippage = 0,
): Recentring | undefined {
  const { priceLower, priceUpper } = leg.range;
  if (!(priceLower > 0) || !Number.isFinite(priceUpper)) return undefined;
  const half = Math.sqrt(priceUpper / priceLower);
  const ends = { priceLower: spotUsd / half, priceUpper: spotUsd * half };
  const held = poolGreeks(leg, spotUsd);
  const rate = leg.feeRate + slippage;
  // Two rounds settle what the cost itself takes out of what is to be split.
  let value = held.value - leg.gasUsd;
  let coinSwapped = 0;
  for (let round = 0; round < 3; round += 1) {
    if (!(value > 0)) return undefined;
    const wanted = rangeGreeks({ ...ends, liquidity: liquidityOfValue(value, spotUsd, ends) }, spotUsd);
    coinSwapped = wanted.amount0 - held.amount0;
    value = held.value - leg.gasUsd - Math.abs(coinSwapped) * spotUsd * rate;
  }
  if (!(value > 0)) return undefined;
  const range = { ...ends, liquidity: liquidityOfValue(value, spotUsd, ends) };
  const carryBefore = poolCarry(leg, spotUsd, volatility, horizonYears);
  const others = Math.max(0, leg.poolLiquidity - leg.range.liquidity);
  const moved = { ...leg, range, poolLiquidity: leg.poolLiquidity > 0 ? others + range.liquidity : 0 };
  const carryAfter = poolCarry(moved, spotUsd, volatility, horizonYears);
  const swapCost = Math.abs(coinSwapped) * spotUsd * rate;
  const net = (carry: PoolCarry): number => carry.fees - carry.lvr;
  return {
    range,
    coinSwapped,
    swapCost,
    gasCost: leg.gasUsd,
    carryBefore,
    carryAfter,
    gain: net(carryAfter) - net(carryBefore) - swapCost - leg.gasUsd,
  };
}
