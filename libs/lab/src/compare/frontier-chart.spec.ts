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

const crowd = Array.from({ length: 16 }, (_, index) =>
  policy(`policy-${index}`, 20 + (index % 5), 250 + 3 * index),
);
const rows = markEfficient([...crowd, policy('far-out', 21, 4_000)]);
const svg = frontierChart(rows, 'cost against residual risk');
const texts = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" font-size="11"[^>]*>([^<]+)/g)].map(
  ([, x, y, text = '']) => ({ x: Number(x), y: Number(y), text }),
);

describe('the chart of a comparison', () => {
  it('lays no label on another, and names every policy', () => {
    for (const [index, a] of texts.entries())
      for (const b of texts.slice(index + 1))
        expect(Math.abs(a.y - b.y) >= 10 || Math.abs(a.x - b.x) >= 12).toBe(true);
    for (const { policy: name } of rows) expect(texts.some(({ text }) => text.includes(name))).toBe(true);
  });

  it('keeps the others apart from one that lies far out: an arrow at the edge, its figures in the key', () => {
    const circles = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    expect(circles).toHaveLength(crowd.length);
    expect(Math.max(...circles) - Math.min(...circles)).toBeGreaterThan(400);
    expect(svg).toContain('<path d="M704.0');
    expect(texts.find(({ text }) => text.includes('far-out'))?.text).toContain('(4,000; 21)');
  });

  it('keeps its key and its axes inside the picture', () => {
    for (const { x, text } of texts) expect(x + 6.6 * text.length).toBeLessThan(920);
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
