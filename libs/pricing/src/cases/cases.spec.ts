import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { createRandom } from '@evenkeel/kernel';
import { priceBlack76 } from '../door/black76';
import { priceAmerican } from '../exotic/american';
import { kernelHash } from '../kernel-instance';
import { math } from '../math';
import { nearTerm, nextTerm } from '../../test/cboe-vix-example';
import { runImpliedVolatilityFile } from './implied-volatility-file';
import { caseModels, runPricingFile } from './pricing-file';
import { runRealisedFile as realisedOf } from './realised-file';
import { runSurfaceFit as fitOf } from './surface-fit-file';
import { plainTable } from '../../test/plain-table';

const runRealisedFile = (input: unknown) => realisedOf(input, plainTable);
const runSurfaceFit = (input: unknown) => fitOf(input, plainTable);

const european = { type: 'call', S: 100, K: 100, T: 1, r: 0.05, q: 0, sigma: 0.2 };

describe('a pricing file', () => {
  it('gives every case its value and Greeks under the kernel that priced it', () => {
    const { kernelHash: hash, results } = runPricingFile({
      model: 'european',
      cases: [{ id: 'a', inputs: european }],
    });
    expect(hash).toBe(kernelHash);
    expect(results[0]?.id).toBe('a');
    expect(results[0]?.['value']).toBeCloseTo(10.450583572185565, 12);
    for (const name of [
      'delta',
      'gamma',
      'vega',
      'theta',
      'rho',
      'dividendRho',
      'vanna',
      'volga',
      'charm',
      'speed',
      'zomma',
      'colour',
      'veta',
      'ultima',
      'dualDelta',
      'dualGamma',
    ]) {
      expect(typeof results[0]?.[name]).toBe('number');
    }
    expect(JSON.parse(JSON.stringify(results[0]))).toEqual(results[0]);
  });

  it('never lets one bad case spoil the rest, and names the input', () => {
    const { results } = runPricingFile({
      model: 'european',
      cases: [
        { id: 'missing', inputs: { ...european, S: undefined } },
        { id: 'negative', inputs: { ...european, sigma: -1 } },
        { id: 'no type', inputs: { ...european, type: 'straddle' } },
        { id: 'no model', model: 'ouija', inputs: european },
        { id: 'no inputs' },
        'not a case',
        { id: 'text', inputs: { ...european, K: '100' } },
        { id: 'good', inputs: european },
        { inputs: european },
      ],
    });
    expect(results.map(({ id, error }) => [id, error?.code, error?.input])).toEqual([
      ['missing', 'PRICING.MISSING_INPUT', 'S'],
      ['negative', 'PRICING.INVALID_INPUT', 'sigma'],
      ['no type', 'PRICING.INVALID_INPUT', 'type'],
      ['no model', 'PRICING.UNKNOWN_MODEL', 'model'],
      ['no inputs', 'PRICING.CASE_FILE', 'inputs'],
      ['#6', 'PRICING.CASE_FILE', 'case'],
      ['text', 'PRICING.INVALID_INPUT', 'K'],
      ['good', undefined, undefined],
      ['#9', undefined, undefined],
    ]);
    expect(results[7]?.['value']).toBe(results[8]?.['value']);
  });

  it('answers garbage under every model with an error or a finite value, never with NaN or a crash', () => {
    const junk: unknown[] = [undefined, null, Number.NaN, Infinity, -1, 0, 1e308, 'x', [], {}, true];
    const names = [
      'type',
      'S',
      'F',
      'K',
      'T',
      'sigma',
      'r',
      'alpha',
      'beta',
      'nu',
      'rho',
      'a',
      'b',
      'm',
      'kind',
      'barrier',
      'v0',
      'strikes',
      'quotes',
      'near',
    ];
    const base = {
      type: 'call',
      S: 100,
      F: 100,
      K: 100,
      T: 1,
      sigma: 0.2,
      r: 0.01,
      alpha: 0.2,
      beta: 1,
      nu: 0.1,
      rho: 0,
      a: 0.01,
      b: 0.1,
      m: 0,
      v0: 0.04,
      kappa: 1,
      theta: 0.04,
    };
    const cases = caseModels.flatMap((model) =>
      names.flatMap((name) =>
        junk.map((value, i) => ({ id: `${model} ${name} ${i}`, model, inputs: { ...base, [name]: value } })),
      ),
    );
    const { results } = runPricingFile({ cases });
    expect(results).toHaveLength(cases.length);
    for (const result of results) {
      if (result.error !== undefined) expect(result.error.code).toMatch(/^PRICING\.[A-Z_]+$/);
      else expect(Number.isFinite(result['value'])).toBe(true);
    }
  });

  it('refuses what is no file of cases', () => {
    for (const file of [
      undefined,
      null,
      'x',
      [],
      {},
      { model: 'european' },
      { model: 'european', cases: {} },
    ]) {
      expect(() => runPricingFile(file)).toThrow(
        expect.objectContaining({ code: 'PRICING.CASE_FILE' }) as Error,
      );
    }
  });

  it('takes a method from the inputs, the case or the file, in that order', () => {
    const put = { type: 'put', S: 90, K: 100, T: 1, r: 0.05, q: 0, sigma: 0.2 };
    const value = (method: 'baw' | 'bjerksund-stensland-1993' | 'high-precision'): number =>
      priceAmerican({ type: 'put', S: 90, K: 100, T: 1, r: 0.05, q: 0, sigma: 0.2, method }).value;
    const { results } = runPricingFile({
      model: 'american',
      method: 'baw',
      cases: [
        { id: 'file', inputs: put },
        { id: 'case', method: 'bjerksund-stensland-1993', inputs: put },
        { id: 'inputs', method: 'baw', inputs: { ...put, method: 'high-precision' } },
      ],
    });
    expect(results.map((result) => result['value'])).toEqual([
      value('baw'),
      value('bjerksund-stensland-1993'),
      value('high-precision'),
    ]);
  });

  it('prices options on SABR and SVI smiles with the deltas that move them', () => {
    const { results } = runPricingFile({
      cases: [
        {
          id: 'sabr',
          model: 'sabr',
          inputs: { type: 'put', F: 100, K: 95, T: 0.5, alpha: 2.5, beta: 0.5, nu: 0.6, rho: -0.4, r: 0.02 },
        },
        {
          id: 'fd',
          model: 'sabr',
          method: 'finite-difference',
          inputs: { type: 'put', F: 100, K: 95, T: 0.5, alpha: 2.5, beta: 0.5, nu: 0.6, rho: -0.4, r: 0.02 },
        },
        {
          id: 'svi',
          model: 'svi',
          inputs: { type: 'call', F: 100, K: 105, T: 0.5, a: 0.01, b: 0.1, rho: -0.3, m: 0, sigma: 0.2 },
        },
        {
          id: 'wings',
          model: 'svi',
          inputs: {
            F: 1,
            k: 0,
            T: 1,
            v: 0.01742625,
            psi: -0.1752111,
            p: 0.6997381,
            c: 1.316798,
            vTilde: 0.0116249,
          },
        },
      ],
    });
    const [sabr, fd, svi, wings] = results;
    expect(Math.abs(Number(sabr?.['value']) - Number(fd?.['value']))).toBeLessThan(0.02);
    expect(Number(sabr?.['deltaBackbone'])).not.toBeCloseTo(Number(sabr?.['delta']), 3);
    expect(Number(svi?.['stickyDeltaDelta'])).toBeGreaterThan(Number(svi?.['delta'])); // a falling smile moves with the forward
    expect(svi?.['arbitrage']).toEqual([]);
    expect(wings?.['value']).toBeCloseTo(0.01742625, 12);
    expect(wings?.['arbitrage']).toHaveLength(1); // the slice of Gatheral & Jacquier's figure 2
  });

  it('prices a variance swap from volatilities or from the prices they make, alike', () => {
    const strikes = Array.from({ length: 60 }, (_, i) => 40 + 3 * i);
    const volatilities = strikes.map((K) => 0.3 - 0.05 * math.log(K / 100));
    const base = { S: 100, T: 0.5, r: 0.03, q: 0.01 };
    const forward = 100 * math.exp(0.01);
    const prices = strikes.map((K, i) => {
      const inputs = { ...base, K, type: K < forward ? 'put' : 'call', sigma: volatilities[i] };
      return runPricingFile({ model: 'european', cases: [{ id: 'p', inputs }] }).results[0]?.['value'];
    });
    const { results } = runPricingFile({
      model: 'variance-swap',
      cases: [
        { id: 'volatilities', inputs: { ...base, strikes, volatilities } },
        { id: 'prices', inputs: { ...base, strikes, prices } },
        { id: 'short', inputs: { ...base, strikes, prices: prices.slice(1) } },
      ],
    });
    expect(results[1]?.['value']).toBeCloseTo(Number(results[0]?.['value']), 12);
    expect(results[2]?.error?.input).toMatch(/volatilities|K|price/);
    expect(results[0]?.['strip']).toHaveLength(59); // both sides at the boundary, nothing at the two ends
  });

  it('takes a strip of quotes for the variance of one expiry, and two for the index', () => {
    const quotes = (term: typeof nearTerm): unknown[] => {
      const rows = new Map<number, Record<string, number>>();
      for (const [K, bid, ask] of term.puts) rows.set(K, { K, put_bid: bid, put_ask: ask });
      for (const [K, bid, ask] of term.calls)
        rows.set(K, { ...rows.get(K), K, call_bid: bid, call_ask: ask });
      return [...rows.values()].sort((left, right) => Number(left['K']) - Number(right['K']));
    };
    const near = { T: 34_484 / 525_600, r: 0.00031664, quotes: quotes(nearTerm) };
    const next = { T: 44_954 / 525_600, r: 0.00028797, quotes: quotes(nextTerm) };
    const { results } = runPricingFile({
      model: 'variance-swap',
      cases: [
        { id: 'term', inputs: near },
        { id: 'index', inputs: { near, next } },
        { id: 'bad', inputs: { near, next: { T: 1 } } },
      ],
    });
    expect(results[0]?.['value']).toBeCloseTo(0.019233906, 7);
    expect(results[1]?.['value']).toBeCloseTo(13.927842, 4);
    expect(results[2]?.error).toMatchObject({ code: 'PRICING.MISSING_INPUT', input: 'quotes' });
  });
});

