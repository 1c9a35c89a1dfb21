// Taken once: these are the hot loops.
const { abs, max, min, sqrt } = Math;

/**
 * Minimise ½xᵀQx + cᵀx with Gx ≤ h and lower ≤ x ≤ upper; Q symmetric and positive semidefinite. Give variables a scale of
 * about one: the tolerances are absolute.
 */
export interface ConvexProgram {
  /** Row by row. */
  readonly quadratic: readonly (readonly number[])[];
  readonly linear: readonly number[];
  readonly rows: readonly (readonly number[])[];
  readonly limits: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

export interface ConvexSolution {
  readonly x: readonly number[];
  readonly value: number;
  /** False when no point was found that keeps every limit, or the iterations ran out. */
  readonly converged: boolean;
  readonly iterations: number;
}

const ITERATIONS_MAX = 80;
const TOLERANCE = 1e-9;
const DUAL_TOLERANCE = 1e-8;
const RIDGE = 1e-14;
const STEP_BACK = 0.995;
const PROGRESS = 0.5;
const CENTRING = 0.1;

/**
 * Primal–dual interior point with Mehrotra's predictor and corrector (Mehrotra 1992; Nocedal & Wright, ch. 16.6). Sums, products, quotients and
 * square roots in a fixed order only: the same bits on every machine.
 */
export function solveConvexProgram(program: ConvexProgram): ConvexSolution {
  const { linear } = program;
  const n = linear.length;
  const constraints = constraintsOf(program);
  const m = constraints.length;
  const x = new Array<number>(n).fill(0);
  if (m === 0) return unconstrained(program);
  const at = constraints.map((row) => row.bound - apply(row, x));
  const s = at.map((slack) => max(slack, 1));
  const z = new Array<number>(m).fill(1);
  const scaleC = 1 + largest(linear);
  const scaleH = 1 + largest(constraints.map(({ bound }) => bound));
  for (let iteration = 0; iteration < ITERATIONS_MAX; iteration += 1) {
    const rd = gradient(program, x);
    addTransposed(constraints, z, rd);
    const rp = constraints.map((row, k) => apply(row, x) + (s[k] ?? 0) - row.bound);
    const mu = dot(s, z) / m;
    const value = objective(program, x);
    // Against the size of what is balanced, not against a zero that rounding never reaches.
    const pull = scaleC + largest(gradient(program, x));
    if (
      largest(rp) < TOLERANCE * scaleH &&
      largest(rd) < DUAL_TOLERANCE * pull &&
      mu < TOLERANCE * (1 + abs(value))
    ) {
      return { x, value, converged: true, iterations: iteration };
    }
    const weights = z.map((value, k) => value / (s[k] ?? 1));
    const factor = cholesky(normalMatrix(program, constraints, weights));
    const direction = (rc: readonly number[]): { dx: number[]; ds: number[]; dz: number[] } => {
      const inner = rc.map((value, k) => (-value + (z[k] ?? 0) * (rp[k] ?? 0)) / (s[k] ?? 1));
      const right = rd.map((value) => -value);
      addTransposed(
        constraints,
        inner.map((value) => -value),
        right,
      );
      const dx = solveCholesky(factor, right);
      const ds = constraints.map((row, k) => -(rp[k] ?? 0) - apply(row, dx));
      const dz = ds.map((value, k) => (-(rc[k] ?? 0) - (z[k] ?? 0) * value) / (s[k] ?? 1));
      return { dx, ds, dz };
    };
    const affine = direction(s.map((value, k) => value * (z[k] ?? 0)));
    const reach = stepLength(s, affine.ds, z, affine.dz, 1);
    const ratio = gapAfter(s, affine.ds, z, affine.dz, reach) / mu;
    const centred = ratio * ratio * ratio * mu;
    let step = direction(
      s.map((value, k) => value * (z[k] ?? 0) + (affine.ds[k] ?? 0) * (affine.dz[k] ?? 0) - centred),
    );
    let length = stepLength(s, step.ds, z, step.dz, STEP_BACK);
    if (gapAfter(s, step.ds, z, step.dz, length) > PROGRESS * mu) {
      // The corrector can go round in circles where solutions are many; a plain centred step does not.
      step = direction(s.map((value, k) => value * (z[k] ?? 0) - CENTRING * mu));
      length = stepLength(s, step.ds, z, step.dz, STEP_BACK);
    }
    advance(x, step.dx, length);
    advance(s, step.ds, length);
    advance(z, step.dz, length);
  }
  return { x, value: objective(program, x), converged: false, iterations: ITERATIONS_MAX };
}

/** aᵀx ≤ bound; a bound of one variable keeps only its index and sign. */
interface Constraint {
  readonly index: number;
  readonly sign: 1 | -1;
  readonly row: readonly number[] | undefined;
  readonly bound: number;
}

function constraintsOf(program: ConvexProgram): Constraint[] {
  const all: Constraint[] = [];
  program.lower.forEach((bound, index) => {
    if (Number.isFinite(bound)) all.push({ index, sign: -1, row: undefined, bound: -bound });
  });
  program.upper.forEach((bound, index) => {
    if (Number.isFinite(bound)) all.push({ index, sign: 1, row: undefined, bound });
  });
  program.rows.forEach((row, k) => {
    const size = sqrt(dot(row, row));
    const bound = program.limits[k] ?? 0;
    // A row that the bounds already keep would only spoil the scale.
    const most = row.reduce((sum, value, i) => sum + furthest(value, program, i), 0);
    if (size > 0 && most > bound)
      all.push({ index: -1, sign: 1, row: row.map((value) => value / size), bound: bound / size });
  });
  return all;
}

/** The most that one variable can add to a row. */
function furthest(value: number, program: ConvexProgram, i: number): number {
  if (value === 0) return 0;
  const end = value > 0 ? program.upper[i] : program.lower[i];
  return value * (end ?? 0);
}

function apply(constraint: Constraint, x: readonly number[]): number {
  return constraint.row === undefined ? constraint.sign * (x[constraint.index] ?? 0) : dot(constraint.row, x);
}

function addTransposed(constraints: readonly Constraint[], weights: readonly number[], into: number[]): void {
  constraints.forEach((constraint, k) => {
    const weight = weights[k] ?? 0;
    if (constraint.row === undefined)
      into[constraint.index] = (into[constraint.index] ?? 0) + constraint.sign * weight;
    else constraint.row.forEach((value, i) => (into[i] = (into[i] ?? 0) + value * weight));
  });
}

function normalMatrix(
  program: ConvexProgram,
  constraints: readonly Constraint[],
  weights: readonly number[],
): number[][] {
  const matrix = program.quadratic.map((row) => [...row]);
  constraints.forEach(({ index, row }, k) => {
    const weight = weights[k] ?? 0;
    if (row === undefined) {
      const into = matrix[index];
      if (into !== undefined) into[index] = (into[index] ?? 0) + weight;
      return;
    }
    row.forEach((left, i) => {
      if (left === 0) return;
      const into = matrix[i];
      if (into !== undefined) row.forEach((right, j) => (into[j] = (into[j] ?? 0) + left * weight * right));
    });
  });
  return matrix;
}

function unconstrained(program: ConvexProgram): ConvexSolution {
  const x = solveCholesky(
    cholesky(program.quadratic.map((row) => [...row])),
    program.linear.map((value) => -value),
  );
  return { x, value: objective(program, x), converged: true, iterations: 0 };
}

/** Lower triangle; a pivot that vanished (a direction without curvature) is held up by a tiny ridge. */
function cholesky(matrix: number[][]): number[][] {
  const n = matrix.length;
  for (let j = 0; j < n; j += 1) {
    const row = matrix[j] ?? [];
    const ridge = RIDGE * (1 + (row[j] ?? 0));
    let pivot = (row[j] ?? 0) + ridge;
    for (let k = 0; k < j; k += 1) pivot -= (row[k] ?? 0) * (row[k] ?? 0);
    const root = sqrt(max(pivot, ridge));
    row[j] = root;
    for (let i = j + 1; i < n; i += 1) {
      const below = matrix[i] ?? [];
      let sum = below[j] ?? 0;
      for (let k = 0; k < j; k += 1) sum -= (below[k] ?? 0) * (row[k] ?? 0);
      below[j] = sum / root;
    }
  }
  return matrix;
}

function solveCholesky(factor: readonly (readonly number[])[], right: readonly number[]): number[] {
  const n = right.length;
  const y = [...right];
  for (let i = 0; i < n; i += 1) {
    const row = factor[i] ?? [];
    let sum = y[i] ?? 0;
    for (let k = 0; k < i; k += 1) sum -= (row[k] ?? 0) * (y[k] ?? 0);
    y[i] = sum / (row[i] ?? 1);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = y[i] ?? 0;
    for (let k = i + 1; k < n; k += 1) sum -= (factor[k]?.[i] ?? 0) * (y[k] ?? 0);
    y[i] = sum / (factor[i]?.[i] ?? 1);
  }
  return y;
}

/** Mean of s·z after a step. */
function gapAfter(
  s: readonly number[],
  ds: readonly number[],
  z: readonly number[],
  dz: readonly number[],
  length: number,
): number {
  let sum = 0;
  for (let k = 0; k < s.length; k += 1)
    sum += ((s[k] ?? 0) + length * (ds[k] ?? 0)) * ((z[k] ?? 0) + length * (dz[k] ?? 0));
  return sum / s.length;
}

function stepLength(
  s: readonly number[],
  ds: readonly number[],
  z: readonly number[],
  dz: readonly number[],
  back: number,
): number {
  let length = 1;
  for (let k = 0; k < s.length; k += 1) {
    const [fallS, fallZ] = [ds[k] ?? 0, dz[k] ?? 0];
    if (fallS < 0) length = min(length, (-back * (s[k] ?? 0)) / fallS);
    if (fallZ < 0) length = min(length, (-back * (z[k] ?? 0)) / fallZ);
  }
  return length;
}

function gradient(program: ConvexProgram, x: readonly number[]): number[] {
  return program.quadratic.map((row, i) => dot(row, x) + (program.linear[i] ?? 0));
}

function objective(program: ConvexProgram, x: readonly number[]): number {
  let value = dot(program.linear, x);
  program.quadratic.forEach((row, i) => (value += 0.5 * (x[i] ?? 0) * dot(row, x)));
  return value;
}

function advance(into: number[], by: readonly number[], length: number): void {
  for (let i = 0; i < into.length; i += 1) into[i] = (into[i] ?? 0) + length * (by[i] ?? 0);
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function largest(values: readonly number[]): number {
  let most = 0;
  for (const value of values) most = max(most, abs(value));
  return most;
}
