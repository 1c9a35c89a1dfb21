import { createRandom } from '@evenkeel/kernel';
import { createLegBatch } from '../batch/leg-batch';
import { math } from '../math';
import { createPathKernel } from './path-kernel';
import type { PathCosts } from './path-kernel';

const COUNT = 203;
const random = createRandom('paths');
const between = (low: number, high: number): number => low + (high - low) * random.next();

/** Near the money, far out, and so far that no rational form reaches. */
const spots = Float64Array.from({ length: COUNT }, (_, i) =>
  i % 3 === 0 ? between(95, 105) : i % 3 === 1 ? between(40, 250) : 100 * math.exp(between(-90, 90)),
);

describe('paths', () => {
  it.each([
    { isCall: true, K: 100, T: 0.2, r: 0.03, carry: 0.01 },
    { isCall: false, K: 90, T: 0.001, r: 0, carry: 0 },
  ])('value an option as a batch of legs does, to the last bit: %j', (option) => {
    const paths = createPathKernel(COUNT, 10);
    const spot = paths.column();
    spot.fill(100);
    spot.set(spots);
    const volatility = paths.column().map((_, i) => 0.1 + (i % 7) * 0.1);
    const sigma = paths.column();
    sigma.set(volatility);
    const batch = createLegBatch(COUNT);
    batch.isCall.fill(option.isCall ? 1 : 0);
    batch.underlying.set(spots);
    batch.strike.fill(option.K);
    batch.expiryYears.fill(option.T);
    batch.volatility.set(volatility.subarray(0, COUNT));
    batch.rate.fill(option.r);
    batch.carry.fill(option.carry);
    batch.valueFirst(COUNT);
    const [value, delta, gamma, vega] = [paths.column(), paths.column(), paths.column(), paths.column()];
    const into = { value, delta, gamma, vega };
    expect(paths.option({ ...option, sigma, quantity: -3 }, spot, into, false)).toBeUndefined();
    expect(paths.option({ ...option, sigma, quantity: 5 }, spot, into, true)).toBeUndefined();
    for (const name of ['value', 'delta', 'gamma', 'vega'] as const)
      expect(into[name].slice(0, COUNT)).toEqual(batch[name].map((unit) => -3 * unit + 5 * unit));
    const alone = paths.column();
    expect(paths.option({ ...option, sigma, quantity: 1 }, spot, { delta: alone }, false)).toBeUndefined();
    expect(alone.slice(0, COUNT)).toEqual(batch.delta);
  });

  it('name the first path that cannot be valued', () => {
    const paths = createPathKernel(COUNT, 2);
    const spot = paths.column().fill(100);
    spot[131] = 1e-61;
    spot[140] = Number.NaN;
    const option = { isCall: true, K: 100, T: 1, sigma: 0.2, r: 0, carry: 0, quantity: 1 };
    const refused = paths.option(option, spot, { delta: paths.column() }, false);
    expect(refused?.path).toBe(131);
    expect(refused?.why).toMatchObject({ code: 'PRICING.INVALID_INPUT', path: 'spot' });
  });

  it.each<PathCosts>([
    { proportional: 0.001, fixed: 0, impact: { temporary: 0, squareRoot: 0, permanent: 0 } },
    { proportional: 0.002, fixed: 0.05, impact: { temporary: 0.001, squareRoot: 0.0005, permanent: 0.002 } },
  ])('trade one by one as the sums say, to the last bit: %j', (costs) => {
    const paths = createPathKernel(COUNT, 7);
    const spot = paths.column();
    spot.set(spots);
    const own = paths.account();
    const names = ['held', 'wanted', 'flows', 'costs', 'trades', 'turnover'] as const;
    for (const name of names) for (let i = 0; i < paths.count; i += 1) own[name][i] = between(-2, 2);
    for (let i = 0; i < COUNT; i += 5) own.wanted[i] = own.held[i] ?? 0;
    const expected = Array.from({ length: COUNT }, (_, i) => {
      const [held, wanted, flows, cost, trades, turnover] = names.map((name) => own[name][i] ?? 0) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const x = wanted - held;
      const price = spot[i] ?? 0;
      if (x === 0) return [held, flows, cost, trades, turnover, price];
      const { temporary, squareRoot, permanent } = costs.impact;
      const size = Math.abs(x);
      const notional = size * price;
      let paid = costs.fixed + notional * costs.proportional;
      if (temporary > 0) paid += notional * temporary * size;
      if (squareRoot > 0) paid += notional * squareRoot * Math.sqrt(size);
      const move = permanent > 0 ? math.expm1(permanent * x) : 0;
      if (permanent > 0) paid += (price * move) / permanent - x * price;
      return [
        wanted,
        flows - 0.97 * x * price,
        cost + 0.97 * paid,
        trades + 1,
        turnover + notional,
        price * (1 + move),
      ];
    });
    paths.trade(own, spot, 0.97, costs);
    const after = expected.map((_, i) =>
      [own.held, own.flows, own.costs, own.trades, own.turnover, spot].map((column) => column[i]),
    );
    expect(after).toEqual(expected);
  });

  it('refuse a column that is not theirs, and more columns than they have', () => {
    const paths = createPathKernel(4, 1);
    const column = paths.column();
    expect(() => paths.grow(column, new Float64Array(4), 0, 1)).toThrow('not a column of these paths');
    expect(() => paths.column()).toThrow('1 columns');
    paths.clear();
    expect(paths.column()).toHaveLength(4);
  });
});
