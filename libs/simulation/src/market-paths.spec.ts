import { createPathKernel, priceEuropean, priceHeston, priceMerton } from '@evenkeel/pricing';
import { randomKey } from './counter-random';
import type { SimulatedMarket } from './market-model';
import { createMarketPaths } from './market-paths';
import { momentsOf } from './statistics';

const PATHS = 40_000;
const terms = { S0: 100, mu: 0.04, r: 0.04, q: 0.01 };

/** Prices of all paths after `steps` equal steps of `T`. */
function pricesOf(market: SimulatedMarket, T: number, steps: number): Float64Array {
  const paths = createMarketPaths(market, randomKey('markets'), 0, createPathKernel(PATHS, 8));
  for (let step = 0; step < steps; step += 1) paths.advance(T / steps);
  return paths.spot;
}

const markets: readonly (readonly [string, SimulatedMarket, number, (K: number, T: number) => number])[] = [
  [
    'gbm',
    { model: 'gbm', ...terms, sigma: 0.3 },
    2,
    (K, T) => priceEuropean({ type: 'call', S: 100, K, T, r: 0.04, q: 0.01, sigma: 0.3 }).value,
  ],
  [
    'merton',
    { model: 'merton', ...terms, sigma: 0.15, jump_intensity: 2, mean_jump: -0.08, jump_vol_delta: 0.1 },
    2,
    (K, T) =>
      priceMerton({
        type: 'call',
        S: 100,
        K,
        T,
        r: 0.04,
        q: 0.01,
        diffusion_vol: 0.15,
        jump_intensity: 2,
        mean_jump: -0.08,
        jump_vol_delta: 0.1,
      }).value,
  ],
  [
    'heston, variance that often reaches zero',
    { model: 'heston', ...terms, v0: 0.04, kappa: 1, theta: 0.04, sigma: 0.6, rho: -0.7 },
    2,
    (K, T) =>
      priceHeston({
        type: 'call',
        S: 100,
        K,
        T,
        r: 0.04,
        q: 0.01,
        v0: 0.04,
        kappa: 1,
        theta: 0.04,
        sigma: 0.6,
        rho: -0.7,
      }).value,
  ],
];

describe.each(markets)('simulated market: %s', (_, market, steps, valueOf) => {
  const T = 0.1;
  const spot = pricesOf(market, T, steps);

  it.each([92, 100, 108])('prices a call struck at %d as its closed form does', (K) => {
    const discount = Math.exp(-market.r * T);
    const payOff = momentsOf(spot.map((price) => discount * Math.max(price - K, 0)));
    expect(Math.abs(payOff.mean - valueOf(K, T))).toBeLessThan(4 * payOff.meanError);
  });

  it('drifts at its expected return less its yield', () => {
    const { mean, meanError } = momentsOf(spot);
    expect(Math.abs(mean - 100 * Math.exp(0.03 * T))).toBeLessThan(4 * meanError);
  });
});
