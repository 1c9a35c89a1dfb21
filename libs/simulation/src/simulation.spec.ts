import {
  lelandVolatility,
  solveOptionIndifference,
  whalleyWilmottHalfBand,
  zakamoulineBand,
} from '@evenkeel/hedging';
import { createSha256, toHex } from '@evenkeel/kernel';
import { createPathKernel, priceEuropean } from '@evenkeel/pricing';
import { randomKey } from './counter-random';
import { createMarketPaths } from './market-paths';
import { outcomeBytes, outcomesIn, outcomesOf, planSimulation, simulate, summarise } from './simulation';
import { parseSimulation } from './simulation-config';
import type { SimulationConfig } from './simulated-world';
import { momentsOf, tailOf } from './statistics';

const base = {
  paths: 3000,
  seed: 11,
  market: { model: 'gbm', S0: 100, mu: 0.1, r: 0.03, q: 0.01, sigma: 0.35 },
  positions: [
    { type: 'call', K: 105, T: 0.2, quantity: -2 },
    { type: 'put', K: 95, T: 0.1, quantity: 1.5 },
  ],
  hedge: {
    policy: { kind: 'time', interval: 0.02 },
    modelVolatility: 0.3,
    costs: {
      proportional: 0.002,
      fixed: 0.05,
      impact: { temporary: 0.001, squareRoot: 0.0005, permanent: 0.002 },
    },
  },
};

function only<T>(values: readonly T[]): T {
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) throw new Error(`one, not ${values.length}`);
  return value;
}

