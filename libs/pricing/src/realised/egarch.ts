import { math } from '../math';
import { maximiseLikelihood } from '../optimise/maximum-likelihood';
import type { SampleLikelihood } from '../optimise/maximum-likelihood';
import { minimiseSimplex } from '../optimise/nelder-mead';
import { named } from './garch';
import type { VarianceFit } from './garch';
import { assertBetween, assertReturns } from './price-bar';
import { LOG_TWO_PI, sampleMoments, startingVariance } from './variance-start';
import type { VarianceStart } from './variance-start';

/**
 * EGARCH(1,1) of Nelson (1991): `ln σ²ₙ₊₁ = ω + α zₙ + γ(|zₙ| - √(2/π)) + β ln σ²ₙ`, per period, z = e/σ. α below zero: falls
 * raise volatility more than rises; γ: large moves raise it; |β| < 1 is the persistence. No bounds on signs.
 */
export interface EgarchParameters {
  readonly omega: number;
  readonly alpha: number;
  readonly gamma: number;
  readonly beta: number;
}

const NAMES = ['mean', 'omega', 'alpha', 'gamma', 'beta'] as const;

/** What a maximum-likelihood fit found. */
export interface EgarchFit extends EgarchParameters, VarianceFit<(typeof NAMES)[number]> {}

/** E|z| of a standard normal. */
const MEAN_SIZE = Math.sqrt(2 / Math.PI);
/** ln σ² beyond which a point is no fit of anything. */
const LOG_VARIANCE_LIMIT = 300;
/** Terms of the infinite product: β^400 is nothing for every β that a sample can tell from 1. */
const PERIODS_MAX = 20_000;

/**
 * Gaussian log-likelihood at (mean, ω, α, γ, β), with its exact slopes. What lies before the first return is its variance only
 * (z and |z| - E|z| are nothing there), so ln σ² of the first period is ω + β ln of the start.
 */
function trackOf(returns: readonly number[], start: VarianceStart) {
  let next = Number.NaN;
  const likelihood: SampleLikelihood = (point, each) => {
    const [mean, omega, alpha, gamma, beta] = point as unknown as [number, number, number, number, number]; // NAMES
    if (!(Math.abs(beta) < 1)) return Number.NaN;
    const before = startingVariance(returns, mean, start);
    const level = omega / (1 - beta);
    let logVariance = before === undefined ? level : math.log(before.variance);
    let shock = 0;
    let size = 0;
    // Slopes of ln σ² and of the shock z of the period before, in the order of NAMES.
    const byLog = new Float64Array(5);
    if (before === undefined) {
      byLog[1] = 1 / (1 - beta);
      byLog[4] = level / (1 - beta);
    } else byLog[0] = before.byMean / before.variance;
    const byShock = new Float64Array(5);
    const score = new Float64Array(5);
    let sum = 0;
    for (const value of returns) {
      if (each !== undefined) {
        const turn = alpha + gamma * Math.sign(shock);
        for (let i = 0; i < 5; i += 1) byLog[i] = beta * (byLog[i] as number) + turn * (byShock[i] as number);
        byLog[1] = (byLog[1] as number) + 1;
        byLog[2] = (byLog[2] as number) + shock;
        byLog[3] = (byLog[3] as number) + size;
        byLog[4] = (byLog[4] as number) + logVariance;
      }
      logVariance = omega + alpha * shock + gamma * size + beta * logVariance;
      if (!(Math.abs(logVariance) < LOG_VARIANCE_LIMIT)) return Number.NaN;
      const inverse = math.exp(-0.5 * logVariance);
      shock = (value - mean) * inverse;
      size = Math.abs(shock) - MEAN_SIZE;
      sum += LOG_TWO_PI + logVariance + shock * shock;
      if (each === undefined) continue;
      for (let i = 0; i < 5; i += 1) {
        score[i] = 0.5 * (shock * shock - 1) * (byLog[i] as number);
        byShock[i] = -0.5 * shock * (byLog[i] as number);
      }
      score[0] = (score[0] as number) + shock * inverse;
      byShock[0] = (byShock[0] as number) - inverse;
      each(score);
    }
    next = math.exp(omega + alpha * shock + gamma * size + beta * logVariance);
    return -0.5 * sum;
  };
  return { likelihood, nextVariance: (): number => next };
}

/**
 * Maximum-likelihood fit of mean, ω, α, γ and β to returns, oldest first, at least 50 of them: Nelder–Mead from three starts,
 * then Newton's method with exact slopes.
 */
