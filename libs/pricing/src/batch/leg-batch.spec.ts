import { SeededLegs } from '../../test/seeded-legs';
import { PricingError } from '../errors';
import { priceEuropean } from '../door/european';
import type { LegBatch, LegGreek } from './leg-batch';
import { createLegBatch } from './leg-batch';

const FIRST = ['value', 'delta', 'gamma', 'vega', 'theta'] as const;
const EUROPEAN = [
  ...FIRST,
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
] as const;

const COIN = [
  'valueCoin',
  'deltaCoin',
  'netTransactionDelta',
  'gammaCoin',
  'vegaCoin',
  'thetaCoin',
  'rhoCoin',
  'vannaCoin',
  'volgaCoin',
] as const;
const COLUMNS = [
  'isCall',
  'underlying',
  'strike',
  'expiryYears',
  'volatility',
  'rate',
  'carry',
  'quantity',
] as const;

function filled(count: number, seed: number, capacity = count): LegBatch {
  const batch = createLegBatch(capacity);
  const legs = new SeededLegs(seed);
  for (let i = 0; i < count; i += 1) legs.write(batch, i);
  return batch;
}

/** Column entries that differ in any bit. */
function differences(a: Float64Array, b: Float64Array, count: number): number[] {
  return Array.from({ length: count }, (_, i) => i).filter((i) => !Object.is(a[i], b[i]));
}

describe('a batch of legs', () => {
  it('gives the same bits as one option at a time, every Greek', () => {
    const count = 601;
    const batch = filled(count, 11);
    expect(batch.valueAll(count)).toBe(0);
    for (let i = 0; i < count; i += 1) {
      const rate = batch.rate[i] ?? 0;
      const single = priceEuropean({
        type: batch.isCall[i] === 1 ? 'call' : 'put',
        S: batch.underlying[i] ?? 0,
        K: batch.strike[i] ?? 0,
        T: batch.expiryYears[i] ?? 0,
        sigma: batch.volatility[i] ?? 0,
        r: rate,
        q: 0,
      });
      if (batch.carry[i] !== rate) continue;
      for (const name of EUROPEAN) expect([i, name, batch[name][i]]).toEqual([i, name, single[name]]);
    }
  });

  it('gives the same bits in SIMD lanes as in scalar code, over smooth, wing, short-dated, expired and nearly certain legs', () => {
    const count = 20_001;
    const lanes = filled(count, 12);
    for (let i = 0; i < count; i += 97) {
      lanes.strike[i] = lanes.underlying[i] ?? 0;
      lanes.volatility[i] = [1e-45, 1e-39, 1e-8, 40][i % 4] ?? 0;
    }
    const first = createLegBatch(count);
    for (const name of COLUMNS) first[name].set(lanes[name]);
    expect([lanes.valueAll(count), first.valueFirst(count)]).toEqual([0, 0]);
    // A batch of one has no pair to fill, so its leg takes the scalar code.
    const scalar = createLegBatch(1);
    const wrong: string[] = [];
    for (let i = 0; i < count; i += 1) {
      for (const name of COLUMNS) scalar[name][0] = lanes[name][i] ?? 0;
      scalar.valueAll(1);
      for (const name of [...EUROPEAN, ...COIN])
        if (!Object.is(scalar[name][0], lanes[name][i])) wrong.push(`${i} ${name}`);
      for (const name of FIRST)
        if (!Object.is(scalar[name][0], first[name][i])) wrong.push(`${i} first ${name}`);
    }
    expect(wrong).toEqual([]);
  });

  it('does not depend on the place of a leg in the batch', () => {
    const count = 257;
    const whole = filled(count, 13);
    whole.valueFirst(count);
    for (const start of [1, 63, 64, 200]) {
      const part = createLegBatch(count);
      const legs = new SeededLegs(13);
      for (let i = 0; i < count; i += 1) legs.write(part, Math.max(i - start, 0));
      part.valueFirst(count - start);
      expect(differences(part.value, whole.value.subarray(start), count - start)).toEqual([]);
    }
  });

  it('refuses a bad leg by name and values the rest', () => {
    const batch = filled(6, 14);
    batch.underlying[1] = -3;
    batch.volatility[2] = Number.NaN;
    batch.strike[3] = Number.NaN;
    batch.rate[4] = Number.POSITIVE_INFINITY;
    for (const value of [() => batch.valueFirst(6), () => batch.valueAll(6)]) {
      expect(value()).toBe(4);
      expect([0, 1, 2, 3, 4, 5].map((i) => batch.failure(i)?.path)).toEqual([
        undefined,
        'legs[1].underlying',
        'legs[2].volatility',
        'legs[3].strike',
        'legs[4].rate',
        undefined,
      ]);
      expect(batch.failure(1)).toBeInstanceOf(PricingError);
      expect(batch.value[1]).toBeNaN();
      expect(batch.value[0]).toBeGreaterThanOrEqual(0);
      expect(batch.value[5]).toBeGreaterThanOrEqual(0);
    }
  });

  it('totals quantity times Greek over the legs that were valued', () => {
    const count = 100;
    const batch = filled(count, 15);
    batch.volatility[7] = -1;
    batch.valueAll(count);
    const totals = batch.totalsAll(count);
    for (const name of [...EUROPEAN, 'valueCoin', 'netTransactionDelta'] as LegGreek[]) {
      let sum = 0;
      for (let i = 0; i < count; i += 1) if (i !== 7) sum += (batch.quantity[i] ?? 0) * (batch[name][i] ?? 0);
      expect([name, totals[name]]).toEqual([name, sum]);
    }
  });

  it('refuses counts beyond its capacity', () => {
    const batch = createLegBatch(3);
    expect(() => batch.valueFirst(4)).toThrow(
      expect.objectContaining({ code: 'PRICING.INVALID_INPUT', path: 'count' }),
    );
    expect(() => createLegBatch(0)).toThrow(expect.objectContaining({ path: 'capacity' }));
  });
});

