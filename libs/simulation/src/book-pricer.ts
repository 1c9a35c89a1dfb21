import { EvenkeelError } from '@evenkeel/kernel';
import type { PathKernel } from '@evenkeel/pricing';
import type { SimulatedOption } from './simulated-world';

/** What the book's options come to, one entry per path. Quote currency and units of the underlying; quantities applied. */
export interface BookGreeks {
  readonly value: Float64Array;
  /** ∂value/∂S. */
  readonly delta: Float64Array;
  /** ∂delta/∂S. */
  readonly gamma: Float64Array;
  /** ∂value/∂σ per 1.00 of volatility. */
  readonly vega: Float64Array;
}

/** Values the options of a book on every path of a block, one call of the kernel each. Columns are those of the paths. */
export interface BookPricer {
  /** Values the legs alive after `time` (years from the start) at `spot` into the columns of `into`. */
  value(time: number, spot: Float64Array, into: Partial<BookGreeks>): void;
  /** Delta alone, with every leg of path i at `volatility[i]`. */
  deltaAt(time: number, spot: Float64Array, volatility: Float64Array, delta: Float64Array): void;
  /** The options, the longest first, so that those alive are always the first ones. */
  readonly legs: readonly SimulatedOption[];
  /** How many of the legs are alive after `time`. */
  aliveAfter(time: number): number;
}

export interface PricingTerms {
  readonly positions: readonly SimulatedOption[];
  readonly volatility: number;
  readonly r: number;
  readonly q: number;
}

/** A pricer of `count` paths; those of the kernel beyond them may hold anything. */
export function createBookPricer(terms: PricingTerms, paths: PathKernel, count: number): BookPricer {
  const legs = [...terms.positions].sort((a, b) => b.T - a.T);
  const alive = (time: number): number => legs.filter(({ T }) => T > time).length;
  const { r, q } = terms;
  const valueAt = (
    time: number,
    spot: Float64Array,
    sigma: number | Float64Array,
    into: Partial<BookGreeks>,
  ): void => {
    legs.slice(0, alive(time)).forEach(({ type, K, T, quantity }, leg) => {
      const option = { isCall: type === 'call', K, T: T - time, sigma, r, carry: r - q, quantity };
      const refused = paths.option(option, spot, into, leg > 0);
      if (refused === undefined || refused.path >= count) return;
      throw new EvenkeelError({
        code: 'SIMULATION.OUT_OF_RANGE',
        message: `a simulated path left the range that options can be valued in (path ${refused.path} of its block): ${refused.why.message}`,
        cause: refused.why,
      });
    });
  };
  return {
    legs,
    aliveAfter: alive,
    value: (time, spot, into) => valueAt(time, spot, terms.volatility, into),
    deltaAt: (time, spot, volatility, delta) => valueAt(time, spot, volatility, { delta }),
  };
}