export function fitEgarch(returns: readonly number[], varianceStart: VarianceStart = 'sample'): EgarchFit {
  assertReturns(returns, 50);
  const { mean, deviation } = sampleMoments(returns);
  const { likelihood, nextVariance } = trackOf(returns, varianceStart);
  const pointOf = ([shift, level, alpha, gamma, turn]: readonly number[]): Float64Array => {
    const beta = math.tanh(turn as number);
    const logVariance = 2 * math.log(deviation) + (level as number);
    return Float64Array.of(
      mean + deviation * (shift as number),
      logVariance * (1 - beta),
      alpha as number,
      gamma as number,
      beta,
    );
  };
  const objective = (coordinates: readonly number[]): number => -likelihood(pointOf(coordinates));
  const starts = [
    [0, 0, 0, 0.15, 2.2],
    [0, 0, -0.05, 0.3, 1.2],
    [0, 0, 0, 0.1, 0.3],
  ];
  const runs = starts.map((start) => {
    const steps = [0.05, 0.3, 0.05, 0.1, 0.3];
    const rough = minimiseSimplex(objective, start, { steps, evaluationsMax: 3000 });
    return minimiseSimplex(objective, rough.point, { steps: steps.map((x) => x / 5), evaluationsMax: 3000 });
  });
  const best = runs.reduce((left, right) => (right.value < left.value ? right : left));
  const rough = pointOf(best.point);
  const beta0 = rough[4] as number; // NAMES
  const scales = [
    deviation,
    Math.max(0.1, Math.abs(rough[1] as number)),
    0.1,
    0.1,
    Math.min(0.1, 1 - Math.abs(beta0)),
  ];
  const top = maximiseLikelihood(likelihood, [...rough], scales);
  const point = top.isInner ? top.point : rough;
  const logLikelihood = likelihood(point);
  const [fittedMean, omega, alpha, gamma, beta] = point as unknown as [
    number,
    number,
    number,
    number,
    number,
  ]; // NAMES
  return {
    mean: fittedMean,
    omega,
    alpha,
    gamma,
    beta,
    longRunVariance: egarchLongRunVariance({ omega, alpha, gamma, beta }),
    persistence: beta,
    logLikelihood,
    nextVariance: nextVariance(),
    observations: returns.length,
    varianceStart,
    converged: top.isInner || best.converged,
    ...(top.isInner
      ? {
          standardErrors: named(NAMES, top.standardErrors),
          robustStandardErrors: named(NAMES, top.robustStandardErrors),
        }
      : {
          edge:
            Math.abs(beta) > 0.999
              ? 'beta tends to 1: the returns show no long-run variance'
              : 'the likelihood is flat: the returns cannot tell the parameters apart',
        }),
  };
}

/** E exp(b(α z + γ(|z| - E|z|))) for a standard normal z. */
function shockFactor({ alpha, gamma }: EgarchParameters, b: number): number {
  const side = (c: number): number => math.exp(0.5 * c * c) * math.normCdf(c);
  return math.exp(-b * gamma * MEAN_SIZE) * (side(b * (gamma + alpha)) + side(b * (gamma - alpha)));
}

/** Expected variance per period in the long run: exp(ω/(1-β)) times what the shocks add on average. |β| < 1. */
export function egarchLongRunVariance(parameters: EgarchParameters): number {
  const { omega, beta } = parameters;
  assertBetween('beta', beta, -1, 1);
  let product = math.exp(omega / (1 - beta));
  let power = 1;
  for (let j = 0; j < PERIODS_MAX && Math.abs(power) > 1e-16; j += 1) {
    product *= shockFactor(parameters, power);
    power *= beta;
  }
  return product;
}

/**
 * Mean expected variance per period over the next `periods` (a whole number), the first being the period of `variance`; exact
 * for normal shocks.
 */
export function egarchAverageVariance(
  parameters: EgarchParameters,
  variance: number,
  periods: number,
): number {
  const { omega, beta } = parameters;
  assertBetween('beta', beta, -1, 1);
  assertBetween('periods', periods, 0, PERIODS_MAX);
  let [level, power, factors, sum] = [0, 1, 1, 0];
  const logVariance = math.log(variance);
  for (let period = 0; period < periods; period += 1) {
    sum += math.exp(level + power * logVariance) * factors;
    factors *= shockFactor(parameters, power);
    power *= beta;
    level = omega + beta * level;
  }
  return sum / Math.ceil(periods);
}
