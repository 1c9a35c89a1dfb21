import { assertNever, DAY_YEARS } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import { fillNormals, fillUniforms } from './counter-random';
import type { RandomKey } from './counter-random';
import { standardNormalQuantile } from './normal-quantile';
import type { GbmMarket, HestonMarket, MertonMarket, SimulatedMarket } from './market-model';

/** Prices of the paths of one block. Trades with permanent impact write into `spot`; the next step starts from there. */
export interface MarketPaths {
  /** Quote currency per unit, one entry per path. */
  readonly spot: Float64Array;
  /** Moves every path on by `years`. The same calls give the same prices, whichever block a path is in. */
  advance(years: number): void;
}

/** Longest step of the models that are exact only in the limit, in years. */
const LONGEST_STEP = DAY_YEARS;

export function createMarketPaths(
  market: SimulatedMarket,
  key: RandomKey,
  firstPath: number,
  count: number,
): MarketPaths {
  switch (market.model) {
    case 'gbm':
      return gbmPaths(market, key, firstPath, count);
    case 'heston':
      return hestonPaths(market, key, firstPath, count);
    case 'merton':
      return mertonPaths(market, key, firstPath, count);
    default:
      return assertNever(market, 'a market model');
  }
}

/** Exact in distribution for any step. */
function gbmPaths(market: GbmMarket, key: RandomKey, firstPath: number, count: number): MarketPaths {
  const { mu, q, sigma } = market;
  const spot = new Float64Array(count).fill(market.S0);
  const normal = new Float64Array(count);
  let draw = 0;
  return {
    spot,
    advance: (years) => {
      fillNormals(key, firstPath, draw, normal, count);
      draw += 1;
      const drift = (mu - q - (sigma * sigma) / 2) * years;
      const deviation = sigma * Math.sqrt(years);
      for (let i = 0; i < count; i += 1)
        spot[i] = (spot[i] ?? 0) * math.exp(drift + deviation * (normal[i] ?? 0));
    },
  };
}

/** Exact in distribution for any step: the number of jumps by inversion, their sum as one normal. */
function mertonPaths(market: MertonMarket, key: RandomKey, firstPath: number, count: number): MarketPaths {
  const { mu, q, sigma, jump_intensity: intensity, mean_jump: meanJump, jump_vol_delta: spread } = market;
  const spot = new Float64Array(count).fill(market.S0);
  const normal = new Float64Array(count);
  const arrivals = new Float64Array(count);
  const sizes = new Float64Array(count);
  const meanLog = math.log(1 + meanJump) - (spread * spread) / 2;
  let draw = 0;
  return {
    spot,
    advance: (years) => {
      fillNormals(key, firstPath, draw, normal, count);
      fillUniforms(key, firstPath, draw + 1, arrivals, count);
      fillNormals(key, firstPath, draw + 2, sizes, count);
      draw += 3;
      const drift = (mu - q - intensity * meanJump - (sigma * sigma) / 2) * years;
      const deviation = sigma * Math.sqrt(years);
      const expected = intensity * years;
      const none = math.exp(-expected);
      for (let i = 0; i < count; i += 1) {
        const jumps = poissonQuantile(arrivals[i] ?? 0, expected, none);
        const jump = jumps === 0 ? 0 : jumps * meanLog + Math.sqrt(jumps) * spread * (sizes[i] ?? 0);
        spot[i] = (spot[i] ?? 0) * math.exp(drift + deviation * (normal[i] ?? 0) + jump);
      }
    },
  };
}

/** Smallest n with P(N ≤ n) ≥ u for a Poisson of mean `expected`; `none` is e^−expected. */
function poissonQuantile(u: number, expected: number, none: number): number {
  let probability = none;
  let cumulative = none;
  let jumps = 0;
  while (cumulative < u && probability > 1e-300) {
    jumps += 1;
    probability *= expected / jumps;
    cumulative += probability;
  }
  return jumps;
}

/**
 * Andersen's quadratic-exponential scheme with martingale correction (2008), ψ_c = 1.5 and central weights, in equal sub-steps of
 * at most a day: bias well below the noise of a million paths.
 */
function hestonPaths(market: HestonMarket, key: RandomKey, firstPath: number, count: number): MarketPaths {
  const spot = new Float64Array(count).fill(market.S0);
  const variance = new Float64Array(count).fill(market.v0);
  const uniform = new Float64Array(count);
  const normal = new Float64Array(count);
  let draw = 0;
  const subStep = (scheme: QuadraticExponential): void => {
    fillUniforms(key, firstPath, draw, uniform, count);
    fillNormals(key, firstPath, draw + 1, normal, count);
    draw += 2;
    for (let i = 0; i < count; i += 1) {
      const before = variance[i] ?? 0;
      const after = scheme.variance(before, uniform[i] ?? 0);
      variance[i] = after;
      spot[i] = (spot[i] ?? 0) * math.exp(scheme.logReturn(before, after, normal[i] ?? 0));
    }
  };
  return {
    spot,
    advance: (years) => {
      const parts = Math.max(1, Math.ceil(years / LONGEST_STEP - 1e-9));
      const scheme = quadraticExponential(market, years / parts);
      for (let part = 0; part < parts; part += 1) subStep(scheme);
    },
  };
}

interface QuadraticExponential {
  variance(before: number, uniform: number): number;
  /** Log return given the variances before and after (the last call of `variance`) and a normal. */
  logReturn(before: number, after: number, normal: number): number;
}

function quadraticExponential(market: HestonMarket, years: number): QuadraticExponential {
  const { kappa, theta, sigma, rho, mu, q } = market;
  const decay = math.exp(-kappa * years);
  const linear = ((sigma * sigma * decay) / kappa) * (1 - decay);
  const constant = ((theta * sigma * sigma) / (2 * kappa)) * (1 - decay) * (1 - decay);
  const half = 0.5 * years;
  const k1 = half * ((kappa * rho) / sigma - 0.5) - rho / sigma;
  const k2 = half * ((kappa * rho) / sigma - 0.5) + rho / sigma;
  const k3 = half * (1 - rho * rho);
  const a = k2 + 0.5 * k3;
  const plain = (-rho * kappa * theta * years) / sigma;
  const drift = (mu - q) * years;
  let correction = 0;
  return {
    variance: (before, uniform) => {
      const mean = theta + (before - theta) * decay;
      const spread = (before * linear + constant) / (mean * mean);
      if (spread <= 1.5) {
        const inverse = 2 / spread;
        const b2 = inverse - 1 + Math.sqrt(inverse) * Math.sqrt(inverse - 1);
        const scale = mean / (1 + b2);
        const margin = 1 - 2 * a * scale;
        correction =
          margin > 0 ? (-a * b2 * scale) / margin + 0.5 * math.log(margin) - (k1 + 0.5 * k3) * before : plain;
        const root = Math.sqrt(b2) + standardNormalQuantile(uniform);
        return scale * root * root;
      }
      const atZero = (spread - 1) / (spread + 1);
      const rate = (1 - atZero) / mean;
      correction =
        rate > a ? -math.log(atZero + (rate * (1 - atZero)) / (rate - a)) - (k1 + 0.5 * k3) * before : plain;
      return uniform <= atZero ? 0 : math.log((1 - atZero) / (1 - uniform)) / rate;
    },
    logReturn: (before, after, normal) =>
      drift + correction + k1 * before + k2 * after + Math.sqrt(k3 * (before + after)) * normal,
  };
}
