import fc from 'fast-check';
import { PricingError } from '../errors';
import { impliedVolatility } from './implied-volatility';
import { priceBlack76 } from './black76';
import { priceEuropean } from './european';
import { priceInverse } from './inverse';
import { priceAmerican } from '../exotic/american';

const runs = { seed: 20_260_104, numRuns: process.env['EK_SOAK'] === '1' ? 50_000 : 1_500 };
const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const type = fc.constantFrom('call' as const, 'put' as const);
/** Anything valid: from microseconds to centuries, no volatility to thousands of percent, any strike that a double holds. */
const anything = fc.record({
  type,
  S: between(-59, 59).map((e) => 10 ** e),
  K: between(-59, 59).map((e) => 10 ** e),
  T: fc.oneof(
    fc.constantFrom(0, -1, 1e-12, 1e4),
    between(0, 5),
    between(-12, 3).map((e) => 10 ** e),
  ),
  sigma: fc.oneof(
    fc.constantFrom(0, 1e-12, 1e3),
    between(0, 3),
    between(-70, 3).map((e) => 10 ** e),
  ),
  r: fc.oneof(fc.constant(0), between(-0.05, 0.05)),
  q: fc.oneof(fc.constant(0), between(-0.05, 0.05)),
});
const near = fc.record({
  type,
  S: between(1, 1000),
  moneyness: between(0.2, 5),
  T: between(0.0001, 5),
  sigma: between(0.01, 3),
  r: between(-0.05, 0.15),
  q: between(-0.05, 0.15),
});

