import type { LivePool, SwapOrder } from './live-pool';
import { MAX_TICK, MIN_TICK, sqrtRatioAtTick, tickAtSqrtRatio } from './tick-math';

/** What `SwapRouter.exactInputSingle` uses beyond `QuoterV2.gasEstimate`: within 30 gas of it over 48 swaps of 1 to 57 ticks. */
const ROUTER_GAS = 30_050;
/** A tick that is passed for the first time; measured 58,000. */
const TICK_GAS = 60_000;
const MARGIN = 1.2;

const UNBOUNDED = (1n << 255n) - 1n;
const PLACE = { block: 0, time: 0, logIndex: 0 };

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
 * The most initialised ticks that a swap can have to pass beyond those it passes now when somebody else moves the price by up to
 * `collar` (a fraction) either way before it. Played at each place where the number can be greatest: just before a tick, and at
 * the end of the reach. Where liquidity is thinner there, the swap goes farther as well.
 */
export function ticksInReach(pool: LivePool, order: SwapOrder, collar: number): number {
  const { slot } = pool;
  const down = order.zeroForOne;
  const reach = ticksOfMove(collar);
  const clamp = (tick: number): number => Math.max(MIN_TICK + 1, Math.min(MAX_TICK - 1, tick));
  const starts = pool
    .initializedTicks()
    .filter((tick) => Math.abs(tick - slot.tick) <= reach)
    .map((tick) => sqrtRatioAtTick(clamp(tick)) + (down ? 1n : -1n));
  starts.push(sqrtRatioAtTick(clamp(slot.tick + (down ? -reach : reach))));
  const now = ticksPassed(pool, order);
  const most = starts.map((start) =>
    pool.tentatively(() => {
      if (start !== slot.sqrtPrice)
        pool.swap(PLACE, { zeroForOne: start < slot.sqrtPrice, amount: UNBOUNDED, limit: start });
      return ticksPassed(pool, order);
    }),
  );
  return Math.max(now, ...most) - now;
}

function ticksPassed(pool: LivePool, order: SwapOrder): number {
  const { sqrtPrice, tick: from } = pool.slot;
  const { limit, zeroForOne } = order;
  // A limit that is passed already lets nothing be swapped.
  if (limit !== undefined && (zeroForOne ? limit >= sqrtPrice : limit <= sqrtPrice)) return 0;
  const { tick: to } = pool.planSwap(order);
  const [low, high] = from < to ? [from, to] : [to, from];
  return pool.initializedTicks().filter((tick) => tick > low && tick <= high).length;
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