describe('an implied-volatility file', () => {
  it('takes back the price of every model', () => {
    const models = {
      european: { inputs: european, price: 'value' },
      american: { inputs: { ...european, type: 'put' }, price: 'value' },
      black76: { inputs: { type: 'put', F: 100, K: 90, T: 0.3, sigma: 0.4, r: 0.03 }, price: 'value' },
      inverse: { inputs: { type: 'call', F: 90_000, K: 95_000, T: 0.05, sigma: 0.45 }, price: 'valueCoin' },
    } as const;
    for (const [model, { inputs, price }] of Object.entries(models)) {
      const [priced] = runPricingFile({ model, cases: [{ id: 'p', inputs }] }).results;
      const [implied] = runImpliedVolatilityFile({
        model,
        cases: [{ id: 'v', inputs: { ...inputs, sigma: undefined, price: priced?.[price] } }],
      }).results;
      expect(implied?.error).toBeUndefined();
      expect(Math.abs(Number(implied?.['value']) / inputs.sigma - 1)).toBeLessThan(1e-12);
    }
  });

  it('names a price that no volatility has', () => {
    const { results } = runImpliedVolatilityFile({
      cases: [
        { id: 'low', inputs: { type: 'call', F: 100, K: 80, T: 1, price: 19 } },
        { id: 'high', inputs: { type: 'call', F: 100, K: 80, T: 1, price: 101 } },
        {
          id: 'exercise',
          model: 'american',
          inputs: { type: 'put', S: 50, K: 100, T: 1, r: 0.1, price: 50 },
        },
        { id: 'none', inputs: { type: 'call', K: 80, T: 1, price: 19 } },
      ],
    });
    expect(results.map(({ error }) => [error?.code, error?.input])).toEqual([
      ['PRICING.BELOW_INTRINSIC', 'price'],
      ['PRICING.ABOVE_BOUND', 'price'],
      ['PRICING.BELOW_INTRINSIC', 'price'],
      ['PRICING.MISSING_INPUT', 'F'],
    ]);
  });

  itWithSharedData('validation')('runs the published grids as they are', () => {
    interface ImpliedTable {
      readonly cases: readonly {
        readonly id: string;
        readonly expected: { readonly impliedVol: number };
        readonly tolerance: { readonly relative: number; readonly impliedVolAbsolute?: number };
      }[];
    }
    const table = JSON.parse(
      readFileSync(join(sharedDir() ?? '', 'validation', 'jaeckel_lets_be_rational_grid.json'), 'utf8'),
    ) as ImpliedTable; // the file's documented shape
    const { results } = runImpliedVolatilityFile(table);
    let worst = 0;
    table.cases.forEach(({ id, expected, tolerance }, i) => {
      const error = Math.abs(Number(results[i]?.['value']) / expected.impliedVol - 1);
      worst = Math.max(worst, error / tolerance.relative);
      expect({ id, within: error <= tolerance.relative }).toEqual({ id, within: true });
    });
    process.stderr.write(
      `keel price vol: ${table.cases.length} cases of Jäckel's grid, worst error ${worst.toFixed(3)} of its tolerance\n`,
    );
  });
});

