import { math } from '../math';
import { firstDerivative, secondDerivative, sinhAxis } from './difference-grid';
import type { Stencil } from './difference-grid';
import type { SabrParameters, SmilePoint } from './sabr';

/**
 * SABR's backward equation on a grid of forwards (fast index) and of x = ln(α_t/α₀): the three parts of its operator, and the
 * implicit solves that a splitting scheme needs. Every index is inside its array by construction.
 */
export interface SabrEquation {
  readonly forwards: Float64Array;
  readonly rows: number;
  /** The row of x = 0. */
  readonly origin: number;
  /** `½α²F^{2β} ∂²/∂F²`; zero on both edges of F: absorbed below, linear above. */
  alongForward(values: Float64Array, into: Float64Array): void;
  /** `½ν²(∂²/∂x² - ∂/∂x)`; zero on both edges of x. */
  alongVolatility(values: Float64Array, into: Float64Array): void;
  /** `ρναF^β ∂²/∂F∂x`. */
  mixed(values: Float64Array, into: Float64Array): void;
  /** Solves `(1 - h·alongForward) y = y` in place. */
  solveForward(values: Float64Array, h: number): void;
  /** Solves `(1 - h·alongVolatility) y = y` in place. */
  solveVolatility(values: Float64Array, h: number): void;
}

interface Discretisation {
  readonly columns: number;
  readonly rows: number;
  readonly diffusion: Float64Array;
  readonly correlation: Float64Array;
  readonly volatilities: Float64Array;
  readonly bendF: Stencil;
  readonly slopeF: Stencil;
  /** `½ν²(∂²/∂x² - ∂/∂x)` as one stencil. */
  readonly driftX: Stencil;
  readonly slopeX: Stencil;
}

const at = (array: Float64Array, index: number): number => array[index] as number; // inside by construction

export function createSabrEquation(
  parameters: SabrParameters,
  point: SmilePoint,
  columns: number,
  rows: number,
): SabrEquation {
  const forwards = forwardAxis(parameters, point, columns);
  const { axis: logs, origin } = volatilityAxis(parameters, point.years, rows);
  const { alpha, beta, nu, rho } = parameters;
  const bendX = secondDerivative(logs);
  const slopeX = firstDerivative(logs);
  const combine = (part: 'down' | 'centre' | 'up'): Float64Array =>
    bendX[part].map((bend, j) => 0.5 * nu * nu * (bend - at(slopeX[part], j)));
  const grid: Discretisation = {
    columns,
    rows,
    diffusion: forwards.map((f) => (f > 0 ? 0.5 * math.pow(f, 2 * beta) : 0)),
    correlation: forwards.map((f) => (f > 0 ? rho * nu * math.pow(f, beta) : 0)),
    volatilities: logs.map((x) => alpha * math.exp(x)),
    bendF: secondDerivative(forwards),
    slopeF: firstDerivative(forwards),
    driftX: { down: combine('down'), centre: combine('centre'), up: combine('up') },
    slopeX,
  };
  const scratch = new Float64Array(Math.max(columns, rows));
  return {
    forwards,
    rows,
    origin,
    alongForward: (values, into) => applyForward(grid, values, into),
    alongVolatility: (values, into) => applyVolatility(grid, values, into),
    mixed: (values, into) => applyMixed(grid, values, into),
    solveForward: (values, h) => solveForward(grid, values, h, scratch),
    solveVolatility: (values, h) => solveVolatility(grid, values, h, scratch),
  };
}

function applyForward(grid: Discretisation, values: Float64Array, into: Float64Array): void {
  const { columns, rows, bendF, diffusion, volatilities } = grid;
  for (let j = 0; j < rows; j++) {
    const square = at(volatilities, j) * at(volatilities, j);
    const row = j * columns;
    into[row] = 0;
    into[row + columns - 1] = 0;
    for (let i = 1; i < columns - 1; i++) {
      const n = row + i;
      const bend =
        at(bendF.down, i) * at(values, n - 1) +
        at(bendF.centre, i) * at(values, n) +
        at(bendF.up, i) * at(values, n + 1);
      into[n] = square * at(diffusion, i) * bend;
    }
  }
}

function applyVolatility(grid: Discretisation, values: Float64Array, into: Float64Array): void {
  const { columns, rows, driftX } = grid;
  into.fill(0, 0, columns);
  into.fill(0, (rows - 1) * columns);
  for (let j = 1; j < rows - 1; j++) {
    const [down, centre, up] = [at(driftX.down, j), at(driftX.centre, j), at(driftX.up, j)];
    for (let n = j * columns; n < (j + 1) * columns; n++) {
      into[n] = down * at(values, n - columns) + centre * at(values, n) + up * at(values, n + columns);
    }
  }
}

