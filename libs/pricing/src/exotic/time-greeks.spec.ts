import { createRandom, memoised } from '@evenkeel/kernel';
import { firstDerivative } from '../../test/exotic/finite-differences';
import { priceBlack76 } from '../door/black76';
import { priceEuropean } from '../door/european';
import { priceInverse } from '../door/inverse';
import type { Valuation } from '../door/valuation';
import { math } from '../math';
import { priceAmerican } from './american';
import { priceAsian } from './asian';
import { priceBarrier } from './barrier';
import { priceDigital } from './digital';
import { priceDoubleBarrier } from './double-barrier';
import { priceHeston } from './heston';
import { priceMerton } from './merton';

interface Point {
  readonly type: 'call' | 'put';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly sigma: number;
  readonly r: number;
  readonly q: number;
}

const SEED = 'time-greeks-1';
const POINTS: readonly Point[] = (() => {
  const random = createRandom(SEED);
  const between = (low: number, high: number): number => low + (high - low) * random.next();
  return Array.from({ length: 12 }, (_, i) => ({
    type: i % 2 === 0 ? ('call' as const) : ('put' as const),
    S: between(80, 125),
    K: 100,
    T: between(0.1, 1.5),
    sigma: between(0.1, 0.8),
    r: between(-0.02, 0.08),
    q: between(-0.02, 0.06),
  }));
})();

/** theta + sigma^2/2 S^2 gamma + (r - q) S delta - rV: nothing, for whatever diffuses as Black and Scholes say, at any moment. */
function leftOver(
  { S, sigma, r, q }: Point,
  { value, delta = NaN, gamma = NaN, theta = NaN }: Valuation,
): number {
  return theta + 0.5 * sigma * sigma * S * S * gamma + (r - q) * S * delta - r * value;
}

const below = ({ S }: Point) => ({ barrier: 0.85 * S });
const above = ({ S }: Point) => ({ barrier: 1.2 * S });
const discrete = ({ T }: Point) => ({ fixing_times: [0.2, 0.5, 0.9, 1].map((share) => share * T) });
const begun = ({ T }: Point) => ({ elapsed: T / 3, past_average: 97 });

type Price = (at: Point) => Valuation;
const asian =
  (terms: object, more: (at: Point) => object = () => ({})): Price =>
  (at) =>
    priceAsian({ ...at, ...terms, ...more(at) });

