import { failure, success, DAY_YEARS } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { whalleyWilmottHalfBand } from '../bands/whalley-wilmott';
import type { CostModel } from '../cost-model/cost-model';
import type { JumpSizes } from '../minimum-variance/hedge-ratio';
import { minimumVarianceRatio } from '../minimum-variance/hedge-ratio';
import {
  boundedBeta,
  observeVolatilities,
  readVolBeta,
  shrunkBeta,
  skewOf,
  volBetaOf,
} from '../minimum-variance/vol-beta';
import type { VolBetaEstimate, VolBetaMemory } from '../minimum-variance/vol-beta';
import { cheapestRate, degradedIngredient, judgeEach, numeraireGamma, toTheEdge } from './band';
import type { BandJudgement } from './band';
import type { Policy, PolicyInput, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import { costsField, exactlyOne, numberWithin, onlyFields, positiveNumber } from '../policy/policy-fields';

/** Where the spot–vol slope comes from: the marks' own history, the skew times how far it sticks, or a number. */
export type VolBetaSource =
  | {
      readonly from: 'measured';
      readonly prior: number;
      readonly halfLife: number;
      readonly minimumSamples: number;
      /** Standard errors within which a measured slope is not told from the prior; 0 takes it as it is. */
      readonly significance: number;
      /** How far from the prior a measured slope may lie; infinite where nothing is said. */
      readonly bound: number;
    }
  | { readonly from: 'skew'; readonly stickiness: number }
  | { readonly from: 'given'; readonly beta: number };

export interface MinimumVarianceSettings {
  readonly source: VolBetaSource;
  readonly jumps: JumpSizes | undefined;
  /** Units of the underlying; or Whalley & Wilmott's width by risk aversion. */
  readonly width: { readonly band: number } | { readonly riskAversion: number };
  readonly costs: CostModel;
}

const FIELDS = [
  'band',
  'riskAversion',
  'volBeta',
  'prior',
  'halfLife',
  'minimumSamples',
  'significance',
  'bound',
  'stickiness',
  'jumps',
  'costs',
];

/**
 * `{ "kind": "minimum-variance", "riskAversion": "0.00002", "volBeta": "measured", "jumps": { "intensity": 12, "mean": -0.03,
 * "deviation": 0.04 } }`: hedges the delta that leaves the least variance rather than the model's, within a band around it. Use it where
 * volatility moves with spot, or where jumps matter against the distance to the strikes.
 */
export function parseMinimumVariance(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, FIELDS);
  if (!checked.ok) return checked;
  const which = exactlyOne(fields, ['riskAversion', 'band']);
  if (!which.ok) return which;
  const size = positiveNumber(fields, which.value);
  if (!size.ok) return size;
  const source = sourceOf(fields);
  if (!source.ok) return source;
  const jumps = jumpsOf(fields['jumps']);
  if (!jumps.ok) return jumps;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  const width = which.value === 'band' ? { band: size.value } : { riskAversion: size.value };
  return success(
    createMinimumVariance({ source: source.value, jumps: jumps.value, width, costs: costs.value }),
  );
}

function sourceOf(fields: PolicyFields): Result<VolBetaSource> {
  const written = fields['volBeta'] ?? 'measured';
  if (written === 'measured') {
    const prior = numberWithin(fields, 'prior', 0, -10, 10);
    if (!prior.ok) return prior;
    const halfLife = numberWithin(fields, 'halfLife', 20, 1, 100_000);
    if (!halfLife.ok) return halfLife;
    const minimumSamples = numberWithin(fields, 'minimumSamples', 12, 2, 100_000);
    if (!minimumSamples.ok) return minimumSamples;
    const significance = numberWithin(fields, 'significance', 0, 0, 10);
    if (!significance.ok) return significance;
    const bound = numberWithin(fields, 'bound', Infinity, 0, 10);
    if (!bound.ok) return bound;
    return success({
      from: 'measured',
      prior: prior.value,
      halfLife: halfLife.value,
      minimumSamples: minimumSamples.value,
      significance: significance.value,
      bound: bound.value,
    });
  }
  if (written === 'skew') {
    const stickiness = numberWithin(fields, 'stickiness', 1.5, 0, 5);
    return stickiness.ok ? success({ from: 'skew', stickiness: stickiness.value }) : stickiness;
  }
  const beta = numberWithin(fields, 'volBeta', 0, -10, 10);
  return beta.ok
    ? success({ from: 'given', beta: beta.value })
    : failure(beta.failure.code, 'volBeta must be "measured", "skew" or a number from -10 to 10', 'volBeta');
}