function applyMixed(grid: Discretisation, values: Float64Array, into: Float64Array): void {
  const { columns, rows, slopeF, slopeX, correlation, volatilities } = grid;
  into.fill(0);
  for (let j = 1; j < rows - 1; j++) {
    const row = j * columns;
    const [down, centre, up] = [at(slopeX.down, j), at(slopeX.centre, j), at(slopeX.up, j)];
    const slopeAt = (n: number): number =>
      down * at(values, n - columns) + centre * at(values, n) + up * at(values, n + columns);
    let left = slopeAt(row);
    let middle = slopeAt(row + 1);
    for (let i = 1; i < columns - 1; i++) {
      const right = slopeAt(row + i + 1);
      const cross = at(slopeF.down, i) * left + at(slopeF.centre, i) * middle + at(slopeF.up, i) * right;
      into[row + i] = at(volatilities, j) * at(correlation, i) * cross;
      left = middle;
      middle = right;
    }
  }
}

/** Tridiagonal elimination in each row; the edges are what they were. */
function solveForward(grid: Discretisation, y: Float64Array, h: number, scratch: Float64Array): void {
  const { columns, rows, bendF, diffusion, volatilities } = grid;
  for (let j = 0; j < rows; j++) {
    const weight = h * at(volatilities, j) * at(volatilities, j);
    const row = j * columns;
    scratch[0] = 0;
    for (let i = 1; i < columns - 1; i++) {
      const d = weight * at(diffusion, i);
      const low = -d * at(bendF.down, i);
      const pivot = 1 - d * at(bendF.centre, i) - low * at(scratch, i - 1);
      scratch[i] = (-d * at(bendF.up, i)) / pivot;
      y[row + i] = (at(y, row + i) - low * at(y, row + i - 1)) / pivot;
    }
    for (let i = columns - 2; i > 0; i--) y[row + i] = at(y, row + i) - at(scratch, i) * at(y, row + i + 1);
  }
}

/** The same in x, all columns together: the coefficients do not depend on F. */
function solveVolatility(grid: Discretisation, y: Float64Array, h: number, scratch: Float64Array): void {
  const { columns, rows, driftX } = grid;
  scratch[0] = 0;
  for (let j = 1; j < rows - 1; j++) {
    const low = -h * at(driftX.down, j);
    const pivot = 1 - h * at(driftX.centre, j) - low * at(scratch, j - 1);
    scratch[j] = (-h * at(driftX.up, j)) / pivot;
    for (let n = j * columns; n < (j + 1) * columns; n++)
      y[n] = (at(y, n) - low * at(y, n - columns)) / pivot;
  }
  for (let j = rows - 2; j > 0; j--) {
    const factor = at(scratch, j);
    for (let n = j * columns; n < (j + 1) * columns; n++) y[n] = at(y, n) - factor * at(y, n + columns);
  }
}

/** 0 = F₀ < … < Fₙ, dense around the strike, reaching where the tail no longer matters. */
function forwardAxis(parameters: SabrParameters, point: SmilePoint, count: number): Float64Array {
  const { alpha, beta, nu } = parameters;
  const { forward, strike, years } = point;
  const spread = alpha * math.exp(Math.min(nu * Math.sqrt(years), 3)) * Math.sqrt(years);
  const c = Math.max(1 - beta, 0.05);
  const reach = math.pow(math.pow(forward, c) + 4 * c * spread, 1 / c);
  const top = Math.min(Math.max(reach, 8 * strike, 8 * forward), 3000 * Math.max(forward, strike));
  return sinhAxis(0, top, strike, strike / 5, count);
}

/** ln(α_t/α₀) four deviations around its mean, with zero on the grid. */
function volatilityAxis(
  parameters: SabrParameters,
  years: number,
  count: number,
): { axis: Float64Array; origin: number } {
  const deviation = Math.max(parameters.nu * Math.sqrt(years), 0.05);
  const low = -0.5 * deviation * deviation - 4 * deviation;
  const high = 4 * deviation;
  const step = (high - low) / (count - 1);
  const origin = Math.round(-low / step);
  return { axis: Float64Array.from({ length: count }, (_, i) => (i - origin) * step), origin };
}