/** Every product of one asset that diffuses, and how near its theta must come to the equation, as a share of the strike a year. */
const PRODUCTS: readonly (readonly [string, number, Price])[] = [
  ['european', 1e-11, (at) => priceEuropean(at)],
  ['american', 1e-9, (at) => priceAmerican(at)],
  [
    'american, cash dividend',
    2e-3,
    (at) => priceAmerican({ ...at, dividends: [{ t: at.T / 2, amount: 2 }], dividend_model: 'spot' }),
  ],
  ['digital, cash', 1e-11, (at) => priceDigital({ ...at, kind: 'cash_or_nothing', payout: 30 })],
  ['digital, asset', 1e-11, (at) => priceDigital({ ...at, kind: 'asset_or_nothing' })],
  ['digital, gap', 1e-11, (at) => priceDigital({ ...at, kind: 'gap', payout: 90 })],
  ...(['hit', 'expiry'] as const).map((pay_at): [string, number, Price] => [
    `one-touch paid at ${pay_at}`,
    1e-10,
    (at) =>
      priceDigital({
        ...at,
        K: 1.2 * at.S,
        type: 'call',
        kind: 'cash_or_nothing',
        payout: 30,
        exercise: 'american',
        pay_at,
      }),
  ]),
  [
    'no-touch',
    1e-10,
    (at) =>
      priceDigital({
        ...at,
        K: 0.85 * at.S,
        type: 'put',
        kind: 'cash_or_nothing',
        payout: 30,
        exercise: 'american',
        knock_in: false,
        pay_at: 'expiry',
      }),
  ],
  ...(['DownIn', 'DownOut', 'UpIn', 'UpOut'] as const).flatMap((barrier_type): [string, number, Price][] => {
    const level = barrier_type.startsWith('Down') ? below : above;
    const terms = (at: Point) => ({ ...at, ...level(at), barrier_type, rebate: 5 });
    return [
      [`barrier ${barrier_type} with rebate`, 1e-10, (at) => priceBarrier(terms(at))],
      [
        `barrier ${barrier_type} looked at now and then`,
        1e-10,
        (at) => priceBarrier({ ...terms(at), monitoring_interval: 0.02 }),
      ],
      [
        `barrier ${barrier_type}, binary`,
        1e-10,
        (at) => priceBarrier({ ...terms(at), kind: 'cash_or_nothing', cash: 30 }),
      ],
    ];
  }),
  ...(['KnockOut', 'KnockIn'] as const).map((barrier_type): [string, number, Price] => [
    `double barrier ${barrier_type} with rebate`,
    1e-10,
    (at) =>
      priceDoubleBarrier({ ...at, barrier_type, barrier_lo: 0.8 * at.S, barrier_hi: 1.25 * at.S, rebate: 5 }),
  ]),
  [
    'american barrier, out',
    5e-3,
    (at) =>
      priceBarrier({
        ...at,
        ...below(at),
        type: 'call',
        barrier_type: 'DownOut',
        exercise: 'american',
        rebate: 0,
      }),
  ],
  [
    'american barrier, in',
    1e-4,
    (at) => priceBarrier({ ...at, ...below(at), barrier_type: 'DownIn', exercise: 'american', rebate: 0 }),
  ],
  ['asian, geometric fixings', 1e-11, asian({ kind: 'geometric_discrete_average_price' }, discrete)],
  ['asian, geometric strike', 1e-11, asian({ kind: 'geometric_continuous_average_strike' }, begun)],
  ['asian, geometric window', 1e-11, asian({ kind: 'geometric_continuous_average_price' })],
  [
    'asian, geometric window that has begun',
    1e-11,
    asian({ kind: 'geometric_continuous_average_price' }, begun),
  ],
  ['asian, exact fixings', 2e-5, asian({ kind: 'arithmetic_average_price' }, discrete)],
  ['asian, exact window', 1e-11, asian({ kind: 'arithmetic_continuous_average_price' })],
  [
    'asian, exact window that has begun',
    1e-11,
    asian({ kind: 'arithmetic_continuous_average_price' }, begun),
  ],
  [
    'asian, exact window to come',
    1e-11,
    asian({ kind: 'arithmetic_continuous_average_price' }, ({ T }) => ({ averaging_start: T / 4 })),
  ],
  ['asian, exact strike', 1e-11, asian({ kind: 'arithmetic_continuous_average_strike' }, begun)],
  ['asian, matched fixings', 1e-11, asian({ kind: 'arithmetic_average_price', method: 'levy' }, discrete)],
  ['asian, matched window', 1e-11, asian({ kind: 'arithmetic_continuous_average_price', method: 'levy' })],
  [
    'asian, matched window that has begun',
    1e-11,
    asian({ kind: 'arithmetic_continuous_average_price', method: 'levy' }, begun),
  ],
];

