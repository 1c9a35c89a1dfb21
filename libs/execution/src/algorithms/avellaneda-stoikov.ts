import { math } from '@evenkeel/pricing';

/** What a quote depends on besides time and what is left; written into the parent's record. */
export interface QuoteParameters {
  /** γ, per USD. */
  readonly riskAversion: number;
  /** σ of the price, USD per √second. */
  readonly deviation: number;
  /** κ, per USD of price: fills become rarer with the distance d from the middle as e^{-κd}. */
  readonly fillDecay: number;
  /** Of the underlying per contract. */
  readonly unitsPerContract: number;
}

/**
 * How far behind the middle of the market a hedger quotes what is left, USD of price; below zero it would pay to be done.
 * Avellaneda & Stoikov (2008) for one side, the whole remaining inventory q (underlying) in one quote, τ seconds to the end:
 * `ln(1 + γq/κ)/(γq) - γqσ²τ/2`, the first part the monopoly that patience earns, the second the risk of waiting that the
 * reservation price concedes. Without aversion 1/κ.
 */
export function quoteDistance(
  { riskAversion, deviation, fillDecay, unitsPerContract }: QuoteParameters,
  contractsLeft: number,
  secondsLeft: number,
): number {
  const aversion = riskAversion * contractsLeft * unitsPerContract;
  const earned = aversion > 0 ? math.log1p(aversion / fillDecay) / aversion : 1 / fillDecay;
  return earned - 0.5 * aversion * deviation * deviation * Math.max(0, secondsLeft);
}
