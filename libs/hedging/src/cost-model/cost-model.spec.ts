import { parseContract } from '@evenkeel/instruments';
import { createRandom, parseDuration } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import { hedgeInstrumentOf } from '../hedge-instrument';
import type { HedgeInstrument } from '../hedge-instrument';
import { BTC_PERP, markOf, specificationText } from '../../test/scenario';
import { PLAIN_COSTS, parseCostModel } from './cost-model';
import type { CostModel } from './cost-model';
import { costRate, expectedCost, impactOf } from './expected-cost';
import type { CostObservation } from './fit';
import { fitCostModel, walkForward } from './fit';
import { sizeWithImpact } from './own-impact';
import { robustLeastSquares, weightedLeastSquares } from './weighted-least-squares';

const AT = '2026-01-01T10:00:00Z';
const market = { spotUsd: 90_000, numeraireUsd: 1, ownCoin: false, rate: 0 };
const CONTRACT = parseContract(specificationText(BTC_PERP));

function perp(): HedgeInstrument {
  const instrument = hedgeInstrumentOf(CONTRACT, markOf(BTC_PERP, 90_000, AT), market);
  if (instrument === undefined) throw new Error('a perpetual with a mark is an instrument');
  return instrument;
}

function modelOf(written: object): CostModel {
  const parsed = parseCostModel(written);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  return parsed.value;
}

const circumstances = { horizonYears: 1 / 365, dailyVolatility: 0.02, numeraireUsd: 1, held: 0 };

const FULL = {
  version: 'test',
  instruments: {
    [BTC_PERP]: {
      squareRootImpact: { value: '0.8', standardError: '0.1', samples: 400 },
      permanentImpact: 0.3,
      dailyVolume: '1000000000',
      gas: 1.5,
      fundingRate: '0.1',
      initialMargin: '0.05',
      capitalRate: '0.08',
    },
  },
};

