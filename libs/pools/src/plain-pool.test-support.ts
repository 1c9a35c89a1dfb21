import { EvenkeelError } from '@evenkeel/kernel';
import { Q128 } from './fixed-point';
import type { RangeLiquidity } from './liquidity-amounts';
import { swapStep } from './swap-step';
import {
  MAX_SQRT_RATIO,
  MAX_TICK,
  MIN_SQRT_RATIO,
  MIN_TICK,
  sqrtRatioAtTick,
  tickAtSqrtRatio,
} from './tick-math';

/** A concentrated-liquidity pool as data. Liquidity by the ticks where it comes (positive) and goes. */
export interface PoolState {
  readonly feePips: number;
  readonly tickSpacing: number;
  readonly sqrtPrice: bigint;
  readonly tick: number;
  /** In range now. */
  readonly liquidity: bigint;
  /** Initialised ticks, increasing, with their net liquidity. */
  readonly ticks: readonly { readonly tick: number; readonly net: bigint }[];
  /** Fees per unit of liquidity since the beginning, Q128. */
  readonly feeGrowth0: bigint;
  readonly feeGrowth1: bigint;
  /** The protocol's share is one part in this many, and what it is owed; of the token that goes in. */
  readonly feeProtocol: bigint;
  readonly protocolFees0: bigint;
  readonly protocolFees1: bigint;
}

/** The pool as the contract steps through it, one stop at a time and every root anew: the judge of `LivePool`. */
export function createPool(
  feePips: number,
  tickSpacing: number,
  sqrtPrice: bigint,
  positions: readonly RangeLiquidity[],
  feeProtocol = 0n,
): PoolState {
  const tick = tickAtSqrtRatio(sqrtPrice);
  const nets = new Map<number, bigint>();
  let liquidity = 0n;
  for (const { tickLower, tickUpper, liquidity: amount } of positions) {
    nets.set(tickLower, (nets.get(tickLower) ?? 0n) + amount);
    nets.set(tickUpper, (nets.get(tickUpper) ?? 0n) - amount);
    if (tickLower <= tick && tick < tickUpper) liquidity += amount;
  }
  const ticks = [...nets].sort(([a], [b]) => a - b).map(([at, net]) => ({ tick: at, net }));
  return {
    feePips,
    tickSpacing,
    sqrtPrice,
    tick,
    liquidity,
    ticks,
    feeGrowth0: 0n,
    feeGrowth1: 0n,
    feeProtocol,
    protocolFees0: 0n,
    protocolFees1: 0n,
  };
}

export interface SwapOutcome {
  readonly pool: PoolState;
  /** Paid to the pool, negative when it pays. */
  readonly amount0: bigint;
  readonly amount1: bigint;
}

/**
 * Swaps exactly `amount` in (positive) or out (negative), at most as far as the limit's √price. Throws
 * `POOL.PRICE_LIMIT` for a limit on the wrong side of the price.
 */
export function swap(pool: PoolState, zeroForOne: boolean, amount: bigint, limit?: bigint): SwapOutcome {
  const bound = limit ?? (zeroForOne ? MIN_SQRT_RATIO + 1n : MAX_SQRT_RATIO - 1n);
  const inside = zeroForOne
    ? bound < pool.sqrtPrice && bound > MIN_SQRT_RATIO
    : bound > pool.sqrtPrice && bound < MAX_SQRT_RATIO;
  if (!inside)
    throw new EvenkeelError({
      code: 'POOL.PRICE_LIMIT',
      message: 'the price limit is already passed',
    });
  let { sqrtPrice, tick, liquidity } = pool;
  let [growth, remaining, calculated, protocol] = [0n, amount, 0n, 0n];
  while (remaining !== 0n && sqrtPrice !== bound) {
    const next = nextTick(pool, tick, zeroForOne);
    const sqrtNext = sqrtRatioAtTick(next.tick);
    const beyond = zeroForOne ? sqrtNext < bound : sqrtNext > bound;
    const step = swapStep(sqrtPrice, beyond ? bound : sqrtNext, liquidity, remaining, BigInt(pool.feePips));
    if (amount > 0n) {
      remaining -= step.amountIn + step.fee;
      calculated -= step.amountOut;
    } else {
      remaining += step.amountOut;
      calculated += step.amountIn + step.fee;
    }
    const cut = pool.feeProtocol > 0n ? step.fee / pool.feeProtocol : 0n;
    protocol += cut;
    if (liquidity > 0n) growth += ((step.fee - cut) * Q128) / liquidity;
    if (step.sqrtPrice === sqrtNext) {
      liquidity += zeroForOne ? -next.net : next.net;
      tick = zeroForOne ? next.tick - 1 : next.tick;
    } else if (step.sqrtPrice !== sqrtPrice) tick = tickAtSqrtRatio(step.sqrtPrice);
    sqrtPrice = step.sqrtPrice;
  }
  const [spent, got] = [amount - remaining, calculated];
  const [amount0, amount1] = zeroForOne === amount > 0n ? [spent, got] : [got, spent];
  const after: PoolState = {
    ...pool,
    sqrtPrice,
    tick,
    liquidity,
    feeGrowth0: pool.feeGrowth0 + (zeroForOne ? growth : 0n),
    feeGrowth1: pool.feeGrowth1 + (zeroForOne ? 0n : growth),
    protocolFees0: pool.protocolFees0 + (zeroForOne ? protocol : 0n),
    protocolFees1: pool.protocolFees1 + (zeroForOne ? 0n : protocol),
  };
  return { pool: after, amount0, amount1 };
}

const WORD = 256;

/**
 * Where the next step may go: the next initialised tick, but at most to the end of the contract's bitmap word (256 spacings), since each stop
 * rounds and takes its fee.
 */
function nextTick(
  pool: PoolState,
  tick: number,
  zeroForOne: boolean,
): { readonly tick: number; readonly net: bigint } {
  const { tickSpacing, ticks } = pool;
  const compressed = Math.floor(tick / tickSpacing);
  if (zeroForOne) {
    const edge = Math.max(MIN_TICK, Math.floor(compressed / WORD) * WORD * tickSpacing);
    let found: { readonly tick: number; readonly net: bigint } | undefined;
    for (const entry of ticks) if (entry.tick <= tick && entry.tick >= edge) found = entry;
    return found ?? { tick: edge, net: 0n };
  }
  const from = compressed + 1;
  const edge = Math.min(MAX_TICK, (Math.floor(from / WORD) * WORD + WORD - 1) * tickSpacing);
  const found = ticks.find((entry) => entry.tick > tick && entry.tick <= edge);
  return found ?? { tick: edge, net: 0n };
}