describe('a scenario grid', () => {
  const scenarios = {
    spotShocks: [-0.4, -0.1, 0, 0.07, 0.5],
    volScenarios: [{ factor: 0.6 }, {}, { shift: 0.15 }, { factor: 1.5, shift: -0.1 }],
    elapsedYears: 3 / 365,
  };

  it('equals the legs revalued one scenario at a time', () => {
    for (const count of [1, 2, 77, 300]) {
      const batch = filled(count, 20 + count);
      const grid = batch.scenarioGrid(count, scenarios);
      expect(grid.refused).toBe(0);
      scenarios.spotShocks.forEach((shock, s) => {
        scenarios.volScenarios.forEach(({ factor = 1, shift = 0 }, v) => {
          const moved = filled(count, 20 + count);
          for (let i = 0; i < count; i += 1) {
            moved.underlying[i] = (moved.underlying[i] ?? 0) * (1 + shock);
            moved.volatility[i] = Math.max((moved.volatility[i] ?? 0) * factor + shift, 0);
            moved.expiryYears[i] = Math.max((moved.expiryYears[i] ?? 0) - scenarios.elapsedYears, 0);
          }
          moved.valueAll(count);
          const { value, valueCoin } = moved.totalsAll(count);
          const cell = s * scenarios.volScenarios.length + v;
          const size = Array.from(moved.value).reduce(
            (sum, leg, i) => sum + Math.abs(leg * (moved.quantity[i] ?? 0)),
            0,
          );
          // Same bits per leg; only the order of the sum differs.
          expect(Math.abs((grid.value[cell] ?? 0) - value)).toBeLessThanOrEqual(1e-14 * size);
          expect(Math.abs((grid.valueCoin[cell] ?? 0) - valueCoin)).toBeLessThanOrEqual(
            1e-13 * (Math.abs(valueCoin) + count),
          );
        });
      });
    }
  });

  it('leaves a refused leg out of every cell and says how many there were', () => {
    const batch = filled(9, 31);
    const clean = batch.scenarioGrid(9, scenarios);
    batch.quantity[4] = 0;
    const without = batch.scenarioGrid(9, scenarios);
    batch.quantity[4] = 5;
    batch.expiryYears[4] = Number.NaN;
    const refused = batch.scenarioGrid(9, scenarios);
    expect(refused.refused).toBe(1);
    expect(batch.failure(4)?.path).toBe('legs[4].expiryYears');
    expect(Array.from(refused.value)).toEqual(Array.from(without.value));
    expect(Array.from(refused.value)).not.toEqual(Array.from(clean.value));
  });

  it('names a scenario that makes no sense', () => {
    const batch = filled(2, 32);
    expect(() => batch.scenarioGrid(2, { spotShocks: [0, -1], volScenarios: [{}] })).toThrow(
      expect.objectContaining({ path: 'spotShocks[1]' }),
    );
    expect(() => batch.scenarioGrid(2, { spotShocks: [0], volScenarios: [] })).toThrow(
      expect.objectContaining({ path: 'scenarios' }),
    );
  });
});

describe('batch implied volatility', () => {
  it('recovers the volatilities that made the prices, in quote currency and in coin', () => {
    const count = 3_000;
    const batch = filled(count, 41);
    batch.valueAll(count);
    const volatility = Float64Array.from(batch.volatility);
    const vega = Float64Array.from(batch.vega);
    for (const unit of ['quote', 'coin'] as const) {
      for (let i = 0; i < count; i += 1)
        batch.price[i] = (unit === 'quote' ? batch.value[i] : batch.valueCoin[i]) ?? 0;
      batch.impliedVolatilities(count, unit);
      for (let i = 0; i < count; i += 1) {
        const sigma = volatility[i] ?? 0;
        // What one rounding of the price (and of the parts it is the sum of) is worth in volatility.
        const information = (2e-15 * ((batch.underlying[i] ?? 0) + (batch.value[i] ?? 0))) / (vega[i] ?? 0);
        if (!((batch.expiryYears[i] ?? 0) > 0) || !(information < 1e-3 * sigma)) continue;
        expect(Math.abs((batch.volatility[i] ?? 0) - sigma)).toBeLessThanOrEqual(1e-12 * sigma + information);
      }
    }
  });

  it('names the leg whose price is impossible', () => {
    const batch = createLegBatch(3);
    for (let i = 0; i < 3; i += 1) {
      batch.isCall[i] = 1;
      batch.underlying[i] = 100;
      batch.strike[i] = 90;
      batch.expiryYears[i] = 1;
      batch.price[i] = [9, 100, 12][i] ?? 0;
    }
    expect(batch.impliedVolatilities(3)).toBe(2);
    expect([0, 1, 2].map((i) => batch.failure(i)?.code)).toEqual([
      'PRICING.BELOW_INTRINSIC',
      'PRICING.ABOVE_BOUND',
      undefined,
    ]);
    expect(batch.volatility[2]).toBeGreaterThan(0);
  });
});
