import { parsePolicy, policyKinds } from '@evenkeel/hedging';
import { Decimal } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import { readFields } from './config-fields';
import type { FieldReader } from './config-fields';
import { simulatedKinds } from './hedge-rules';
import { yearsOf } from './interval-years';
import { MARKET_MODELS, averageVolatility } from './market-model';
import type { SimulatedMarket } from './market-model';
import type {
  HedgeConfig,
  SimulatedCosts,
  SimulatedImpact,
  SimulatedOption,
  SimulatedPolicy,
  SimulationConfig,
} from './simulated-world';

export type ParsedSimulation =
  | { readonly ok: true; readonly config: SimulationConfig }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

const MOST_PATHS = 5_000_000;
const MOST_STEPS = 200_000;
const WATCHES_BY_DEFAULT = 500;

/** Reads the configuration of `keel lab simulate`; every problem at once, each with its path. */
export function parseSimulation(written: unknown): ParsedSimulation {
  const problems: InputProblem[] = [];
  const file = readFields(written, '', problems);
  const paths = file.integer('paths', 2, MOST_PATHS);
  const seed = file.text('seed', 'evenkeel');
  const market = readMarket(file.object('market'));
  const positions = file.list('positions').map(readPosition);
  const horizon = positions.reduce((longest, { T }) => Math.max(longest, T), 0);
  const hedge = readHedge(file.object('hedge'), market, horizon);
  file.nothingElse();
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, config: { paths, seed, market, positions, hedge } };
}

function readMarket(fields: FieldReader): SimulatedMarket {
  const model = fields.oneOf('model', MARKET_MODELS);
  const r = fields.number('r', { from: -1, to: 5, byDefault: 0 });
  const terms = {
    S0: fields.number('S0', { above: 0, to: 1e12 }),
    r,
    mu: fields.number('mu', { from: -5, to: 5, byDefault: r }),
    q: fields.number('q', { from: -1, to: 5, byDefault: 0 }),
  };
  const market = readModel(model, terms, fields);
  fields.nothingElse();
  return market;
}

function readModel(
  model: (typeof MARKET_MODELS)[number],
  terms: { readonly S0: number; readonly r: number; readonly mu: number; readonly q: number },
  fields: FieldReader,
): SimulatedMarket {
  if (model === 'gbm') return { model, ...terms, sigma: fields.number('sigma', { from: 0, to: 20 }) };
  if (model === 'heston')
    return {
      model,
      ...terms,
      v0: fields.number('v0', { above: 0, to: 400 }),
      kappa: fields.number('kappa', { above: 0, to: 1000 }),
      theta: fields.number('theta', { above: 0, to: 400 }),
      sigma: fields.number('sigma', { above: 0, to: 100 }),
      rho: fields.number('rho', { from: -1, to: 1 }),
    };
  return {
    model,
    ...terms,
    sigma: fields.number('sigma', { from: 0, to: 20 }),
    jump_intensity: fields.number('jump_intensity', { from: 0, to: 1000 }),
    mean_jump: fields.number('mean_jump', { above: -1, to: 10, byDefault: 0 }),
    jump_vol_delta: fields.number('jump_vol_delta', { from: 0, to: 5 }),
  };
}

function readPosition(fields: FieldReader): SimulatedOption {
  const option = {
    type: fields.oneOf('type', ['call', 'put'] as const),
    K: fields.number('K', { above: 0, to: 1e12 }),
    T: fields.number('T', { above: 0, to: 100 }),
    quantity: fields.number('quantity', { from: -1e12, to: 1e12 }),
  };
  if (option.quantity === 0) fields.problem('quantity', 'must not be 0');
  fields.nothingElse();
  return option;
}

function readHedge(fields: FieldReader, market: SimulatedMarket, horizon: number): HedgeConfig {
  const policy = readPolicy(fields);
  const interval = 'interval' in policy ? yearsOf(policy['interval']) : undefined;
  const hedge = {
    policy,
    modelVolatility: fields.number('modelVolatility', {
      from: 0,
      to: 20,
      byDefault: averageVolatility(market, horizon > 0 ? horizon : 1, math.exp, math.log),
    }),
    costs: readCosts(fields.object('costs', {})),
    watch: readWatch(fields, interval ?? (horizon > 0 ? horizon / WATCHES_BY_DEFAULT : 1)),
    settlement: fields.oneOf('settlement', ['cash', 'physical', 'free'] as const, 'cash'),
  };
  if (hedge.watch > 0 && horizon / hedge.watch > MOST_STEPS)
    fields.problem('watch', `makes ${Math.ceil(horizon / hedge.watch)} steps; at most ${MOST_STEPS}`);
  fields.nothingElse();
  return hedge;
}

function readCosts(fields: FieldReader): SimulatedCosts {
  const proportional = fields.number('proportional', { from: 0, to: 1, byDefault: 0 });
  const fixed = fields.number('fixed', { from: 0, to: 1e12, byDefault: 0 });
  const impact = readImpact(fields);
  fields.nothingElse();
  return { proportional, fixed, impact };
}

function readImpact(costs: FieldReader): SimulatedImpact {
  if (typeof costs.written('impact') !== 'object')
    return {
      temporary: costs.number('impact', { from: 0, to: 1e6, byDefault: 0 }),
      squareRoot: 0,
      permanent: 0,
    };
  const fields = costs.object('impact', {});
  const impact = {
    temporary: fields.number('temporary', { from: 0, to: 1e6, byDefault: 0 }),
    squareRoot: fields.number('squareRoot', { from: 0, to: 1e6, byDefault: 0 }),
    permanent: fields.number('permanent', { from: 0, to: 1e6, byDefault: 0 }),
  };
  fields.nothingElse();
  return impact;
}

function readWatch(fields: FieldReader, byDefault: number): number {
  const written = fields.written('watch');
  if (written === undefined) return byDefault;
  const years = yearsOf(written);
  if (years === undefined) fields.problem('watch', 'must be a duration such as PT1H or a number of years');
  return years ?? byDefault;
}

/** Policies are checked by the registry that books use; what a simulation adds is an interval in years. */
function readPolicy(hedge: FieldReader): SimulatedPolicy {
  const fields = hedge.object('policy');
  const written = fields.all();
  const kind = fields.oneOf('kind', policyKinds);
  const interval = written['interval'];
  if (written['costs'] !== undefined)
    fields.problem('costs', 'belong to hedge.costs in a simulation: what trades really cost there');
  if (kind === 'minimum-variance' && !isNumber(written['volBeta']))
    fields.problem(
      'volBeta',
      'must be a number in a simulation: the model volatility has no marks to learn from',
    );
  if (interval !== undefined && yearsOf(interval) === undefined)
    fields.problem('interval', 'must be a duration such as PT1H or a number of years');
  else if (policyKinds.includes(kind) && !simulatedKinds.includes(kind))
    fields.problem(
      'kind',
      `"${kind}" cannot be simulated on one underlying with these costs; there are ${simulatedKinds.join(', ')}`,
    );
  else if (policyKinds.includes(kind)) {
    const checked = parsePolicy(
      JSON.stringify({ ...written, ...(typeof interval === 'number' ? { interval: 'PT1H' } : {}) }),
    );
    if (!checked.ok) fields.problem(checked.failure.path ?? 'kind', checked.failure.message);
  }
  return { ...written, kind };
}

/** A number, written as one or as text. */
function isNumber(written: unknown): boolean {
  return (
    typeof written === 'number' || (typeof written === 'string' && Decimal.tryParse(written) !== undefined)
  );
}
