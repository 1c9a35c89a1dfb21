import { math } from '@evenkeel/pricing';
import type { IndifferenceProblem } from './problem';

/** Values and slopes of the certainty-equivalent loss are kept at so many exposures across the no-trade region. */
const POINTS = 9;
/** Standard deviations of the price that the lattice reaches to either side. */
const REACH = 4.5;
/** Exposures beyond so many options are not told apart. */
const WIDEST = 3;
const TRIES_MAX = 40;
/** Exposure per option to which edges are found. */
const EDGE_TOLERANCE = 1e-6;

/** Where exposure may lie at one price, options' own delta included; per option. */
export interface IndifferenceLevel {
  /** σ²τ. */
  readonly variance: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** One time level: the loss ℓ(exposure) at every price, as a Hermite spline between the edges of the no-trade region. */
interface Level {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly values: Float64Array;
  readonly slopes: Float64Array;
  readonly delta: Float64Array;
  price: Float64Array;
}

export interface IndifferenceLattice {
  /** Prices in strikes, rising. */
  readonly prices: Float64Array;
  /** Index of the price 1. */
  readonly middle: number;
  readonly levels: readonly IndifferenceLevel[];
}

/**
 * Backward induction on a recombining lattice of `steps` moves: between two moves a position may be kept, or brought to
 * the edge beyond which a unit more would save less than it costs. Without costs each move can be hedged perfectly, so all
 * that is computed is what costs do. Levels `keepFrom`..`steps` are returned, newest last; nothing is paid to close the
 * hedge when the option expires.
 */
export function solveLattice(
  problem: IndifferenceProblem,
  steps: number,
  keepFrom: number,
): IndifferenceLattice {
  const lattice = new Lattice(problem, steps);
  const levels: IndifferenceLevel[] = [];
  for (let step = 1; step <= steps; step += 1) {
    lattice.stepBack();
    if (step >= keepFrom) levels.push(lattice.bounds((problem.totalVariance * step) / steps));
  }
  return { prices: lattice.prices, middle: lattice.middle, levels };
}

class Lattice {
  readonly prices: Float64Array;
  readonly middle: number;
  private readonly count: number;
  private readonly upProbability: number;
  private readonly upMove: number;
  private readonly downMove: number;
  private now: Level;
  private next: Level;
  // Results of the last evaluation, kept in fields so that the inner loop allocates nothing.
  private value = 0;
  private slope = 0;
  private bend = 0;
  private lossValue = 0;
  private lossSlope = 0;
  private lossBend = 0;

  constructor(
    private readonly problem: IndifferenceProblem,
    steps: number,
  ) {
    const move = Math.sqrt(problem.totalVariance / steps);
    const half = Math.ceil(REACH * Math.sqrt(steps)) + 2;
    this.middle = half;
    this.count = 2 * half + 1;
    this.upProbability = 1 / (1 + math.exp(move));
    this.upMove = math.expm1(move);
    this.downMove = math.expm1(-move);
    this.prices = new Float64Array(this.count);
    for (let j = 0; j < this.count; j += 1) this.prices[j] = math.exp((j - half) * move);
    this.now = this.createLevel();
    this.next = this.createLevel();
    for (let j = 0; j < this.count; j += 1) {
      const price = at(this.prices, j);
      this.now.price[j] = Math.max(price - 1, 0);
      this.now.delta[j] = price > 1 ? 1 : price < 1 ? 0 : 0.5;
      this.now.lower[j] = -WIDEST;
      this.now.upper[j] = WIDEST;
    }
  }

  private createLevel(): Level {
    const { count } = this;
    return {
      lower: new Float64Array(count),
      upper: new Float64Array(count),
      values: new Float64Array(count * POINTS),
      slopes: new Float64Array(count * POINTS),
      delta: new Float64Array(count),
      price: new Float64Array(count),
    };
  }

  bounds(variance: number): IndifferenceLevel {
    return { variance, lower: this.now.lower.slice(), upper: this.now.upper.slice() };
  }

  stepBack(): void {
    const { now, next, count, upProbability } = this;
    for (let j = 0; j < count; j += 1) {
      const up = Math.min(j + 1, count - 1);
      const down = Math.max(j - 1, 0);
      const inside = up - down === 2;
      next.price[j] = inside
        ? upProbability * at(now.price, up) + (1 - upProbability) * at(now.price, down)
        : at(now.price, j);
      next.delta[j] = inside
        ? (at(now.price, up) - at(now.price, down)) / (at(this.prices, up) - at(this.prices, down))
        : at(now.delta, j);
    }
    for (let j = 0; j < count; j += 1) this.fit(j);
    this.now = next;
    this.next = now;
  }

