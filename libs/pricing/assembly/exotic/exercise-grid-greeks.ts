// Greeks of options valued on the exercise grid: spot derivatives from the grid itself, the others by differences of whole
// solutions on grids that move smoothly with the inputs. Written: value, delta, gamma, vega, theta, rho, dividendRho, vanna,
// volga, charm, speed.
import { dividendTimes, grid0, grid1, grid2, grid3, solveExerciseGrid } from './exercise-grid';
import { writeGreek, writeVanillaPayoff } from './greeks-output';

const VOL_STEP: f64 = 0.02;
const RATE_STEP: f64 = 0.002;

function shiftDividends(count: i32, h: f64): void {
  for (let i = 0; i < count; i++) {
    const at = dividendTimes + ((<usize>i) << 3);
    store<f64>(at, load<f64>(at) + h);
  }
}

/** See `solveExerciseGrid` for the inputs. Time differences move the dividend dates along with expiry. */
export function americanOnGrid(
  w: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  count: i32,
  escrow: i32,
  barrier: f64,
  eta: f64,
  rebate: f64,
): void {
  if (t <= 0.0) {
    writeVanillaPayoff(w, s, k);
    return;
  }
  v = max(v, 0.001 / sqrt(t));
  solveExerciseGrid(w, s, k, t, r, q, v, count, escrow, barrier, eta, rebate);
  const value = max(grid0, w * (s - k));
  writeGreek(0, max(0.0, value));
  writeGreek(1, grid1);
  writeGreek(2, grid2);
  writeGreek(10, grid3);
  const base = grid0;
  const hv = VOL_STEP * v;
  solveExerciseGrid(w, s, k, t, r, q, v + hv, count, escrow, barrier, eta, rebate);
  const up = grid0;
  const upDelta = grid1;
  solveExerciseGrid(w, s, k, t, r, q, v - hv, count, escrow, barrier, eta, rebate);
  writeGreek(3, (up - grid0) / (2.0 * hv));
  writeGreek(7, (upDelta - grid1) / (2.0 * hv));
  writeGreek(8, (up - 2.0 * base + grid0) / (hv * hv));
  let ht = 0.01 * t;
  if (count > 0) ht = min(ht, 0.5 * max(1e-6, load<f64>(dividendTimes)));
  shiftDividends(count, ht);
  solveExerciseGrid(w, s, k, t + ht, r, q, v, count, escrow, barrier, eta, rebate);
  const late = grid0;
  const lateDelta = grid1;
  shiftDividends(count, -2.0 * ht);
  solveExerciseGrid(w, s, k, t - ht, r, q, v, count, escrow, barrier, eta, rebate);
  shiftDividends(count, ht);
  writeGreek(4, (grid0 - late) / (2.0 * ht));
  writeGreek(9, (grid1 - lateDelta) / (2.0 * ht));
  solveExerciseGrid(w, s, k, t, r + RATE_STEP, q, v, count, escrow, barrier, eta, rebate);
  const rateUp = grid0;
  solveExerciseGrid(w, s, k, t, r - RATE_STEP, q, v, count, escrow, barrier, eta, rebate);
  writeGreek(5, (rateUp - grid0) / (2.0 * RATE_STEP));
  solveExerciseGrid(w, s, k, t, r, q + RATE_STEP, v, count, escrow, barrier, eta, rebate);
  const dividendUp = grid0;
  solveExerciseGrid(w, s, k, t, r, q - RATE_STEP, v, count, escrow, barrier, eta, rebate);
  writeGreek(6, (dividendUp - grid0) / (2.0 * RATE_STEP));
}
