import { frontierJobs, frontierOf } from './frontier';
import type { FrontierReport } from './frontier';
import { parseFrontier } from './frontier-config';
import type { FrontierConfig } from './frontier-config';
import { renderFrontierPage } from './frontier-page';
import { outcomesOf, planSimulation } from './simulation';

/** The evidence of docs/evidence/frontier.md, reduced. */
const written = {
  paths: 2048,
  seed: 'reduced',
  market: { model: 'gbm', S0: 100, r: 0, sigma: 0.3 },
  positions: [{ type: 'call', K: 100, T: 0.25, quantity: -1 }],
  hedge: { modelVolatility: 0.3, watch: 0.001, settlement: 'free', costs: { proportional: 0.002 } },
  frontier: {
    intervals: { from: 0.001, to: 0.06, count: 12 },
    bands: { from: 0.03, to: 0.3, count: 12 },
    riskAversions: [0.5],
    approach: { riskAversion: 0.1, costs: [0.02, 0.002], watch: 0.001, paths: 2048 },
  },
};

function configOf(file: object): FrontierConfig {
  const parsed = parseFrontier(file);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

function run(config: FrontierConfig): FrontierReport {
  const outcomes = frontierJobs(config).map(({ config: market, policies }) => {
    const plan = planSimulation(market, policies);
    return outcomesOf(plan);
  });
  return frontierOf(config, outcomes);
}

/**
 * What the evidence claims: the whole interval of each margin is above 2 %. Straight lines between the rungs of a ladder flatter the
 * bands by less than 1 %. Says which are not.
 */
function unproven({ margins }: FrontierReport): readonly string[] {
  return margins
    .filter(({ riskSaved }) => riskSaved !== undefined && riskSaved.low <= 0.02)
    .map(({ family, parameter, against }) => `${family} ${parameter} against ${against}`);
}

describe('bands against fixed rules', () => {
  const config = configOf(written);
  const report = run(config);

  it('save risk at the same mean cost against every fixed interval and band, beyond doubt', () => {
    expect(report.margins.filter(({ riskSaved }) => riskSaved !== undefined).length).toBe(9);
    expect(unproven(report)).toEqual([]);
  });

  it('come near to the utility-indifference band as costs go to zero', () => {
    const [dear, cheap] = report.approach;
    expect(cheap?.excess['whalley-wilmott'].high).toBeLessThan(dear?.excess['whalley-wilmott'].value ?? 0);
    expect(cheap?.excess['whalley-wilmott'].high).toBeLessThan(0.1);
    expect(cheap?.excess.zakamouline.high).toBeLessThan(0.1);
  });

  it('would not be found better if they were not: a fixed band under their name', () => {
    const policies = config.policies
      .filter(({ family }) => family === 'delta-band to the edge' || family === 'whalley-wilmott')
      .map((entry) =>
        entry.family === 'whalley-wilmott'
          ? { ...entry, policy: { kind: 'delta-band', band: 0.1 - 0.1 * entry.parameter, mode: 'edge' } }
          : entry,
      );
    const found = unproven(run({ ...config, policies, approach: { ...config.approach, simulations: [] } }));
    expect(found).toEqual(['whalley-wilmott 0.5 against delta-band to the edge']);
  });

  it('would not be found near the exact band if they were three times too wide', () => {
    const [level] = config.approach.simulations.slice(1);
    if (level === undefined) throw new Error('two levels of cost');
    const jobs = frontierJobs({ ...config, approach: { ...config.approach, simulations: [level] } });
    const [, job] = jobs;
    const wide = (job?.policies ?? []).map((policy) =>
      // The band goes with γ^(−1/3).
      policy.kind === 'whalley-wilmott'
        ? { ...policy, riskAversion: config.approach.riskAversion / 27 }
        : policy,
    );
    const plan = planSimulation(level, wide);
    const outcomes = outcomesOf(plan);
    const [row] = frontierOf(
      { ...config, policies: [], approach: { ...config.approach, simulations: [level] } },
      [[], outcomes],
    ).approach;
    expect(row?.excess['whalley-wilmott'].low).toBeGreaterThan(0.3);
  });

  it('make a page that names its command', () => {
    const page = renderFrontierPage(config, report, 'keel lab frontier');
    expect(page).toContain('Made by `keel lab frontier`');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('refuses a configuration with every problem named', () => {
    const parsed = parseFrontier({
      ...written,
      paths: 0,
      frontier: { ...written.frontier, riskAversions: [-1] },
    });
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual([
      'paths',
      'frontier.riskAversions',
    ]);
  });
});