  /** Finds the no-trade region at a price and lays the spline across it. */
  private fit(j: number): void {
    const { next, problem } = this;
    const charge = problem.cost * at(this.prices, j);
    const lower = this.edge(j, -charge, at(this.now.lower, j));
    const upper = this.edge(j, charge, at(this.now.upper, j));
    next.lower[j] = lower;
    next.upper[j] = upper;
    const spacing = (upper - lower) / (POINTS - 1);
    for (let k = 0; k < POINTS; k += 1) {
      this.hold(j, lower + k * spacing);
      next.values[j * POINTS + k] = this.value;
      next.slopes[j * POINTS + k] = this.slope;
    }
  }

  /** The exposure at which a unit less exposure saves exactly what it costs; the slope rises with exposure. */
  private edge(j: number, wanted: number, guess: number): number {
    let below = -WIDEST;
    let above = WIDEST;
    let exposure = guess;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      this.hold(j, exposure);
      const excess = this.slope - wanted;
      if (excess > 0) above = exposure;
      else below = exposure;
      let better = this.bend > 0 ? exposure - excess / this.bend : below - 1;
      if (better < below || better > above) better = (below + above) / 2;
      const change = better > exposure ? better - exposure : exposure - better;
      exposure = better;
      if (change < EDGE_TOLERANCE) break;
    }
    return exposure;
  }

  /** ℓ and its slope when `exposure` is kept over the next move from price j. */
  private hold(j: number, exposure: number): void {
    const { now, next, prices, problem, count, upProbability } = this;
    const { riskAversion, side } = problem;
    // Beyond the last price the book is taken to be as at the last: far from the strike nothing changes any more.
    const up = j + 1 < count ? j + 1 : j;
    const down = j > 0 ? j - 1 : 0;
    const here = at(next.delta, j);
    const price = at(prices, j);
    const rise = price * this.upMove;
    const fall = price * this.downMove;
    this.loss(up, exposure + side * (at(now.delta, up) - here));
    const upValue = this.lossValue - exposure * rise;
    const upSlope = this.lossSlope - rise;
    const upBend = this.lossBend;
    this.loss(down, exposure + side * (at(now.delta, down) - here));
    const downValue = this.lossValue - exposure * fall;
    const downSlope = this.lossSlope - fall;
    const gap = riskAversion * (upValue - downValue);
    // (1/γ) log(p e^{γu} + q e^{γd}) = d + (1/γ) log(1 + p(e^{γ(u−d)} − 1)), the larger factored out.
    const grown = gap < 0.02 && gap > -0.02 ? smallExpm1(gap) : math.expm1(gap < 600 ? gap : 600);
    const weight = (upProbability * (1 + grown)) / (1 + upProbability * grown);
    const inner = upProbability * grown;
    this.value =
      downValue + (inner < 0.02 && inner > -0.02 ? smallLog1p(inner) : math.log1p(inner)) / riskAversion;
    this.slope = weight * upSlope + (1 - weight) * downSlope;
    const apart = upSlope - downSlope;
    this.bend =
      weight * upBend + (1 - weight) * this.lossBend + riskAversion * weight * (1 - weight) * apart * apart;
  }

  /** ℓ of the level ahead at price j: the spline inside the no-trade region, the cost of coming back outside of it. */
  private loss(j: number, exposure: number): void {
    const { now, problem } = this;
    const lower = at(now.lower, j);
    const upper = at(now.upper, j);
    const base = j * POINTS;
    if (exposure <= lower) {
      const charge = problem.cost * at(this.prices, j);
      this.lossValue = at(now.values, base) + charge * (lower - exposure);
      this.lossSlope = -charge;
      this.lossBend = 0;
      return;
    }
    if (exposure >= upper) {
      const charge = problem.cost * at(this.prices, j);
      this.lossValue = at(now.values, base + POINTS - 1) + charge * (exposure - upper);
      this.lossSlope = charge;
      this.lossBend = 0;
      return;
    }
    const spacing = (upper - lower) / (POINTS - 1);
    const place = (exposure - lower) / spacing;
    const floor = place | 0;
    const k = floor > POINTS - 2 ? POINTS - 2 : floor;
    const t = place - k;
    const left = base + k;
    const v0 = at(now.values, left);
    const v1 = at(now.values, left + 1);
    const m0 = at(now.slopes, left) * spacing;
    const m1 = at(now.slopes, left + 1) * spacing;
    const rise = v1 - v0;
    const c2 = 3 * rise - 2 * m0 - m1;
    const c3 = m0 + m1 - 2 * rise;
    this.lossValue = v0 + t * (m0 + t * (c2 + t * c3));
    this.lossSlope = (m0 + t * (2 * c2 + 3 * t * c3)) / spacing;
    this.lossBend = (2 * c2 + 6 * t * c3) / (spacing * spacing);
  }
}

/** Typed arrays are read within their length here. */
function at(array: Float64Array, index: number): number {
  return array[index] as number; // within bounds by construction
}

function smallExpm1(x: number): number {
  return x * (1 + x * (0.5 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120)))));
}

function smallLog1p(x: number): number {
  return x * (1 - x * (0.5 - x * (1 / 3 - x * (0.25 - x * (0.2 - x * (1 / 6 - x / 7))))));
}
