import { PI, TWO_OVER_PI_ROOT } from './constants';

export interface LelandInputs {
  /** Annual, per 1.00; positive. */
  readonly volatility: number;
  /** One-way proportional cost κ, fraction; a round trip costs 2κ. */
  readonly cost: number;
  /** Time between hedges, years; positive. */
  readonly intervalYears: number;
  /** The book's gamma; only its sign matters. Short gamma pays for its hedges and needs more volatility, long gamma less. */
  readonly gamma: number;
}

/** √(2/π)·2κ/(σ√δt): what hedging costs against what gamma costs. At 1 and beyond a long-gamma hedge eats all it earns. */
export function lelandNumber({ volatility, cost, intervalYears }: Omit<LelandInputs, 'gamma'>): number {
  return (TWO_OVER_PI_ROOT * 2 * cost) / (volatility * Math.sqrt(intervalYears));
}

/**
 * The volatility whose delta replicates the option with costs, hedging every interval: σ√(1 ± Le), + for short gamma
 * (Leland 1985; Hoggard, Whalley & Wilmott 1994 for the sign of a portfolio). NaN for a long-gamma book where Le ≥ 1: the
 * problem is ill-posed there and no such hedge exists.
 */
export function lelandVolatility(inputs: LelandInputs): number {
  return adjusted(inputs, lelandNumber(inputs));
}

/**
 * The binomial relation of Boyle & Vorst 1992: as Leland's with 1 in place of √(2/π), because a binomial move always has
 * the size σ√δt. NaN where it does not exist.
 */
export function boyleVorstVolatility(inputs: LelandInputs): number {
  return adjusted(inputs, lelandNumber(inputs) / TWO_OVER_PI_ROOT);
}

function adjusted({ volatility, gamma }: LelandInputs, number: number): number {
  if (gamma === 0) return volatility;
  const factor = gamma < 0 ? 1 + number : 1 - number;
  return factor > 0 ? volatility * Math.sqrt(factor) : Number.NaN;
}

export interface RebalanceInputs {
  /** Numeraire per unit. */
  readonly spot: number;
  /** ∂delta/∂spot, per unit of numeraire. */
  readonly gamma: number;
  readonly volatility: number;
  /** One-way, fraction. */
  readonly cost: number;
  readonly intervalYears: number;
}

/** Expected cost of one rebalancing to the centre after an interval, numeraire: κS·|Γ|Sσ√δt·√(2/π). */
export function expectedRebalanceCost(inputs: RebalanceInputs): number {
  const { spot, gamma, volatility, cost, intervalYears } = inputs;
  return cost * spot * Math.abs(gamma) * spot * volatility * Math.sqrt(intervalYears) * TWO_OVER_PI_ROOT;
}

/**
 * Standard deviation of the P&L of a hedge held to expiry and rebalanced N times, numeraire: √(π/4)·vega·σ/√N (Derman &
 * Kamal 1999; vega at inception of an at-the-money option).
 */
export function dermanKamalDeviation(vega: number, volatility: number, rebalances: number): number {
  return (Math.sqrt(PI / 4) * Math.abs(vega) * volatility) / Math.sqrt(rebalances);
}