describe('a surface fit', () => {
  const forward = 90_000;
  const rows = [0.02, 0.1].flatMap((years, e) =>
    Array.from({ length: 21 }, (_, i) => {
      const k = (-0.3 + 0.03 * i) * (e + 1);
      const sigma = 0.4 + 0.2 * k * k - 0.1 * k;
      const d1 = -k / (sigma * Math.sqrt(years)) + (sigma * Math.sqrt(years)) / 2;
      const type = k < 0 ? 'put' : 'call';
      const w = k < 0 ? -1 : 1;
      const mid =
        w * (math.normCdf(w * d1) - math.exp(k) * math.normCdf(w * (d1 - sigma * Math.sqrt(years))));
      return {
        expiry: `E${e}`,
        years,
        forward,
        type,
        strike: forward * math.exp(k),
        bid: mid * 0.96,
        ask: mid * 1.04,
      };
    }),
  );

  it('takes rows of JSON and the same rows as CSV', () => {
    const fromJson = runSurfaceFit({ quotes: rows });
    const names = ['expiry', 'years', 'forward', 'type', 'strike', 'bid', 'ask'] as const;
    const csv = [
      names.join(','),
      ...rows.map((row) => names.map((name) => String(row[name])).join(',')),
    ].join('\n');
    expect(runSurfaceFit(csv)).toEqual(fromJson);
    expect(runSurfaceFit(rows)).toEqual(fromJson);
    expect(fromJson.kernelHash).toBe(kernelHash);
    expect(fromJson.slices.map((slice) => slice.expiry)).toEqual(['E0', 'E1']);
    expect(fromJson.arbitrage.after).toEqual([]);
    for (const slice of fromJson.slices) {
      expect(Math.abs(slice.atTheMoneyVolatility - 0.4)).toBeLessThan(0.016); // half of its own spread
      expect(slice.quality.medianErrorInSpreads).toBeLessThan(0.5);
    }
  });

  it('reports rows it could not read and expiries it could not fit, and fits the rest', () => {
    const report = runSurfaceFit({
      quotes: [
        ...rows,
        { ...rows[0], strike: 'many' },
        'row',
        { ...rows[0], expiry: 'thin', years: 0.3, ask: '' },
        { ...rows[0], years: 0.5 },
      ],
    });
    expect(report.slices).toHaveLength(2);
    expect(report.problems.map((problem) => [problem.row, problem.input])).toEqual([
      [42, 'strike'],
      [43, 'row'],
      [45, 'timestamp'],
    ]);
    expect(report.refused).toMatchObject([{ expiry: 'thin', code: 'PRICING.FIT_TOO_FEW_QUOTES' }]);
    expect(() => runSurfaceFit(7)).toThrow(/table/);
    expect(() => runSurfaceFit({ quotes: rows, unit: 'pounds' })).toThrow(/unit/);
  });

  it('takes the forward from put–call parity when none is given', () => {
    const both = rows.flatMap(({ forward: F, ...row }) => {
      const parity = (row.type === 'call' ? -1 : 1) * (1 - row.strike / F);
      const other = {
        ...row,
        type: row.type === 'call' ? 'put' : 'call',
        bid: row.bid + parity,
        ask: row.ask + parity,
      };
      return other.bid > 0 ? [row, other] : [row];
    });
    const report = runSurfaceFit({ quotes: both, unit: 'coin' });
    for (const slice of report.slices) expect(Math.abs(slice.forward / forward - 1)).toBeLessThan(1e-9);
  });

  itWithSharedData('data/crypto-options-2026-01')('takes one snapshot of the recorded chain as it is', () => {
    const file = join(
      sharedDir() ?? '',
      'data/crypto-options-2026-01',
      'deribit_BTC_chain_20251230_20260130.csv.gz',
    );
    const [header = '', ...lines] = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
    const stamp = lines[0]?.split(',')[0] ?? '';
    const snapshot = lines.filter((line) => line.startsWith(`${stamp},`));
    const report = runSurfaceFit([header, ...snapshot].join('\n'));
    expect(report.problems).toEqual([]);
    expect(report.slices).toHaveLength(12);
    expect(report.arbitrage.after).toEqual([]);
    expect(report.slices[0]?.expiry).toBe('2025-12-31T08:00:00Z');
  });
});

