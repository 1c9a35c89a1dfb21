import type { InputProblem } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import { readFields } from './config-fields';
import type { FieldReader } from './config-fields';
import { yearsOf } from './interval-years';
import { parseSimulation } from './simulation-config';
import type { SimulatedPolicy, SimulationConfig } from './simulated-world';

/** One policy of the ladder, in the family it belongs to. */
export interface FrontierPolicy {
  readonly family: FrontierFamily;
  /** Interval in years, band in units of the underlying, or risk aversion per unit of quote currency. */
  readonly parameter: number;
  readonly policy: SimulatedPolicy;
}

/** The yardsticks, whose one number is the same at all times, and the bands that follow gamma and cost. */
export const FIXED_FAMILIES = ['time', 'delta-band to the centre', 'delta-band to the edge'] as const;
export const BAND_FAMILIES = ['whalley-wilmott', 'zakamouline', 'hodges-neuberger'] as const;
export type FrontierFamily = (typeof FIXED_FAMILIES)[number] | (typeof BAND_FAMILIES)[number];

/** Simulations of the asymptotic bands beside the exact one, at costs that go to zero. */
export interface ApproachConfig {
  readonly riskAversion: number;
  /** Each with the proportional cost it stands for. */
  readonly simulations: readonly SimulationConfig[];
}

export interface FrontierConfig {
  readonly simulation: SimulationConfig;
  readonly policies: readonly FrontierPolicy[];
  readonly approach: ApproachConfig;
}

export type ParsedFrontier =
  | { readonly ok: true; readonly config: FrontierConfig }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Reads the configuration of `keel lab frontier`: that of a simulation with `hedge.watch` and without a policy, and `frontier`:
 * `intervals` and `bands` as geometric ladders { from, to, count }, `riskAversions`, and `approach` { riskAversion, costs, watch, paths }.
 */
export function parseFrontier(written: unknown): ParsedFrontier {
  const problems: InputProblem[] = [];
  const file = readFields(written, '', problems);
  const fields = file.object('frontier');
  if (problems.length > 0) return { ok: false, problems };
  const simulation = parseSimulation(withTimePolicy(file.all()));
  if (!simulation.ok) problems.push(...simulation.problems);
  const bands = readLadder(fields.object('bands'), (name, ladder) =>
    ladder.number(name, { above: 0, to: 1e12 }),
  );
  const intervals = readLadder(fields.object('intervals'), (name, ladder) => readYears(name, ladder));
  const riskAversions = readNumbers('riskAversions', fields);
  const approach = fields.object('approach');
  const riskAversion = approach.number('riskAversion', { above: 0, to: 1e12 });
  const costs = readNumbers('costs', approach);
  const watch = readYears('watch', approach);
  const paths = approach.integer('paths', 2, 5_000_000);
  approach.nothingElse();
  fields.nothingElse();
  if (!simulation.ok || problems.length > 0) return { ok: false, problems };
  const { config } = simulation;
  const policies = [
    ...wholeWatches(intervals, config.hedge.watch).map((years) => timePolicy(years)),
    ...bands.map((band) => bandPolicy(band, 'centre')),
    ...bands.map((band) => bandPolicy(band, 'edge')),
    ...BAND_FAMILIES.flatMap((family) => riskAversions.map((value) => asymptoticPolicy(family, value))),
  ];
  const simulations = costs.map((proportional) => ({
    ...config,
    paths,
    hedge: { ...config.hedge, watch, costs: { ...config.hedge.costs, proportional } },
  }));
  return { ok: true, config: { simulation: config, policies, approach: { riskAversion, simulations } } };
}

/** The file as a simulation's: a policy in the place that a ladder of them takes. */
function withTimePolicy(file: Readonly<Record<string, unknown>>): object {
  const { frontier: _, hedge, ...rest } = file;
  if (typeof hedge !== 'object' || hedge === null || Array.isArray(hedge)) return { ...rest, hedge };
  return { ...rest, hedge: { ...hedge, policy: { kind: 'time', interval: 1 } } };
}

export function asymptoticPolicy(
  family: (typeof BAND_FAMILIES)[number],
  riskAversion: number,
): FrontierPolicy {
  return { family, parameter: riskAversion, policy: { kind: family, riskAversion } };
}

function timePolicy(years: number): FrontierPolicy {
  return { family: 'time', parameter: years, policy: { kind: 'time', interval: years } };
}

function bandPolicy(band: number, mode: 'centre' | 'edge'): FrontierPolicy {
  return { family: `delta-band to the ${mode}`, parameter: band, policy: { kind: 'delta-band', band, mode } };
}

/** `count` values from `from` to `to`, each the same multiple of the one before. */
function readLadder(
  fields: FieldReader,
  read: (name: string, fields: FieldReader) => number,
): readonly number[] {
  const from = read('from', fields);
  const to = read('to', fields);
  const count = fields.integer('count', 2, 200);
  fields.nothingElse();
  return Array.from({ length: count }, (_, i) => from * math.pow(to / from, i / (count - 1)));
}

function readYears(name: string, fields: FieldReader): number {
  const years = yearsOf(fields.written(name));
  if (years === undefined) fields.problem(name, 'must be a duration such as PT1H or a number of years');
  return years ?? 1;
}

function readNumbers(name: string, fields: FieldReader): readonly number[] {
  const written = fields.written(name);
  const fits = (value: unknown): value is number =>
    typeof value === 'number' && value > 0 && Number.isFinite(value);
  if (Array.isArray(written) && written.length > 0 && written.every(fits)) return written;
  fields.problem(name, 'must be a list of positive numbers');
  return [];
}

/** Intervals are whole numbers of looks at the market; those that round to the same are one. */
function wholeWatches(intervals: readonly number[], watch: number): readonly number[] {
  return [...new Set(intervals.map((years) => Math.max(1, Math.round(years / watch))))].map(
    (count) => count * watch,
  );
}
