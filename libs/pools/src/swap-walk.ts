import { EvenkeelError } from '@evenkeel/kernel';
import { divideRoundingUp } from './fixed-point';
import { amount0Between, amount1Between, sqrtPriceAfterInput, sqrtPriceAfterOutput } from './sqrt-price-math';
import { stretchOf } from './stretches';
import type { Ladder, Stretch } from './stretches';
import { FEE_UNIT } from './swap-step';
import { MAX_SQRT_RATIO, MIN_SQRT_RATIO } from './tick-math';

/** Where swaps in one direction begin: the rest of the stretch that the price stands in, and its index on the ladder. */
export interface Entry {
  readonly ladder: Ladder;
  readonly index: number;
  readonly head: Stretch;
  readonly whole: Stretch;
  readonly feePips: number;
}

/** Where a swap ends. `taken` and `given` are its totals; what is left of the wanted amount found no liquidity or met the limit. */
export interface Destination {
  readonly index: number;
  readonly stretch: Stretch;
  readonly sqrtPrice: bigint;
  readonly taken: bigint;
  readonly given: bigint;
  /** The part of `taken` in the last stretch. */
  readonly lastTaken: bigint;
}

/** Enters the ladder at this price. */
export function enter(
  ladder: Ladder,
  at: { readonly sqrtPrice: bigint; readonly tick: number; readonly liquidity: bigint },
  feePips: number,
): Entry {
  const index = ladder.enter(at.tick, at.liquidity);
  const whole = stretchAt(ladder, index);
  const head = stretchOf(at.sqrtPrice, whole.to, whole.tick, at.liquidity, feePips);
  return { ladder, index, head, whole, feePips };
}

/**
 * Swaps exactly `amount` in (positive) or out (negative), at most as far as the limit's √price. Throws `POOL.PRICE_LIMIT` for a
 * limit on the wrong side of the price.
 */
export function walk(entry: Entry, amount: bigint, limit?: bigint): Destination {
  const { ladder, head, whole, index: first } = entry;
  const { down } = ladder;
  const bound = limit ?? (down ? MIN_SQRT_RATIO + 1n : MAX_SQRT_RATIO - 1n);
  requireAhead(head.from, bound, down);
  const exactIn = amount > 0n;
  const wanted = exactIn ? amount : -amount;
  const offset = exactIn ? whole.takenTo - head.taken : whole.givenTo - head.given;
  const last = ladder.reaching(first, wanted + offset, exactIn ? 'takenTo' : 'givenTo', limit);
  const stretch = last === first ? head : stretchAt(ladder, last);
  const before = sumsBefore(entry, last);
  const rest = wanted - (exactIn ? before.taken : before.given);
  const passes = down ? stretch.to <= bound : stretch.to >= bound;
  if (passes) {
    // A limit at a stop is passed like any stop.
    const part =
      stretch.to === bound
        ? stretch
        : stretchOf(stretch.from, bound, stretch.tick, stretch.liquidity, entry.feePips);
    if (rest >= (exactIn ? part.taken : part.given)) return endOf(last, stretch, bound, before, part);
  } else if (rest === (exactIn ? stretch.taken : stretch.given))
    return endOf(last, stretch, stretch.to, before, stretch);
  return partial(entry, last, stretch, before, rest, exactIn);
}

interface Sums {
  readonly taken: bigint;
  readonly given: bigint;
}

function endOf(index: number, stretch: Stretch, sqrtPrice: bigint, before: Sums, part: Sums): Destination {
  return {
    index,
    stretch,
    sqrtPrice,
    taken: before.taken + part.taken,
    given: before.given + part.given,
    lastTaken: part.taken,
  };
}

function requireAhead(price: bigint, bound: bigint, down: boolean): void {
  const ahead = down ? bound < price && bound > MIN_SQRT_RATIO : bound > price && bound < MAX_SQRT_RATIO;
  if (!ahead)
    throw new EvenkeelError({ code: 'POOL.PRICE_LIMIT', message: 'the price limit is already passed' });
}

function stretchAt(ladder: Ladder, index: number): Stretch {
  const found = ladder.at(index);
  if (found === undefined) throw new RangeError(`the ladder has no stretch ${index}`);
  return found;
}

/** What the stretches from the price up to this one take and give. */
function sumsBefore(entry: Entry, index: number): Sums {
  if (index === entry.index) return { taken: 0n, given: 0n };
  const { head, whole, ladder } = entry;
  const before = stretchAt(ladder, index - 1);
  return {
    taken: before.takenTo - whole.takenTo + head.taken,
    given: before.givenTo - whole.givenTo + head.given,
  };
}

/** The end within a stretch, where the amount runs out. */
function partial(
  entry: Entry,
  index: number,
  stretch: Stretch,
  before: Sums,
  rest: bigint,
  exactIn: boolean,
): Destination {
  const { from, liquidity } = stretch;
  const fee = BigInt(entry.feePips);
  const { down } = entry.ladder;
  if (exactIn) {
    const lessFee = (rest * (FEE_UNIT - fee)) / FEE_UNIT;
    const sqrtPrice = sqrtPriceAfterInput(from, liquidity, lessFee, down);
    const given = outBetween(from, sqrtPrice, liquidity, down);
    return endOf(index, stretch, sqrtPrice, before, { taken: rest, given });
  }
  const sqrtPrice = sqrtPriceAfterOutput(from, liquidity, rest, down);
  const amountIn = inBetween(from, sqrtPrice, liquidity, down);
  const taken = amountIn + divideRoundingUp(amountIn * fee, FEE_UNIT - fee);
  return endOf(index, stretch, sqrtPrice, before, { taken, given: rest });
}

/** What goes in without the fee between two √prices, rounded up. */
export function inBetween(from: bigint, to: bigint, liquidity: bigint, down: boolean): bigint {
  return down ? amount0Between(to, from, liquidity, true) : amount1Between(from, to, liquidity, true);
}

function outBetween(from: bigint, to: bigint, liquidity: bigint, down: boolean): bigint {
  return down ? amount1Between(to, from, liquidity, false) : amount0Between(from, to, liquidity, false);
}
