import { solveLinear } from './levenberg-marquardt';

/**
 * Log-likelihood of a sample at a point; `each`, where given, is called with the score (the slope of one observation's
 * log-likelihood) of every observation in turn. NaN or -Infinity where the point is no valid one.
 */
export type SampleLikelihood = (point: Float64Array, each?: (score: Float64Array) => void) => number;

export interface LikelihoodMaximum {
  readonly point: Float64Array;
  /** Whether the slope vanishes and the likelihood bends down in every direction: only then are there standard errors. */
  readonly isInner: boolean;
  /** From the Hessian: right where the model's distribution is. */
  readonly standardErrors: Float64Array;
  /** Sandwich of Hessian and outer products (White; Bollerslev & Wooldridge 1992): right where only mean and variance are. */
  readonly robustStandardErrors: Float64Array;
}

const ITERATIONS_MAX = 30;
/** Of the scale of a coordinate: the step in which slopes are differenced. */
const STEP = 1e-3;
/** Slope per standard error at a top; more than nothing, since a size |z| in a model gives the likelihood a kink there. */
const FLAT = 0.05;
/** Variances from the Hessian and from the outer products of a likelihood that is smooth there differ less. */
const ALIKE = 1e4;

/** Newton's method from a point near a maximum, with exact slopes; `scales` are the sizes that count in each coordinate. */
export function maximiseLikelihood(
  likelihood: SampleLikelihood,
  start: readonly number[],
  scales: readonly number[],
): LikelihoodMaximum {
  const size = start.length;
  let point = Float64Array.from(start);
  let value = likelihood(point);
  for (let iteration = 0; iteration < ITERATIONS_MAX; iteration += 1) {
    const { slope } = slopesAt(likelihood, point, scales);
    const bend = hessianAt(likelihood, point, scales);
    const step = solveLinear(bend, Float64Array.from(slope), size);
    let moved = false;
    for (let share = 1; share > 1e-4 && !moved; share /= 2) {
      const next = point.map((x, i) => x - share * at(step, i) * at(scales, i));
      const nextValue = likelihood(next);
      if (!(nextValue >= value)) continue;
      moved = next.some((x, i) => Math.abs(x - at(point, i)) > 1e-12 * at(scales, i));
      [point, value] = [next, nextValue];
      break;
    }
    if (!moved) break;
  }
  return errorsAt(likelihood, point, scales);
}

function errorsAt(
  likelihood: SampleLikelihood,
  point: Float64Array,
  scales: readonly number[],
): LikelihoodMaximum {
  const size = point.length;
  const { slope, outer } = slopesAt(likelihood, point, scales);
  const covariance = inverse(
    hessianAt(likelihood, point, scales).map((x) => -x),
    size,
  );
  const sandwich = product(product(covariance, outer, size), covariance, size);
  const variance = (matrix: Float64Array, i: number): number => at(matrix, i * size + i);
  const errors = (matrix: Float64Array): Float64Array =>
    point.map((_, i) => Math.sqrt(variance(matrix, i)) * at(scales, i));
  const isFlat = slope.every((x, i) => Math.abs(x) * Math.sqrt(Math.abs(variance(covariance, i))) < FLAT);
  const bendsDown = point.every((_, i) => {
    // A spike or a step of the likelihood bends down too, far more sharply than its slopes by observation say.
    const ratio = variance(sandwich, i) / variance(covariance, i);
    return variance(covariance, i) > 0 && ratio > 1 / ALIKE && ratio < ALIKE;
  });
  return {
    point,
    isInner: isFlat && bendsDown,
    standardErrors: errors(covariance),
    robustStandardErrors: errors(sandwich),
  };
}

/** Sum of the scores and of their outer products, per scale. */
function slopesAt(likelihood: SampleLikelihood, point: Float64Array, scales: readonly number[]) {
  const size = point.length;
  const slope = new Float64Array(size);
  const outer = new Float64Array(size * size);
  likelihood(point, (score) => {
    for (let i = 0; i < size; i += 1) {
      const mine = at(score, i) * at(scales, i);
      slope[i] = at(slope, i) + mine;
      for (let j = 0; j < size; j += 1)
        outer[i * size + j] = at(outer, i * size + j) + mine * at(score, j) * at(scales, j);
    }
  });
  return { slope, outer };
}

/** Fourth-order differences of the exact slope, made symmetric. */
function hessianAt(
  likelihood: SampleLikelihood,
  point: Float64Array,
  scales: readonly number[],
): Float64Array {
  const size = point.length;
  const bend = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    const slope = (steps: number): Float64Array => {
      const moved = Float64Array.from(point);
      moved[i] = at(point, i) + steps * STEP * at(scales, i);
      return slopesAt(likelihood, moved, scales).slope;
    };
    const [far, near, back, farBack] = [slope(2), slope(1), slope(-1), slope(-2)];
    for (let j = 0; j < size; j += 1) {
      const difference = (8 * (at(near, j) - at(back, j)) - (at(far, j) - at(farBack, j))) / (12 * STEP);
      bend[i * size + j] = at(bend, i * size + j) + difference / 2;
      bend[j * size + i] = at(bend, j * size + i) + difference / 2;
    }
  }
  return bend;
}

function inverse(matrix: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let column = 0; column < size; column += 1) {
    const unit = new Float64Array(size);
    unit[column] = 1;
    solveLinear(Float64Array.from(matrix), unit, size).forEach((x, row) => (out[row * size + column] = x));
  }
  return out;
}

function product(left: Float64Array, right: Float64Array, size: number): Float64Array {
  return left.map((_, place) => {
    const [row, column] = [Math.floor(place / size), place % size];
    let sum = 0;
    for (let k = 0; k < size; k += 1) sum += at(left, row * size + k) * at(right, k * size + column);
    return sum;
  });
}

/** An element that is known to be there. */
function at(list: ArrayLike<number>, index: number): number {
  return list[index] as number;
}