describe('theta', () => {
  it.each(PRODUCTS)('of %s is what its equation says', (_, within, price) => {
    for (const at of POINTS) {
      const valuation = price(at);
      // Where exercise is best, or the barrier was touched, there is a payoff and no equation.
      if (Math.abs(valuation.gamma ?? NaN) + Math.abs(valuation.theta ?? NaN) < 1e-7) continue;
      const rest = leftOver(at, valuation) / at.K;
      if (!(Math.abs(rest) < within))
        throw new Error(`${rest} is left over at ${JSON.stringify(at)} (seed ${SEED})`);
    }
  });

  it('of an option on a forward is what the equation without carry says', () => {
    for (const { S: F, q: _none, ...at } of POINTS) {
      const forward = { ...at, F };
      expect(leftOver({ ...at, S: F, q: at.r }, priceBlack76(forward)) / at.K).toBeCloseTo(0, 11);
      const coin = { type: at.type, F, K: at.K, T: at.T, sigma: at.sigma };
      expect(leftOver({ ...at, S: F, r: 0, q: 0 }, priceInverse(coin)) / at.K).toBeCloseTo(0, 11);
    }
  });

  it('of a European option with cash dividends moves what is set aside for them', () => {
    for (const at of POINTS) {
      const [t, amount] = [at.T / 2, 3];
      const valuation = priceEuropean({ ...at, dividends: [{ t, amount }] });
      const aside = amount * math.exp(-at.r * t);
      const free = at.S - aside;
      const { value, delta, gamma, theta } = valuation;
      const drift = (at.r - at.q) * free + at.r * aside;
      const rest = theta + 0.5 * (at.sigma * free) ** 2 * gamma + drift * delta - at.r * value;
      expect(Math.abs(rest)).toBeLessThan(1e-9);
    }
  });

  it('under Heston is what the equation in spot and variance says', () => {
    const [kappa, long, volOfVol, rho] = [1.5, 0.09, 0.6, -0.5];
    for (const exercise of ['european', 'american'] as const) {
      for (const { type, S, K, T, sigma, r, q } of POINTS.slice(0, exercise === 'american' ? 1 : 12)) {
        const v0 = sigma * sigma;
        const terms = { type, S, K, T, r, q, kappa, theta: long, sigma: volOfVol, rho, exercise };
        // Slopes in the variance are differences: the American grid reports no cross Greeks.
        const at = memoised(99, (v): Valuation => priceHeston({ ...terms, v0: Number(v) }));
        const slope = (read: (valuation: Valuation, v: number) => number): number =>
          firstDerivative((v) => read(at(String(v)), v), v0, 0.02 * v0);
        const byVariance = slope(({ value: worth }) => worth);
        const bend = slope(({ vega = NaN }, v) => vega / (2 * Math.sqrt(v)));
        const cross = slope(({ delta: d = NaN }) => d);
        const { value, delta = NaN, gamma = NaN, theta = NaN } = at(String(v0));
        const rest =
          theta +
          0.5 * v0 * S * S * gamma +
          rho * volOfVol * v0 * S * cross +
          0.5 * volOfVol ** 2 * v0 * bend +
          (r - q) * S * delta +
          kappa * (long - v0) * byVariance -
          r * value;
        expect(Math.abs(rest) / K).toBeLessThan(exercise === 'american' ? 0.02 : 1e-8);
      }
    }
  });

  it('under Merton is what the equation with jumps says', () => {
    const [intensity, mean, deviation] = [1.2, -0.08, 0.15];
    for (const at of POINTS) {
      const price = (S: number) =>
        priceMerton({ ...at, S, jump_intensity: intensity, mean_jump: mean, jump_vol_delta: deviation });
      const middle = math.log(1 + mean) - 0.5 * deviation * deviation;
      let afterJump = 0;
      for (let i = -160; i <= 160; i += 1) {
        const z = i / 20;
        afterJump += price(at.S * math.exp(middle + deviation * z)).value * math.normPdf(z) * 0.05;
      }
      const here = price(at.S);
      const jumps = intensity * (afterJump - here.value - mean * at.S * here.delta);
      expect(Math.abs(leftOver(at, here) + jumps) / at.K).toBeLessThan(1e-9);
    }
  });
});

