import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { priceEuropean } from '@evenkeel/pricing';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { outcomesOf, planSimulation, summarise } from './simulation';
import type { SimulationResult } from './simulation';
import { parseSimulation } from './simulation-config';

interface Table<Inputs, Expected> {
  readonly cases: readonly {
    readonly id: string;
    readonly inputs: Inputs;
    readonly expected: Expected;
    readonly tolerance: never;
    readonly resimulated_here?: number;
  }[];
}

function tableOf<Inputs, Expected>(name: string): Table<Inputs, Expected>['cases'] {
  const text = readFileSync(join(sharedDir() ?? '', 'validation', `${name}.json`), 'utf8');
  return (JSON.parse(text) as Table<Inputs, Expected>).cases;
}

function run(config: object): SimulationResult {
  const parsed = parseSimulation(config);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const plan = planSimulation(parsed.config);
  const [outcome] = outcomesOf(plan);
  if (outcome === undefined) throw new Error('one policy has one outcome');
  return summarise(plan, outcome);
}

const maybe = itWithSharedData('validation');

describe('hedging tables of the literature, simulated', () => {
  // Paths per row so that three standard errors fit between the exact figure and the edge of the table's tolerance.
  maybe.each([
    [0, 200_000],
    [1, 200_000],
    [2, 100_000],
    [3, 100_000],
    [4, 20_000],
    [5, 10_000],
  ])('Hull, delta-hedging performance, row %d', (row, paths) => {
    const table = tableOf<Record<string, number>, { performance_std_of_pv_cost_over_bs_price: number }>(
      'hull_delta_hedging_performance_19_4',
    );
    const entry = table[row];
    if (entry === undefined) throw new Error('the table has six rows');
    const { S0, K, r, mu, sigma, T, rebalance_weeks: weeks = 1 } = entry.inputs;
    const { performance, standardErrors, hedgeCostPv, modelPrice } = run({
      paths,
      seed: 'hull',
      market: { model: 'gbm', S0, mu, r, sigma },
      positions: [{ type: 'call', K, T, quantity: -1 }],
      hedge: { policy: { kind: 'time', interval: weeks / 52 }, modelVolatility: sigma },
    });
    const error = standardErrors.performance ?? Number.NaN;
    expect(
      Math.abs((performance ?? Number.NaN) - entry.expected.performance_std_of_pv_cost_over_bs_price),
    ).toBeLessThanOrEqual(entry.tolerance);
    // The exact simulation that the file records, to its three digits.
    expect(Math.abs((performance ?? Number.NaN) - (entry.resimulated_here ?? Number.NaN))).toBeLessThan(
      4 * error + 0.0008,
    );
    expect(Math.abs(hedgeCostPv.mean + modelPrice)).toBeLessThan(0.05);
  });

  maybe.each([0, 1])('QuantLib, discrete hedging example, row %d', (row) => {
    type Expected = Record<
      'option_value' | 'mean_pnl' | 'std_pnl' | 'derman_kamal' | 'skewness' | 'excess_kurtosis',
      number
    >;
    const entry = tableOf<Record<string, number>, Expected>('ql_discrete_hedging_example_run')[row];
    if (entry === undefined) throw new Error('the table has two rows');
    const { S0 = 0, K = 0, T = 0, r = 0, sigma = 0, n_rebalances: trades = 1, n_paths: paths } = entry.inputs;
    const tolerance: Expected = entry.tolerance;
    const { pnl, modelPrice } = run({
      paths,
      seed: 'discrete hedging',
      market: { model: 'gbm', S0, r, sigma },
      positions: [{ type: 'call', K, T, quantity: -1 }],
      hedge: { policy: { kind: 'time', interval: T / trades }, modelVolatility: sigma },
    });
    const { vega } = priceEuropean({ type: 'call', S: S0, K, T, r, sigma });
    const measured: Expected = {
      option_value: -modelPrice,
      mean_pnl: pnl.mean,
      std_pnl: pnl.std,
      derman_kamal: dermanKamal(vega, sigma, trades),
      skewness: pnl.skewness,
      excess_kurtosis: pnl.excessKurtosis,
    };
    for (const name of Object.keys(measured) as (keyof Expected)[])
      expect(`${name} off by ${excess(measured[name], entry.expected[name], tolerance[name])}`).toBe(
        `${name} off by 0`,
      );
  });

  maybe('Sinclair, profit by hedge frequency: order and level, as the file asks', () => {
    const table = tableOf<{ rebalances_per_day: number }, { mean_profit: number }>(
      'sinclair_hedge_frequency_table_4_1',
    );
    const { vega } = priceEuropean({ type: 'call', S: 100, K: 100, T: 1, r: 0, sigma: 0.5 });
    const losses = table.map(({ inputs }) => {
      // Costs are 5 cents a share at the starting price of 100; the level is the loss against hedging for nothing.
      const { costs } = run({
        paths: 1000,
        seed: 'sinclair',
        market: { model: 'gbm', S0: 100, sigma: 0.4 },
        positions: [{ type: 'call', K: 100, T: 1, quantity: -(1000 / vega) * 100 }],
        hedge: {
          policy: { kind: 'time', interval: 1 / (252 * inputs.rebalances_per_day) },
          modelVolatility: 0.5,
          costs: { proportional: 0.0005 },
        },
      });
      return costs;
    });
    losses.forEach((loss, row) => {
      if (row > 0) expect(loss).toBeGreaterThan(losses[row - 1] ?? 0);
      expect(Math.abs(10_000 - loss - (table[row]?.resimulated_here ?? 0))).toBeLessThanOrEqual(
        table[row]?.tolerance ?? 0,
      );
    });
  });
});

