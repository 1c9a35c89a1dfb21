import { invalidInput } from '../errors';
import { math } from '../math';
import { minimiseSimplex } from '../optimise/nelder-mead';
import { assertBetween, assertReturns } from './price-bar';

/** GARCH(1,1): `σ²ₙ₊₁ = ω + α u²ₙ + β σ²ₙ`, all per period. ω > 0, α ≥ 0, β ≥ 0. */
export interface GarchParameters {
  readonly omega: number;
  readonly alpha: number;
  readonly beta: number;
}

/** What a maximum-likelihood fit found. */
export interface GarchFit extends GarchParameters {
  readonly longRunVariance: number;
  /** α + β; the half-life of a shock in periods is ln ½ / ln(α + β). */
  readonly persistence: number;
  /** Gaussian log-likelihood of the returns, constants included. */
  readonly logLikelihood: number;
  /** Variance per period forecast for the period after the last return. */
  readonly nextVariance: number;
  readonly observations: number;
  readonly converged: boolean;
}

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
  return returns.map((value) => (variance = step(parameters, variance, value)));
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

/**
 * Gaussian log-likelihood `-½ Σ[ln 2π + ln σ²ᵢ + uᵢ²/σ²ᵢ]`; period 0 has the mean squared return as its variance.
 */
export function garchLogLikelihood(returns: readonly number[], parameters: GarchParameters): number {
  const start = meanSquare(returns);
  let variance = start;
  let sum = 0;
  for (let i = 0; i < returns.length; i++) {
    const value = returns[i] as number; // in range
    sum += LOG_TWO_PI + math.log(variance) + (value * value) / variance;
    variance = step(parameters, variance, value);
  }
  return -0.5 * sum;
}

const LOG_TWO_PI = 1.8378770664093453;

/**
 * Maximum-likelihood fit to demeaned returns, oldest first, at least 50 of them. Searches (ln V_L, logit persistence,
 * logit α's share) by Nelder–Mead from three starts, so α, β ≥ 0 and α + β < 1 by construction. Returns are used as given:
 * take the mean out first if it matters.
 */
export function fitGarch(returns: readonly number[]): GarchFit {
  assertReturns(returns, 50);
  const sample = meanSquare(returns);
  if (sample <= 0) {
    throw invalidInput('returns', 'are all zero and have no variance to model');
  }
  const scaled = returns.map((value) => value / Math.sqrt(sample)); // unit variance: one set of steps fits every market
  const objective = (point: readonly number[]): number => -garchLogLikelihood(scaled, decode(point));
  const starts = [
    [0, 3.5, -2.2],
    [0, 2.2, -1.1],
    [0, 0.0, 0.0],
  ];
  const runs = starts.map((start) => {
    const rough = minimiseSimplex(objective, start, { steps: [0.3, 0.8, 0.6], evaluationsMax: 600 });
    return minimiseSimplex(objective, rough.point, { steps: [0.05, 0.1, 0.1], evaluationsMax: 600 });
  });
  const best = runs.reduce((left, right) => (right.value < left.value ? right : left));
  const unit = decode(best.point);
  const fitted = { omega: unit.omega * sample, alpha: unit.alpha, beta: unit.beta };
  return {
    ...fitted,
    longRunVariance: garchLongRunVariance(fitted),
    persistence: fitted.alpha + fitted.beta,
    logLikelihood: garchLogLikelihood(returns, fitted),
    nextVariance: garchVarianceSeries(returns, fitted, sample).at(-1) as number, // 50 returns asserted
    observations: returns.length,
    converged: best.converged,
  };
}

function decode(point: readonly number[]): GarchParameters {
  const longRun = math.exp(clamp(point[0] as number, -12, 12));
  const persistence = logistic(point[1] as number) * 0.99999;
  const share = logistic(point[2] as number);
  return { omega: longRun * (1 - persistence), alpha: persistence * share, beta: persistence * (1 - share) };
}

function logistic(value: number): number {
  return 1 / (1 + math.exp(-clamp(value, -30, 30)));
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

function step(parameters: GarchParameters, variance: number, value: number): number {
  return parameters.omega + parameters.alpha * value * value + parameters.beta * variance;
}

function decay(parameters: GarchParameters, periods: number): number {
  const persistence = parameters.alpha + parameters.beta;
  return persistence === 0 ? (periods === 0 ? 1 : 0) : math.exp(periods * math.log(persistence));
}

function meanSquare(returns: readonly number[]): number {
  let sum = 0;
  for (const value of returns) sum += value * value;
  return sum / returns.length;
}

function assertParameters(parameters: GarchParameters): void {
  assertBetween('omega', parameters.omega, 0, Infinity);
  assertBetween('alpha', parameters.alpha, -1e-300, Infinity);
  assertBetween('beta', parameters.beta, -1e-300, Infinity);
}