describe('a file of bars', () => {
  const random = createRandom('bars');
  const normal = (): number =>
    Array.from({ length: 12 }, () => random.next()).reduce((sum, draw) => sum + draw, -6);
  let price = 100;
  const rows = Array.from({ length: 400 }, (_, day) => {
    const open = price;
    const path = Array.from(
      { length: 24 },
      () => (price *= math.exp((0.5 / Math.sqrt(365 * 24)) * normal())),
    );
    const all = [open, ...path];
    const at = new Date(Date.UTC(2025, 0, 1 + day)).toISOString();
    return `${at},${open},${Math.max(...all)},${Math.min(...all)},${price}`;
  });
  const csv = `timestamp,open,high,low,close\n${rows.join('\n')}\n`;

  it('with a hole that decides the outcome is refused, and one that does not is not', () => {
    const without = (from: number, to: number): string =>
      `timestamp,open,high,low,close\n${rows.filter((_, day) => day < from || day >= to).join('\n')}\n`;
    expect(() => runRealisedFile(without(100, 300))).toThrow(
      /200 bars are missing before it.*% of all squared returns/,
    );
    expect(runRealisedFile(without(100, 101)).bars).toBe(399);
  });

  it('gives every estimator, the weighted average, GARCH with its forecasts and the cone', () => {
    const report = runRealisedFile(csv);
    expect(report.bars).toBe(400);
    expect(report.barsPerYear).toBe(365);
    expect(Object.keys(report.estimators)).toEqual([
      'close-to-close',
      'parkinson',
      'garman-klass',
      'rogers-satchell',
      'yang-zhang',
    ]);
    for (const volatility of Object.values(report.estimators)) {
      expect(volatility).toBeGreaterThan(0.4);
      expect(volatility).toBeLessThan(0.6);
    }
    expect(report.ewma.volatility).toBeGreaterThan(0.25);
    // Bars of one volatility: no clustering is to be found in them, and that is said in place of standard errors.
    expect(report.garch).toMatchObject({ converged: true, observations: 399, varianceStart: 'sample' });
    expect(report.garch).toMatchObject({ edge: expect.stringContaining('no clustering') });
    expect(report.egarch).toMatchObject({ observations: 399, edge: expect.stringContaining('flat') });
    expect(report.cone.map(({ periods }) => periods)).toEqual([7, 30, 90]);
    for (const row of report.cone) expect(row.lowerDecile).toBeLessThanOrEqual(row.median);
  });

  it('says why there is no GARCH, and leaves out horizons that the bars are too short for', () => {
    const report = runRealisedFile(csv.split('\n').slice(0, 32).join('\n'));
    expect(report.garch).toEqual({
      error: { code: 'PRICING.INVALID_INPUT', message: expect.stringContaining('at least 50') as string },
    });
    expect(report.cone.map(({ periods }) => periods)).toEqual([7, 30]);
  });

  it('names the bar and the column that cannot be read, and a field that is none', () => {
    expect(() => runRealisedFile(csv.replace(/close/, 'last'))).toThrow(
      expect.objectContaining({ code: 'PRICING.CASE_FILE', path: 'bars[0].close' }),
    );
    expect(() => runRealisedFile({ bars: [], barsperyear: 365 })).toThrow(/barsPerYear/);
    for (const varianceStart of ['first', 0, '0.01'])
      expect(() => runRealisedFile({ bars: [], barsPerYear: 365, varianceStart })).toThrow(
        /sample, backcast, long-run/,
      );
    expect(() =>
      runRealisedFile({ bars: [{ open: 1, high: 2, low: 1, close: 1 }], estimator: 'atr' }),
    ).toThrow(/timestamp/);
  });
});

