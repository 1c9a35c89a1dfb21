import { median } from '@evenkeel/kernel';
/** One row of a regression: regressors, response, weight (not negative). */
export interface Observation {
  readonly x: readonly number[];
  readonly y: number;
  readonly weight: number;
}

export interface Regression {
  readonly coefficients: readonly number[];
  /** Heteroskedasticity-consistent (White 1980, HC1); 0 for columns left out. */
  readonly standardErrors: readonly number[];
  /** Columns that the observations cannot tell apart from earlier ones, or that are all nought: coefficient 0. */
  readonly leftOut: readonly number[];
  /** Weighted root mean square of the residuals. */
  readonly deviation: number;
}

const SINGULAR = 1e-10;
const HUBER = 1.345;
const ROUNDS = 20;

/** Weighted least squares by the normal equations, with sandwich standard errors. Deterministic. */
export function weightedLeastSquares(rows: readonly Observation[]): Regression {
  const columns = rows[0]?.x.length ?? 0;
  const { kept, leftOut } = independentColumns(rows, columns);
  const size = kept.length;
  const zeros = (): number[] => new Array<number>(size).fill(0);
  const normal = kept.map(zeros);
  const right = zeros();
  for (const { x, y, weight } of rows) {
    kept.forEach((column, i) => {
      const xi = x[column] ?? 0;
      right[i] = (right[i] ?? 0) + weight * xi * y;
      kept.forEach((other, j) => add(normal, i, j, weight * xi * (x[other] ?? 0)));
    });
  }
  const inverse = inverted(normal);
  const solved = inverse.map((row) => dot(row, right));
  const meat = kept.map(zeros);
  let squares = 0;
  let weights = 0;
  for (const { x, y, weight } of rows) {
    const residual = y - kept.reduce((fit, column, i) => fit + (x[column] ?? 0) * (solved[i] ?? 0), 0);
    squares += weight * residual * residual;
    weights += weight;
    kept.forEach((column, i) =>
      kept.forEach((other, j) =>
        add(meat, i, j, weight * weight * residual * residual * (x[column] ?? 0) * (x[other] ?? 0)),
      ),
    );
  }
  const used = rows.filter(({ weight }) => weight > 0).length;
  const correction = used > size ? used / (used - size) : 1;
  const coefficients = new Array<number>(columns).fill(0);
  const standardErrors = new Array<number>(columns).fill(0);
  kept.forEach((column, i) => {
    const half = meat.map((row) => dot(inverse[i] ?? [], row));
    coefficients[column] = solved[i] ?? 0;
    standardErrors[column] = Math.sqrt(Math.max(0, correction * dot(half, inverse[i] ?? [])));
  });
  return { coefficients, standardErrors, leftOut, deviation: weights > 0 ? Math.sqrt(squares / weights) : 0 };
}

/**
 * Huber's regression by reweighting, twenty rounds, scale from the median absolute deviation: a fill in a crash does not decide
 * what an ordinary one costs.
 */
export function robustLeastSquares(rows: readonly Observation[]): Regression {
  let weighted = rows;
  let fit = weightedLeastSquares(rows);
  for (let round = 0; round < ROUNDS; round += 1) {
    const residuals = rows.map(({ x, y, weight }) => Math.sqrt(weight) * (y - dot(x, fit.coefficients)));
    const scale = (median(residuals.map(Math.abs)) ?? 0) / 0.6745;
    if (!(scale > 0)) return fit;
    weighted = rows.map((row, index) => {
      const size = Math.abs(residuals[index] ?? 0) / scale;
      return size <= HUBER ? row : { ...row, weight: (row.weight * HUBER) / size };
    });
    fit = weightedLeastSquares(weighted);
  }
  return fit;
}

/** Gram–Schmidt on the weighted columns. */
function independentColumns(
  rows: readonly Observation[],
  columns: number,
): { kept: number[]; leftOut: number[] } {
  const basis: number[][] = [];
  const kept: number[] = [];
  const leftOut: number[] = [];
  for (let column = 0; column < columns; column += 1) {
    const vector = rows.map(({ x, weight }) => Math.sqrt(weight) * (x[column] ?? 0));
    const before = dot(vector, vector);
    for (const unit of basis) {
      const along = dot(vector, unit);
      unit.forEach((value, index) => (vector[index] = (vector[index] ?? 0) - along * value));
    }
    const after = dot(vector, vector);
    if (!(after > SINGULAR * before) || before === 0) leftOut.push(column);
    else {
      const length = Math.sqrt(after);
      basis.push(vector.map((value) => value / length));
      kept.push(column);
    }
  }
  return { kept, leftOut };
}

/** Gauss–Jordan with partial pivoting, for a handful of columns. */
function inverted(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1)
      if (Math.abs(work[row]?.[column] ?? 0) > Math.abs(work[pivot]?.[column] ?? 0)) pivot = row;
    const top = work[pivot] ?? [];
    work[pivot] = work[column] ?? [];
    const lead = top[column] ?? 1;
    const scaled = top.map((value) => value / lead);
    work[column] = scaled;
    work.forEach((row, index) => {
      if (index === column) return;
      const factor = row[column] ?? 0;
      work[index] = row.map((value, j) => value - factor * (scaled[j] ?? 0));
    });
  }
  return work.map((row) => row.slice(size));
}

function add(matrix: number[][], i: number, j: number, amount: number): void {
  const row = matrix[i];
  if (row !== undefined) row[j] = (row[j] ?? 0) + amount;
}

function dot(a: readonly number[], b: readonly number[]): number {
  let total = 0;
  for (let index = 0; index < a.length; index += 1) total += (a[index] ?? 0) * (b[index] ?? 0);
  return total;
}
