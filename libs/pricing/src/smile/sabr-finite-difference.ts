import { invalidInput } from '../errors';
import { cubicAt } from './difference-grid';
import { assertOpen } from './range-checks';
import type { SabrParameters, SmilePoint } from './sabr';
import { assertParameters } from './sabr';
import type { SabrEquation } from './sabr-equation';
import { createSabrEquation } from './sabr-equation';

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
 * expiries and large ν, where expansions in time fail. Per unit of the forward; accurate to about 2e-4 of the forward on the
 * default grid. Needs β < 1 or ρ ≤ 0: otherwise F is no martingale. Not shifted. Takes a good tenth of a second.
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
  const equation = createSabrEquation(
    parameters,
    point,
    grid.forwardNodes ?? 200,
    grid.volatilityNodes ?? 80,
  );
  const call = solveCall(equation, point, grid.timeSteps ?? 60);
  return type === 'call' ? call : call - (point.forward - point.strike);
}

/** Two steps are taken as four half-steps of the plain implicit scheme: the payoff's kink leaves no oscillation behind. */
const DAMPING_STEPS = 4;

function solveCall(equation: SabrEquation, point: SmilePoint, steps: number): number {
  const { forwards, rows, origin } = equation;
  const columns = forwards.length;
  const value = new Float64Array(columns * rows);
  const payoff = callPayoff(forwards, point.strike);
  for (let j = 0; j < rows; j++) value.set(payoff, j * columns);
  const step = createStep(equation, value);
  const full = point.years / steps;
  for (let i = 0; i < DAMPING_STEPS; i++) step(full / 2, true);
  for (let i = 2; i < steps; i++) step(full, false);
  return cubicAt(forwards, value.subarray(origin * columns, (origin + 1) * columns), point.forward);
}

/** One step of `value` back in time: Douglas with θ = 1 while damping, modified Craig–Sneyd with θ = 1/3 after. */
function createStep(equation: SabrEquation, value: Float64Array): (dt: number, damping: boolean) => void {
  const size = value.length;
  const [mixed, inForward, inVolatility, explicit, y, changed] = Array.from(
    { length: 6 },
    () => new Float64Array(size),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]; // six made
  const at = (array: Float64Array, n: number): number => array[n] as number; // all of one size
  const addTo = (into: Float64Array, factor: number, from: Float64Array): void => {
    for (let n = 0; n < size; n++) into[n] = at(into, n) + factor * at(from, n);
  };
  const solveBoth = (weight: number): void => {
    y.set(explicit);
    addTo(y, -weight, inForward);
    equation.solveForward(y, weight);
    addTo(y, -weight, inVolatility);
    equation.solveVolatility(y, weight);
  };
  return (dt, damping) => {
    const theta = damping ? 1 : 1 / 3;
    equation.mixed(value, mixed);
    equation.alongForward(value, inForward);
    equation.alongVolatility(value, inVolatility);
    explicit.set(value);
    addTo(explicit, dt, mixed);
    addTo(explicit, dt, inForward);
    addTo(explicit, dt, inVolatility);
    solveBoth(theta * dt);
    if (!damping) {
      // The corrector: θ + (½ - θ) of the mixed term's change and ½ - θ of the others'.
      equation.mixed(y, changed);
      addTo(explicit, 0.5 * dt, changed);
      addTo(explicit, -0.5 * dt, mixed);
      equation.alongForward(y, changed);
      addTo(explicit, (0.5 - theta) * dt, changed);
      addTo(explicit, -(0.5 - theta) * dt, inForward);
      equation.alongVolatility(y, changed);
      addTo(explicit, (0.5 - theta) * dt, changed);
      addTo(explicit, -(0.5 - theta) * dt, inVolatility);
      solveBoth(theta * dt);
    }
    value.set(y);
  };
}

/** Payoff at the nodes; in the cell that holds the strike its mean, so that the kink is seen wherever it falls. */
function callPayoff(forwards: Float64Array, strike: number): Float64Array {
  return forwards.map((f, i) => {
    const below = (forwards[i - 1] ?? f) + f; // twice the lower cell face
    const above = (forwards[i + 1] ?? f) + f;
    if (below >= 2 * strike) return f - strike;
    if (above <= 2 * strike) return 0;
    const reach = above / 2 - strike;
    return (reach * reach) / (above - below);
  });
}
