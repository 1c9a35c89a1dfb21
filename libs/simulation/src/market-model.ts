/** Geometric Brownian motion: `sigma` per √year. */
export interface GbmMarket extends MarketTerms {
  readonly model: 'gbm';
  readonly sigma: number;
}

/**
 * Heston: dv = kappa (theta − v) dt + sigma √v dW. `v0` and `theta` are variances per year, `sigma` the volatility of
 * variance, `rho` its correlation with the spot. Parameters of the real world, not of the pricing measure.
 */
export interface HestonMarket extends MarketTerms {
  readonly model: 'heston';
  readonly v0: number;
  readonly kappa: number;
  readonly theta: number;
  readonly sigma: number;
  readonly rho: number;
}

/**
 * Merton: diffusion of volatility `sigma`, and `jump_intensity` jumps a year of mean relative size `mean_jump` (above −1) with
 * log-deviation `jump_vol_delta`. The drift is compensated: `mu` is the expected return, jumps included.
 */
export interface MertonMarket extends MarketTerms {
  readonly model: 'merton';
  readonly sigma: number;
  readonly jump_intensity: number;
  readonly mean_jump: number;
  readonly jump_vol_delta: number;
}

interface MarketTerms {
  /** Quote currency per unit, above 0. */
  readonly S0: number;
  /** Expected total return, continuous per year: the price itself drifts at `mu` − `q`. */
  readonly mu: number;
  /** Interest on the hedging account and discount rate, continuous per year. */
  readonly r: number;
  /** Yield of the underlying, continuous per year, received by who holds it. */
  readonly q: number;
}

export type SimulatedMarket = GbmMarket | HestonMarket | MertonMarket;

export const MARKET_MODELS = ['gbm', 'heston', 'merton'] as const;

/**
 * Volatility with which a desk that knows only the average would value options: the root of the expected variance per year over
 * `years`, jumps included.
 */
export function averageVolatility(
  market: SimulatedMarket,
  years: number,
  exp: (x: number) => number,
  log: (x: number) => number,
): number {
  if (market.model === 'gbm') return market.sigma;
  if (market.model === 'heston') {
    const { v0, kappa, theta } = market;
    const decay = (1 - exp(-kappa * years)) / (kappa * years);
    return Math.sqrt(theta + (v0 - theta) * decay);
  }
  const { sigma, jump_intensity: intensity, mean_jump: meanJump, jump_vol_delta: spread } = market;
  const meanLog = log(1 + meanJump) - (spread * spread) / 2;
  return Math.sqrt(sigma * sigma + intensity * (meanLog * meanLog + spread * spread));
}
