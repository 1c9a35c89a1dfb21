import fc from 'fast-check';
import { Decimal } from '@evenkeel/kernel';
import type { HedgeInstrument } from '../hedge-instrument';
import type { ContractCost, HedgeChoice, HedgeProblem } from './hedge-problem';
import { breaches, hedgeFormOf, isQuiet, judge } from './hedge-problem';
import { bestLots } from './lot-search';

const REACH = 4;

/** All trades of at most four lots of each: the obvious answer. */
function byEnumeration(problem: HedgeProblem): number {
  const form = hedgeFormOf(problem);
  const n = problem.choices.length;
  let best = Infinity;
  const width = 2 * REACH + 1;
  for (let code = 0; code < width ** n; code += 1) {
    const lots = problem.choices.map((_, i) => (Math.floor(code / width ** i) % width) - REACH);
    const allowed = lots.every(
      (count, i) => count === 0 || Math.abs(count) >= (problem.choices[i]?.lotsMin ?? 1),
    );
    const x = lots.map((count, i) => count * (problem.choices[i]?.lot ?? 1));
    if (!allowed || breaches(problem, x).length > 0) continue;
    best = Math.min(best, judge(form, x).score);
  }
  return best;
}

const FREE: ContractCost = {
  fee: 0,
  spread: 0,
  impactLinear: 0,
  impactSquareRoot: 0,
  carry: 0,
  capitalLong: 0,
  capitalShort: 0,
  capitalCost: 0,
  gas: 0,
  waitingVariance: 0,
};

// Only its id and underlying are looked at here.
const instrument = (id: string): HedgeInstrument =>
  ({
    id,
    underlying: 'BTC',
    kind: 'perpetual',
    lot: Decimal.ONE,
    minQuantity: Decimal.ONE,
  }) as HedgeInstrument;

function choice(id: string, over: Partial<HedgeChoice> = {}): HedgeChoice {
  return {
    instrument: instrument(id),
    loading: [1],
    cost: FREE,
    patience: 1,
    position: 0,
    tradeMax: REACH,
    positionMax: Infinity,
    lot: 1,
    lotsMin: 1,
    ...over,
  };
}

/** Hundredths: numbers that people write, so that a counterexample can be read. */
const between = (least: number, most: number) =>
  fc.integer({ min: Math.round(least * 100), max: Math.round(most * 100) }).map((n) => n / 100);
const amount = (max: number) => between(0, max);
const costs = fc.record({
  fee: amount(0.5),
  spread: amount(0.5),
  impactLinear: fc.oneof(fc.constant(0), amount(0.1)),
  impactSquareRoot: fc.oneof(fc.constant(0), amount(0.2)),
  carry: between(-0.2, 0.2),
  capitalLong: amount(2),
  capitalShort: amount(2),
  capitalCost: amount(0.2),
  gas: fc.oneof(fc.constant(0), amount(1)),
  waitingVariance: amount(0.01),
});
const loadings = fc.array(between(-1.5, 1.5), { minLength: 3, maxLength: 3 });
const problems = fc
  .record({
    choices: fc.array(
      fc.record({
        loading: loadings,
        cost: costs,
        position: fc.integer({ min: -2, max: 2 }),
        positionMax: fc.integer({ min: 3, max: 6 }),
        lot: fc.constantFrom(0.5, 1, 1.25),
        lotsMin: fc.constantFrom(1, 1, 2),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    exposure: fc.array(between(-4, 4), { minLength: 3, maxLength: 3 }),
    margin: fc.oneof(fc.constant(Infinity), between(1, 8)),
    greek: fc.option(fc.record({ current: between(-3, 3), limit: between(0.1, 2) })),
  })
  .map(({ choices, exposure, margin, greek }): HedgeProblem => ({
    choices: choices.map((parts, i) => choice(`i${i}`, { ...parts, tradeMax: REACH * parts.lot })),
    exposure,
    correlation: [
      [1, 0, -0.3],
      [0, 1, 0],
      [-0.3, 0, 1],
    ],
    riskAversion: 1,
    marginMax: margin,
    marginOther: 0,
    greekLimits:
      greek === null
        ? []
        : [{ name: 'vega', ...greek, perContract: choices.map(({ loading }) => loading[2] ?? 0) }],
  }));

const EXACT = { nodesMax: 20_000, gap: 0 };

describe('the best trade in lots', () => {
  it('is what enumerating every trade finds, with fees per order, smallest orders, impact, margin and limits', () => {
    let infeasible = 0;
    fc.assert(
      fc.property(problems, (problem) => {
        const outcome = bestLots(hedgeFormOf(problem), EXACT);
        const least = byEnumeration(problem);
        if (!outcome.ok) {
          infeasible += 1;
          expect(least).toBe(Infinity);
          expect(outcome.limits.length).toBeGreaterThan(0);
          return;
        }
        const { optimum } = outcome;
        expect(breaches(problem, optimum.contracts)).toEqual([]);
        expect(optimum.score).toBeLessThanOrEqual(least + 1e-6);
        expect(optimum.score).toBeGreaterThanOrEqual(least - 1e-6);
        expect(optimum.bound).toBeLessThanOrEqual(optimum.score + 1e-9);
      }),
      { seed: 20, numRuns: process.env['EK_SOAK'] === '1' ? 5000 : 250 },
    );
    expect(infeasible).toBeGreaterThan(0);
  });

  it('trades nothing exactly where the first contract of everything costs more than it gains', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const form = hedgeFormOf(problem);
        if (!isQuiet(form)) return;
        const outcome = bestLots(form, EXACT);
        expect(outcome).toMatchObject({ ok: true });
        // As good as nothing: a tie may be traded.
        if (outcome.ok) {
          const idle = judge(
            form,
            problem.choices.map(() => 0),
          ).score;
          expect(outcome.optimum.score).toBeGreaterThanOrEqual(idle - 1e-9);
        }
      }),
      { seed: 21, numRuns: 300 },
    );
  });

  const base: HedgeProblem = {
    choices: [choice('perp')],
    exposure: [10],
    correlation: [[1]],
    riskAversion: 1,
    greekLimits: [],
    marginMax: Infinity,
    marginOther: 0,
  };

  it('names the limits that stand in each other’s way', () => {
    const perContract = [1];
    const tight = { ...base, greekLimits: [{ name: 'vega', current: 10, perContract, limit: 1 }] };
    const outcome = bestLots(hedgeFormOf(tight));
    expect(outcome).toMatchObject({ ok: false, limits: [{ name: 'vega', limit: 1 }] });
    if (!outcome.ok) expect(outcome.limits[0]?.observed).toBeCloseTo(10 - REACH, 3);
  });

  it('names a position limit that the trade limit keeps out of reach', () => {
    const far = { ...base, choices: [choice('perp', { position: 20, positionMax: 2 })] };
    expect(bestLots(hedgeFormOf(far))).toMatchObject({
      ok: false,
      limits: [{ name: 'position perp, trade perp' }],
    });
  });

  it('names margin', () => {
    const cost = { ...FREE, capitalLong: 1, capitalShort: 1 };
    const poor = {
      ...base,
      choices: [choice('perp', { cost })],
      greekLimits: [{ name: 'delta', current: 10, perContract: [1], limit: 7 }],
      marginMax: 2,
    };
    const outcome = bestLots(hedgeFormOf(poor));
    expect(outcome.ok).toBe(false);
    if (!outcome.ok)
      expect(outcome.limits.map(({ name }) => name)).toEqual(expect.arrayContaining(['margin']));
  });
});
