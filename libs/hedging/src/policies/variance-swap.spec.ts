import type { LegValuation } from '@evenkeel/facts';
import { priceBlack76 } from '@evenkeel/pricing';
import { BTC_PERP, createProgram, exposureOf, markOf, only } from '../../test/scenario';
import { parsePolicy } from './registry';

const STRIKES = [70_000, 75_000, 80_000, 85_000, 90_000, 95_000, 100_000, 110_000, 120_000];
const OPTIONS = STRIKES.map((strike) => `BTC-27FEB26-${strike}-${strike < 90_000 ? 'P' : 'C'}@deribit`);
const YEARS = 57 / 365;
const policy = {
  kind: 'variance-swap',
  underlying: 'BTC',
  expiry: '27FEB26',
  vegaPerPoint: '3000',
  riskAversion: '0.00002',
};
const flat = { delta: 0, gamma: 0, vega: 0, volatility: 0 };

function legsAt(
  time: string,
  volatility: number,
  held: Readonly<Record<string, string>> = {},
): LegValuation[] {
  return OPTIONS.map((instrument, index) => ({
    instrument,
    quantity: held[instrument] ?? '0',
    kind: 'option',
    underlying: 'BTC',
    value: 0,
    unitValue: 0,
    forward: 90_000,
    strike: STRIKES[index] ?? 0,
    volatility,
    volatilityTime: time,
    expiryYears: YEARS,
    delta: 0,
    gamma: 0,
    vega: 0,
    theta: 0,
    vanna: 0,
    volga: 0,
  }));
}

function marksAt(time: string, volatility: number, spot = 90_000) {
  const options = OPTIONS.map((id, index) => {
    const strike = STRIKES[index] ?? 0;
    const type = strike < 90_000 ? 'put' : 'call';
    const { value } = priceBlack76({ type, F: 90_000, K: strike, T: YEARS, sigma: volatility, r: 0 });
    const coin = value / 90_000;
    return markOf(id, coin, time, { bid: String(coin - 0.0002), ask: String(coin + 0.0002) });
  });
  return [markOf('BTC@composite', spot, time), markOf(BTC_PERP, spot, time), ...options];
}

const hour = (n: number): string => new Date(Date.UTC(2026, 0, 1, n)).toISOString().replace('.000Z', 'Z');

/** Prices that go up and down by a share each hour, seen for four days. */
function watched(written: object, step: number, volatility = 0.45) {
  const program = createProgram(written, [BTC_PERP, ...OPTIONS]);
  for (let n = 0; n < 96; n += 1) {
    const spot = n % 2 === 0 ? 90_000 : 90_000 * (1 + step);
    const time = hour(n);
    program.snapshot(time, [flat], {
      marks: [markOf('BTC@composite', spot, time), markOf(BTC_PERP, spot, time)],
    });
  }
  const time = hour(96);
  const said = program.snapshot(time, [exposureOf(flat)], {
    marks: marksAt(time, volatility),
    legs: legsAt(time, volatility),
  });
  return { program, said };
}

describe('variance-swap', () => {
  it('buys variance that has been more than it costs: a strip with the wanted vega', () => {
    // 1 % an hour is 94 % a year.
    const { said } = watched(policy, 0.01);
    const decision = only(said, 'HedgeDecided');
    expect(decision.reasons).toContain('VARIANCE_SWAP_OPENED');
    const strip = decision.trades.filter(({ instrument }) => OPTIONS.includes(instrument));
    // The outermost strikes only end the last segments.
    expect(strip.map(({ instrument }) => instrument)).toEqual(OPTIONS.slice(1, -1));
    const vega = strip.reduce((sum, { instrument, quantity }) => {
      const strike = STRIKES[OPTIONS.indexOf(instrument)] ?? 0;
      const unit = priceBlack76({ type: 'call', F: 90_000, K: strike, T: YEARS, sigma: 0.45, r: 0 });
      return sum + Number(quantity) * unit.vega;
    }, 0);
    expect(vega / 300_000).toBeGreaterThan(0.8);
    expect(vega / 300_000).toBeLessThan(1.15);
    const names = decision.candidates.map(({ name, chosen }) => [name, chosen]);
    expect(names).toEqual(
      expect.arrayContaining([
        ['BTC long variance 27FEB26', true],
        ['BTC short variance 27FEB26', false],
      ]),
    );
    const implied = decision.candidates.find(({ name }) => name.startsWith('BTC short'))?.rejected;
    expect(implied).toMatch(/^realised 9\d\.\d % against 4\d\.\d % implied/);
  });

  it('sells variance that has been less than it brings, and does neither within the edge', () => {
    const short = only(watched(policy, 0.0005).said, 'HedgeDecided');
    for (const { quantity } of short.trades.filter(({ instrument }) => OPTIONS.includes(instrument)))
      expect(Number(quantity)).toBeLessThan(0);
    const { said } = watched({ ...policy, edge: '3' }, 0.0005);
    expect(said.filter(({ type }) => type === 'HedgeDecided')).toEqual([]);
  });

  it('opens at once where a side is told, and does not trade the strip twice', () => {
    const program = createProgram({ ...policy, direction: 'short' }, [BTC_PERP, ...OPTIONS]);
    const time = hour(0);
    const first = only(
      program.snapshot(time, [exposureOf(flat)], { marks: marksAt(time, 0.45), legs: legsAt(time, 0.45) }),
      'HedgeDecided',
    );
    expect(first.trades.length).toBeGreaterThan(4);
    const again = program.snapshot(hour(1), [exposureOf(flat)], {
      marks: marksAt(hour(1), 0.45),
      legs: legsAt(hour(1), 0.45),
    });
    // All on its way; only the delta of the strip is left to hedge.
    const bought = again.flatMap((event) => (event.type === 'HedgeDecided' ? event.payload.trades : []));
    expect(bought.filter(({ instrument }) => OPTIONS.includes(instrument))).toEqual([]);
  });

  it.each([
    [{ ...policy, expiry: 'February' }, 'expiry'],
    [{ ...policy, vegaPerPoint: '0' }, 'vegaPerPoint'],
    [{ ...policy, direction: 'up' }, 'direction'],
    [{ ...policy, underlying: '' }, 'underlying'],
    [{ ...policy, edge: '-1' }, 'edge'],
    [{ ...policy, strikes: [] }, 'strikes'],
  ])('refuses %j, naming the field', (written, path) => {
    expect(parsePolicy(JSON.stringify(written))).toMatchObject({ ok: false, failure: { path } });
  });
});
