import { frontierChart } from './frontier-chart';
import { markEfficient } from './policy-metrics';
import type { PolicyMetrics } from './policy-metrics';

function policy(name: string, cost: number, risk: number): PolicyMetrics {
  const estimate = (value: number) => ({ value, low: value * 0.8, high: value * 1.2 });
  return {
    policy: name,
    book: 'b',
    numeraire: 'USD',
    markets: 1,
    hours: 48,
    pnl: 0,
    unhedgedPnl: 0,
    fees: 0,
    slippage: 0,
    funding: 0,
    turnoverUsd: 0,
    fills: 0,
    costPerDay: estimate(cost),
    residualPerDay: estimate(risk),
    varianceRatio: 0.1,
    worstHour: 0,
    score: estimate(cost),
    efficient: false,
  };
}

describe('the chart of a comparison', () => {
  it('numbers policies by cost, those without one last, and names its axes', () => {
    const rows = markEfficient([
      policy('dear', 30, 200),
      policy('unknown', Number.NaN, 250),
      policy('cheap', 20, 300),
    ]);
    const svg = frontierChart(rows, 'cost against residual risk');
    for (const name of ['1  cheap', '2  dear', '3  unknown (no figures)']) expect(svg).toContain(`>${name}<`);
    expect(svg).toContain('USD per √day');
    expect(svg).toContain('USD per day');
  });
});

describe('efficient policies', () => {
  it('are so under each name that has their figures, but for the last digits', () => {
    const [a, b, worse] = markEfficient([
      policy('a', 20, 300),
      policy('b', 20 + 1e-13, 300 - 1e-12),
      policy('worse', 20, 301),
    ]);
    expect([a?.efficient, b?.efficient, worse?.efficient]).toEqual([true, true, false]);
  });
});
