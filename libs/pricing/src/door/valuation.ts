/** What an option pays on: the right to buy or the right to sell. */
export type OptionType = 'call' | 'put';

/**
 * Value and Greeks, raw: per unit of the contract, delta and gamma per unit of the underlying, vega per 1.00 of
 * volatility, rho per 1.00 of rate, and time Greeks (`theta charm colour veta`) per year of *calendar* time, so a
 * long option's theta is negative. A field is absent where the model does not define it.
 */
export interface Valuation {
  readonly value: number;
  readonly delta?: number;
  readonly gamma?: number;
  readonly vega?: number;
  readonly theta?: number;
  /** Per 1.00 of the continuously compounded rate. */
  readonly rho?: number;
  /** Per 1.00 of the dividend yield (or foreign rate). */
  readonly dividendRho?: number;
  /** ∂²V/∂S∂σ. */
  readonly vanna?: number;
  /** ∂²V/∂σ². */
  readonly volga?: number;
  /** ∂²V/∂S∂t. */
  readonly charm?: number;
  /** ∂³V/∂S³. */
  readonly speed?: number;
  /** ∂³V/∂S²∂σ. */
  readonly zomma?: number;
  /** ∂³V/∂S²∂t. */
  readonly colour?: number;
  /** ∂²V/∂σ∂t. */
  readonly veta?: number;
  /** ∂³V/∂σ³. */
  readonly ultima?: number;
  /** ∂V/∂K. */
  readonly dualDelta?: number;
  /** ∂²V/∂K²: the discounted risk-neutral density at the strike. */
  readonly dualGamma?: number;
}

/** Every field that a closed form of the Black–Scholes family has, on a forward (no dividend yield). */
export type ForwardValuation = Required<Omit<Valuation, 'dividendRho'>>;

/** Every field that a closed form of the Black–Scholes family has. */
export type FullValuation = Required<Valuation>;

/**
 * A coin-settled option. `value`, `delta`, … are in the quote currency (USD), as `FullValuation` says; the `…Coin` fields
 * are the Greeks of `valueCoin` = value / F, in coin.
 */
export interface InverseValuation extends FullValuation {
  /** Value in coin: the price as the exchange quotes it. */
  readonly valueCoin: number;
  /** d valueCoin / dF, coin per unit of F. */
  readonly deltaCoin: number;
  /** d valueCoin / d ln F = delta - valueCoin, in coin: Deribit's net transaction delta, the coin hedge of a coin account. */
  readonly netTransactionDelta: number;
  /** d² valueCoin / dF². */
  readonly gammaCoin: number;
  readonly vegaCoin: number;
  readonly thetaCoin: number;
  readonly rhoCoin: number;
  /** d² valueCoin / dF dσ. */
  readonly vannaCoin: number;
  /** d² valueCoin / dσ². */
  readonly volgaCoin: number;
}
