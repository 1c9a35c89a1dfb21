import { math } from '../math';
import { maximiseLikelihood } from '../optimise/maximum-likelihood';
import type { SampleLikelihood } from '../optimise/maximum-likelihood';
import { minimiseSimplex } from '../optimise/nelder-mead';
import { assertBetween, assertReturns } from './price-bar';
import { LOG_TWO_PI, sampleMoments, startingVariance } from './variance-start';
import type { StartingVariance, VarianceStart } from './variance-start';

/** GARCH(1,1): `σ²ₙ₊₁ = ω + α e²ₙ + β σ²ₙ`, all per period, e the return less its mean. ω > 0, α ≥ 0, β ≥ 0. */
export interface GarchParameters {
  readonly omega: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Deviations of the estimates, in their units. */
export type StandardErrors<Parameter extends string> = Readonly<Record<Parameter, number>>;

/** What every maximum-likelihood fit of a variance model says beside its parameters. */
export interface VarianceFit<Parameter extends string> {
  /** Mean return per period, fitted with the rest. */
  readonly mean: number;
  readonly longRunVariance: number;
  /** How much of a shock is left after a period; its half-life in periods is ln ½ / ln persistence. */
  readonly persistence: number;
  /** Gaussian log-likelihood of the returns, constants included. */
  readonly logLikelihood: number;
  /** Variance per period forecast for the period after the last return. */
  readonly nextVariance: number;
  readonly observations: number;
  readonly varianceStart: VarianceStart;
  readonly converged: boolean;
  /** From the Hessian. Absent with `robustStandardErrors` where the best fit lies at an edge: `edge` says which. */
  readonly standardErrors?: StandardErrors<Parameter>;
  /** Of Bollerslev & Wooldridge (1992): they hold where returns have fatter tails than the model's. */
  readonly robustStandardErrors?: StandardErrors<Parameter>;
  readonly edge?: string;
}

const NAMES = ['mean', 'omega', 'alpha', 'beta'] as const;

/** What a maximum-likelihood fit found. */
export interface GarchFit extends GarchParameters, VarianceFit<(typeof NAMES)[number]> {}

/**
 * The filter: element i is the variance per period forecast for period i+1, given returns 0…i, started at
 * `initialVariance` for period 0, or at the first squared return when none is given.
 */
export function garchVarianceSeries(
  returns: readonly number[],
  parameters: GarchParameters,
  initialVariance?: number,
): number[] {
  assertParameters(parameters);
  assertReturns(returns, 1);
  let variance = initialVariance ?? (returns[0] as number) * (returns[0] as number); // one return is asserted above
  const { omega, alpha, beta } = parameters;
  return returns.map((value) => (variance = omega + alpha * value * value + beta * variance));
}

/** `V_L = ω/(1-α-β)`, per period. Throws `PRICING.INVALID_INPUT` when α + β ≥ 1: there is none. */
export function garchLongRunVariance(parameters: GarchParameters): number {
  assertParameters(parameters);
  const persistence = parameters.alpha + parameters.beta;
  assertBetween('alpha + beta', persistence, -1e-300, 1);
  return parameters.omega / (1 - persistence);
}

/**
 * Mean expected variance per period over the next `periods`, the first being the period of `variance`: what an option of
 * that life should carry. Multiply by periods per year and take the root for an annualised volatility.
 */
export function garchAverageVariance(parameters: GarchParameters, variance: number, periods: number): number {
  assertBetween('periods', periods, 0, Infinity);
  const longRun = garchLongRunVariance(parameters);
  const persistence = parameters.alpha + parameters.beta;
  return longRun + ((variance - longRun) * (1 - decay(parameters, periods))) / (periods * (1 - persistence));
}

interface GarchTrack {
  readonly likelihood: SampleLikelihood;
  /** Variance for the period after the last return, at the point of the last call. */
  nextVariance(): number;
}

/** `-½ Σ[ln 2π + ln σ²ᵢ + e²ᵢ/σ²ᵢ]` at (mean, ω, α, β), with its exact slopes. */
function trackOf(returns: readonly number[], start: VarianceStart): GarchTrack {
  let next = Number.NaN;
  const likelihood: SampleLikelihood = (point, each) => {
    const [mean, omega, alpha, beta] = point as unknown as [number, number, number, number]; // NAMES
    const before: Before = startingVariance(returns, mean, start) ?? longRunOf(omega, alpha + beta);
    if (!(omega > 0 && alpha >= 0 && beta >= 0 && before.variance > 0)) return Number.NaN;
    let square = before.variance;
    let variance = before.variance;
    // Slopes of the square and of the variance of the period before, in the order of NAMES.
    const { byMean, byOmega = 0, byPersistence = 0 } = before;
    const bySquare = Float64Array.of(byMean, byOmega, byPersistence, byPersistence);
    const byVariance = Float64Array.from(bySquare);
    const score = new Float64Array(4);
    let sum = 0;
    for (const value of returns) {
      if (each !== undefined) {
        for (let i = 0; i < 4; i += 1)
          byVariance[i] = beta * (byVariance[i] as number) + alpha * (bySquare[i] as number);
        byVariance[1] = (byVariance[1] as number) + 1;
        byVariance[2] = (byVariance[2] as number) + square;
        byVariance[3] = (byVariance[3] as number) + variance;
      }
      variance = omega + alpha * square + beta * variance;
      const residual = value - mean;
      square = residual * residual;
      sum += LOG_TWO_PI + math.log(variance) + square / variance;
      if (each === undefined) continue;
      const pull = (0.5 * (square / variance - 1)) / variance;
      for (let i = 0; i < 4; i += 1) score[i] = pull * (byVariance[i] as number);
      score[0] = (score[0] as number) + residual / variance;
      bySquare.fill(0);
      bySquare[0] = -2 * residual;
      each(score);
    }
    next = omega + alpha * square + beta * variance;
    return -0.5 * sum;
  };
  return { likelihood, nextVariance: () => next };
}

interface Before extends StartingVariance {
  readonly byOmega?: number;
  readonly byPersistence?: number;
}

function longRunOf(omega: number, persistence: number): Before {
  const room = 1 - persistence;
  if (!(room > 0)) return { variance: Number.NaN, byMean: 0 };
  return { variance: omega / room, byMean: 0, byOmega: 1 / room, byPersistence: omega / (room * room) };
}

/**
 * Maximum-likelihood fit of mean, ω, α and β to returns, oldest first, at least 50 of them. Searches (mean, ln V_L, logit
 * persistence, logit α's share) by Nelder–Mead from three starts, so α, β ≥ 0 and α + β < 1 by construction, then goes to
 * the top by Newton's method with exact slopes. Log returns 0.01 = 1 %, or any other unit.
 */
export function fitGarch(returns: readonly number[], varianceStart: VarianceStart = 'sample'): GarchFit {
  assertReturns(returns, 50);
  const { mean, deviation } = sampleMoments(returns);
  const { likelihood, nextVariance } = trackOf(returns, varianceStart);
  const pointOf = ([shift, logLevel, persistent, share]: readonly number[]): Float64Array => {
    const persistence = logistic(persistent as number) * 0.99999;
    const ofAlpha = logistic(share as number);
    const level = deviation * deviation * math.exp(clamp(logLevel as number, -12, 12));
    return Float64Array.of(
      mean + deviation * (shift as number),
      level * (1 - persistence),
      persistence * ofAlpha,
      persistence * (1 - ofAlpha),
    );
  };
  const objective = (coordinates: readonly number[]): number => -likelihood(pointOf(coordinates));
  const starts = [
    [0, 0, 3.5, -2.2],
    [0, 0, 2.2, -1.1],
    [0, 0, 0.0, 0.0],
  ];
  const runs = starts.map((start) => {
    const rough = minimiseSimplex(objective, start, { steps: [0.05, 0.3, 0.8, 0.6], evaluationsMax: 800 });
    return minimiseSimplex(objective, rough.point, { steps: [0.01, 0.05, 0.1, 0.1], evaluationsMax: 800 });
  });
  const best = runs.reduce((left, right) => (right.value < left.value ? right : left));
  const rough = pointOf(best.point);
  const scales = [
    deviation,
    rough[1] as number,
    Math.max(rough[2] as number, 1e-3),
    Math.max(rough[3] as number, 1e-3),
  ];
  const inside: SampleLikelihood = (point, each) =>
    (point[2] as number) + (point[3] as number) < 1 ? likelihood(point, each) : Number.NaN;
  const top = maximiseLikelihood(inside, [...rough], scales);
  // At an edge the likelihood need not be flat, and the usual standard errors do not hold.
  const isInner = top.isInner && Math.min(...top.point.slice(2)) >= EDGE;
  const [fittedMean, omega, alpha, beta] = (isInner ? top.point : rough) as unknown as [
    number,
    number,
    number,
    number,
  ]; // NAMES
  const logLikelihood = likelihood(isInner ? top.point : rough);
  return {
    mean: fittedMean,
    omega,
    alpha,
    beta,
    longRunVariance: garchLongRunVariance({ omega, alpha, beta }),
    persistence: alpha + beta,
    logLikelihood,
    nextVariance: nextVariance(),
    observations: returns.length,
    varianceStart,
    converged: isInner || best.converged,
    ...(isInner
      ? {
          standardErrors: named(NAMES, top.standardErrors),
          robustStandardErrors: named(NAMES, top.robustStandardErrors),
        }
      : { edge: edgeOf(alpha, beta) }),
  };
}

/** α and β below are none. */
const EDGE = 1e-4;

function edgeOf(alpha: number, beta: number): string {
  if (alpha + beta > 0.9999) return 'alpha + beta tends to 1: the returns show no long-run variance';
  if (alpha < EDGE) return 'alpha tends to 0: the returns show no clustering, and beta cannot be told';
  if (beta < EDGE) return 'beta tends to 0: the last return says all there is';
  return 'the likelihood is flat: the returns cannot tell the parameters apart';
}

/** Numbers by name, in one order. */
export function named<Name extends string>(
  names: readonly Name[],
  values: ArrayLike<number>,
): Record<Name, number> {
  // Every name gets its number.
  return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<Name, number>;
}

function logistic(value: number): number {
  return 1 / (1 + math.exp(-clamp(value, -30, 30)));
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

function decay(parameters: GarchParameters, periods: number): number {
  const persistence = parameters.alpha + parameters.beta;
  return persistence === 0 ? (periods === 0 ? 1 : 0) : math.exp(periods * math.log(persistence));
}

function assertParameters(parameters: GarchParameters): void {
  assertBetween('omega', parameters.omega, 0, Infinity);
  assertBetween('alpha', parameters.alpha, -1e-300, Infinity);
  assertBetween('beta', parameters.beta, -1e-300, Infinity);
}