describe('a fitted surface', () => {
  const quotes = [80, 90, 100, 110, 120].map((strike) => {
    const sigma = 0.6 + 0.002 * Math.abs(strike - 100);
    const { value } = priceBlack76({ type: 'call', F: 100, K: strike, T: 0.1, sigma });
    return {
      expiry: 'near',
      years: 0.1,
      forward: 100,
      type: 'call',
      strike,
      bid: value * 0.999,
      ask: value * 1.001,
    };
  });

  it('is read at the points asked for, and has SABR beside it', () => {
    const report = runSurfaceFit({
      unit: 'quote',
      sabrBeta: 1,
      quotes,
      points: [
        { strike: 100, years: 0.1 },
        { id: 'far', strike: 100, years: 0.5 },
        { strike: -1, years: 0.1 },
      ],
    });
    const [slice] = report.slices;
    expect(slice?.sabr).toMatchObject({ converged: true, parameters: { beta: 1 } });
    const [near, far, bad] = report.points;
    expect(near).toMatchObject({ id: '#1', ok: true, extrapolated: false });
    expect(near?.ok === true ? near.volatility : 0).toBeCloseTo(slice?.atTheMoneyVolatility ?? 0, 9);
    expect(far).toMatchObject({ id: 'far', ok: true, extrapolated: true });
    expect(bad).toMatchObject({ ok: false, code: 'PRICING.INVALID_INPUT' });
  });
});

