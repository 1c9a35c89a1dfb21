import { readLimits, breaches } from '../multi-greek/hedge-problem';
import type { HedgeProblem } from '../multi-greek/hedge-problem';
import { PLAIN_COSTS, isIntact, withHash } from '../cost-model/cost-model';
import { onCosts } from './band';

describe('a check that a policy records', () => {
  const problem: HedgeProblem = {
    choices: [],
    exposure: [],
    correlation: [],
    riskAversion: 1,
    greekLimits: [{ name: 'vega', current: 100, perContract: [], limit: 100 }],
    marginMax: 50,
    marginOther: 50,
  };

  it('passes on the limit itself and fails one step beyond it, for Greeks and margin alike', () => {
    expect(readLimits(problem, []).map(({ name, held }) => [name, held])).toEqual([
      ['vega', true],
      ['margin', true],
    ]);
    const beyond: HedgeProblem = {
      ...problem,
      greekLimits: [{ name: 'vega', current: -100.001, perContract: [], limit: 100 }],
      marginOther: 50.001,
    };
    expect(readLimits(beyond, []).map(({ held }) => held)).toEqual([false, false]);
    expect(breaches(beyond, []).map(({ name, observed }) => [name, observed])).toEqual([
      ['vega', -100.001],
      ['margin', 50.001],
    ]);
  });

  it('fails where nobody knows the number', () => {
    const unknown = {
      ...problem,
      greekLimits: [{ name: 'vega', current: NaN, perContract: [], limit: 100 }],
    };
    expect(readLimits(unknown, [])[0]?.held).toBe(false);
  });

  it('compares costs with their hash, and nothing is traded on costs that were altered', () => {
    const { hash: _, ...contents } = PLAIN_COSTS;
    const costs = withHash({ ...contents, version: 'january' });
    const output = {
      assessments: [],
      candidates: [],
      trades: [{ instrument: 'i', quantity: '1', referencePrice: '1', delta: 1, urgency: 'normal' }],
      reasons: ['BAND_BREACHED'],
      refusals: [],
      rebalanced: [],
    };
    expect(onCosts(output, PLAIN_COSTS)).toBe(output);
    expect(onCosts(output, costs)).toMatchObject({
      trades: output.trades,
      checks: [{ name: 'cost model', limit: costs.hash, observed: 'january', passed: true }],
    });
    const altered = { ...costs, prudence: 2 };
    expect([isIntact(costs), isIntact(altered)]).toEqual([true, false]);
    expect(onCosts(output, altered)).toMatchObject({ trades: [], reasons: [], checks: [{ passed: false }] });
  });
});
