import { invalidInput } from '../errors';
import type { PricingError } from '../errors';
import { createKernelInstance, sharedKernel } from '../kernel-instance';

interface QuantileExports {
  pathQuantile(p: number): number;
}

interface PathExports {
  pathUniforms(k0: number, k1: number, firstPath: number, draw: number, out: number, count: number): void;
  pathNormals(k0: number, k1: number, firstPath: number, draw: number, out: number, count: number): void;
  pathGrow(prices: number, normals: number, drift: number, deviation: number, count: number): void;
  pathOption(
    isCall: number,
    strike: number,
    years: number,
    volatility: number,
    volatilities: number,
    rate: number,
    carry: number,
    quantity: number,
    spots: number,
    count: number,
    add: number,
    values: number,
    deltas: number,
    gammas: number,
    vegas: number,
  ): number;
  pathTrade(
    account: number,
    stride: number,
    spots: number,
    count: number,
    discount: number,
    proportional: number,
    fixed: number,
    temporary: number,
    squareRoot: number,
    permanent: number,
  ): void;
}

/** 64 bits that a seed stands for; every draw is a pure function of the key, the path and the number of the draw. */
export interface RandomKey {
  readonly first: number;
  readonly second: number;
}

/** A European option along paths: `quantity` of them, `T` years from expiry, per-path underlyings. */
export interface PathOption {
  readonly isCall: boolean;
  readonly K: number;
  readonly T: number;
  /** One for all paths, or a column. */
  readonly sigma: number | Float64Array;
  readonly r: number;
  /** r - q on a spot, 0 on a forward. */
  readonly carry: number;
  readonly quantity: number;
}

/** Where to write quantity × output, one entry per path; what is absent is not wanted. */
export interface PathGreeks {
  readonly value?: Float64Array;
  readonly delta?: Float64Array;
  readonly gamma?: Float64Array;
  readonly vega?: Float64Array;
}

/** Hedge and money of every path; `wanted` is what `trade` brings `held` to. */
export interface PathAccount {
  readonly held: Float64Array;
  readonly wanted: Float64Array;
  readonly flows: Float64Array;
  readonly costs: Float64Array;
  readonly trades: Float64Array;
  readonly turnover: Float64Array;
}

/** What a trade of x units at price S costs: `proportional`·|x|·S, `fixed`, and impacts of the notional by |x|, √|x| and for good. */
export interface PathCosts {
  readonly proportional: number;
  readonly fixed: number;
  readonly impact: { readonly temporary: number; readonly squareRoot: number; readonly permanent: number };
}

/**
 * What a simulation works out over a block of paths at once, in kernel memory: random numbers, prices, options and trades. Columns
 * come from `column` and hold one double per path, `count` of them: a multiple of four, at least as many as were asked for.
 */
export interface PathKernel {
  readonly count: number;
  /** A column of zeros, good until `clear`. */
  column(): Float64Array;
  account(): PathAccount;
  /** Takes all columns back. */
  clear(): void;
  /** Uniforms strictly between 0 and 1 (53 bits): draw number `draw` of paths `firstPath`, `firstPath` + 1, … */
  uniforms(key: RandomKey, firstPath: number, draw: number, out: Float64Array): void;
  /** Standard normals: the quantiles of the same uniforms. */
  normals(key: RandomKey, firstPath: number, draw: number, out: Float64Array): void;
  /** Multiplies prices by e^(drift + deviation·normal). */
  grow(prices: Float64Array, normals: Float64Array, drift: number, deviation: number): void;
  /**
   * Values an option on every path, written into `into` or with `add` added to it; says which path, if any, is out of range, and why.
   * Paths of later blocks of 64 are then not valued.
   */
  option(
    option: PathOption,
    spot: Float64Array,
    into: PathGreeks,
    add: boolean,
  ): { readonly path: number; readonly why: PricingError } | undefined;
  /** Trades every path of the account to what it wants; flows and costs are taken times `discount`, a permanent impact moves `spot`. */
  trade(account: PathAccount, spot: Float64Array, discount: number, costs: PathCosts): void;
}

