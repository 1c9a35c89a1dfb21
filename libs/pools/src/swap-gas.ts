import type { LivePool, SwapOrder } from './live-pool';
import { sqrtRatioAtTick, tickAtSqrtRatio } from './tick-math';

/** What `SwapRouter.exactInputSingle` uses beyond `QuoterV2.gasEstimate`: within 30 gas of it over 48 swaps of 1 to 57 ticks. */
const ROUTER_GAS = 30_050;
/** A tick that is passed for the first time; measured 58,000. */
const TICK_GAS = 60_000;
const MARGIN = 1.2;

export interface SwapGas {
  /** What the swap uses if nobody trades before it. */
  readonly expected: number;
  /** What to allow it: a node's own estimate ran out in half of all swaps. */
  readonly limit: number;
}

/** Gas of a swap from what the quoter says and how many more ticks somebody else's trade can put in its way. */
export function swapGas(quoterGas: number, ticksInReach: number): SwapGas {
  const expected = quoterGas + ROUTER_GAS;
  return { expected, limit: Math.ceil((expected + TICK_GAS * ticksInReach) * MARGIN) };
}

/**
 * The most initialised ticks that a swap can have to pass beyond those it passes now when the price moves by up to `collar` (a
 * fraction) either way before it: a window of the same width, moved over the ticks.
 */
export function ticksInReach(pool: LivePool, order: SwapOrder, collar: number): number {
  const { slot } = pool;
  const { sqrtPrice } = pool.quote(order);
  const from = slot.tick;
  // A swap that ends where all liquidity ends stands at the edge of all prices.
  const to = tickAtSqrtRatio(sqrtPrice);
  const width = ticksOfMove(collar);
  const [low, high] = from < to ? [from, to] : [to, from];
  const ticks = pool.initializedTicks();
  const count = (above: number, most: number): number =>
    ticks.filter((tick) => tick > above && tick <= most).length;
  let most = 0;
  // Moved by less than a tick, the same way passes one tick more: also one that stays within a tick may.
  for (let shift = -width; shift <= width; shift += 1)
    most = Math.max(most, count(low + shift - 1, high + shift));
  return most - count(low, high);
}

/** Ticks that a move of the price by this fraction spans, rounded up. */
function ticksOfMove(fraction: number): number {
  const root = Number(sqrtRatioAtTick(0)) * Math.sqrt(1 + fraction);
  return tickAtSqrtRatio(BigInt(Math.floor(root))) + 1;
}

/** What gas comes to: price of the coin in money, price of gas in wei. */
export function gasMoney(gas: number, weiPerGas: bigint, coinPrice: number): number {
  return ((gas * Number(weiPerGas)) / 1e18) * coinPrice;
}
