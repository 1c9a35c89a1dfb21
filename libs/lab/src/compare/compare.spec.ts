import { canonicalJson, createRandom } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { busyDemonstration } from '@evenkeel/testkit';
import { policyDraft } from '@evenkeel/engine';
import { runInProcess } from '../in-process-run';
import { estimate, resampledHours } from './block-bootstrap';
import { renderComparison, renderComparisonPage } from './comparison-report';
import { outcomeOf, outcomesOf } from './compare-policies';
import { frontierChart } from './frontier-chart';
import type { HedgeOutcome } from './hedge-outcome';
import { metricsOf } from './policy-metrics';
import { changesOfFolds, chooseByPast, variantsOf } from './walk-forward';

const { tape, book } = busyDemonstration('compare', 2);
const managed = { file: book, source: 'the demonstration book' };
const under = (policy: Record<string, string>): HedgeOutcome => outcomeOf({ tape, book: managed, policy });

describe('the outcome of a run', () => {
  const outcome = under({ kind: 'delta-band', band: '0.05' });
  const last = outcome.hours[outcome.hours.length - 1];

  it('has an hour for every hour between the first valuation and the end of the market', () => {
    expect(outcome.hours.length - 1).toBe(Math.ceil(Number(tape.to - BigInt(outcome.start)) / 3.6e12));
  });

  it('ends where the statistics of the run end', () => {
    const { pnl, fills, turnoverUsd } = outcome.statistics;
    expect(last?.hedged).toBe(Number(pnl.hedged));
    expect(last?.fees).toBe(-Number(pnl.fees));
    expect(last?.fills).toBe(fills);
    expect(last?.turnoverUsd).toBeCloseTo(Number(turnoverUsd), 4);
    expect(last?.slippage).toBeGreaterThan(0);
  });
});

describe('weighing policies', () => {
  const outcomes = ['0.02', '0.1', '0.5'].map((band) => ({
    policy: `band ${band}`,
    outcomes: [under({ kind: 'delta-band', band })],
  }));
  const rows = metricsOf(outcomes, { riskAversion: 0.0001 });

  it('shows wider bands to be cheaper, and the widest to be riskier than the narrowest', () => {
    const costs = rows.map(({ costPerDay }) => costPerDay.value);
    const risks = rows.map(({ residualPerDay }) => residualPerDay.value);
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
    expect(risks[2]).toBeGreaterThan(risks[0] ?? Infinity);
    expect(rows[2]?.efficient).toBe(true);
  });

  it('sets a policy against itself with a difference of nothing', () => {
    const [, twin] = metricsOf(
      [outcomes[0], outcomes[0]].flatMap((entry) => (entry === undefined ? [] : [entry])),
      { riskAversion: 0.0001 },
    );
    expect(twin?.againstReference).toEqual({ value: 0, low: 0, high: 0 });
  });

  it('marks a policy that costs more for more risk as inefficient', () => {
    const [first] = outcomes;
    const dear = (first?.outcomes ?? []).map((outcome): HedgeOutcome => {
      return {
        ...outcome,
        hours: outcome.hours.map((point, hour) => ({
          ...point,
          fees: point.fees * 2,
          hedged: point.hedged + (hour % 2) * 500 - point.fees,
        })),
      };
    });
    const marked = metricsOf([...outcomes, { policy: 'dear', outcomes: dear }], { riskAversion: 0.0001 });
    expect(marked.find(({ policy }) => policy === 'dear')?.efficient).toBe(false);
  });

  it('writes a chart and pages that hold every policy and no script', () => {
    const comparison = {
      schemaVersion: 1 as const,
      command: 'npx keel lab compare --policies <odd & names>',
      markets: ['compare'],
      riskAversion: 0.0001,
      confidence: 0.95,
      books: [{ book: book.book, numeraire: 'USD', reference: 'band 0.02', skippedHours: 0, rows, fits: [] }],
    };
    const page = renderComparisonPage(comparison);
    for (const text of [frontierChart(rows, 'a chart'), page, renderComparison(comparison)])
      for (const { policy } of rows) expect(text).toContain(policy);
    expect(page).toContain('&lt;odd &amp; names&gt;');
    expect(page).not.toMatch(/<script|NaN|undefined/);
  });
});