const ACCOUNT_COLUMNS = 6;

/** The quantile of one of the uniforms, as `normals` takes it: 1e-16 relative, in a fraction of the time of `math.normInv`. */
export function standardNormalQuantile(p: number): number {
  return sharedKernel<QuantileExports>().exports.pathQuantile(p);
}

/** A kernel with memory for `columns` columns of `paths` paths. */
export function createPathKernel(paths: number, columns: number): PathKernel {
  const count = Math.ceil(paths / 4) * 4;
  const { exports, allocateDoubles } = createKernelInstance<PathExports>();
  // A cache line between columns, so that the same path of all columns does not fall into one cache set.
  const span = count + 8;
  const memory = allocateDoubles(span * columns).view();
  const stride = span * 8;
  let taken = 0;
  const column = (): Float64Array => {
    if (taken === columns) throw new RangeError(`the paths have ${columns} columns of memory, all taken`);
    const from = span * taken;
    taken += 1;
    return memory.subarray(from, from + count).fill(0);
  };
  const addressOf = (values: Float64Array): number => {
    if (values.buffer !== memory.buffer) throw new TypeError('not a column of these paths');
    return values.byteOffset;
  };
  const addressIf = (values: Float64Array | undefined): number =>
    values === undefined ? 0 : addressOf(values);
  return {
    count,
    column,
    account: () => {
      const [held, wanted, flows, costs, trades, turnover] = Array.from({ length: ACCOUNT_COLUMNS }, column);
      // Six columns were made just now.
      return { held, wanted, flows, costs, trades, turnover } as PathAccount;
    },
    clear: () => {
      taken = 0;
    },
    uniforms: ({ first, second }, firstPath, draw, out) =>
      exports.pathUniforms(first, second, firstPath, draw, addressOf(out), count),
    normals: ({ first, second }, firstPath, draw, out) =>
      exports.pathNormals(first, second, firstPath, draw, addressOf(out), count),
    grow: (prices, normals, drift, deviation) =>
      exports.pathGrow(addressOf(prices), addressOf(normals), drift, deviation, count),
    option: (option, spot, into, add) => {
      const { isCall, K, T, sigma, r, carry, quantity } = option;
      const refused = exports.pathOption(
        isCall ? 1 : 0,
        K,
        T,
        typeof sigma === 'number' ? sigma : 0,
        typeof sigma === 'number' ? 0 : addressOf(sigma),
        r,
        carry,
        quantity,
        addressOf(spot),
        count,
        add ? 1 : 0,
        addressIf(into.value),
        addressIf(into.delta),
        addressIf(into.gamma),
        addressIf(into.vega),
      );
      return refused === 0 ? undefined : refusalOf(option, spot, refused);
    },
    trade: (account, spot, discount, { proportional, fixed, impact }) =>
      exports.pathTrade(
        addressOf(account.held),
        stride,
        addressOf(spot),
        count,
        discount,
        proportional,
        fixed,
        impact.temporary,
        impact.squareRoot,
        impact.permanent,
      ),
  };
}

/** The kernel's refusals by status, as the inputs are called here. */
function refusalOf(option: PathOption, spot: Float64Array, refused: number) {
  const path = refused >> 3;
  const { K, T, sigma, r } = option;
  const refusals = [
    ['spot', `must be between 1e-60 and 1e60, not ${spot[path]}`],
    ['K', `must be between 1e-60 and 1e60, not ${K}`],
    ['T', `must be finite, not ${T}`],
    ['sigma', `must be 0 or more and finite, not ${typeof sigma === 'number' ? sigma : sigma[path]}`],
    ['r', `must keep (|r| + |carry|)·T within 600, not ${r}`],
  ] as const;
  const [name, message] = refusals[(refused & 7) - 1] ?? (['option', 'is out of range'] as const);
  return { path, why: invalidInput(name, message) };
}