function configOf(written: object): SimulationConfig {
  const parsed = parseSimulation(written);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

const withPolicy = (policy: object, changes: object = {}): object => ({
  ...base,
  paths: 4,
  ...changes,
  hedge: { ...base.hedge, watch: 0.02, policy },
});

interface Greeks {
  readonly delta: number;
  readonly gamma: number;
  readonly years: number;
}
type Rule = (state: {
  readonly step: number;
  readonly spot: number;
  readonly held: number;
  readonly hedgedAt: number | undefined;
  readonly at: (volatility: number) => Greeks;
}) => number;

/** One path after the other, one option after the other, money on an account that bears interest: what must come out. */
function byHand(config: SimulationConfig, path: number, rule: Rule) {
  const { market, positions, hedge } = config;
  const { r, q } = market;
  const { costs } = hedge;
  const horizon = Math.max(...positions.map(({ T }) => T));
  const steps = Math.round(horizon / 0.02);
  const paths = createMarketPaths(market, randomKey(config.seed), path, createPathKernel(1, 8));
  const spotNow = (): number => paths.spot[0] ?? 0;
  let [cash, held, paid, trades, turnover] = [0, 0, 0, 0, 0];
  let hedgedAt: number | undefined;
  const trade = (wanted: number, time: number): void => {
    const x = wanted - held;
    if (x === 0) return;
    const spot = spotNow();
    const pushed = spot * Math.exp(costs.impact.permanent * x);
    const size = Math.abs(x);
    const average = (pushed - spot) / costs.impact.permanent;
    const cost =
      costs.fixed +
      size *
        spot *
        (costs.proportional + costs.impact.temporary * size + costs.impact.squareRoot * Math.sqrt(size)) +
      (average - x * spot);
    cash -= x * spot + cost;
    paid += cost * Math.exp(-r * time);
    trades += 1;
    turnover += size * spot;
    paths.spot[0] = pushed;
    held = wanted;
    hedgedAt = spot;
  };
  for (let step = 0; step <= steps; step += 1) {
    const time = step * 0.02;
    if (step > 0) {
      paths.advance(0.02);
      cash = cash * Math.exp(r * 0.02) + held * spotNow() * Math.expm1(q * 0.02);
    }
    for (const { type, K, T, quantity } of positions)
      if (Math.abs(T - time) < 1e-9)
        cash += quantity * Math.max(type === 'call' ? spotNow() - K : K - spotNow(), 0);
    if (step === steps) {
      trade(0, time);
      break;
    }
    const live = positions.filter(({ T }) => T > time + 1e-9);
    const at = (sigma: number): Greeks => {
      const weight = live.reduce((sum, { quantity }) => sum + Math.abs(quantity), 0);
      const sum = { delta: 0, gamma: 0, years: 0 };
      for (const { type, K, T, quantity } of live) {
        const priced = priceEuropean({ type, S: spotNow(), K, T: T - time, r, q, sigma });
        sum.delta += quantity * priced.delta;
        sum.gamma += quantity * priced.gamma;
        sum.years += (Math.abs(quantity) * (T - time)) / weight;
      }
      return sum;
    };
    trade(rule({ step, spot: spotNow(), held, hedgedAt, at }), time);
  }
  return { hedgeCostPv: -cash * Math.exp(-r * horizon), costs: paid, trades, turnover };
}

const inside = (held: number, centre: number, half: number): number =>
  Math.min(Math.max(held, centre - half), centre + half);

const single = {
  positions: [{ type: 'call', K: 100, T: 0.2, quantity: -1 }],
  market: { ...base.market, r: 0, q: 0 },
};
const indifference = solveOptionIndifference({
  quantity: -1,
  strike: 100,
  volatility: 0.3,
  expiryYears: 0.2,
  cost: 0.002,
  riskAversion: 0.5,
});

const rules: readonly (readonly [string, object, object, Rule])[] = [
  [
    'time',
    { kind: 'time', interval: 0.04 },
    {},
    ({ step, held, at }) => (step % 2 === 0 ? -at(0.3).delta : held),
  ],
  [
    'delta-band to the centre',
    { kind: 'delta-band', band: '0.1' },
    {},
    ({ held, at }) => (Math.abs(held + at(0.3).delta) > 0.1 ? -at(0.3).delta : held),
  ],
  [
    'delta-band by the delta of a 2 % move, to the edge',
    { kind: 'delta-band', gammaMovePercent: 2, mode: 'edge' },
    {},
    ({ held, spot, at }) => inside(held, -at(0.3).delta, 0.02 * Math.abs(at(0.3).gamma) * spot),
  ],
  [
    'spot-move',
    { kind: 'spot-move', multiple: 2, over: 'P1D' },
    {},
    ({ held, spot, hedgedAt, at }) =>
      hedgedAt === undefined || Math.abs(spot / hedgedAt - 1) >= 2 * 0.3 * Math.sqrt(1 / 365)
        ? -at(0.3).delta
        : held,
  ],
  [
    'leland',
    { kind: 'leland', interval: 0.04 },
    {},
    ({ step, held, at }) => {
      if (step % 2 === 1) return held;
      const { gamma } = at(0.3);
      const adjusted = lelandVolatility({ volatility: 0.3, cost: 0.002, intervalYears: 0.04, gamma });
      return -at(adjusted).delta;
    },
  ],
  [
    'whalley-wilmott',
    { kind: 'whalley-wilmott', riskAversion: '0.5' },
    {},
    ({ held, spot, at }) => {
      const { delta, gamma, years } = at(0.3);
      const terms = { cost: 0.002, spot, gamma, riskAversion: 0.5, rate: 0.03, expiryYears: years };
      return inside(held, -delta, whalleyWilmottHalfBand(terms));
    },
  ],
  [
    'zakamouline',
    { kind: 'zakamouline', riskAversion: 0.5 },
    {},
    ({ held, spot, at }) => {
      const { gamma, years } = at(0.3);
      const terms = {
        cost: 0.002,
        spot,
        gamma,
        riskAversion: 0.5,
        rate: 0.03,
        expiryYears: years,
        volatility: 0.3,
      };
      const { halfBand, volatility } = zakamoulineBand(terms);
      return inside(held, -at(volatility).delta, halfBand);
    },
  ],
  [
    'hodges-neuberger, one option',
    { kind: 'hodges-neuberger', riskAversion: 0.5 },
    single,
    ({ held, spot, step, at }) => {
      const { lower, upper } = indifference.bandAt(spot, 0.2 - step * 0.02);
      return Math.min(Math.max(held, lower - at(0.3).delta), upper - at(0.3).delta);
    },
  ],
];

describe('a simulation', () => {
  it.each(rules)('follows %s and keeps its money as an account by hand does', (_, policy, changes, rule) => {
    const config = configOf(withPolicy(policy, changes));
    const plan = planSimulation(config);
    const outcome = only(outcomesOf(plan));
    for (let path = 0; path < 4; path += 1) {
      const expected = byHand(config, path, rule);
      for (const figure of ['hedgeCostPv', 'costs', 'trades', 'turnover'] as const)
        expect(Math.abs((outcome[figure][path] ?? Number.NaN) - expected[figure])).toBeLessThan(
          1e-9 * (1 + Math.abs(expected[figure])),
        );
    }
  });

  it('takes the smile into the hedge ratio: with vol falling as spot rises, less variance than by model delta', () => {
    const market = { model: 'heston', S0: 100, v0: 0.09, kappa: 2, theta: 0.09, sigma: 0.9, rho: -0.8 };
    const run = (volBeta: number) =>
      simulate(
        configOf({
          paths: 3000,
          seed: 1,
          market,
          positions: [{ type: 'call', K: 100, T: 0.25, quantity: -1 }],
          hedge: {
            policy: { kind: 'minimum-variance', band: 0.0001, volBeta },
            modelVolatility: 0.3,
            watch: 0.25 / 60,
          },
        }),
      ).pnl.std;
    // β = ρ·ξ/(2σ) for the average variance, a little less as variance reverts.
    expect(run(-0.6)).toBeLessThan(0.93 * run(0));
  });

  it('says the same bytes whatever order its blocks are run in, wherever', () => {
    const config = configOf(base);
    const inOrder = simulate(config);
    const plan = planSimulation(config);
    const outcomes = outcomesIn(new SharedArrayBuffer(outcomeBytes(plan)), plan);
    for (const block of [2, 0, 1]) planSimulation(config).run(block, outcomes);
    expect(JSON.stringify(summarise(plan, only(outcomes)))).toBe(JSON.stringify(inOrder));
    expect(JSON.stringify(simulate(configOf({ ...base, seed: 12 })))).not.toBe(JSON.stringify(inOrder));
  });

  it.each([
    [
      'gbm',
      base.market,
      { kind: 'zakamouline', riskAversion: 0.5 },
      '927fef59b3b1356f1f59ad648e9f1a395a224c369f91b16ff082a46143a87fa4',
    ],
    [
      'heston',
      { model: 'heston', S0: 100, v0: 0.09, kappa: 2, theta: 0.09, sigma: 0.9, rho: -0.8, r: 0.02 },
      {
        kind: 'minimum-variance',
        riskAversion: 0.5,
        volBeta: -0.4,
        jumps: { intensity: 12, mean: -0.03, deviation: 0.04 },
      },
      '2219acfd49dbe2a2f6d4beb3f78060669193d9e6c19fb3bdfc77df839bc2f7b7',
    ],
    [
      'merton',
      {
        model: 'merton',
        S0: 100,
        q: 0.01,
        sigma: 0.15,
        jump_intensity: 2,
        mean_jump: -0.08,
        jump_vol_delta: 0.1,
      },
      { kind: 'leland', interval: 0.04 },
      '82f8ab7ebaf2108bc8036bf346234b5a52cbe05ad492acac6796a9c43aa2dc3b',
    ],
  ])('comes to the very bytes that the seed has always come to: %s', (_, market, policy, recorded) => {
    const { hedgeCostPv, costs, trades, turnover } = only(
      outcomesOf(planSimulation(configOf(withPolicy(policy, { market, paths: 1100 })))),
    );
    const hash = createSha256();
    for (const column of [hedgeCostPv, costs, trades, turnover])
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    expect(toHex(hash.digest())).toBe(recorded);
  });

  it('lets own trades move the price: a hedger of short gamma amplifies moves, one of long gamma dampens them', () => {
    const stdOf = (quantity: number, permanent: number): number => {
      const config = configOf({
        ...base,
        paths: 2000,
        positions: [{ type: 'call', K: 100, T: 0.1, quantity }],
        hedge: { ...base.hedge, policy: { kind: 'time', interval: 0.001 }, costs: { impact: { permanent } } },
      });
      return simulate(config).costs;
    };
    // Permanent impact alone gives back over a round trip what it took; what remains is what gamma made of it.
    expect(stdOf(-10, 0.002)).toBeGreaterThan(0);
    expect(stdOf(10, 0.002)).toBeLessThan(stdOf(-10, 0.002));
  });

  it('spells inputs as keel price does, once, and names what a misspelt one may have meant', () => {
    const { r, S0, sigma, ...terms } = base.market;
    const read = (market: object) => parseSimulation({ ...base, market });
    expect(read({ ...terms, rate: r, spot: S0, volatility: sigma })).toEqual(read(base.market));
    const twice = read({ ...base.market, rate: 0.02, sigmaa: 0.2 });
    expect(twice.ok ? [] : twice.problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'market.rate says the same as r: write one of them',
      expect.stringMatching(/^market\.sigmaa is not a field here: did you mean sigma\?/),
    ]);
  });

  it('reports every problem of a configuration at once', () => {
    const parsed = parseSimulation({
      paths: 1,
      market: { model: 'gbm', S0: -1, sigma: 'x', foo: 1 },
      positions: [{ type: 'call' }],
      hedge: { policy: { kind: 'multi-greek' }, costs: { impact: { lasting: 1 } } },
    });
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual([
      'paths',
      'market.S0',
      'market.sigma',
      'market.foo',
      'positions[0].K',
      'positions[0].T',
      'positions[0].quantity',
      'hedge.policy.kind',
      'hedge.costs.impact.lasting',
    ]);
    const intervals = ['P1D', 0.01, 'soon', -1, undefined].map(
      (interval) => parseSimulation({ ...base, hedge: { policy: { kind: 'time', interval } } }).ok,
    );
    expect(intervals).toEqual([true, true, false, false, false]);
  });

  it('has quantiles and tails of a sample that is known', () => {
    const sample = Float64Array.from({ length: 2001 }, (_, i) => ((i * 1009) % 2001) - 1000);
    const { p05, p95, shortfall } = tailOf(sample);
    expect([p05, p95, shortfall]).toEqual([-900, 900, -950.5]);
    expect(momentsOf(Float64Array.of(1, 2, 3, 4)).std).toBeCloseTo(Math.sqrt(5 / 3), 14);
  });
});
