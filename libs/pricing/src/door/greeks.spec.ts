import fc from 'fast-check';
import { derivative } from '../../test/finite-difference';
import { priceBlack76 } from './black76';
import { priceEuropean } from './european';
import { priceInverse } from './inverse';
import type { FullValuation, InverseValuation } from './valuation';

interface Terms {
  readonly type: 'call' | 'put';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly sigma: number;
  readonly r: number;
  readonly q: number;
}
type Input = 'S' | 'K' | 'T' | 'sigma' | 'r' | 'q';

const seed = 20_260_103;
const runs = { seed, numRuns: process.env['EK_SOAK'] === '1' ? 20_000 : 250 };

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const type = fc.constantFrom('call' as const, 'put' as const);
/** Strikes within three standard deviations or so: beyond, differences see rounding only. */
const terms: fc.Arbitrary<Terms> = fc
  .record({
    type,
    S: between(5, 500),
    moneyness: between(-2.5, 2.5),
    T: between(0.03, 3),
    sigma: between(0.1, 1.2),
    r: between(-0.03, 0.12),
    q: between(-0.03, 0.12),
  })
  .map(({ moneyness, ...rest }) => ({
    ...rest,
    K: rest.S * Math.exp(moneyness * rest.sigma * Math.sqrt(rest.T)),
  }));

/** ∂(field)/∂(input) by finite differences, the step a fraction of the scale on which the value bends. */
function bump(at: Terms, field: keyof FullValuation, input: Input): number {
  const price = (x: number): number => priceEuropean({ ...at, [input]: x })[field];
  const deviation = at.sigma * Math.sqrt(at.T);
  const scale: Record<Input, number> = {
    S: at.S * Math.min(deviation, 0.5),
    K: at.K * Math.min(deviation, 0.5),
    T: at.T,
    sigma: at.sigma,
    r: Math.min(1, deviation / at.T),
    q: Math.min(1, deviation / at.T),
  };
  return derivative(price, at[input], 0.02 * scale[input]);
}

/** What each Greek is the derivative of, by which input, with which sign; and a scale that its error is measured against. */
const DEFINITIONS: readonly (readonly [keyof FullValuation, keyof FullValuation, Input, 1 | -1])[] = [
  ['delta', 'value', 'S', 1],
  ['gamma', 'delta', 'S', 1],
  ['vega', 'value', 'sigma', 1],
  ['theta', 'value', 'T', -1],
  ['rho', 'value', 'r', 1],
  ['dividendRho', 'value', 'q', 1],
  ['vanna', 'delta', 'sigma', 1],
  ['volga', 'vega', 'sigma', 1],
  ['charm', 'delta', 'T', -1],
  ['speed', 'gamma', 'S', 1],
  ['zomma', 'gamma', 'sigma', 1],
  ['colour', 'gamma', 'T', -1],
  ['veta', 'vega', 'T', -1],
  ['ultima', 'volga', 'sigma', 1],
  ['dualDelta', 'value', 'K', 1],
  ['dualGamma', 'dualDelta', 'K', 1],
];

