import { math } from '@evenkeel/pricing';
import type { Random } from '@evenkeel/kernel';

/** A Bates model: Heston's stochastic variance with lognormal jumps. Per year. */
export interface BatesParameters {
  readonly spot: number;
  /** Variance at the start, and where it is drawn to. */
  readonly variance: number;
  readonly longRunVariance: number;
  readonly meanReversion: number;
  readonly volatilityOfVariance: number;
  /** Of price and variance shocks. */
  readonly correlation: number;
  readonly jumpsPerYear: number;
  readonly jumpMean: number;
  readonly jumpDeviation: number;
}

export const CALM_BITCOIN: BatesParameters = {
  spot: 90_000,
  variance: 0.2,
  longRunVariance: 0.22,
  meanReversion: 12,
  volatilityOfVariance: 2,
  correlation: -0.35,
  jumpsPerYear: 80,
  jumpMean: -0.004,
  jumpDeviation: 0.015,
};

export interface PathPoint {
  readonly spot: number;
  readonly variance: number;
}

/** A standard normal draw by inversion: one uniform, the same bits everywhere. */
export function normalDraw(random: Random): number {
  return math.normInv((random.next() * 9_007_199_254_740_991 + 1) / 9_007_199_254_740_993);
}

/**
 * `steps` + 1 points of a full-truncation Euler path (Lord, Koekkoek and van Dijk 2010), `stepYears` apart, drift such
 * that the price is a martingale.
 */
export function batesPath(
  parameters: BatesParameters,
  steps: number,
  stepYears: number,
  random: Random,
): PathPoint[] {
  const { meanReversion, longRunVariance, volatilityOfVariance, correlation } = parameters;
  const { jumpsPerYear, jumpMean, jumpDeviation } = parameters;
  const compensation = jumpsPerYear * (math.exp(jumpMean + (jumpDeviation * jumpDeviation) / 2) - 1);
  const rootStep = Math.sqrt(stepYears);
  const independent = Math.sqrt(1 - correlation * correlation);
  const points: PathPoint[] = [{ spot: parameters.spot, variance: parameters.variance }];
  let logSpot = math.log(parameters.spot);
  let variance = parameters.variance;
  for (let step = 0; step < steps; step += 1) {
    const first = normalDraw(random);
    const second = normalDraw(random);
    const truncated = Math.max(variance, 0);
    const jump = random.next() < jumpsPerYear * stepYears ? jumpMean + jumpDeviation * normalDraw(random) : 0;
    logSpot += (-truncated / 2 - compensation) * stepYears + Math.sqrt(truncated) * rootStep * first + jump;
    variance +=
      meanReversion * (longRunVariance - truncated) * stepYears +
      volatilityOfVariance * Math.sqrt(truncated) * rootStep * (correlation * first + independent * second);
    points.push({ spot: math.exp(logSpot), variance: Math.max(variance, 0) });
  }
  return points;
}

/** Expected average variance over `years`, jumps included: what an at-the-money option of that life is worth paying for. */
export function expectedVariance(parameters: BatesParameters, variance: number, years: number): number {
  const { meanReversion, longRunVariance, jumpsPerYear, jumpMean, jumpDeviation } = parameters;
  const jumps = jumpsPerYear * (jumpMean * jumpMean + jumpDeviation * jumpDeviation);
  if (years <= 0) return variance + jumps;
  const decay = (1 - math.exp(-meanReversion * years)) / (meanReversion * years);
  return longRunVariance + (variance - longRunVariance) * decay + jumps;
}
