import { Q96 } from './fixed-point';
import type { LivePool } from './live-pool';

/** Which token is traded against which, and in what units. */
export interface CurveTerms {
  /** The token that is bought or sold (a contract is one whole one); the other is the money. */
  readonly base: 0 | 1;
  readonly decimals0: number;
  readonly decimals1: number;
  readonly side: 'buy' | 'sell';
  /** Base tokens that anybody may ask for: nothing farther is read. */
  readonly most: number;
}

/**
 * What a pool pays or asks for an amount, in doubles: money of the quote token per whole base token, the pool's fee included.
 * Every stretch of equal liquidity L is a constant product with root s = √price: bought tokens are L·(1/s₀ − 1/s), their price
 * L·(s − s₀), so both the cost of an amount and the amount at a marginal price are closed forms. Convex: each token is dearer
 * (fetches less) than the one before. Screens and optimises; what is decided is quoted again in integers.
 */
export class PoolCurve {
  private constructor(
    private readonly buys: boolean,
    /** What is left of what goes in, fraction. */
    private readonly kept: number,
    /** By stretch: base tokens and money before it, root where it begins, liquidity. One more at the end of the last. */
    private readonly amounts: Float64Array,
    private readonly moneys: Float64Array,
    private readonly roots: Float64Array,
    private readonly liquidities: Float64Array,
  ) {}

  /** The pool's curve from its present price on. */
  static of(pool: LivePool, { base, decimals0, decimals1, side, most }: CurveTerms): PoolCurve {
    const buys = side === 'buy';
    const kept = 1 - pool.terms.feePips / 1e6;
    const priceUnit = Math.sqrt(Number(`1e${decimals0 - decimals1}`)) / Number(Q96);
    const liquidityUnit = 1 / Math.sqrt(Number(`1e${decimals0 + decimals1}`));
    const rootOf = (sqrtPrice: bigint): number => {
      const root = Number(sqrtPrice) * priceUnit;
      return base === 0 ? root : 1 / root;
    };
    const amounts = [0];
    const moneys = [0];
    const roots: number[] = [];
    const liquidities: number[] = [];
    // Token0 goes in where base token0 is sold or base token1 bought.
    let joined = false;
    for (const { from, to, liquidity } of pool.stretches((base === 0) !== buys)) {
      const [start, end] = [rootOf(from), rootOf(to)];
      const size = Number(liquidity) * liquidityUnit;
      // Nothing is to be had in a gap: the price jumps.
      if (size === 0) {
        joined = false;
        continue;
      }
      // A stop without liquidity coming or going is none here.
      if (joined && size === liquidities.at(-1)) {
        amounts.pop();
        moneys.pop();
      } else {
        roots.push(start);
        liquidities.push(size);
      }
      joined = true;
      const first = roots.at(-1) ?? start;
      const moved = (size * Math.abs(end - first)) / (end * first);
      amounts.push((amounts.at(-1) ?? 0) + (buys ? moved : moved / kept));
      moneys.push((moneys.at(-1) ?? 0) + (buys ? 1 / kept : 1) * size * Math.abs(end - first));
      if ((amounts.at(-1) ?? 0) >= most) break;
    }
    const arrays = [amounts, moneys, roots, liquidities].map((list) => Float64Array.from(list)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]; // four lists, four arrays
    return new PoolCurve(buys, kept, ...arrays);
  }

  /** Base tokens that it reaches to. */
  get most(): number {
    return this.amounts[this.amounts.length - 1] ?? 0;
  }

  /** Money asked for buying this many base tokens, or paid for selling them. Infinite (nothing more) beyond `most`. */
  money(amount: number): number {
    const at = this.stretchOf(amount);
    const rest = amount - (this.amounts[at] ?? 0);
    const before = this.moneys[at] ?? 0;
    if (rest <= 0) return before;
    const root = this.roots[at];
    if (root === undefined) return this.buys ? Infinity : before;
    const liquidity = this.liquidities[at] ?? 0;
    const square = root * root;
    if (this.buys) return before + (rest * square) / (1 - (rest / liquidity) * root) / this.kept;
    const lessFee = rest * this.kept;
    return before + (lessFee * square) / (1 + (lessFee / liquidity) * root);
  }

  /** Money for one base token more after this many. */
  marginal(amount: number): number {
    const at = this.stretchOf(amount);
    const root = this.roots[at];
    if (root === undefined) return this.buys ? Infinity : 0;
    const rest = Math.max(0, amount - (this.amounts[at] ?? 0));
    const part = (rest * root) / (this.liquidities[at] ?? 0);
    const now = this.buys ? root / (1 - part) : root / (1 + part * this.kept);
    return this.buys ? (now * now) / this.kept : now * now * this.kept;
  }

  /** Base tokens until the next one costs more than this (or fetches less): the inverse of `marginal`. */
  amountAt(price: number): number {
    const { roots, buys, kept } = this;
    const root = Math.sqrt(buys ? price * kept : price / kept);
    let low = 0;
    let high = roots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const start = roots[middle] ?? root;
      if (buys ? start <= root : start >= root) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return 0;
    const start = roots[low - 1] ?? root;
    const moved = ((this.liquidities[low - 1] ?? 0) * Math.abs(root - start)) / (root * start);
    const amount = (this.amounts[low - 1] ?? 0) + (buys ? moved : moved / kept);
    return Math.min(amount, this.amounts[low] ?? 0);
  }

  private stretchOf(amount: number): number {
    const { amounts } = this;
    let low = 0;
    let high = amounts.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((amounts[middle + 1] ?? Infinity) >= amount) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
