import { runImpliedVolatilityFile } from './implied-volatility-file';
import { runPricingFile } from './pricing-file';
import type { CaseResult } from './case-file';

const put = { type: 'put', S: 100, K: 110, T: 1, sigma: 0.2 };
const dividends = [{ t: 0.5, amount: 20 }];

const priced = (model: string, inputs: object, more: object = {}): CaseResult =>
  runPricingFile({ cases: [{ id: 'x', model, inputs, ...more }] }).results[0] as CaseResult; // one case
const implied = (model: string, inputs: object): CaseResult =>
  runImpliedVolatilityFile({ cases: [{ id: 'x', model, inputs }] }).results[0] as CaseResult; // one case
const refusal = ({ error }: CaseResult): string => `${error?.input ?? ''}: ${error?.message ?? 'no error'}`;

describe('inputs of a case are used or refused', () => {
  it('reads rate as r, and the cost of carry as r - q, under every model that has them', () => {
    expect(priced('european', { ...put, rate: 0.08, q: 0 })['value']).toBeCloseTo(8.8218418, 7);
    expect(priced('european', { ...put, r: 0.08, b: 0 })['value']).toBeCloseTo(13.1931887, 6);
    for (const model of ['american', 'european']) {
      const byLetters = priced(model, { ...put, r: 0.08, q: 0.08 });
      expect(priced(model, { ...put, rate: 0.08, dividendYield: 0.08 })).toEqual(byLetters);
      expect(priced(model, { ...put, r: 0.08, carry: 0 })).toEqual(byLetters);
    }
    const words = { type: 'put', forward: 100, strike: 110, timeToExpiry: 1, volatility: 0.2, rate: 0.08 };
    expect(priced('black76', words)).toEqual(
      priced('black76', { type: 'put', F: 100, K: 110, T: 1, sigma: 0.2, r: 0.08 }),
    );
    const price = 8.8218418;
    expect(implied('european', { ...put, sigma: undefined, rate: 0.08, price })['value']).toBeCloseTo(0.2, 8);
    expect(implied('european', { type: 'put', S: 100, K: 110, T: 1, r: 0.08, b: 0, price })['value']).toBe(
      implied('european', { type: 'put', S: 100, K: 110, T: 1, r: 0.08, q: 0.08, price })['value'],
    );
  });

  const variance = { v0: 0.04, kappa: 1, theta: 0.04, sigma: 0.3, rho: -0.5 };
  const quotes = { type: 'put', S: 100, K: 110, T: 1, vol25Put: 0.22, volAtm: 0.2, vol25Call: 0.19 };
  const corridor = { ...put, barrier_type: 'KnockOut', barrier_lo: 80, barrier_hi: 130 };
  it.each([
    ['double-barrier', corridor, 'barrier'],
    ['vanna-volga', quotes, 'sigma'],
    ['vanna-volga', { ...quotes, barrier_type: 'UpOut', barrier: 130 }, 'monitoring_count'],
    ['heston-asian', { ...put, ...variance, kind: 'geometric_continuous_average_price' }, 'n_fixings'],
    ['rough-heston', { ...put, ...variance, hurst: 0.1 }, 'exercise'],
  ])('prices %s and refuses an input that is not its own', (model, inputs, foreign) => {
    expect(priced(model, inputs)).toMatchObject({ value: expect.any(Number) as number });
    expect(priced(model, inputs).error).toBeUndefined();
    expect(refusal(priced(model, { ...inputs, [foreign]: 1 }))).toMatch(
      new RegExp(`^${foreign}: .*not used`),
    );
  });

  it.each([
    ['barrier', { ...put, r: 0.08, barrier_type: 'DownOut', barrier: 70, dividends }],
    ['heston', { ...put, r: 0.08, v0: 0.04, kappa: 1, theta: 0.04, rho: -0.5, dividends }],
    ['digital', { ...put, r: 0.08, kind: 'cash_or_nothing', dividends }],
    ['asian', { ...put, r: 0.08, kind: 'arithmetic_continuous_average_price', dividends }],
    ['merton', { ...put, r: 0.08, jump_intensity: 1, jump_vol_delta: 0.1, dividends }],
    ['black76', { type: 'put', F: 100, K: 110, T: 1, sigma: 0.2, dividends }],
  ])('refuses dividends that %s does not know', (model, inputs) => {
    expect(refusal(priced(model, inputs))).toMatch(/^dividends: dividends is not used/);
  });

  it.each<[string, string, object, RegExp]>([
    [
      'a barrier of a vanilla option',
      'european',
      { ...put, barrier: 70 },
      /^barrier: .*not used by european/,
    ],
    ['a name nobody knows', 'european', { ...put, sigmaa: 0.3 }, /^sigmaa: .*did you mean sigma/],
    ['a rate misspelt', 'european', { ...put, rat: 0.08 }, /^rat: .*did you mean rate/],
    ['one input said twice', 'european', { ...put, r: 0.08, rate: 0.05 }, /^rate: .*r and rate/],
    ['a carry that contradicts', 'american', { ...put, r: 0.08, q: 0, b: 0.01 }, /^b: .*0\.08/],
    [
      'a deviation that contradicts',
      'black76',
      { type: 'put', F: 100, K: 110, T: 1, sigma: 0.2, stdDev: 0.3 },
      /^stdDev/,
    ],
    [
      'a discount that contradicts',
      'black76',
      { type: 'put', F: 100, K: 110, T: 1, sigma: 0.2, discount: 0.9, r: 0.5 },
      /^discount/,
    ],
    [
      'two ways to look at a barrier',
      'barrier',
      { ...put, barrier_type: 'DownOut', barrier: 70, monitoring_count: 5, monitoring_interval: 0.1 },
      /^monitoring_interval/,
    ],
    [
      'a payment of a vanilla barrier',
      'barrier',
      { ...put, barrier_type: 'DownOut', barrier: 70, cash: 5 },
      /^cash/,
    ],
    [
      'two payments',
      'barrier',
      { ...put, barrier_type: 'DownOut', barrier: 70, kind: 'cash_or_nothing', cash: 5, payout: 6 },
      /^payout/,
    ],
    [
      'when a European digital pays',
      'digital',
      { ...put, kind: 'cash_or_nothing', pay_at: 'hit' },
      /^pay_at/,
    ],
    [
      'fixings of a continuous average',
      'asian',
      { ...put, kind: 'geometric_continuous_average_price', n_fixings: 4 },
      /^n_fixings/,
    ],
    ['a strike of an average strike', 'asian', { ...put, kind: 'geometric_continuous_average_strike' }, /^K/],
    ['a European exercise of an American option', 'american', { ...put, exercise: 'european' }, /^exercise/],
    ['a method of a model without any', 'european', { ...put, method: 'baw' }, /^method/],
    ['dividends and how, without any', 'american', { ...put, dividend_model: 'spot' }, /^dividend_model/],
    [
      'a total volatility that contradicts',
      'merton',
      {
        ...put,
        sigma: undefined,
        total_sigma: 0.5,
        diffusion_vol: 0.2,
        jump_intensity: 1,
        jump_vol_delta: 0.1,
      },
      /^total_sigma/,
    ],
    [
      'a rate of a bare volatility',
      'sabr',
      { F: 1, K: 1, T: 1, alpha: 0.2, beta: 1, nu: 0.3, rho: 0, r: 0.05 },
      /^r: /,
    ],
    [
      'a nested name',
      'american',
      { ...put, dividends: [{ t: 0.5, amount: 1, currency: 'EUR' }] },
      /^dividends\[0\]\.currency/,
    ],
    [
      'a side of a quote misspelt',
      'variance-swap',
      {
        T: 0.1,
        quotes: [
          { K: 90, put_bid: 1, put_ask: 2, call_bid: 11, callask: 12 },
          { K: 100, put_bid: 4, put_ask: 5, call_bid: 4, call_ask: 5 },
          { K: 110, put_bid: 11, put_ask: 12, call_bid: 1, call_ask: 2 },
        ],
      },
      /^quotes\[0\]\.call/,
    ],
    [
      'a spot of a strip of quotes',
      'variance-swap',
      { S: 100, T: 0.1, near: {}, next: {} },
      /^T|^quotes|^near/,
    ],
  ])('refuses %s', (_, model, inputs, message) => {
    expect(refusal(priced(model, inputs))).toMatch(message);
  });

  it('names the model that was perhaps meant', () => {
    expect(refusal(priced('europaean', put))).toMatch(/^model: .*did you mean european\?/);
  });

  it('takes a note, and what says nothing', () => {
    expect(
      priced('european', { ...put, note: 'of the 5th', dividends: undefined, engine: null }).error,
    ).toBeUndefined();
  });

  it('names what was perhaps meant by an input that is missing', () => {
    expect(refusal(priced('european', { ...put, S: undefined, spott: 100 }))).toMatch(
      /^S: S is missing: .*spott/,
    );
  });

  it.each<[string, object, RegExp]>([
    ['the model misspelt', { modle: 'european', cases: [] }, /modle.*did you mean model/],
    ['an input beside the cases', { model: 'european', rate: 0.05, cases: [{ inputs: put }] }, /rate/],
    ['a method that no case uses', { model: 'european', method: 'baw', cases: [{ inputs: put }] }, /method/],
    [
      'a count that is not that of the cases',
      { model: 'european', n_cases: 2, cases: [{ inputs: put }] },
      /n_cases/,
    ],
  ])('refuses %s in the file', (_, file, message) => {
    expect(() => runPricingFile(file)).toThrow(message);
  });

  it('refuses an input that stands beside the inputs, and a misspelt part of a case', () => {
    expect(refusal(priced('european', put, { rate: 0.08 }))).toMatch(/^rate/);
    expect(refusal(priced('european', put, { metod: 'baw' }))).toMatch(/^metod.*did you mean method/);
  });

  it.each<[string, object, RegExp]>([
    ['a volatility where one is asked for', { ...put, price: 13 }, /^sigma/],
    ['dividends', { ...put, sigma: undefined, price: 13, dividends }, /^dividends/],
    [
      'an undiscounted price beside a rate',
      { type: 'put', F: 100, K: 110, T: 1, rate: 0.08, undiscountedPrice: 12 },
      /^undiscountedPrice/,
    ],
    ['two prices', { ...put, sigma: undefined, price: 13, value: 14 }, /^value: .*price and value/],
    ['a name nobody knows', { ...put, sigma: undefined, price: 13, dividned: 1 }, /^dividned/],
  ])('refuses, of an implied volatility, %s', (_, inputs, message) => {
    expect(refusal(implied('F' in inputs ? 'black76' : 'european', inputs))).toMatch(message);
    if (!('F' in inputs) && !('dividends' in inputs))
      expect(refusal(implied('american', inputs))).toMatch(message);
  });
});
