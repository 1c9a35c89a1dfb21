import { Q96 } from './fixed-point';
import type { LivePool } from './live-pool';
import { MAX_SQRT_RATIO, MIN_SQRT_RATIO } from './tick-math';

export interface ManipulationTerms {
  /** The √price that the pool is pushed to. */
  readonly sqrtPrice: bigint;
  /** How many blocks end with the price there. */
  readonly blocks: number;
  /** True where others trade the price back in every block, false where nobody trades until the attacker undoes it himself. */
  readonly contested: boolean;
  /** The true price: value of a smallest unit of each token, in one money. */
  readonly value0: number;
  readonly value1: number;
}

/** What it costs to hold a pool's price elsewhere; money as in the terms. */
export interface ManipulationCost {
  /** The most that is put in at one time. */
  readonly capital: number;
  /** What the attacker has lost in the end, at the true price. Gas is not in it. */
  readonly loss: number;
}

const UNBOUNDED = (1n << 255n) - 1n;
const PLACE = { block: 0, time: 0, logIndex: 0 };

/**
 * The cost of manipulation, played in the contract's integers and taken back: pushed, then traded back by others as far as that
 * pays at the true price and pushed again, or undone by the attacker at the end. Where the price can be held it buys that many
 * blocks of a time-weighted mean.
 */
export function manipulationCost(pool: LivePool, terms: ManipulationTerms): ManipulationCost {
  return pool.tentatively(() => {
    const worth = (amount0: bigint, amount1: bigint): number =>
      Number(amount0) * terms.value0 + Number(amount1) * terms.value1;
    const down = terms.sqrtPrice < pool.slot.sqrtPrice;
    let [held0, held1, capital] = [0n, 0n, 0];
    const push = (): void => {
      if (down ? pool.slot.sqrtPrice <= terms.sqrtPrice : pool.slot.sqrtPrice >= terms.sqrtPrice) return;
      const made = pool.swap(PLACE, { zeroForOne: down, amount: UNBOUNDED, limit: terms.sqrtPrice });
      held0 -= made.amount0;
      held1 -= made.amount1;
      capital = Math.max(capital, down ? worth(made.amount0, 0n) : worth(0n, made.amount1));
    };
    push();
    if (terms.contested)
      for (let block = 1; block < terms.blocks; block += 1) {
        tradeBack(pool, terms, !down);
        push();
      }
    else if ((down ? held1 : held0) > 0n) {
      const made = pool.swap(PLACE, { zeroForOne: !down, amount: down ? held1 : held0 });
      held0 -= made.amount0;
      held1 -= made.amount1;
    }
    return { capital, loss: -worth(held0, held1) };
  });
}

/** Others swap in this direction as far as it pays at the true price after the pool's fee. */
function tradeBack(pool: LivePool, { value0, value1 }: ManipulationTerms, zeroForOne: boolean): void {
  const kept = 1 - pool.terms.feePips / 1e6;
  const price = (value0 / value1) * (zeroForOne ? 1 / kept : kept);
  const limit = BigInt(Math.round(Math.sqrt(price) * Number(Q96)));
  const inside = limit > MIN_SQRT_RATIO && limit < MAX_SQRT_RATIO;
  const pays = zeroForOne ? limit < pool.slot.sqrtPrice : limit > pool.slot.sqrtPrice;
  if (inside && pays) pool.swap(PLACE, { zeroForOne, amount: UNBOUNDED, limit });
}