describe('limits', () => {
  it('every valid input gives finite numbers: no NaN, no infinity, no negative zero, no negative value, a delta that a delta can be', () => {
    fc.assert(
      fc.property(anything, (inputs) => {
        fc.pre((Math.abs(inputs.r) + Math.abs(inputs.r - inputs.q)) * Math.max(inputs.T, 0) <= 600);
        const valuation = priceEuropean(inputs);
        const odd = Object.entries(valuation).filter(
          ([, amount]) => !Number.isFinite(amount) || Object.is(amount, -0),
        );
        expect(odd).toEqual([]);
        expect(valuation.value).toBeGreaterThanOrEqual(0);
        expect(valuation.gamma).toBeGreaterThanOrEqual(0);
        expect(valuation.vega).toBeGreaterThanOrEqual(0);
        const sign = inputs.type === 'call' ? 1 : -1;
        expect(sign * valuation.delta).toBeGreaterThanOrEqual(0);
      }),
      { ...runs, numRuns: runs.numRuns * 2 },
    );
  });

  it.each([0, -0.01])('at T = %d pay the intrinsic value, with its delta and nothing else', (T) => {
    const call = priceEuropean({ type: 'call', S: 105, K: 100, T, sigma: 0.4, r: 0.05, q: 0.01 });
    expect(call).toMatchObject({
      value: 5,
      delta: 1,
      gamma: 0,
      vega: 0,
      theta: 0,
      rho: 0,
      charm: 0,
      dualDelta: -1,
    });
    const worthless = priceEuropean({
      type: 'put',
      S: 105,
      K: 100,
      T,
      sigma: 0.4,
      r: 0.05,
      q: 0.01,
    });
    expect(worthless).toMatchObject({ value: 0, delta: 0, gamma: 0, vega: 0, theta: 0 });
    const pinned = priceEuropean({ type: 'put', S: 100, K: 100, T, sigma: 0.4 });
    expect(pinned).toMatchObject({ value: 0, delta: -0.5, gamma: 0, theta: 0 });
    expect(priceInverse({ type: 'put', F: 80, K: 100, T, sigma: 1 })).toMatchObject({
      value: 20,
      valueCoin: 0.25,
      delta: -1,
      netTransactionDelta: -1.25,
    });
  });

  it('without volatility are worth the discounted forward payoff', () => {
    const inputs = { type: 'call', S: 100, K: 90, T: 2, sigma: 0, r: 0.05, q: 0.02 } as const;
    const { value, delta, gamma, vega, rho } = priceEuropean(inputs);
    expect(value).toBeCloseTo(100 * Math.exp(-0.04) - 90 * Math.exp(-0.1), 12);
    expect(delta).toBeCloseTo(Math.exp(-0.04), 14);
    expect(rho).toBeCloseTo(2 * 90 * Math.exp(-0.1), 11);
    expect([gamma, vega]).toEqual([0, 0]);
    const atTheForward = priceBlack76({ type: 'call', F: 100, K: 100, T: 1, sigma: 0 });
    expect(atTheForward.vega).toBeCloseTo(39.89422804014327, 12);
  });

  it('approach their limits smoothly: a value a moment before expiry is the payoff', () => {
    for (const T of [1e-6, 1e-9, 1e-12, 1e-15]) {
      const { value, delta } = priceEuropean({ type: 'call', S: 105, K: 100, T, sigma: 0.4 });
      expect([value, delta]).toEqual([5, 1]);
      const pinned = priceEuropean({ type: 'call', S: 100, K: 100, T, sigma: 0.4 });
      expect(Math.abs(pinned.value / (100 * 0.4 * Math.sqrt(T) * 0.3989422804014327) - 1)).toBeLessThan(1e-7);
    }
  });

  it('keep parity, homogeneity, monotonicity and convexity', () => {
    fc.assert(
      fc.property(near, between(0.01, 100), ({ moneyness, ...rest }, scale) => {
        const at = { ...rest, K: rest.S * moneyness };
        const { S, K, T, r, q } = at;
        const price = (change: Partial<typeof at>): number => priceEuropean({ ...at, ...change }).value;
        const size = S * Math.exp(-q * T) + K * Math.exp(-r * T);
        const parity = price({ type: 'call' }) - price({ type: 'put' });
        expect(Math.abs(parity - (S * Math.exp(-q * T) - K * Math.exp(-r * T)))).toBeLessThanOrEqual(
          2e-15 * size,
        );
        expect(Math.abs(price({ S: S * scale, K: K * scale }) - scale * price({}))).toBeLessThanOrEqual(
          4e-15 * scale * size,
        );
        const up = at.type === 'call' ? 1 : -1;
        expect(up * (price({ S: S * 1.01 }) - price({}))).toBeGreaterThanOrEqual(-1e-15 * size);
        expect(up * (price({ K: K * 1.01 }) - price({}))).toBeLessThanOrEqual(1e-15 * size);
        expect(price({ sigma: at.sigma * 1.01 })).toBeGreaterThanOrEqual(price({}) - 1e-15 * size);
        const butterfly = price({ K: K * 0.98 }) - 2 * price({}) + price({ K: K * 1.02 });
        expect(butterfly).toBeGreaterThanOrEqual(-4e-15 * size);
        expect(price({})).toBeGreaterThanOrEqual(
          up * (S * Math.exp(-q * T) - K * Math.exp(-r * T)) - 2e-15 * size,
        );
        expect(price({})).toBeLessThanOrEqual(
          (up > 0 ? S * Math.exp(-q * T) : K * Math.exp(-r * T)) * (1 + 1e-15),
        );
      }),
      runs,
    );
  });
});

