import type { SimulatedMarket } from './market-model';

/** A European option of the book. */
export interface SimulatedOption {
  readonly type: 'call' | 'put';
  /** Strike, quote currency. */
  readonly K: number;
  /** Years from the start to expiry, above 0. */
  readonly T: number;
  /** Units of the underlying, long positive. */
  readonly quantity: number;
}

/** What a trade of x units at price S costs, quote currency. */
export interface SimulatedCosts {
  /** One-way fraction of |x|·S: fees and half spread. */
  readonly proportional: number;
  /** Per trade. */
  readonly fixed: number;
  readonly impact: SimulatedImpact;
}

export interface SimulatedImpact {
  /** Fraction of S per unit traded: the trade pays `temporary`·|x| of its notional more, and the price comes back. */
  readonly temporary: number;
  /** Fraction of S per √unit traded: the square-root law. */
  readonly squareRoot: number;
  /** Per unit: the price moves to S·e^{permanent·x} and stays; the trade pays the average along the way. */
  readonly permanent: number;
}

/** A policy as written, `kind` and its fields; a `time` interval may be a number of years. */
export type SimulatedPolicy = Readonly<Record<string, unknown>> & { readonly kind: string };

export interface SimulationConfig {
  readonly paths: number;
  readonly seed: string;
  readonly market: SimulatedMarket;
  readonly positions: readonly SimulatedOption[];
  readonly hedge: HedgeConfig;
}

export interface HedgeConfig {
  readonly policy: SimulatedPolicy;
  /** Volatility the desk values and hedges with, per √year. */
  readonly modelVolatility: number;
  readonly costs: SimulatedCosts;
  /** Years between two looks of the policy at the market. */
  readonly watch: number;
  /**
   * What happens to the hedge at the last expiry. `cash`: traded away, at a cost. `physical`: what options deliver comes out of the
   * hedge, the rest is traded away. `free`: closed at the last price without cost, as the theory of no-trade bands supposes.
   */
  readonly settlement: 'cash' | 'physical' | 'free';
}
