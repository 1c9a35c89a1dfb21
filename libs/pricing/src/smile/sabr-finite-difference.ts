import { math } from '../math';
import type { SabrParameters, SmilePoint } from './sabr';
import { assertParameters } from './sabr';
import { assertOpen } from './range-checks';
import { invalidInput } from '../errors';

export interface SabrGrid {
  /** Nodes of the forward, between 0 and far beyond the strike (default 200). */
  readonly forwardNodes?: number;
  /** Nodes of ln α (default 80). */
  readonly volatilityNodes?: number;
  /** Time steps per expiry (default 60). */
  readonly timeSteps?: number;
}

/**
 * Undiscounted value of a call or put under SABR itself rather than an expansion of it: the two-dimensional backward
 * equation in (F, ln α), F absorbed at zero, by modified Craig–Sneyd splitting (θ = 1/3) after two damping steps. For long
 * expiries and large ν, where expansions in time fail. Per unit of the forward; accurate to about 1e-4 of the forward on the
 * default grid. Needs β < 1 or ρ ≤ 0: otherwise F is no martingale. Not shifted.
 */
export function sabrFiniteDifferenceValue(
  parameters: SabrParameters,
  point: SmilePoint,
  type: 'call' | 'put',
  grid: SabrGrid = {},
): number {
  assertParameters(parameters);
  assertOpen('F', point.forward, 0, Infinity);
  assertOpen('K', point.strike, 0, Infinity);
  assertOpen('T', point.years, 0, 1e3);
  if ((parameters.shift ?? 0) !== 0)
    throw invalidInput('shift', 'is not supported by the finite-difference method');
  if (parameters.beta === 1 && parameters.rho > 0) throw invalidInput('rho', 'is at most 0 when beta is 1');
  const solver = createSolver(parameters, point, grid);
  const call = solver();
  return type === 'call' ? call : call - (point.forward - point.strike);
}

/** Coefficients of one direction on a non-uniform grid: first and second derivative as three-point stencils. */
interface Stencil {
  readonly down: Float64Array;
  readonly centre: Float64Array;
  readonly up: Float64Array;
}

