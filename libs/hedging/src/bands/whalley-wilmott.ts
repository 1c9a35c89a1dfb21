import { math } from '@evenkeel/pricing';

export interface WhalleyWilmottInputs {
  /** One-way proportional cost, fraction. */
  readonly cost: number;
  /** Numeraire per unit. */
  readonly spot: number;
  /** ∂delta/∂spot, per unit of numeraire. */
  readonly gamma: number;
  /** Absolute risk aversion, per unit of numeraire. */
  readonly riskAversion: number;
  /** Continuous, per year. */
  readonly rate: number;
  readonly expiryYears: number;
}

/**
 * Half width of the asymptotic no-trade region, units of the underlying: (3/2 · e^{−rT} κ S Γ² / γ)^{1/3}
 * (Whalley & Wilmott 1997). Zero for a book without gamma: such a book needs no rebalancing at all once it is flat.
 */
export function whalleyWilmottHalfBand(inputs: WhalleyWilmottInputs): number {
  const { cost, spot, gamma, riskAversion, rate, expiryYears } = inputs;
  const discount = rate === 0 ? 1 : math.exp(-rate * expiryYears);
  const cubed = (1.5 * discount * cost * spot * gamma * gamma) / riskAversion;
  return cubed > 0 ? math.pow(cubed, 1 / 3) : 0;
}
