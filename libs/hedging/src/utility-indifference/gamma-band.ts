import { math } from '@evenkeel/pricing';
import { NORMAL_DENSITY_AT_ZERO } from '../bands/constants';
import type { HedgeBand } from '../bands/hedge-band';
import type { IndifferenceLattice } from './solver';
import { solveLattice } from './solver';

// Asked for once: a look-up on the global object in these loops costs more than the arithmetic in some hosts.
const { abs, ceil, floor, max, min, sqrt } = Math;

export interface HodgesNeubergerInputs {
  /** Numeraire per unit. */
  readonly spot: number;
  /** The book's gamma, ∂delta/∂spot per unit of numeraire; negative for a short book. */
  readonly gamma: number;
  readonly volatility: number;
  readonly expiryYears: number;
  /** One-way proportional cost κ, fraction. */
  readonly cost: number;
  /** Absolute risk aversion, per unit of numeraire. */
  readonly riskAversion: number;
  /** Continuous, per year. */
  readonly rate: number;
}

/** Square root of the variance that the scale-free problem is solved at: so small that prices hardly move. */
const SCALE = 0.01;
const STEPS_MIN = 64;
const STEPS_MAX = 128;
/** Change of delta per move of the coarser lattice against the half band; more is not resolved. */
const RESOLUTION = 0.35;
/** Narrowest half band, per option, whose ratio to the asymptotic one is solved; narrower ones take this one's. */
const NARROWEST = 0.06;
const EXPONENT_MAX = 10;

/**
 * The utility-indifference band of a book, as that of the at-the-money option which has the book's gamma, volatility and time
 * to expiry. In the limit of small σ√T the band per option depends on two numbers only: γNSσ√T (how much the option
 * scares) and κ/(σ√T) (what a trade costs); the ratio to Whalley & Wilmott's band is solved for on a grid of them, remembered, and
 * interpolated between. Symmetric, because the at-the-money problem is.
 */
export function hodgesNeubergerBand(inputs: HodgesNeubergerInputs): HedgeBand {
  const { spot, gamma, volatility, expiryYears, cost, riskAversion, rate } = inputs;
  const spread = volatility * sqrt(expiryYears);
  const curvature = abs(gamma);
  if (!(curvature > 0) || !(cost > 0) || !(spread > 0) || !(riskAversion > 0)) return { lower: 0, upper: 0 };
  const aversion = rate === 0 ? riskAversion : riskAversion * math.exp(rate * expiryYears);
  const contracts = (curvature * spot * spread) / NORMAL_DENSITY_AT_ZERO;
  const fear = aversion * contracts * spot * spread;
  const charge = cost / spread;
  const asymptotic = asymptoticHalfBand(charge, fear);
  const half = contracts * asymptotic * ratioAt(gamma < 0 ? -1 : 1, charge * fear, fear);
  return { lower: -half, upper: half };
}

/** Whalley & Wilmott's half band per at-the-money option. */
function asymptoticHalfBand(charge: number, fear: number): number {
  return math.cbrt((1.5 * charge * NORMAL_DENSITY_AT_ZERO * NORMAL_DENSITY_AT_ZERO) / fear);
}

/** Exact half band ÷ asymptotic half band. `stakes` = γNSκ, which does not change as time passes. */
function ratioAt(side: 1 | -1, stakes: number, fear: number): number {
  const fearMax = 1 << EXPONENT_MAX;
  const fearNow = min(max(fear, 1 / fearMax), fearMax);
  // h³ = 1.5 φ² stakes ÷ fear²; below the narrowest the ratio of the narrowest stands.
  const density = NORMAL_DENSITY_AT_ZERO * NORMAL_DENSITY_AT_ZERO;
  const least = (NARROWEST * NARROWEST * NARROWEST * fearNow * fearNow) / (1.5 * density);
  const place = log2(max(stakes, least));
  const below = floor(place);
  const share = place - below;
  const left = solvedRatio(side, below, fearNow);
  return share === 0 ? left : (1 - share) * left + share * solvedRatio(side, below + 1, fearNow);
}

function log2(x: number): number {
  return math.log(x) / LN2;
}

const LN2 = 0.6931471805599453;

/** Ratios on the last three quarters of an option's life, evenly in time. */
type RatioCurve = Float64Array;

const CURVE_POINTS = 33;
const solved = new Map<string, RatioCurve>();
const SOLVED_MAX = 2000;

function solvedRatio(side: 1 | -1, stakesExponent: number, fear: number): number {
  // fear grows with √time: a problem of fear 2^m at its start passes through (2^(m−1), 2^m].
  const exponent = ceil(log2(fear) - 1e-12);
  const key = `${side}/${stakesExponent}/${exponent}`;
  let curve = solved.get(key);
  if (curve === undefined) {
    curve = solveCurve(side, math.pow(2, stakesExponent), math.pow(2, exponent));
    if (solved.size >= SOLVED_MAX) solved.clear();
    solved.set(key, curve);
  }
  const relative = fear / math.pow(2, exponent);
  const place = min(max(((relative * relative - 0.25) / 0.75) * (CURVE_POINTS - 1), 0), CURVE_POINTS - 1);
  const index = min(floor(place), CURVE_POINTS - 2);
  const share = place - index;
  return (1 - share) * (curve[index] as number) + share * (curve[index + 1] as number); // index is below the last
}

function solveCurve(side: 1 | -1, stakes: number, fear: number): RatioCurve {
  const narrow = max(asymptoticHalfBand(stakes / fear, fear), NARROWEST / 2);
  const resolved = NORMAL_DENSITY_AT_ZERO / (RESOLUTION * narrow);
  const coarseSteps = 4 * ceil(min(max(resolved * resolved, STEPS_MIN), STEPS_MAX) / 4);
  const problem = {
    side,
    riskAversion: fear / SCALE,
    cost: (stakes / fear) * SCALE,
    totalVariance: SCALE * SCALE,
  } as const;
  const coarse = solveLattice(problem, coarseSteps, coarseSteps / 4);
  const fine = solveLattice(problem, 4 * coarseSteps, coarseSteps);
  const curve = new Float64Array(CURVE_POINTS);
  for (let point = 0; point < CURVE_POINTS; point += 1) {
    const time = 0.25 + (0.75 * point) / (CURVE_POINTS - 1);
    const root = sqrt(time);
    const asymptotic = asymptoticHalfBand(stakes / fear / root, fear * root);
    const half = 2 * halfWidthAt(fine, time) - halfWidthAt(coarse, time);
    curve[point] = half / asymptotic;
  }
  return curve;
}

/** Half the width of the region at the money, at a share of the option's life still to go, ¼ to 1. */
function halfWidthAt(lattice: IndifferenceLattice, time: number): number {
  const { levels, middle } = lattice;
  const place = ((time - 0.25) / 0.75) * (levels.length - 1);
  const index = min(floor(place), levels.length - 2);
  const width = (row: number): number => {
    const level = levels[row];
    return level === undefined ? 0 : ((level.upper[middle] ?? 0) - (level.lower[middle] ?? 0)) / 2;
  };
  return (1 - (place - index)) * width(index) + (place - index) * width(index + 1);
}