describe('a cost model', () => {
  it('is read with its numbers, and hashed: the same contents, the same version', () => {
    const model = modelOf(FULL);
    expect(model.instruments[BTC_PERP]?.squareRootImpact).toEqual({
      value: 0.8,
      standardError: 0.1,
      samples: 400,
    });
    expect(model.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(modelOf({ ...FULL, hash: model.hash }).hash).toBe(model.hash);
    expect(modelOf({ ...FULL, prudence: 1 }).hash).not.toBe(model.hash);
    expect(parseCostModel({ ...FULL, prudence: 1, hash: model.hash })).toMatchObject({
      ok: false,
      failure: { path: 'costs.hash' },
    });
    // What a fit wrote is read back as it was.
    expect(modelOf(JSON.parse(JSON.stringify(model)) as object)).toEqual(model);
  });

  it.each([
    [[], 'costs'],
    [{ versio: '1' }, 'costs.versio'],
    [{ fittedFrom: 'yesterday' }, 'costs.fittedFrom'],
    [{ prudence: -1 }, 'costs.prudence'],
    [{ instruments: { X: { tax: 1 } } }, 'costs.instruments.X.tax'],
    [{ instruments: { X: { halfSpread: -0.1 } } }, 'costs.instruments.X.halfSpread'],
    [{ instruments: { X: { halfSpread: { value: 1, error: 2 } } } }, 'costs.instruments.X.halfSpread'],
    [{ instruments: { X: { linearImpact: 1 } } }, 'costs.instruments.X.dailyVolume'],
  ])('refuses %j, naming the field', (written, path) => {
    expect(parseCostModel(written)).toMatchObject({
      ok: false,
      failure: { code: 'HEDGING.COST_MODEL_INVALID', path },
    });
  });
});

describe('the expected cost of a trade', () => {
  it('without a model is fee and quoted spread', () => {
    const cost = expectedCost(PLAIN_COSTS, perp(), -2, circumstances);
    expect(cost.fee).toBeCloseTo(2 * 90_000 * 0.0005, 9);
    expect(cost.spread).toBeCloseTo(2 * 90_000 * 0.00001, 6);
    expect(cost).toMatchObject({ impact: 0, funding: 0, gas: 0, margin: 0, total: cost.fee + cost.spread });
  });

  it('with one has every part, and the parts add up', () => {
    const cost = expectedCost(modelOf(FULL), perp(), 10, circumstances);
    const notional = 900_000;
    const share = notional / 1e9;
    expect(cost.impact).toBeCloseTo(notional * (0.8 * 0.02 * Math.sqrt(share) + (0.3 * 0.02 * share) / 2), 8);
    expect(cost.funding).toBeCloseTo((notional * 0.1) / 365, 8);
    expect(cost.margin).toBeCloseTo((notional * 0.05 * 0.08) / 365, 8);
    expect(cost.gas).toBe(1.5);
    const { fee, spread, impact, funding, gas, margin } = cost;
    expect(cost.total).toBeCloseTo(fee + spread + impact + funding + gas + margin, 10);
  });

  it('counts margin and funding as what they change: a trade that closes a position gives both back', () => {
    const cost = expectedCost(modelOf(FULL), perp(), -10, { ...circumstances, held: 10 });
    expect(cost.margin).toBeLessThan(0);
    expect(cost.funding).toBeLessThan(0);
  });

  it('of a maker has no spread and no temporary impact', () => {
    const cost = expectedCost(modelOf(FULL), perp(), 10, { ...circumstances, liquidity: 'maker' });
    expect(cost.spread).toBe(0);
    expect(cost.fee).toBeCloseTo(900_000 * perp().makerFee, 9);
    expect(cost.impact).toBeLessThan(expectedCost(modelOf(FULL), perp(), 10, circumstances).impact);
  });

  it('rises with size faster than the size, and with prudence', () => {
    const at = (contracts: number, model = modelOf(FULL)): number =>
      costRate(model, perp(), contracts * 90_000, 0.02);
    expect(at(100)).toBeGreaterThan(at(1));
    expect(at(100, modelOf({ ...FULL, prudence: 2 }))).toBeGreaterThan(at(100));
    expect(at(0)).toBe(perp().takerFee + perp().halfSpread);
  });
});

describe('permanent impact', () => {
  it('is sized for: after the trade and its own move exposure is what was wanted', () => {
    const model = modelOf(FULL);
    for (const gamma of [-0.02, 0.02]) {
      const book = { spotUsd: 90_000, gamma, dailyVolatility: 0.02, numeraireUsd: 1 };
      const { wanted } = sizeWithImpact(model, perp(), 50, book);
      const notional = wanted * 90_000;
      const moved = 90_000 * impactOf(model, BTC_PERP, notional, 0.02).permanent;
      expect(wanted + gamma * moved).toBeCloseTo(50, 8);
      expect(Math.sign(wanted - 50)).toBe(-Math.sign(gamma));
    }
  });

  it('is charged to what was held: half of the move on a full hedge, nothing for a trade that the move pays', () => {
    const model = modelOf({
      instruments: { '*': { permanentImpact: 1, dailyVolume: 1e9 } },
    });
    const impact = (exposure: number): number =>
      expectedCost(model, perp(), 10, { ...circumstances, exposure }).impact;
    const permanent = 0.02 * (900_000 / 1e9);
    expect(impact(-10)).toBeCloseTo((900_000 * permanent) / 2, 8);
    expect(impact(-20)).toBeCloseTo(1.5 * 900_000 * permanent, 8);
    expect(impact(0)).toBe(0);
  });
});

/** Fills whose costs are known: half spread 1 bp, Y = 0.7, permanent 0.4, taker fee 5 bp. */
function fillsOf(count: number, seed: string, noise: number): CostObservation[] {
  const random = createRandom(seed);
  const normal = (): number => math.normInv(Math.min(Math.max(random.next(), 1e-12), 1 - 1e-12));
  return Array.from({ length: count }, (_, index) => {
    const side = random.next() < 0.5 ? 'buy' : 'sell';
    const sign = side === 'buy' ? 1 : -1;
    const notionalUsd = 10_000 * math.exp(6 * random.next());
    const dailyVolatility = 0.01 + 0.03 * random.next();
    const share = notionalUsd / 1e9;
    const arrivalMid = 90_000;
    const shortfall = 0.0001 + 0.7 * dailyVolatility * Math.sqrt(share) + noise * dailyVolatility * normal();
    const markout = 0.4 * dailyVolatility * share + noise * dailyVolatility * normal();
    return {
      instrument: BTC_PERP,
      at: new Date(Date.parse(AT) + index * 3_600_000).toISOString(),
      side,
      liquidity: 'taker',
      notionalUsd,
      arrivalMid,
      price: arrivalMid * (1 + sign * shortfall),
      feeUsd: notionalUsd * 0.0005,
      dailyVolumeUsd: 1e9,
      dailyVolatility,
      markoutMid: arrivalMid * (1 + sign * markout),
    };
  });
}

describe('fitting costs', () => {
  it('finds what the fills were made of, with standard errors that cover it', () => {
    const { model } = fitCostModel(fillsOf(2000, 'a', 0.01), { version: 'v1' });
    const costs = model.instruments[BTC_PERP];
    const within = (estimate: { value: number; standardError: number } | undefined, truth: number): number =>
      Math.abs((estimate?.value ?? 0) - truth) / (estimate?.standardError ?? 1);
    expect(within(costs?.halfSpread, 0.0001)).toBeLessThan(4);
    expect(within(costs?.squareRootImpact, 0.7)).toBeLessThan(4);
    expect(costs?.squareRootImpact?.value).toBeCloseTo(0.7, 0);
    expect(within(costs?.permanentImpact, 0.4)).toBeLessThan(4);
    expect(costs?.takerFee?.value).toBeCloseTo(0.0005, 12);
    expect(costs?.squareRootImpact?.samples).toBe(2000);
    expect(model.fittedFrom).toBe('2026-01-01T10:00:00Z');
  });

  it('has standard errors that shrink as one over the root of the fills', () => {
    const error = (count: number): number =>
      fitCostModel(fillsOf(count, 'b', 0.01), { version: '' }).model.instruments[BTC_PERP]?.squareRootImpact
        ?.standardError ?? 0;
    expect(error(4000) / error(1000)).toBeGreaterThan(0.4);
    expect(error(4000) / error(1000)).toBeLessThan(0.6);
  });

  it('is not moved by a few fills of a crash', () => {
    const clean = fillsOf(500, 'c', 0.01);
    const wild = clean.map((fill, index) =>
      index % 50 === 0 ? { ...fill, price: fill.arrivalMid * (fill.side === 'buy' ? 1.2 : 0.8) } : fill,
    );
    const spread = (fills: CostObservation[], method: 'huber' | 'least-squares'): number =>
      fitCostModel(fills, { version: '', method }).model.instruments[BTC_PERP]?.halfSpread?.value ?? 0;
    const truth = spread(clean, 'least-squares');
    expect(Math.abs(spread(wild, 'huber') - truth)).toBeLessThan(
      0.1 * Math.abs(spread(wild, 'least-squares') - truth),
    );
  });

  it('gives the same bytes for the same fills, and its model can stand in a policy', () => {
    const fills = fillsOf(300, 'd', 0.01);
    const first = fitCostModel(fills, { version: 'v' }).model;
    expect(fitCostModel(fills, { version: 'v' }).model).toEqual(first);
    expect(parseCostModel(JSON.parse(JSON.stringify(first)))).toMatchObject({ ok: true });
  });

  it('says what it cannot tell: fills of one size show no impact', () => {
    const same = fillsOf(50, 'e', 0.01).map((fill) => ({
      ...fill,
      notionalUsd: 10_000,
      dailyVolatility: 0.02,
    }));
    const { model, notes } = fitCostModel(same, { version: '' });
    expect(notes).toContain(`${BTC_PERP}: squareRootImpact cannot be told from the spread`);
    expect(model.instruments[BTC_PERP]?.squareRootImpact).toBeUndefined();
  });

  it('leaves out what its standard error drowns, and keeps what is known to be nothing', () => {
    const small = fillsOf(200, 'g', 0.05).map((fill) => ({ ...fill, notionalUsd: fill.notionalUsd / 1000 }));
    const noisy = fitCostModel(small, { version: '' });
    expect(noisy.model.instruments[BTC_PERP]?.permanentImpact).toBeUndefined();
    expect(
      noisy.notes.some((note) => note.includes('permanentImpact') && note.includes('says nothing')),
    ).toBe(true);
    const none = fillsOf(500, 'h', 0.0005).map((fill) => ({ ...fill, price: 90_000, markoutMid: 90_000 }));
    const costs = fitCostModel(none, { version: '' }).model.instruments[BTC_PERP];
    expect(costs?.squareRootImpact).toMatchObject({ value: 0, samples: 500 });
  });

  it('walks forward without looking ahead', () => {
    const fills = fillsOf(240, 'f', 0.01);
    const steps = walkForward(fills, parseDuration('P4D'), parseDuration('P2D'), { version: 'wf' });
    expect(steps.length).toBeGreaterThan(1);
    for (const { fit, testFrom, testTo, test } of steps) {
      expect(Date.parse(fit.model.fittedTo)).toBeLessThan(Date.parse(testFrom));
      expect(test.length).toBeGreaterThan(0);
      for (const { at } of test) {
        const time = Date.parse(at);
        expect(time).toBeGreaterThanOrEqual(Date.parse(testFrom));
        expect(time).toBeLessThan(Date.parse(testTo));
      }
    }
    // A fill of the test window changes nothing of the fit before it.
    const spoiled = fills.map((fill, index) => (index > 200 ? { ...fill, price: fill.price * 2 } : fill));
    const [first] = walkForward(spoiled, parseDuration('P4D'), parseDuration('P2D'), { version: 'wf' });
    expect(first?.fit.model.hash).toBe(steps[0]?.fit.model.hash);
  });
});

describe('weighted least squares', () => {
  it('solves exactly what is exact, and leaves out what is not independent', () => {
    const rows = [1, 2, 3, 4, 5].map((x) => ({ x: [1, x, 2 * x], y: 3 + 2 * x, weight: x }));
    const { coefficients, leftOut, deviation } = weightedLeastSquares(rows);
    expect(coefficients[0]).toBeCloseTo(3, 10);
    expect(coefficients[1]).toBeCloseTo(2, 10);
    expect(leftOut).toEqual([2]);
    expect(deviation).toBeCloseTo(0, 10);
    expect(robustLeastSquares(rows).coefficients[1]).toBeCloseTo(2, 10);
    expect(weightedLeastSquares([]).coefficients).toEqual([]);
  });
});