describe('refusals name the input', () => {
  const base = { type: 'call', S: 100, K: 100, T: 1, sigma: 0.2 } as const;
  it.each([
    ['S', -1],
    ['S', 0],
    ['S', Number.NaN],
    ['K', 0],
    ['K', Number.POSITIVE_INFINITY],
    ['T', Number.NaN],
    ['sigma', -0.1],
    ['r', Number.POSITIVE_INFINITY],
    ['r', 700],
    ['type', 'straddle'],
  ])('%s = %p', (name, value) => {
    // Deliberately outside the declared types: files can hold anything.
    const inputs = { ...base, [name]: value } as unknown as typeof base;
    expect(() => priceEuropean(inputs)).toThrow(PricingError);
    expect(() => priceEuropean(inputs)).toThrow(
      expect.objectContaining({ code: 'PRICING.INVALID_INPUT', path: name }),
    );
  });

  it('or that one is missing, or that there is no such model', () => {
    const { S, ...without } = base;
    void S;
    expect(() => priceEuropean(without as typeof base)).toThrow(
      expect.objectContaining({ code: 'PRICING.MISSING_INPUT', path: 'S' }),
    );
    expect(() => impliedVolatility('bachelier' as 'european', { ...base, price: 1 })).toThrow(
      expect.objectContaining({ code: 'PRICING.UNKNOWN_MODEL', path: 'model' }),
    );
    expect(() => priceInverse({ type: 'call', F: 1, K: 1, T: 1, sigma: 1, r: 0.01 })).toThrow(
      expect.objectContaining({ path: 'r' }),
    );
  });
});

describe('implied volatility', () => {
  it('gives the volatility back to 1e-12, or to what the price knows of it', () => {
    let sharp = 0;
    fc.assert(
      fc.property(near, ({ moneyness, ...rest }) => {
        const at = { ...rest, K: rest.S * moneyness };
        const { value, vega } = priceEuropean(at);
        const { sigma, ...terms } = at;
        const bound = at.type === 'call' ? at.S * Math.exp(-at.q * at.T) : at.K * Math.exp(-at.r * at.T);
        const intrinsic = Math.max(
          0,
          (at.type === 'call' ? 1 : -1) * (at.S * Math.exp(-at.q * at.T) - at.K * Math.exp(-at.r * at.T)),
        );
        // A rounding of the price, of its intrinsic part or of its distance to the bound, as volatility.
        const rounding = (4e-16 * (value + intrinsic * 2)) / vega;
        fc.pre(value > 1e-280 && bound - value > 1e-10 * bound && rounding < 1e-4 * sigma);
        if (rounding < 1e-13 * sigma) sharp += 1;
        const implied = impliedVolatility('european', { ...terms, price: value });
        expect(Math.abs(implied - sigma)).toBeLessThanOrEqual(1e-12 * sigma + rounding);
      }),
      runs,
    );
    expect(sharp).toBeGreaterThan(runs.numRuns / 2);
  });

  it('of an American option gives its price back', () => {
    const at = { type: 'put', S: 95, K: 100, T: 0.5, r: 0.05, q: 0.01 } as const;
    for (const sigma of [0.12, 0.3, 0.8]) {
      const { value } = priceAmerican({ ...at, sigma });
      expect(impliedVolatility('american', { ...at, price: value })).toBeCloseTo(sigma, 9);
    }
  });

  it('is 0 at the intrinsic value, and refuses what no volatility explains', () => {
    const at = { type: 'call', F: 110, K: 100, T: 0.5 } as const;
    expect(impliedVolatility('black76', { ...at, price: 10 })).toBe(0);
    expect(() => impliedVolatility('black76', { ...at, price: 9.99 })).toThrow(
      expect.objectContaining({ code: 'PRICING.BELOW_INTRINSIC', path: 'price' }),
    );
    expect(() => impliedVolatility('black76', { ...at, price: 110 })).toThrow(
      expect.objectContaining({ code: 'PRICING.ABOVE_BOUND', path: 'price' }),
    );
    expect(() => impliedVolatility('black76', { ...at, price: -1 })).toThrow(
      expect.objectContaining({ code: 'PRICING.INVALID_INPUT', path: 'price' }),
    );
    expect(() => impliedVolatility('black76', { ...at, T: 0, price: 12 })).toThrow(
      expect.objectContaining({ code: 'PRICING.INVALID_INPUT', path: 'T' }),
    );
    expect(() => impliedVolatility('inverse', { ...at, F: 0, price: 0.1 })).toThrow(
      expect.objectContaining({ path: 'F' }),
    );
    expect(impliedVolatility('inverse', { ...at, price: 0.12 })).toBeCloseTo(
      impliedVolatility('black76', { ...at, price: 13.2 }),
      13,
    );
  });
});
