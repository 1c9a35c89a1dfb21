/** Where the search stopped; `cost` is half the sum of squared residuals. */
export interface LeastSquaresResult {
  readonly point: readonly number[];
  readonly cost: number;
  readonly iterations: number;
  readonly converged: boolean;
}

export interface LeastSquaresOptions {
  /** Box for each coordinate; the search never leaves it. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Step of the forward difference per coordinate (backward where the box is in the way). */
  readonly differenceSteps: readonly number[];
  readonly iterationsMax?: number;
  readonly relativeTolerance?: number;
}

/** Fills `into` with the residuals at `point`; the number of residuals is fixed. */
export type Residuals = (point: readonly number[], into: Float64Array) => void;

/**
 * Levenberg–Marquardt with a box, Marquardt scaling and one-sided differences: minimises half the sum of squares.
 * Deterministic; a point whose cost is not finite is refused and the damping raised.
 */
export function minimiseLeastSquares(
  residuals: Residuals,
  residualCount: number,
  start: readonly number[],
  options: LeastSquaresOptions,
): LeastSquaresResult {
  const size = start.length;
  const iterationsMax = options.iterationsMax ?? 60;
  const tolerance = options.relativeTolerance ?? 1e-10;
  const current = new Float64Array(residualCount);
  const trial = new Float64Array(residualCount);
  let point = start.map((value, i) => clamp(value, options.low[i] as number, options.high[i] as number));
  residuals(point, current);
  let cost = halfSquares(current);
  let damping = 1e-3;
  for (let iteration = 1; iteration <= iterationsMax; iteration++) {
    const { normal, gradient } = normalEquations(residuals, point, current, options);
    let accepted = false;
    for (let attempt = 0; attempt < 12 && !accepted; attempt++) {
      const step = solveDamped(normal, gradient, size, damping);
      const candidate = point.map((value, i) =>
        clamp(value - (step[i] as number), options.low[i] as number, options.high[i] as number),
      );
      residuals(candidate, trial);
      const candidateCost = halfSquares(trial);
      if (candidateCost < cost) {
        const gain = (cost - candidateCost) / cost;
        point = candidate;
        cost = candidateCost;
        current.set(trial);
        damping = Math.max(damping / 5, 1e-12);
        accepted = true;
        if (gain < tolerance) return { point, cost, iterations: iteration, converged: true };
      } else {
        damping *= 4;
      }
    }
    if (!accepted) return { point, cost, iterations: iteration, converged: true };
  }
  return { point, cost, iterations: iterationsMax, converged: false };
}

function normalEquations(
  residuals: Residuals,
  point: readonly number[],
  current: Float64Array,
  options: LeastSquaresOptions,
): { normal: Float64Array; gradient: Float64Array } {
  const size = point.length;
  const count = current.length;
  const jacobian: Float64Array[] = [];
  const moved = new Float64Array(count);
  for (let axis = 0; axis < size; axis++) {
    const at = point[axis] as number; // coordinates, boxes and steps have one length
    const forward = at + (options.differenceSteps[axis] as number);
    const to =
      forward <= (options.high[axis] as number) ? forward : at - (options.differenceSteps[axis] as number);
    residuals(
      point.map((value, i) => (i === axis ? to : value)),
      moved,
    );
    const column = new Float64Array(count);
    for (let i = 0; i < count; i++) column[i] = ((moved[i] as number) - (current[i] as number)) / (to - at);
    jacobian.push(column);
  }
  const normal = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    gradient[i] = dot(jacobian[i] as Float64Array, current);
    for (let j = 0; j <= i; j++) {
      normal[i * size + j] = normal[j * size + i] = dot(
        jacobian[i] as Float64Array,
        jacobian[j] as Float64Array,
      );
    }
  }
  return { normal, gradient };
}

/** Solves `(N + damping · diag(N)) x = g` by Gaussian elimination with pivoting; N is symmetric and positive semidefinite. */
function solveDamped(
  normal: Float64Array,
  gradient: Float64Array,
  size: number,
  damping: number,
): Float64Array {
  const matrix = Float64Array.from(normal);
  const right = Float64Array.from(gradient);
  let largest = 1e-300;
  for (let i = 0; i < size; i++) largest = Math.max(largest, normal[i * size + i] as number);
  for (let i = 0; i < size; i++) {
    const diagonal = normal[i * size + i] as number;
    matrix[i * size + i] = diagonal + damping * Math.max(diagonal, 1e-10 * largest);
  }
  return solveLinear(matrix, right, size);
}

/** Solves the dense system `matrix · x = right` (row-major, overwritten); a vanishing pivot leaves that unknown at zero. */
export function solveLinear(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  const m = (row: number, column: number): number => matrix[row * size + column] as number;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(m(row, column)) > Math.abs(m(pivot, column))) pivot = row;
    if (pivot !== column) {
      for (let j = 0; j < size; j++) {
        const held = m(column, j);
        matrix[column * size + j] = m(pivot, j);
        matrix[pivot * size + j] = held;
      }
      const held = right[column] as number;
      right[column] = right[pivot] as number;
      right[pivot] = held;
    }
    const diagonal = m(column, column);
    if (diagonal === 0) continue;
    for (let row = column + 1; row < size; row++) {
      const factor = m(row, column) / diagonal;
      if (factor === 0) continue;
      for (let j = column; j < size; j++) matrix[row * size + j] = m(row, j) - factor * m(column, j);
      right[row] = (right[row] as number) - factor * (right[column] as number);
    }
  }
  const solution = new Float64Array(size);
  for (let row = size - 1; row >= 0; row--) {
    let sum = right[row] as number;
    for (let j = row + 1; j < size; j++) sum -= m(row, j) * (solution[j] as number);
    solution[row] = m(row, row) === 0 ? 0 : sum / m(row, row);
  }
  return solution;
}

function halfSquares(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * (values[i] as number);
  return Number.isNaN(sum) ? Infinity : sum / 2;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += (left[i] as number) * (right[i] as number);
  return sum;
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