function createSolver(parameters: SabrParameters, point: SmilePoint, grid: SabrGrid): () => number {
  const nf = grid.forwardNodes ?? 200;
  const nx = grid.volatilityNodes ?? 80;
  const steps = grid.timeSteps ?? 60;
  const forwards = forwardAxis(parameters, point, nf);
  const { axis: logs, origin } = volatilityAxis(parameters, point.years, nx);
  const second = secondDerivative(forwards);
  const firstF = firstDerivative(forwards);
  const secondX = secondDerivative(logs);
  const firstX = firstDerivative(logs);
  const { beta, nu, rho, alpha } = parameters;
  const diffusion = Float64Array.from(forwards, (f) => (f === 0 ? 0 : 0.5 * math.pow(f, 2 * beta)));
  const mixed = Float64Array.from(forwards, (f) => (f === 0 ? 0 : rho * nu * math.pow(f, beta)));
  const volatilities = Float64Array.from(logs, (x) => alpha * math.exp(x));
  const size = nf * nx;
  const at = (array: Float64Array, i: number): number => array[i] as number; // every index below is inside its grid

  /** The forward's operator on row-major values [x][f]: `½α²F^{2β} ∂²/∂F²`; zero on both edges of F. */
  const alongForward = (v: Float64Array, into: Float64Array): void => {
    for (let j = 0; j < nx; j++) {
      const square = at(volatilities, j) * at(volatilities, j);
      const row = j * nf;
      into[row] = 0;
      into[row + nf - 1] = 0;
      for (let i = 1; i < nf - 1; i++) {
        const bend =
          at(second.down, i) * at(v, row + i - 1) +
          at(second.centre, i) * at(v, row + i) +
          at(second.up, i) * at(v, row + i + 1);
        into[row + i] = square * at(diffusion, i) * bend;
      }
    }
  };
  const halfNuSquared = 0.5 * nu * nu;
  /** ln α's operator: `½ν²(∂²/∂x² - ∂/∂x)`; zero on both edges of ln α. */
  const alongVolatility = (v: Float64Array, into: Float64Array): void => {
    into.fill(0, 0, nf);
    into.fill(0, size - nf, size);
    for (let j = 1; j < nx - 1; j++) {
      const down = halfNuSquared * (at(secondX.down, j) - at(firstX.down, j));
      const centre = halfNuSquared * (at(secondX.centre, j) - at(firstX.centre, j));
      const up = halfNuSquared * (at(secondX.up, j) - at(firstX.up, j));
      const row = j * nf;
      for (let i = 0; i < nf; i++) {
        into[row + i] = down * at(v, row - nf + i) + centre * at(v, row + i) + up * at(v, row + nf + i);
      }
    }
  };
  /** `ρναF^β ∂²/∂F∂x`. */
  const across = (v: Float64Array, into: Float64Array): void => {
    into.fill(0);
    for (let j = 1; j < nx - 1; j++) {
      const row = j * nf;
      const [down, centre, up] = [at(firstX.down, j), at(firstX.centre, j), at(firstX.up, j)];
      const slopeAt = (i: number): number =>
        down * at(v, row - nf + i) + centre * at(v, row + i) + up * at(v, row + nf + i);
      let left = slopeAt(0);
      let middle = slopeAt(1);
      for (let i = 1; i < nf - 1; i++) {
        const right = slopeAt(i + 1);
        const cross = at(firstF.down, i) * left + at(firstF.centre, i) * middle + at(firstF.up, i) * right;
        into[row + i] = at(volatilities, j) * at(mixed, i) * cross;
        left = middle;
        middle = right;
      }
    }
  };

  const scratchUpper = new Float64Array(Math.max(nf, nx));
  /** Solves `(1 - h A₁) y = y` in place, row by row. */
  const solveForward = (y: Float64Array, h: number): void => {
    for (let j = 0; j < nx; j++) {
      const weight = h * at(volatilities, j) * at(volatilities, j);
      const row = j * nf;
      scratchUpper[0] = 0;
      for (let i = 1; i < nf - 1; i++) {
        const d = weight * at(diffusion, i);
        const low = -d * at(second.down, i);
        const pivot = 1 - d * at(second.centre, i) - low * at(scratchUpper, i - 1);
        scratchUpper[i] = (-d * at(second.up, i)) / pivot;
        y[row + i] = (at(y, row + i) - low * at(y, row + i - 1)) / pivot;
      }
      for (let i = nf - 2; i > 0; i--) y[row + i] = at(y, row + i) - at(scratchUpper, i) * at(y, row + i + 1);
    }
  };
  /** Solves `(1 - h A₂) y = y` in place, all columns together. */
  const solveVolatility = (y: Float64Array, h: number): void => {
    scratchUpper[0] = 0;
    for (let j = 1; j < nx - 1; j++) {
      const low = -h * halfNuSquared * (at(secondX.down, j) - at(firstX.down, j));
      const centre = 1 - h * halfNuSquared * (at(secondX.centre, j) - at(firstX.centre, j));
      const up = -h * halfNuSquared * (at(secondX.up, j) - at(firstX.up, j));
      const pivot = centre - low * at(scratchUpper, j - 1);
      scratchUpper[j] = up / pivot;
      const row = j * nf;
      for (let i = 0; i < nf; i++) y[row + i] = (at(y, row + i) - low * at(y, row - nf + i)) / pivot;
    }
    for (let j = nx - 2; j > 0; j--) {
      const row = j * nf;
      const factor = at(scratchUpper, j);
      for (let i = 0; i < nf; i++) y[row + i] = at(y, row + i) - factor * at(y, row + nf + i);
    }
  };

  return () => {
    const value = new Float64Array(size);
    for (let j = 0; j < nx; j++) value.set(callPayoff(forwards, point.strike), j * nf);
    const buffers = [0, 1, 2, 3, 4, 5].map(() => new Float64Array(size)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const [a0, a1, a2, y0, y, b0] = buffers;
    const full = point.years / steps;
    const schedule = [
      full / 2,
      full / 2,
      full / 2,
      full / 2,
      ...new Array<number>(Math.max(steps - 2, 0)).fill(full),
    ];
    schedule.forEach((dt, index) => {
      const damping = index < 4;
      const theta = damping ? 1 : 1 / 3;
      across(value, a0);
      alongForward(value, a1);
      alongVolatility(value, a2);
      for (let n = 0; n < size; n++) y0[n] = at(value, n) + dt * (at(a0, n) + at(a1, n) + at(a2, n));
      for (let n = 0; n < size; n++) y[n] = at(y0, n) - theta * dt * at(a1, n);
      solveForward(y, theta * dt);
      for (let n = 0; n < size; n++) y[n] = at(y, n) - theta * dt * at(a2, n);
      solveVolatility(y, theta * dt);
      if (!damping) {
        // Corrector of modified Craig–Sneyd: θ of the mixed term's change and (½-θ) of the whole operator's.
        across(y, b0);
        for (let n = 0; n < size; n++)
          y0[n] =
            at(y0, n) + theta * dt * (at(b0, n) - at(a0, n)) + (0.5 - theta) * dt * (at(b0, n) - at(a0, n));
        alongForward(y, b0);
        for (let n = 0; n < size; n++) y0[n] = at(y0, n) + (0.5 - theta) * dt * (at(b0, n) - at(a1, n));
        alongVolatility(y, b0);
        for (let n = 0; n < size; n++) y0[n] = at(y0, n) + (0.5 - theta) * dt * (at(b0, n) - at(a2, n));
        for (let n = 0; n < size; n++) y[n] = at(y0, n) - theta * dt * at(a1, n);
        solveForward(y, theta * dt);
        for (let n = 0; n < size; n++) y[n] = at(y, n) - theta * dt * at(a2, n);
        solveVolatility(y, theta * dt);
      }
      value.set(y);
    });
    return cubicAt(forwards, value.subarray(origin * nf, origin * nf + nf), point.forward);
  };
}

/** 0 = F₀ < … < Fₙ: a sinh grid, dense around the strike and at zero, reaching where the tail no longer matters. */
function forwardAxis(parameters: SabrParameters, point: SmilePoint, count: number): Float64Array {
  const { alpha, beta, nu } = parameters;
  const { forward, strike, years } = point;
  const spread = alpha * math.exp(Math.min(nu * Math.sqrt(years), 3)) * Math.sqrt(years);
  const c = Math.max(1 - beta, 0.05);
  const reach = math.pow(math.pow(forward, c) + 4 * c * spread, 1 / c);
  const top = Math.min(Math.max(reach, 8 * strike, 8 * forward), 3000 * Math.max(forward, strike));
  const width = strike / 5;
  const low = asinh(-strike / width);
  const high = asinh((top - strike) / width);
  const axis = new Float64Array(count);
  for (let i = 1; i < count; i++)
    axis[i] = strike + width * math.sinh(low + ((high - low) * i) / (count - 1));
  return axis;
}

/** ln(α_t/α₀) around its mean, with zero on the grid. */
function volatilityAxis(
  parameters: SabrParameters,
  years: number,
  count: number,
): { axis: Float64Array; origin: number } {
  const deviation = Math.max(parameters.nu * Math.sqrt(years), 0.05);
  const low = -0.5 * deviation * deviation - 4 * deviation;
  const high = 4 * deviation;
  const origin = Math.round((-low / (high - low)) * (count - 1));
  const step = (high - low) / (count - 1);
  return { axis: Float64Array.from({ length: count }, (_, i) => (i - origin) * step), origin };
}

function callPayoff(forwards: Float64Array, strike: number): Float64Array {
  return forwards.map((f, i) => {
    const below = (forwards[i - 1] ?? f) + f; // twice the lower cell face
    const above = (forwards[i + 1] ?? f) + f;
    if (below >= 2 * strike) return f - strike;
    if (above <= 2 * strike) return 0;
    const reach = above / 2 - strike; // the kink's cell: mean payoff over it
    return (reach * reach) / (above - below);
  });
}

function secondDerivative(axis: Float64Array): Stencil {
  return stencil(axis, (below, above) => [
    2 / (below * (below + above)),
    -2 / (below * above),
    2 / (above * (below + above)),
  ]);
}

function firstDerivative(axis: Float64Array): Stencil {
  return stencil(axis, (below, above) => [
    -above / (below * (below + above)),
    (above - below) / (below * above),
    below / (above * (below + above)),
  ]);
}

function stencil(
  axis: Float64Array,
  weights: (below: number, above: number) => readonly [number, number, number],
): Stencil {
  const down = new Float64Array(axis.length);
  const centre = new Float64Array(axis.length);
  const up = new Float64Array(axis.length);
  for (let i = 1; i < axis.length - 1; i++) {
    const here = axis[i] as number; // in range, as are its neighbours
    const [d, c, u] = weights(here - (axis[i - 1] as number), (axis[i + 1] as number) - here);
    down[i] = d;
    centre[i] = c;
    up[i] = u;
  }
  return { down, centre, up };
}

/** Lagrange cubic through the four nodes around `x`. */
function cubicAt(axis: Float64Array, values: Float64Array, x: number): number {
  let first = 0;
  while (first < axis.length - 4 && (axis[first + 2] as number) <= x) first++;
  let sum = 0;
  for (let i = first; i < first + 4; i++) {
    let weight = 1;
    for (let j = first; j < first + 4; j++) {
      if (j !== i) weight *= (x - (axis[j] as number)) / ((axis[i] as number) - (axis[j] as number));
    }
    sum += weight * (values[i] as number);
  }
  return sum;
}

function asinh(x: number): number {
  const size = Math.abs(x);
  return Math.sign(x) * math.log1p(size + (size * size) / (1 + Math.sqrt(1 + size * size)));
}
