import { math } from '@evenkeel/pricing';

/**
 * The log contract of Demeterfi, Derman, Kamal & Zou 1999 per unit of annualised variance over `years`: worth
 * (2/T)[(S − S*)/S* − ln(S/S*)] at expiry; undiscounted, without carry.
 */
export function logPayoff(spot: number, boundary: number, years: number): number {
  return (2 / years) * ((spot - boundary) / boundary - math.log(spot / boundary));
}

/** Its delta, whatever the volatility: (2/T)(1/S* − 1/S). */
export function logContractDelta(spot: number, boundary: number, years: number): number {
  return (2 / years) * (1 / boundary - 1 / spot);
}

/** Its dollar gamma S²·∂²/∂S²: 2/T, the same at every spot. */
export function logContractDollarGamma(years: number): number {
  return 2 / years;
}

/**
 * What hedging the log contract at each of these spots made by the end, per unit of annualised variance and before what it cost:
 * (2/T)Σ[ΔS/S − ln(S'/S)], which is realised variance but for the cubes of the moves.
 */
export function hedgedLogContract(spots: readonly number[], years: number): number {
  let sum = 0;
  for (let i = 1; i < spots.length; i += 1) {
    const ratio = (spots[i] ?? 1) / (spots[i - 1] ?? 1);
    sum += ratio - 1 - math.log(ratio);
  }
  return (2 / years) * sum;
}

/** Variance units that gain `vega` per 1.00 of volatility at the swap's strike: vega ÷ 2K. */
export function varianceUnitsOfVega(vega: number, strikeVolatility: number): number {
  return vega / (2 * strikeVolatility);
}
