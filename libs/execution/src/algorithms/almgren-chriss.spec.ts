import fc from 'fast-check';
import type { AlmgrenChrissModel } from './almgren-chriss';
import { almgrenChriss, costOfHoldings, modelOfMarket } from './almgren-chriss';

const MODEL: AlmgrenChrissModel = {
  quantity: 100,
  horizon: 1,
  periods: 10,
  volatility: 900,
  temporaryImpact: 3,
  permanentImpact: 0.1,
  fixedCost: 10,
  riskAversion: 1e-5,
};

const models = fc
  .record({
    quantity: fc.double({ min: 0.1, max: 1e5, noNaN: true }),
    horizon: fc.double({ min: 1e-3, max: 10, noNaN: true }),
    periods: fc.integer({ min: 1, max: 60 }),
    volatility: fc.double({ min: 1, max: 1e4, noNaN: true }),
    temporaryImpact: fc.double({ min: 0.01, max: 100, noNaN: true }),
    permanentShare: fc.double({ min: 0, max: 0.9, noNaN: true }),
    fixedCost: fc.double({ min: 0, max: 100, noNaN: true }),
    hurry: fc.oneof(fc.constant(0), fc.double({ min: 0.05, max: 40, noNaN: true })),
  })
  .map(({ permanentShare, hurry, ...drawn }): AlmgrenChrissModel => {
    const tau = drawn.horizon / drawn.periods;
    // Risk aversion is drawn through κT, so that schedules of every shape come up.
    const bend = 2 * (Math.cosh(hurry / drawn.periods) - 1);
    const eta = drawn.temporaryImpact * (1 - permanentShare);
    return {
      ...drawn,
      permanentImpact: (permanentShare * 2 * drawn.temporaryImpact) / tau,
      riskAversion: (bend * eta) / (tau * tau * drawn.volatility ** 2),
    };
  });

/** The closed form as printed, with the host's own hyperbolic functions. */
function printed(model: AlmgrenChrissModel): number[] {
  const tau = model.horizon / model.periods;
  const eta = model.temporaryImpact - (model.permanentImpact * tau) / 2;
  const kappaSquared = (model.riskAversion * model.volatility ** 2) / eta;
  const kappa = Math.acosh(1 + (kappaSquared * tau * tau) / 2) / tau;
  return Array.from({ length: model.periods + 1 }, (_, j) =>
    kappa * model.horizon < 1e-6
      ? model.quantity * (1 - j / model.periods)
      : (model.quantity * Math.sinh(kappa * (model.horizon - j * tau))) / Math.sinh(kappa * model.horizon),
  );
}

/** The best trajectory in whole contracts, by trying all of them. */
function bruteForce(model: AlmgrenChrissModel): { holdings: number[]; objective: number } {
  let best = { holdings: [] as number[], objective: Infinity };
  const visit = (holdings: number[]): void => {
    const last = holdings.at(-1) ?? 0;
    if (holdings.length === model.periods) {
      const whole = [...holdings, 0];
      const objective = objectiveOf(model, whole);
      if (objective < best.objective) best = { holdings: whole, objective };
      return;
    }
    for (let next = 0; next <= last; next += 1) visit([...holdings, next]);
  };
  visit([model.quantity]);
  return best;
}

const objectiveOf = (model: AlmgrenChrissModel, holdings: readonly number[]): number => {
  const { expectedCost, variance } = costOfHoldings(model, holdings);
  return expectedCost + model.riskAversion * variance;
};

