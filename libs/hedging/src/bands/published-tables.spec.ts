import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { math, priceEuropean } from '@evenkeel/pricing';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { boyleVorstReplicationCost } from './boyle-vorst';
import { boyleVorstVolatility, expectedRebalanceCost, lelandNumber, lelandVolatility } from './leland';

function table<T>(name: string): T[] {
  const file = join(sharedDir() ?? '', 'validation', name);
  // The table's own shape.
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: T[] }).cases;
}

interface LelandCase {
  readonly inputs: { readonly sigma: number; readonly round_trip_spread: number; readonly dt: number };
  readonly expected: { readonly min_short_implied_vol: number };
  readonly tolerance: number;
}

interface BoyleVorstCase {
  readonly inputs: {
    readonly spot: number;
    readonly strike: number;
    readonly vol: number;
    readonly annualEffectiveRate: number;
    readonly T: number;
    readonly n: number;
    readonly oneWayCostRate: number;
  };
  readonly expected: {
    readonly replicationCostLongCall: number;
    readonly replicationCostShortCall: number | null;
  };
  readonly approximation: { readonly modifiedBsLong: number; readonly modifiedBsShort: number | null };
  readonly tolerance: { readonly absolute: number };
}

interface FrequencyCase {
  readonly inputs: {
    readonly S0: number;
    readonly T: number;
    readonly implied_vol: number;
    readonly realised_vol: number;
    readonly bid_ask_spread: number;
    readonly rebalances_per_day: number;
  };
  readonly expected: { readonly mean_profit: number };
  readonly resimulated_here: number;
}

describe('Leland', () => {
  itWithSharedData('validation/sinclair_leland_example.json')('has the published minimum volatility', () => {
    const cases = table<LelandCase>('sinclair_leland_example.json');
    for (const { inputs, expected, tolerance } of cases) {
      const volatility = lelandVolatility({
        volatility: inputs.sigma,
        cost: inputs.round_trip_spread / 2,
        intervalYears: inputs.dt,
        gamma: -1,
      });
      expect(Math.abs(volatility - expected.min_short_implied_vol)).toBeLessThanOrEqual(tolerance);
    }
    expect(cases.length).toBeGreaterThan(0);
  });

  it('raises volatility for short gamma, lowers it for long, and does not exist where costs eat the gamma', () => {
    const inputs = { volatility: 0.2, cost: 0.002, intervalYears: 1 / 52 };
    const short = lelandVolatility({ ...inputs, gamma: -1 });
    const long = lelandVolatility({ ...inputs, gamma: 1 });
    expect((short * short + long * long) / 2).toBeCloseTo(0.04, 15);
    expect(short).toBeGreaterThan(0.2);
    expect(lelandVolatility({ ...inputs, gamma: 0 })).toBe(0.2);
    expect(lelandVolatility({ ...inputs, cost: 0.05, gamma: 1 })).toBeNaN();
    expect(lelandNumber({ ...inputs, cost: 0.05 })).toBeGreaterThan(1);
  });
});

