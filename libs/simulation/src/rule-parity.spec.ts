import { createPathKernel } from '@evenkeel/pricing';
import { createProgram, exposureOfLegs, only, straddleLegs } from '../../hedging/test/scenario';
import { createBookPricer } from './book-pricer';
import { ruleOf } from './hedge-rules';
import { parseSimulation } from './simulation-config';
import { StepGreeks } from './step-greeks';
import { timeGrid } from './time-grid';

/** Taker fee and half spread of the perpetual that the program trades at its test mark. */
const COST = 0.0005 + 0.00001;
/** Its lot: decisions are rounded, simulated trades are not. */
const LOT = 0.001;
const YEARS = 0.02;

/** Exposure after the trade, as the production program decides on a straddle and a hedge; undefined where it stays quiet. */
function decidedByProgram(
  policy: object,
  quantity: number,
  strike: number,
  held: number,
): number | undefined {
  const legs = straddleLegs(quantity, { strike });
  const own = exposureOfLegs(legs);
  const exposure = { ...own, delta: (own.delta ?? 0) + held, hedgeDelta: held };
  const said = createProgram(policy).snapshot('2026-01-01T10:00:00Z', [exposure], { legs });
  return said.some(({ type }) => type === 'HedgeDecided')
    ? only(said, 'HedgeDecided').assessments[0]?.exposureAfter
    : undefined;
}

/** The same by the rule that a simulation follows. */
function decidedByRule(policy: object, quantity: number, strike: number, held: number): number | undefined {
  const parsed = parseSimulation({
    paths: 2,
    market: { model: 'gbm', S0: 90_000, sigma: 0.45 },
    positions: ['call', 'put'].map((type) => ({ type, K: strike, T: YEARS, quantity })),
    hedge: { policy, modelVolatility: 0.45, watch: YEARS / 10, costs: { proportional: COST } },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { config } = parsed;
  const grid = timeGrid(config.hedge.watch, [YEARS]);
  const paths = createPathKernel(1, 32);
  const pricer = createBookPricer({ positions: config.positions, volatility: 0.45, r: 0, q: 0 }, paths, 1);
  const view = new StepGreeks(pricer, paths.column().fill(90_000), paths);
  view.moveTo(0, 0);
  const wanted = paths.column();
  ruleOf({ config, policy: config.hedge.policy, grid })(paths).decide(
    view,
    paths.column().fill(held),
    wanted,
  );
  const after = wanted[0] ?? Number.NaN;
  return after === held ? undefined : (view.delta[0] ?? 0) + after;
}

const policies = [
  { kind: 'time', interval: 'PT4H' },
  { kind: 'delta-band', band: '0.4' },
  { kind: 'delta-band', band: '0.4', mode: 'edge' },
  { kind: 'delta-band', gammaMovePercent: '0.5', mode: 'edge' },
  { kind: 'spot-move', multiple: '0.5' },
  { kind: 'leland', interval: 'PT4H' },
  { kind: 'whalley-wilmott', riskAversion: '0.0001' },
  { kind: 'zakamouline', riskAversion: '0.0001' },
  { kind: 'hodges-neuberger', riskAversion: '0.0001' },
  { kind: 'minimum-variance', band: '0.3', volBeta: '-0.8' },
  {
    kind: 'minimum-variance',
    riskAversion: '0.0001',
    volBeta: '-0.8',
    jumps: { intensity: 12, mean: -0.03, deviation: 0.04 },
  },
];

describe('a simulated rule and the production policy of the same words', () => {
  it.each(policies.map((policy) => [JSON.stringify(policy), policy] as const))(
    'decide alike: %s',
    (_, policy) => {
      let traded = 0;
      for (const quantity of [-10, 6])
        for (const strike of [88_000, 93_000])
          for (const held of [-4, 0, 3]) {
            const byProgram = decidedByProgram(policy, quantity, strike, held);
            const byRule = decidedByRule(policy, quantity, strike, held);
            if (byProgram === undefined || byRule === undefined) {
              expect(byRule).toBe(byProgram);
              continue;
            }
            traded += 1;
            expect(Math.abs(byRule - byProgram)).toBeLessThanOrEqual(LOT * 1.001);
          }
      expect(traded).toBeGreaterThan(0);
    },
  );
});