describe('time Greeks of a continuous average', () => {
  const AT = { type: 'call' as const, S: 100, K: 100, T: 0.5, sigma: 0.4, r: 0.05, q: 0.02 };
  const NAMES = ['theta', 'charm', 'colour', 'veta'] as const;
  const WINDOWS = [{}, { averaging_start: 0.1 }, { elapsed: 0.25, past_average: 97 }];
  const KINDS = [
    ['geometric_continuous_average_price', 'vecer'],
    ['geometric_continuous_average_strike', 'vecer'],
    ['arithmetic_continuous_average_price', 'vecer'],
    ['arithmetic_continuous_average_strike', 'vecer'],
    ['arithmetic_continuous_average_price', 'levy'],
    ['arithmetic_continuous_average_strike', 'levy'],
  ] as const;
  const each = KINDS.flatMap(([kind, method]) =>
    WINDOWS.map((window) => ({ ...AT, kind, method, ...window })),
  );

  const quick = each.filter(({ kind, method }) => method === 'levy' || kind.startsWith('geometric'));
  const slow = { ...AT, kind: 'arithmetic_continuous_average_price' as const, method: 'vecer' as const };

  it.each(each)('are the same in dollars and in cents: $kind by $method', (terms) => {
    const dollars = priceAsian(terms);
    const past = 'past_average' in terms ? { past_average: 9700 } : {};
    const cents = priceAsian({ ...terms, S: 10_000, K: 10_000, ...past });
    expect(cents.theta / 100).toBeCloseTo(dollars.theta, 9);
    expect(cents.charm).toBeCloseTo(dollars.charm, 9);
    expect(cents.colour * 100).toBeCloseTo(dollars.colour, 9);
    expect(cents.veta / 100).toBeCloseTo(dollars.veta, 9);
  });

  it.each(KINDS)('of a window that has just begun are those of one about to: %s by %s', (kind, method) => {
    const before = priceAsian({ ...AT, kind, method, averaging_start: 1e-9 });
    const now = priceAsian({ ...AT, kind, method });
    const after = priceAsian({ ...AT, kind, method, elapsed: 1e-9, past_average: 100 });
    for (const name of NAMES) {
      expect(Math.abs(now[name] - before[name])).toBeLessThan(1e-6 + 1e-3 * Math.abs(before[name]));
      expect(Math.abs(after[name] - now[name])).toBeLessThan(1e-6 + 1e-4 * Math.abs(now[name]));
    }
  });

  it.each(quick)('are the limit of ever more fixings: $kind by $method', (terms) => {
    const {
      averaging_start: start = 0,
      elapsed = 0,
      past_average: past,
      ...rest
    } = {
      averaging_start: undefined,
      elapsed: undefined,
      past_average: undefined,
      ...terms,
    };
    const count = 1000;
    const every = (AT.T - start) / count;
    const fixing_times = Array.from({ length: count }, (_, i) => start + (i + 0.5) * every);
    const kind = terms.kind.startsWith('geometric')
      ? terms.kind.replace('continuous', 'discrete')
      : terms.kind.replace('continuous_', '');
    const made = Math.round(elapsed / every);
    const fixings = priceAsian({
      ...rest,
      kind,
      fixing_times,
      past_fixings: made,
      ...(made > 0 ? { past_average: past } : {}),
    });
    const window = priceAsian(terms);
    for (const name of NAMES) {
      expect(Math.abs(window[name] - fixings[name])).toBeLessThan(1e-6 + 2e-6 * Math.abs(window[name]));
    }
  });

  it('exact averages have the limit of exact fixings', () => {
    const kind = 'arithmetic_average_price';
    const theta = (count: number): number =>
      priceAsian({
        ...AT,
        kind,
        fixing_times: Array.from({ length: count }, (_, i) => ((i + 0.5) * AT.T) / count),
      }).theta;
    const window = priceAsian({ ...AT, kind: 'arithmetic_continuous_average_price' }).theta;
    expect(Math.abs(window - theta(50))).toBeLessThan(5e-3);
  });

  it.each(['geometric', 'arithmetic'])(
    'are what a %s average is worth a moment later, the spot having stayed',
    (mean) => {
      const kind = `${mean}_continuous_average_price`;
      const worth = (h: number, S: number): number => {
        const [before, elapsed] = [97, 0.25];
        const passed = elapsed + h;
        const past_average =
          mean === 'geometric'
            ? math.exp((elapsed * math.log(before) + h * math.log(S)) / passed)
            : (elapsed * before + h * S) / passed;
        return priceAsian({ ...AT, S, kind, T: AT.T - h, elapsed: passed, past_average }).value;
      };
      const { theta, charm } = priceAsian({ ...AT, kind, elapsed: 0.25, past_average: 97 });
      const later = (S: number): number => firstDerivative((h) => worth(h, S), 0, 0.01);
      expect(Math.abs(later(100) - theta)).toBeLessThan(mean === 'geometric' ? 1e-8 : 2e-3);
      expect(Math.abs((later(101) - later(99)) / 2 - charm)).toBeLessThan(1e-3);
    },
  );

  it.each([...quick, slow])(
    'charm and colour are the slopes of theta in the spot: $kind by $method',
    (terms) => {
      const at = (S: number) => priceAsian({ ...terms, S });
      const { charm, colour } = at(100);
      const exact = terms === slow ? 1e-4 : 1e-8;
      expect(Math.abs(firstDerivative((S) => at(S).theta, 100, 1) - charm)).toBeLessThan(exact);
      expect(Math.abs(firstDerivative((S) => at(S).charm, 100, 1) - colour)).toBeLessThan(exact);
    },
  );

  it('of the settlement half an hour of a desk: in its own currency, about what its gamma costs', () => {
    const minute = 1 / 525_600;
    const at = { type: 'call' as const, S: 50_000, K: 50_100, T: 15 * minute, sigma: 0.6, r: 0, q: 0 };
    const window = { elapsed: 15 * minute, past_average: 50_000 };
    for (const method of ['vecer', 'levy']) {
      const average = priceAsian({ ...at, ...window, kind: 'arithmetic_continuous_average_price', method });
      expect(average.theta).toBeCloseTo(-0.5 * (0.6 * 50_000) ** 2 * average.gamma, 3);
    }
  });
});