describe('Boyle and Vorst', () => {
  itWithSharedData('validation/boyle_vorst_palmer_regenerated.json')(
    'has the replication costs of the table',
    () => {
      const cases = table<BoyleVorstCase>('boyle_vorst_palmer_regenerated.json');
      for (const { inputs, expected, approximation, tolerance } of cases) {
        const { spot, strike, vol, annualEffectiveRate, T, n, oneWayCostRate } = inputs;
        const rate = math.log(1 + annualEffectiveRate);
        const common = {
          spot,
          strike,
          volatility: vol,
          rate,
          expiryYears: T,
          steps: n,
          cost: oneWayCostRate,
        };
        const long = boyleVorstReplicationCost({ ...common, side: 1 });
        const short = boyleVorstReplicationCost({ ...common, side: -1 });
        expect(Math.abs(long - expected.replicationCostLongCall)).toBeLessThanOrEqual(tolerance.absolute);
        const { replicationCostShortCall: sold } = expected;
        // No portfolio replicates both moves where costs outrun the tree.
        if (sold === null) expect(short).toBeNaN();
        else expect(Math.abs(short - sold)).toBeLessThanOrEqual(tolerance.absolute);
        const atVolatility = (gamma: number): number =>
          priceEuropean({
            type: 'call',
            S: spot,
            K: strike,
            T,
            r: rate,
            q: 0,
            sigma: boyleVorstVolatility({
              volatility: vol,
              cost: oneWayCostRate,
              intervalYears: T / n,
              gamma,
            }),
          }).value;
        // Replicating an option bought is to be short of it against the market.
        expect(atVolatility(-1)).toBeCloseTo(approximation.modifiedBsLong, 8);
        if (approximation.modifiedBsShort !== null)
          expect(atVolatility(1)).toBeCloseTo(approximation.modifiedBsShort, 8);
      }
      expect(cases).toHaveLength(60);
    },
  );

  it('without costs is the binomial price of either side', () => {
    const tree = {
      spot: 100,
      strike: 95,
      volatility: 0.3,
      rate: 0.04,
      expiryYears: 0.5,
      steps: 400,
      cost: 0,
    };
    const exact = priceEuropean({ type: 'call', S: 100, K: 95, T: 0.5, r: 0.04, q: 0, sigma: 0.3 }).value;
    expect(boyleVorstReplicationCost({ ...tree, side: 1 })).toBeCloseTo(exact, 1);
    expect(boyleVorstReplicationCost({ ...tree, side: 1 })).toBeCloseTo(
      boyleVorstReplicationCost({ ...tree, side: -1 }),
      9,
    );
  });
});

describe('the cost of hedging often', () => {
  // The table cannot be had from its printed inputs (its file says so): level and order alone.
  itWithSharedData('validation/sinclair_hedge_frequency_table_4_1.json')(
    'has the order of the published table and the level of its resimulation',
    () => {
      const cases = table<FrequencyCase>('sinclair_hedge_frequency_table_4_1.json');
      const profits = cases.map(({ inputs }) => profitOf(inputs));
      const published = cases.map(({ expected }) => expected.mean_profit);
      expect(order(profits)).toEqual(order(published));
      cases.forEach(({ resimulated_here: resimulated }, index) => {
        expect(Math.abs((profits[index] ?? 0) - resimulated)).toBeLessThan(60);
      });
    },
  );
});

/** Frictionless 10,000 less the expected cost of every rebalancing over the year, gamma averaged over realised paths. */
function profitOf(inputs: FrequencyCase['inputs']): number {
  const { S0, T, implied_vol: implied, realised_vol: realised, bid_ask_spread: spread } = inputs;
  const option = (t: number, S: number) =>
    priceEuropean({ type: 'call', S, K: S0, T: T - t, r: 0, q: 0, sigma: implied });
  const quantity = 1000 / (option(0, S0).vega / 100);
  const intervalYears = 1 / (252 * inputs.rebalances_per_day);
  let cost = 0;
  const steps = 200;
  for (let step = 0; step < steps; step += 1) {
    const t = (T * (step + 0.5)) / steps;
    for (let node = -40; node <= 40; node += 1) {
      const z = node / 10;
      const weight = math.normPdf(z) / 10;
      const S = S0 * math.exp(realised * Math.sqrt(t) * z - 0.5 * realised * realised * t);
      const each = expectedRebalanceCost({
        spot: S,
        gamma: quantity * option(t, S).gamma,
        volatility: realised,
        // κ is half the spread, in money: a fraction of the price of then.
        cost: spread / 2 / S,
        intervalYears,
      });
      cost += (weight * each * (T / steps)) / intervalYears;
    }
  }
  return 10_000 - cost;
}

function order(values: readonly number[]): number[] {
  return values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
}
