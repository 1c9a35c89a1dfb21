import { assertNever, DAY_YEARS } from '@evenkeel/kernel';
import { math, standardNormalQuantile } from '@evenkeel/pricing';
import type { PathKernel, RandomKey } from '@evenkeel/pricing';
import type { GbmMarket, HestonMarket, MertonMarket, SimulatedMarket } from './market-model';

/** Prices of the paths of one block, in a column of them. Trades with permanent impact write into `spot`; the next step starts from there. */
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
  paths: PathKernel,
): MarketPaths {
  switch (market.model) {
    case 'gbm':
      return gbmPaths(market, key, firstPath, paths);
    case 'heston':
      return hestonPaths(market, key, firstPath, paths);
    case 'merton':
      return mertonPaths(market, key, firstPath, paths);
    default:
      return assertNever(market, 'a market model');
  }
}

/** Exact in distribution for any step. */
function gbmPaths(market: GbmMarket, key: RandomKey, firstPath: number, paths: PathKernel): MarketPaths {
  const { mu, q, sigma } = market;
  const spot = paths.column().fill(market.S0);
  const normal = paths.column();
  let draw = 0;
  return {
    spot,
    advance: (years) => {
      paths.normals(key, firstPath, draw, normal);
      draw += 1;
      const drift = (mu - q - (sigma * sigma) / 2) * years;
      const deviation = sigma * Math.sqrt(years);
      paths.grow(spot, normal, drift, deviation);
    },
  };
}

/** Exact in distribution for any step: the number of jumps by inversion, their sum as one normal. */
function mertonPaths(
  market: MertonMarket,
  key: RandomKey,
  firstPath: number,
  paths: PathKernel,
): MarketPaths {
  const { mu, q, sigma, jump_intensity: intensity, mean_jump: meanJump, jump_vol_delta: spread } = market;
  const spot = paths.column().fill(market.S0);
  const normal = paths.column();
  const arrivals = paths.column();
  const sizes = paths.column();
  const meanLog = math.log(1 + meanJump) - (spread * spread) / 2;
  let draw = 0;
  return {
    spot,
    advance: (years) => {
      paths.normals(key, firstPath, draw, normal);
      paths.uniforms(key, firstPath, draw + 1, arrivals);
      paths.normals(key, firstPath, draw + 2, sizes);
      draw += 3;
      const drift = (mu - q - intensity * meanJump - (sigma * sigma) / 2) * years;
      const deviation = sigma * Math.sqrt(years);
      const expected = intensity * years;
      const none = math.exp(-expected);
      for (let i = 0; i < spot.length; i += 1) {
        const jumps = poissonQuantile(arrivals[i] ?? 0, expected, none);
        const jump = jumps === 0 ? 0 : jumps * meanLog + Math.sqrt(jumps) * spread * (sizes[i] ?? 0);
        normal[i] = drift + deviation * (normal[i] ?? 0) + jump;
      }
      paths.grow(spot, normal, 0, 1);
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
function hestonPaths(
  market: HestonMarket,
  key: RandomKey,
  firstPath: number,
  paths: PathKernel,
): MarketPaths {
  const spot = paths.column().fill(market.S0);
  const variance = paths.column().fill(market.v0);
  const uniform = paths.column();
  const normal = paths.column();
  let draw = 0;
  const subStep = (scheme: QuadraticExponential): void => {
    paths.uniforms(key, firstPath, draw, uniform);
    paths.normals(key, firstPath, draw + 1, normal);
    draw += 2;
    for (let i = 0; i < spot.length; i += 1) {
      const before = variance[i] ?? 0;
      const after = scheme.variance(before, uniform[i] ?? 0);
      variance[i] = after;
      normal[i] = scheme.logReturn(before, after, normal[i] ?? 0);
    }
    paths.grow(spot, normal, 0, 1);
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