function jumpsOf(written: unknown): Result<JumpSizes | undefined> {
  if (written === undefined) return success(undefined);
  const invalid = (message: string, path: string) => failure('HEDGING.POLICY_INVALID', message, path);
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    return invalid('jumps must be an object', 'jumps');
  // An object that is no array has string keys and unknown values.
  const fields = written as PolicyFields;
  const stranger = Object.keys(fields).find((name) => !['intensity', 'mean', 'deviation'].includes(name));
  if (stranger !== undefined)
    return invalid(
      `jumps has no field "${stranger}"; it has intensity, mean, deviation`,
      `jumps.${stranger}`,
    );
  const intensity = numberWithin(fields, 'intensity', 0, 0, 10_000);
  const mean = numberWithin(fields, 'mean', 0, -1, 1);
  const deviation = numberWithin(fields, 'deviation', 0, 0, 1);
  for (const read of [intensity, mean, deviation])
    if (!read.ok) return invalid(read.failure.message, `jumps.${read.failure.path ?? ''}`);
  if (!intensity.ok || !mean.ok || !deviation.ok) return invalid('jumps must be numbers', 'jumps');
  return success({ intensity: intensity.value, mean: mean.value, deviation: deviation.value });
}

export function createMinimumVariance(settings: MinimumVarianceSettings): Policy {
  return {
    kind: 'minimum-variance',
    evaluate: (input) => {
      const remember: Record<string, string> = {};
      const output = judgeEach(input, (view) => {
        const known = learn(input, view, settings.source);
        if (known.changed) remember[view.underlying] = JSON.stringify(known.memory);
        return judge(input, view, settings, known.memory);
      });
      if (Object.keys(remember).length === 0) return output;
      return { ...output, remember: { ...input.remembered, ...remember } };
    },
  };
}

function learn(
  input: PolicyInput,
  view: UnderlyingView,
  source: VolBetaSource,
): { memory: VolBetaMemory; changed: boolean } {
  const before = readVolBeta(input.remembered[view.underlying]);
  if (source.from !== 'measured') return { memory: before, changed: false };
  const after = observeVolatilities(before, input.snapshot, view, source.halfLife);
  return { memory: after ?? before, changed: after !== undefined };
}

function volBeta(
  input: PolicyInput,
  view: UnderlyingView,
  source: VolBetaSource,
  memory: VolBetaMemory,
): VolBetaEstimate {
  const known = { standardError: 0, correlation: 0, samples: 0 };
  if (source.from === 'given') return { ...known, beta: source.beta };
  if (source.from === 'skew')
    return { ...known, beta: (source.stickiness - 1) * skewOf(input.snapshot, view) };
  const measured = volBetaOf(memory);
  const { prior, minimumSamples, significance, bound } = source;
  if (measured.samples < minimumSamples) return { ...measured, beta: prior };
  const shrunk = shrunkBeta(measured, prior, significance);
  return { ...measured, beta: boundedBeta(shrunk, prior, bound) };
}

function judge(
  input: PolicyInput,
  view: UnderlyingView,
  settings: MinimumVarianceSettings,
  memory: VolBetaMemory,
): BandJudgement {
  const { source, jumps, width, costs } = settings;
  const slope = volBeta(input, view, source, memory);
  const ratio = minimumVarianceRatio(input.snapshot, view, slope.beta, jumps);
  const centre = 0 - ratio.shift;
  const { rate } = input.snapshot;
  const cost = cheapestRate(view, costs);
  const gamma = numeraireGamma(view);
  const { spot, expiryYears } = view;
  const riskAversion = 'riskAversion' in width ? width.riskAversion : 0;
  const half =
    'band' in width
      ? width.band
      : whalleyWilmottHalfBand({ cost, spot, gamma, riskAversion, rate, expiryYears });
  return toTheEdge(view, half * view.bandScale, {
    centre,
    ingredients: [
      { name: 'spot–vol slope', value: slope.beta, unit: 'vol per log return' },
      { name: 'its standard error', value: slope.standardError, unit: 'vol per log return' },
      { name: 'spot–vol correlation', value: slope.correlation, unit: '' },
      { name: 'observations', value: slope.samples, unit: '' },
      { name: 'delta shift by smile', value: ratio.smile, unit: view.underlying },
      { name: 'delta shift by jumps', value: ratio.jump, unit: view.underlying },
      { name: 'share of variance in jumps', value: ratio.jumpShare, unit: '' },
      { name: 'proportional cost', value: cost, unit: 'fraction' },
      ...degradedIngredient(view),
    ],
    horizonYears: DAY_YEARS,
    riskAversion,
    costs,
  });
}