describe('models of their own door', () => {
  it('price an option on variance, whose put and call differ by the fair variance less the strike', () => {
    const inputs = { K: 0.04, v0: 0.05, kappa: 2, theta: 0.04, sigma: 0.3, T: 0.5 };
    const { results } = runPricingFile({
      model: 'heston-variance-option',
      cases: ['call', 'put'].map((type) => ({ id: type, inputs: { ...inputs, type } })),
    });
    const [call, put] = results.map((result) => Number(result['value']));
    const fair = Number(results[0]?.['expectedTotalVariance']);
    expect((call ?? 0) - (put ?? 0)).toBeCloseTo(fair - inputs.K, 12);
  });

  it('give the delta of a currency option under each convention', () => {
    const inputs = { type: 'call', S: 1.1, K: 1.1, domDf: 0.98, forDf: 0.99, stdDev: 0.1 };
    const { results } = runPricingFile({
      model: 'fx-delta',
      cases: ['Spot', 'Fwd', 'PaSpot', 'PaFwd', 'Sticky'].map((delta_type) => ({
        id: delta_type,
        inputs: { ...inputs, delta_type },
      })),
    });
    const [spot, forward] = results.map((result) => Number(result['value']));
    expect(spot).toBeCloseTo(0.99 * (forward ?? 0), 12);
    expect(results[4]?.error).toMatchObject({ input: 'delta_type' });
  });
});