describe('the law of Derman and Kamal', () => {
  const T = 0.25;
  const sigma = 0.3;
  const paths = 12_000;
  const rows = [16, 32, 64, 128, 256].map((trades) => {
    const { pnl, standardErrors } = run({
      paths,
      seed: `derman-kamal ${trades}`,
      market: { model: 'gbm', S0: 100, sigma },
      positions: [{ type: 'call', K: 100, T, quantity: 1 }],
      hedge: { policy: { kind: 'time', interval: T / trades }, modelVolatility: sigma },
    });
    const { vega } = priceEuropean({ type: 'call', S: 100, K: 100, T, r: 0, sigma });
    const law = dermanKamal(vega, sigma, trades);
    return { trades, ratio: pnl.std / law, error: standardErrors.pnl.std / law };
  });

  it.each(rows)('holds at $trades rebalances: $ratio of √(π/4)·vega·σ/√N', ({ trades, ratio, error }) => {
    // The law is the limit; the last days before expiry, where gamma changes within a step, are missing from it by O(1/√N).
    expect(Math.abs(ratio - 1)).toBeLessThan(0.2 / Math.sqrt(trades) + 3.5 * error);
  });

  it('has the exponent −1/2', () => {
    const xs = rows.map(({ trades }) => Math.log(trades));
    const ys = rows.map(({ trades, ratio }) => Math.log(ratio / Math.sqrt(trades)));
    const meanX = xs.reduce((a, b) => a + b) / xs.length;
    const meanY = ys.reduce((a, b) => a + b) / ys.length;
    const slope =
      xs.reduce((sum, x, i) => sum + (x - meanX) * ((ys[i] ?? 0) - meanY), 0) /
      xs.reduce((sum, x) => sum + (x - meanX) * (x - meanX), 0);
    expect(Math.abs(slope + 0.5)).toBeLessThan(0.03);
  });
});

function dermanKamal(vega: number, sigma: number, trades: number): number {
  return (Math.sqrt(Math.PI / 4) * vega * sigma) / Math.sqrt(trades);
}

/** How far a figure is outside of its tolerance; 0 inside. */
function excess(measured: number, expected: number, tolerance: number): number {
  return Math.max(0, Math.abs(measured - expected) - tolerance);
}
