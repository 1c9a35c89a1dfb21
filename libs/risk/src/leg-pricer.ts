/**
 * Options to be priced together, one column per input; the first `count` entries of every column count. Forwards and
 * strikes in USD per unit of the underlying, volatilities per 1.00, times ACT/365 years (> 0).
 */
export interface OptionBatch {
  count: number;
  /** 1 call, −1 put. */
  readonly side: Float64Array;
  readonly forward: Float64Array;
  readonly strike: Float64Array;
  readonly volatility: Float64Array;
  readonly years: Float64Array;
}

/**
 * Black-76 per unit of the underlying, in USD: value, first and second derivative by the forward, per 1.00 of volatility,
 * per calendar year with the forward held, and the cross and second volatility derivatives. Valid until the next call.
 */
export interface OptionColumns {
  readonly value: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  readonly theta: Float64Array;
  /** ∂²V/∂F∂σ. */
  readonly vanna: Float64Array;
  /** ∂²V/∂σ². */
  readonly volga: Float64Array;
}

/** What risk asks of a pricing library. Everything else it does with the numbers is a change of units. */
export interface LegPricer {
  /** Name on the record: `black-76`. */
  readonly model: string;
  /** SHA-256 of the code that prices. */
  readonly kernelHash: string;
  /** Whether the code of that hash, of this release or an earlier one, gives the same numbers to the last bit. */
  pricesLike(kernelHash: string): boolean;
  /** `rate` is the continuous discount rate per year. */
  price(batch: OptionBatch, rate: number): OptionColumns;
}

/** Columns for up to `capacity` options. */
export function createOptionBatch(capacity: number): OptionBatch {
  return {
    count: 0,
    side: new Float64Array(capacity),
    forward: new Float64Array(capacity),
    strike: new Float64Array(capacity),
    volatility: new Float64Array(capacity),
    years: new Float64Array(capacity),
  };
}