describe('Greeks of the closed forms', () => {
  it.each(DEFINITIONS)('%s is the derivative of %s by %s', (greek, of, input, sign) => {
    fc.assert(
      fc.property(terms, (at) => {
        const deviation = at.sigma * Math.sqrt(at.T);
        const valuation = priceEuropean(at);
        // One bump of the input by its own scale changes the field by about the size of its smooth envelope.
        const atTheMoney = priceEuropean({ ...at, K: at.S });
        const envelope: Partial<Record<keyof FullValuation, number>> = {
          value: at.S * Math.min(1, deviation),
          delta: 1,
          vega: atTheMoney.vega,
          gamma: atTheMoney.gamma,
          volga: atTheMoney.vega / at.sigma,
          dualDelta: 1,
        };
        const width = { S: at.S * deviation, K: at.K * deviation, T: at.T, sigma: at.sigma, r: 1, q: 1 }[
          input
        ];
        const scale = Math.abs(valuation[greek]) + (envelope[of] ?? 1) / width;
        expect(Math.abs(sign * bump(at, of, input) - valuation[greek])).toBeLessThanOrEqual(2e-9 * scale);
      }),
      runs,
    );
  });

  it('satisfy the pricing equation: theta + ½σ²S²Γ + (r-q)SΔ - rV = 0', () => {
    fc.assert(
      fc.property(terms, (at) => {
        const { value, delta, gamma, theta } = priceEuropean(at);
        const diffusion = 0.5 * at.sigma ** 2 * at.S ** 2 * gamma;
        const carried = (at.r - at.q) * at.S * delta;
        const size = Math.abs(theta) + diffusion + Math.abs(carried) + Math.abs(at.r * value);
        expect(Math.abs(theta + diffusion + carried - at.r * value)).toBeLessThanOrEqual(
          1e-14 * size + 1e-15 * at.S,
        );
      }),
      runs,
    );
  });

  it('on a forward hold the forward: rho is -T·value and the rest are discounted', () => {
    fc.assert(
      fc.property(terms, ({ type: kind, S: F, K, T, sigma, r }) => {
        const valuation = priceBlack76({ type: kind, F, K, T, sigma, r });
        const price = (rate: number): number => priceBlack76({ type: kind, F, K, T, sigma, r: rate }).value;
        expect(Math.abs(derivative(price, r, 0.02) - valuation.rho)).toBeLessThanOrEqual(
          1e-9 * (Math.abs(valuation.rho) + 1e-3 * F),
        );
        const slope = derivative(
          (f) => priceBlack76({ type: kind, F: f, K, T, sigma, r }).value,
          F,
          0.02 * F * sigma * Math.sqrt(T),
        );
        expect(Math.abs(slope - valuation.delta)).toBeLessThanOrEqual(1e-9);
      }),
      runs,
    );
  });

  it('with cash dividends are those of the whole formula', () => {
    const dividends = [
      { t: 0.2, amount: 1.5 },
      { t: 0.7, amount: 2 },
    ];
    const base = { type: 'call', S: 100, K: 95, T: 1, sigma: 0.3, r: 0.06, q: 0.01, dividends } as const;
    const { delta, rho, theta, vega, charm, veta, colour } = priceEuropean(base);
    // A day later every dividend is a day nearer.
    const later = (days: number): FullValuation =>
      priceEuropean({
        ...base,
        T: base.T - days / 365,
        dividends: dividends.map(({ t, amount }) => ({ t: t - days / 365, amount })),
      });
    const over = (field: keyof FullValuation): number => derivative((days) => later(days)[field], 0, 2) * 365;
    expect(derivative((S) => priceEuropean({ ...base, S }).value, 100, 0.5)).toBeCloseTo(delta, 10);
    expect(derivative((r) => priceEuropean({ ...base, r }).value, 0.06, 0.01)).toBeCloseTo(rho, 8);
    expect(derivative((sigma) => priceEuropean({ ...base, sigma }).value, 0.3, 0.01)).toBeCloseTo(vega, 8);
    expect(over('value')).toBeCloseTo(theta, 7);
    expect(over('delta')).toBeCloseTo(charm, 8);
    expect(over('vega')).toBeCloseTo(veta, 6);
    expect(over('gamma')).toBeCloseTo(colour, 8);
  });
});

describe('Greeks of a coin-settled option in coin', () => {
  const DEFINED: readonly (readonly [
    keyof InverseValuation,
    keyof InverseValuation,
    'F' | 'sigma' | 'T',
    1 | -1,
  ])[] = [
    ['deltaCoin', 'valueCoin', 'F', 1],
    ['gammaCoin', 'deltaCoin', 'F', 1],
    ['vegaCoin', 'valueCoin', 'sigma', 1],
    ['thetaCoin', 'valueCoin', 'T', -1],
    ['vannaCoin', 'deltaCoin', 'sigma', 1],
    ['volgaCoin', 'vegaCoin', 'sigma', 1],
  ];
  it.each(DEFINED)('%s is the derivative of %s by %s', (greek, of, input, sign) => {
    fc.assert(
      fc.property(terms, ({ type: kind, S: F, K, T, sigma }) => {
        const at = { F, T, sigma };
        const valuation = priceInverse({ type: kind, K, ...at });
        const deviation = sigma * Math.sqrt(T);
        const step = 0.02 * { F: F * Math.min(deviation, 0.5), T, sigma }[input];
        const slope = derivative(
          (x) => priceInverse({ type: kind, K, ...at, [input]: x })[of],
          at[input],
          step,
        );
        const scale =
          Math.abs(valuation[greek]) +
          (Math.abs(valuation[of]) + (of === 'deltaCoin' ? 1 / F : 1) * (1 + K / F)) / (step * 50);
        expect(Math.abs(sign * slope - valuation[greek])).toBeLessThanOrEqual(2e-9 * scale);
      }),
      runs,
    );
  });

  it('are those of the quote-currency value over F', () => {
    fc.assert(
      fc.property(terms, ({ type: kind, S: F, K, T, sigma }) => {
        const v = priceInverse({ type: kind, F, K, T, sigma });
        const close = (got: number, want: number, size: number): void =>
          expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-13 * size);
        const size = 1 + K / F;
        close(v.valueCoin, v.value / F, size);
        close(v.netTransactionDelta, v.delta - v.value / F, size);
        close(v.deltaCoin * F, v.netTransactionDelta, size);
        close(v.gammaCoin * F * F, v.gamma * F - 2 * v.delta + (2 * v.value) / F, 4 * size + v.gamma * F);
        close(v.vegaCoin * F, v.vega, v.vega + 1);
        close(v.rhoCoin * F, v.rho, Math.abs(v.rho) + 1);
      }),
      runs,
    );
  });
});