describe('the block bootstrap', () => {
  it('covers the mean of correlated hours about as often as it says', () => {
    const random = createRandom('coverage');
    const trials = 200;
    let covered = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const values: number[] = [];
      let carry = 0;
      for (let hour = 0; hour < 480; hour += 1) {
        carry = 0.5 * carry + (random.next() + random.next() + random.next() - 1.5);
        values.push(carry);
      }
      const samples = resampledHours([480], {
        seed: `${trial}`,
        blockHours: 24,
        samples: 200,
        confidence: 0.9,
      });
      const { low, high } = estimate(480, samples, 0.9, (indices) => {
        let sum = 0;
        for (const index of indices) sum += values[index] ?? 0;
        return sum / indices.length;
      });
      if (low <= 0 && high >= 0) covered += 1;
    }
    // 0.9 less what 20 blocks cost; a bootstrap of single hours covers about 0.7 here.
    expect(covered / trials).toBeGreaterThan(0.8);
    expect(covered / trials).toBeLessThan(0.97);
  });

  it('never joins the end of one market to the start of another', () => {
    const drawn = resampledHours([30, 50], { seed: 'x', blockHours: 10, samples: 50, confidence: 0.9 });
    for (const indices of drawn)
      for (let at = 1; at < indices.length; at += 1)
        if (at % 10 !== 0) expect(Math.abs((indices[at] ?? 0) - (indices[at - 1] ?? 0))).not.toBe(0);
  });
});

describe('walk-forward fitting', () => {
  const variants = variantsOf({
    policy: { kind: 'delta-band', band: '0.05' },
    fit: { band: ['0.02', '0.1', '0.5'] },
  });
  const outcomes = variants.map((policy) => outcomeOf({ tape, book: managed, policy }));
  const plan = { folds: 3, riskAversion: 0.0001 };
  const folds = chooseByPast(outcomes, plan);

  it('spans every stretch but the first, without gaps', () => {
    const hours = (outcomes[0]?.hours.length ?? 1) - 1;
    expect(folds.map(({ from, to }) => [from, to])).toEqual([
      [Math.floor(hours / 3), Math.floor((2 * hours) / 3)],
      [Math.floor((2 * hours) / 3), hours],
    ]);
  });

  it('does not change a choice when what comes after it is another world', () => {
    const [first] = folds;
    const changed = outcomes.map((outcome, variant): HedgeOutcome => {
      const hours = outcome.hours.map((point, hour) =>
        hour <= (first?.from ?? 0) ? point : { ...point, hedged: point.hedged + variant * 1e6 * (hour % 2) },
      );
      return { ...outcome, hours };
    });
    expect(chooseByPast(changed, plan)[0]?.chosen).toBe(first?.chosen);
  });

  it('runs the choices as policies that take over at the edges of the stretches', () => {
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error('there is an outcome');
    const forced = folds.map((fold, index) => ({ ...fold, chosen: index + 1 }));
    const changes = changesOfFolds(managed, outcome, forced, variants);
    const run = runInProcess({ tape, books: [managed], changes, journal: 'light' });
    const set = run.journal.all.flatMap(({ commit }) =>
      commit.events.flatMap(({ event }) => (event.type === 'PolicySet' ? [event.payload.policy] : [])),
    );
    const chosen = ['0.1', '0.5'].map((band) => `{"band":"${band}","kind":"delta-band"}`);
    expect(set).toEqual([canonicalJson(managed.file.hedge.policy as Json), ...chosen]);
    const [at] = changes;
    const used = run.journal.all.flatMap(({ commit }) =>
      commit.events.flatMap(({ event }) =>
        event.type === 'HedgeDecided' && at !== undefined && commit.clock.eventTime > at.at
          ? event.payload.assessments.map(({ bandUpper }) => bandUpper)
          : [],
      ),
    );
    expect(new Set(used)).toEqual(new Set([0.1, 0.5]));
  });

  it('refuses a grid that is too large to run', () => {
    const many = Array.from({ length: 201 }, (_, index) => `${index}`);
    expect(() => variantsOf({ policy: { kind: 'delta-band' }, fit: { band: many } })).toThrow(/201/);
  });

  it('drafts the policy of a person', () => {
    expect(policyDraft(managed, '2026-01-06T00:00:00Z').actor).toEqual({ kind: 'human', id: 'operator' });
  });
});

describe('policies of one market and book over one pass', () => {
  it('do what each does alone', () => {
    const policies = [
      { kind: 'delta-band', band: '0.05' },
      { kind: 'delta-band', band: '0.4' },
      { kind: 'whalley-wilmott', riskAversion: '0.0001' },
    ];
    const requests = policies.map((policy) => ({ tape, book: managed, policy }));
    expect(outcomesOf(requests)).toEqual(policies.map(under));
    const [first] = requests;
    const other = { ...managed, file: { ...managed.file, positions: managed.file.positions.slice(1) } };
    expect(() => outcomesOf(first === undefined ? [] : [first, { ...first, book: other }])).toThrow(
      'runs of one pass are told the same market',
    );
  });
});
