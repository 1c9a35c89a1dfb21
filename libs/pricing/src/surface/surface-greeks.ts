import type { SurfaceSmile } from './surface';

/**
 * Greeks of one option with its volatility held, from any model of the kernel: per unit of the underlying it names, per
 * 1.00 of volatility, per year. In the quote currency or in coin; what comes out is in the same.
 */
export interface VolatilityGreeks {
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly vanna: number;
  readonly volga: number;
  readonly theta: number;
}

/** Greeks with the smile moving as a convention says. */
export interface SmileGreeks {
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  /** ∂(vega)/∂S. */
  readonly vanna: number;
  readonly volga: number;
  /** Calendar theta, per year: the volatility of the strike held. */
  readonly theta: number;
}

/** Both conventions, and what the slope of the term structure adds to theta. */
export interface StickyGreeks {
  /** The volatility of each strike stays where it is when the underlying moves. */
  readonly stickyStrike: SmileGreeks;
  /** The volatility of each log-moneyness K/F stays, so the smile travels with the underlying (sticky delta). */
  readonly stickyDelta: SmileGreeks;
  /** `-vega · ∂σ/∂T`: what a year's slide down the term structure adds to theta when the surface itself does not move. */
  readonly rollDown: number;
}

/**
 * Sticky-strike and sticky-delta Greeks from Greeks at fixed volatility and the smile at the option's strike:
 * `σ_S = -σ'(k)/S` and `σ_SS = (σ''(k) + σ'(k))/S²`, so `Δ' = Δ + vega·σ_S`,
 * `Γ' = Γ + 2·vanna·σ_S + volga·σ_S² + vega·σ_SS` and `vanna' = vanna + volga·σ_S`. `underlying` is what delta is per unit
 * of: forward or spot (k = ln(K/F) moves alike with both).
 */
export function stickyGreeks(
  greeks: VolatilityGreeks,
  smile: SurfaceSmile,
  underlying: number,
): StickyGreeks {
  const { delta, gamma, vega, vanna, volga, theta } = greeks;
  const slope = -smile.skew / underlying;
  const bend = (smile.convexity + smile.skew) / (underlying * underlying);
  return {
    stickyStrike: { delta, gamma, vega, vanna, volga, theta },
    stickyDelta: {
      delta: delta + vega * slope,
      gamma: gamma + 2 * vanna * slope + volga * slope * slope + vega * bend,
      vega,
      vanna: vanna + volga * slope,
      volga,
      theta,
    },
    rollDown: -vega * smile.perYear,
  };
}