describe('the schedule of Almgren and Chriss', () => {
  it('is the printed closed form over random parameters', () => {
    let risky = 0;
    fc.assert(
      fc.property(models, (model) => {
        const schedule = almgrenChriss(model);
        const expected = printed(model);
        // Beyond this sinh overflows in the printed form, not in ours.
        if (expected.some((value) => !Number.isFinite(value))) return;
        if ((schedule?.kappa ?? 0) * model.horizon > 0.1) risky += 1;
        const apart = expected.map((value, j) => Math.abs(value - (schedule?.holdings[j] ?? NaN)));
        expect(Math.max(...apart)).toBeLessThanOrEqual(1e-6 * model.quantity);
      }),
      { numRuns: 2000, seed: 2001 },
    );
    expect(risky).toBeGreaterThan(500);
  });

  it('satisfies the difference equation that makes it optimal, and nothing nearby is cheaper', () => {
    fc.assert(
      fc.property(models, fc.integer({ min: 0, max: 1000 }), (model, at) => {
        const schedule = almgrenChriss(model);
        if (schedule === undefined || model.periods < 2) return;
        const { holdings } = schedule;
        const tau = model.horizon / model.periods;
        const eta = model.temporaryImpact - (model.permanentImpact * tau) / 2;
        const bend = (model.riskAversion * model.volatility ** 2 * tau * tau) / eta;
        for (let j = 1; j < model.periods; j += 1) {
          const [before = 0, here = 0, after = 0] = holdings.slice(j - 1, j + 2);
          const scale = model.quantity * (2 + bend);
          expect(Math.abs(before - (2 + bend) * here + after)).toBeLessThanOrEqual(1e-9 * scale);
        }
        const optimum = objectiveOf(model, holdings);
        const j = 1 + (at % (model.periods - 1));
        for (const push of [-0.01, 0.01]) {
          const other = holdings.map((held, place) => (place === j ? held + push * model.quantity : held));
          expect(objectiveOf(model, other)).toBeGreaterThanOrEqual(optimum - 1e-9 * Math.abs(optimum));
        }
      }),
      { numRuns: 500, seed: 2002 },
    );
  });

  it('is never dearer than the best of all whole-contract schedules, and lies within a contract of it', () => {
    for (const riskAversion of [0, 1e-6, 1e-5, 1e-4, 1e-3]) {
      for (const periods of [2, 3, 4]) {
        const model = { ...MODEL, quantity: 12, periods, riskAversion };
        const schedule = almgrenChriss(model);
        const best = bruteForce(model);
        expect(objectiveOf(model, schedule?.holdings ?? [])).toBeLessThanOrEqual(
          best.objective * (1 + 1e-12),
        );
        schedule?.holdings.forEach((held, j) =>
          expect(Math.abs(held - (best.holdings[j] ?? NaN))).toBeLessThanOrEqual(1),
        );
      }
    }
  });

  it('trades evenly without risk aversion and at once with much of it', () => {
    expect(almgrenChriss({ ...MODEL, riskAversion: 0, periods: 4 })?.holdings).toEqual([100, 75, 50, 25, 0]);
    const hasty = almgrenChriss({ ...MODEL, riskAversion: 1e6, periods: 4 });
    expect(hasty?.holdings[1]).toBeLessThan(1e-3);
  });

  it('takes its parameters from what a market says of itself: the published example, to its digits', () => {
    // Price 50, 30 % a year over 250 days, 5 million shares a day, a spread of an eighth; a million shares in five days.
    const day = 86_400;
    const market = { price: 50, volatility: 0.3 / Math.sqrt(250), dailyVolume: 5e6, spread: 0.125 };
    const order = { quantity: 1e6, horizon: 5 * day, periods: 5, riskAversion: 1e-6 };
    const model = modelOfMarket(market, order);
    expect(model).toMatchObject({ permanentImpact: 2.5e-7, fixedCost: 0.0625 });
    expect(model.temporaryImpact / day).toBeCloseTo(2.5e-6, 15);
    expect(model.volatility * Math.sqrt(day)).toBeCloseTo(0.95, 2);
    const schedule = almgrenChriss(model);
    expect((schedule?.kappa ?? 0) * day).toBeCloseTo(0.61, 2);
    expect(1 / (schedule?.kappa ?? 0) / day).toBeCloseTo(1.6, 1);
    expect(modelOfMarket({ ...market, fee: 0.01 }, model).fixedCost).toBeCloseTo(0.0725, 12);
  });

  it('leans on the static holding under a drift, and no push to either side is better', () => {
    for (const drift of [-40, 15, 400]) {
      const model = { ...MODEL, drift, riskAversion: 1e-4, quantity: 1000, fixedCost: 0 };
      const schedule = almgrenChriss(model);
      const holdings = schedule?.holdings ?? [];
      expect(schedule?.staticHolding).toBeCloseTo(drift / (2 * 1e-4 * 900 ** 2), 9);
      const best = objectiveOf(model, holdings);
      for (let j = 1; j < model.periods; j += 1)
        for (const push of [-1, 1]) {
          const other = holdings.map((held, place) => (place === j ? held + push : held));
          expect(objectiveOf(model, other)).toBeGreaterThan(best);
        }
    }
    const long = almgrenChriss({ ...MODEL, drift: 15, riskAversion: 1e-2, horizon: 10, periods: 100 });
    expect(long?.holdings[50]).toBeCloseTo(long?.staticHolding ?? 0, 9);
    expect(almgrenChriss({ ...MODEL, drift: 0 })?.holdings).toEqual(almgrenChriss(MODEL)?.holdings);
  });

  it('refuses to be paid for variance, and what is no number', () => {
    expect(almgrenChriss({ ...MODEL, riskAversion: -1e-6 })).toBeUndefined();
    expect(almgrenChriss({ ...MODEL, riskAversion: Number.NaN })).toBeUndefined();
    expect(almgrenChriss({ ...MODEL, volatility: Number.NaN })).toBeUndefined();
    expect(almgrenChriss({ ...MODEL, riskAversion: 0, drift: 1 })).toBeUndefined();
    expect(almgrenChriss({ ...MODEL, drift: Infinity })).toBeUndefined();
  });

  it('has no answer where permanent impact outweighs temporary', () => {
    expect(almgrenChriss({ ...MODEL, permanentImpact: 100 })).toBeUndefined();
    expect(almgrenChriss({ ...MODEL, quantity: 0 })).toBeUndefined();
  });
});
