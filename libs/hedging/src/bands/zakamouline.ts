import { math } from '@evenkeel/pricing';

export interface ZakamoulineInputs {
  /** Numeraire per unit. */
  readonly spot: number;
  /** The book's gamma, ∂delta/∂spot per unit of numeraire; its sign says whether the book is long or short. */
  readonly gamma: number;
  readonly volatility: number;
  readonly expiryYears: number;
  /** One-way proportional cost κ, fraction. */
  readonly cost: number;
  /** Absolute risk aversion, per unit of numeraire. */
  readonly riskAversion: number;
  /** Continuous, per year. */
  readonly rate: number;
}

export interface ZakamoulineBand {
  /** H0 + H1, units of the underlying, around the delta at `volatility`. */
  readonly halfBand: number;
  /** σ_m, whose delta is the middle of the band: above σ for a short book, below it for a long one. */
  readonly volatility: number;
}

/**
 * Zakamouline's fit to the utility-indifference band (2006): half width κ/(γSσ²T) + 1.12 κ^0.31 T^0.05 (e^{−rT}/σ)^0.25
 * (|Γ|/γ)^0.5 around the delta at σ_m² = σ²(1 ∓ K), K = −4.76 κ^0.78 T^−0.02 (e^{−rT}/σ)^0.25 (γS²|Γ|)^0.15, − for short
 * gamma. Fitted for κ of 0.1 % to 2 % or so; not an expansion, so it does not become exact as costs vanish. σ_m is never less than
 * a tenth of σ.
 */
export function zakamoulineBand(inputs: ZakamoulineInputs): ZakamoulineBand {
  const { spot, gamma, volatility, expiryYears, cost, riskAversion, rate } = inputs;
  const curvature = Math.abs(gamma);
  if (!(curvature > 0) || !(cost > 0) || !(expiryYears > 0) || !(volatility > 0))
    return { halfBand: 0, volatility };
  const discount = rate === 0 ? 1 : math.exp(-rate * expiryYears);
  const quarter = Math.sqrt(Math.sqrt(discount / volatility));
  const logCost = math.log(cost);
  const logTime = math.log(expiryYears);
  const still = cost / (riskAversion * spot * volatility * volatility * expiryYears);
  const moving =
    1.12 * math.exp(0.31 * logCost + 0.05 * logTime) * quarter * Math.sqrt(curvature / riskAversion);
  const shift =
    -4.76 *
    math.exp(0.78 * logCost - 0.02 * logTime + 0.15 * math.log(riskAversion * spot * spot * curvature)) *
    quarter;
  const factor = gamma < 0 ? 1 - shift : 1 + shift;
  return { halfBand: still + moving, volatility: volatility * Math.sqrt(Math.max(factor, 0.01)) };
}
