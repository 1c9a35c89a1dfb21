import type { Assessment, Candidate, Check, TradeChosen } from '@evenkeel/facts';
import { Decimal, success, DAYS_PER_YEAR } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { moveScales } from '../multi-greek/factor-risk';
import { greedyDeltaThenVega } from '../multi-greek/greedy-hedge';
import type { Breach, HedgeForm, Judged } from '../multi-greek/hedge-problem';
import { breaches, capitalOf, isQuiet, judge, readLimits } from '../multi-greek/hedge-problem';
import { jointHedgeOf } from '../multi-greek/joint-hedge';
import { bestLots } from '../multi-greek/lot-search';
import type { LotOptimum } from '../multi-greek/lot-search';
import type { MultiGreekSettings } from '../multi-greek/settings';
import { parseMultiGreekSettings } from '../multi-greek/settings';
import { bucketName, bucketVegas } from '../multi-greek/vega-buckets';
import { tradeOf } from '../policy/candidates';
import type { Policy, PolicyInput, PolicyOutput, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';

/**
 * `{ "kind": "multi-greek", "riskAversion": "0.00002", "horizon": "P1D", "limits": { "vegaPerPoint": "2000" } }`: hedges delta,
 * gamma and vega by expiry over every hedge instrument of every underlying at once. Minimises expected cost until the horizon plus
 * ½ × risk aversion × variance of the residual, in whole lots, within the limits; trades when that gains anything. Use it
 * where options are among the hedge instruments, or several contracts on one underlying differ in cost.
 */
export function parseMultiGreek(fields: PolicyFields): Result<Policy> {
  const settings = parseMultiGreekSettings(fields);
  return settings.ok ? success(createMultiGreek(settings.value)) : settings;
}

export function createMultiGreek(settings: MultiGreekSettings): Policy {
  return { kind: 'multi-greek', evaluate: (input) => evaluate(input, settings) };
}

function evaluate(input: PolicyInput, settings: MultiGreekSettings): PolicyOutput {
  const { snapshot, now, numeraireUsd, underlyings: views } = input;
  const form = jointHedgeOf({ views, snapshot, now, numeraireUsd }, settings);
  const nothing = form.problem.choices.map(() => 0);
  const assess = (x: readonly number[], wanted: (underlying: string) => boolean): Assessment[] =>
    views.map((view) => assessmentOf(view, input, settings, form, x, wanted(view.underlying)));
  const quiet = (): PolicyOutput => ({
    assessments: assess(nothing, () => false),
    candidates: [],
    trades: [],
    reasons: [],
    refusals: [],
    rebalanced: [],
  });
  if (form.problem.choices.length === 0 || isQuiet(form)) return quiet();
  const outcome = bestLots(form);
  if (!outcome.ok)
    return infeasible(
      form,
      outcome.limits,
      views,
      assess(nothing, () => true),
    );
  const { optimum } = outcome;
  const unmet = breaches(form.problem, optimum.contracts);
  if (unmet.length > 0)
    return infeasible(
      form,
      unmet,
      views,
      assess(nothing, () => true),
    );
  const broken = breaches(form.problem, nothing);
  const gain = judge(form, nothing).score - optimum.score;
  const idle = optimum.lots.every((lots) => lots === 0);
  if (idle || (broken.length === 0 && gain <= settings.minimumGain)) return quiet();
  const trades = tradesOf(form, optimum.lots);
  const traded = new Set(trades.map(({ underlying }) => underlying));
  return {
    assessments: assess(optimum.contracts, (underlying) => traded.has(underlying)),
    candidates: candidatesOf(form, optimum, views, broken),
    trades: trades.map(({ trade }) => trade),
    reasons: broken.length > 0 ? ['LIMIT_EXCEEDED', 'RISK_EXCEEDS_COST'] : ['RISK_EXCEEDS_COST'],
    refusals: [],
    rebalanced: [],
    checks: limitChecks(form, optimum.contracts),
  };
}

/** No partial hedge: what cannot be met together is named, and nothing is traded. */
function infeasible(
  form: HedgeForm,
  limits: readonly Breach[],
  views: readonly UnderlyingView[],
  assessments: readonly Assessment[],
): PolicyOutput {
  const nothing = form.problem.choices.map(() => 0);
  const named = limits
    .map(({ name, limit, observed }) => `${name} (limit ${show(limit)}, nearest ${show(observed)})`)
    .join(', ');
  const candidates = [
    candidateOf(form, 'leave', nothing, 'the policy calls for a hedge'),
    {
      ...candidateOf(form, 'joint', nothing, ''),
      chosen: false,
      rejected: `LIMITS_INFEASIBLE: ${named}`,
    },
  ];
  return {
    assessments,
    candidates,
    trades: [],
    reasons: [],
    refusals: views
      .filter(({ refusals }) => refusals.length === 0)
      .map(({ underlying }) => ({ underlying, reason: 'LIMITS_INFEASIBLE' })),
    rebalanced: [],
    checks: limits.map(({ name, limit, observed }) => ({
      name: `multi-greek ${name}`,
      limit: show(limit),
      observed: show(observed),
      passed: false,
    })),
  };
}

function limitChecks(form: HedgeForm, x: readonly number[]): Check[] {
  return readLimits(form.problem, x).map(({ name, limit, observed, held }) => ({
    name: `multi-greek ${name}`,
    limit: show(limit),
    observed: show(observed),
    passed: held,
  }));
}

interface PlacedTrade {
  readonly underlying: string;
  readonly trade: TradeChosen;
}

function tradesOf(form: HedgeForm, lots: readonly number[]): PlacedTrade[] {
  return form.problem.choices.flatMap(({ instrument }, i) => {
    const count = lots[i] ?? 0;
    if (count === 0) return [];
    const contracts = instrument.lot.times(Decimal.ofInteger(count));
    return [{ underlying: instrument.underlying, trade: tradeOf(instrument, contracts) }];
  });
}

/** Every way that was weighed: nothing, delta with the cheapest linear contract, greedy, each instrument alone, all together. */
function candidatesOf(
  form: HedgeForm,
  optimum: LotOptimum,
  views: readonly UnderlyingView[],
  broken: readonly Breach[],
): Candidate[] {
  const { choices } = form.problem;
  const chosen = judge(form, optimum.contracts);
  const against = (x: readonly number[], note = ''): string => {
    const limits = breaches(form.problem, x);
    if (limits.length > 0) return `breaks ${limits.map(({ name }) => name).join(', ')}`;
    return `${compared(judge(form, x), chosen)}${note}`;
  };
  const exposures = views
    .filter(({ refusals }) => refusals.length === 0)
    .map((view) => ({ underlying: view.underlying, delta: view.exposure, vega: view.vega }));
  const nothing = choices.map(() => 0);
  const deltaOnly = greedyDeltaThenVega(form, exposures, false);
  const found = [
    { ...candidateOf(form, 'joint', optimum.contracts, ''), chosen: true },
    candidateOf(
      form,
      'leave',
      nothing,
      broken.length > 0 ? `breaks ${broken.map(({ name }) => name).join(', ')}` : against(nothing),
    ),
    candidateOf(form, 'delta only, cheapest linear', deltaOnly, against(deltaOnly)),
  ];
  if (choices.some(({ instrument }) => instrument.kind === 'option')) {
    const greedy = greedyDeltaThenVega(form, exposures);
    found.push(candidateOf(form, 'greedy delta then vega', greedy, against(greedy)));
  }
  choices.forEach((choice, i) => {
    const alone = aloneOf(form, i);
    const capital = capitalOf(choice, choice.position + (alone[i] ?? 0)) - capitalOf(choice, choice.position);
    const note = `; ties up ${show(capital)}`;
    found.push(candidateOf(form, `only ${choice.instrument.id}`, alone, against(alone, note)));
  });
  return found;
}

function compared(one: Judged, chosen: Judged): string {
  const dearer = one.cost.total - chosen.cost.total;
  const riskier = one.risk - chosen.risk;
  return `costs ${show(dearer)} more and leaves ${show(riskier)} more risk than joint`;
}

/** The best whole number of lots of one instrument and nothing of the rest: a parabola with a kink, so next to its least point. */
function aloneOf(form: HedgeForm, index: number): number[] {
  const choice = form.problem.choices[index];
  const nothing = form.problem.choices.map(() => 0);
  if (choice === undefined) return nothing;
  const curvature = form.quadratic[index]?.[index] ?? 0;
  const slope = (form.linear[index] ?? 0) + choice.cost.carry;
  const way = choice.cost.fee + choice.cost.spread;
  const pull = Math.abs(slope) - way;
  if (pull <= 0 || curvature <= 0) return nothing;
  const lots = Math.min(pull / curvature, choice.tradeMax) / choice.lot;
  let [best, least] = [nothing, judge(form, nothing).score];
  for (const count of [Math.floor(lots), Math.ceil(lots)]) {
    if (count < choice.lotsMin) continue;
    const x = nothing.map((value, i) => (i === index ? -Math.sign(slope) * count * choice.lot : value));
    const { score } = judge(form, x);
    if (score < least) [best, least] = [x, score];
  }
  return best;
}

function candidateOf(form: HedgeForm, name: string, x: readonly number[], rejected: string): Candidate {
  const { cost, risk, score } = judge(form, x);
  const lots = x.map((contracts, i) => Math.round(contracts / (form.problem.choices[i]?.lot ?? 1)));
  return {
    name,
    trades: tradesOf(form, lots).map(({ trade }) => trade),
    expectedCost: cost,
    residualRisk: risk,
    score,
    chosen: false,
    rejected,
  };
}

function assessmentOf(
  view: UnderlyingView,
  input: PolicyInput,
  settings: MultiGreekSettings,
  form: HedgeForm,
  x: readonly number[],
  breached: boolean,
): Assessment {
  const halfBand = halfBandOf(view, settings, form);
  const { underlying } = view;
  const traded = form.problem.choices.reduce(
    (sum, { instrument }, i) =>
      instrument.underlying === underlying ? sum + (x[i] ?? 0) * instrument.deltaPerContract : sum,
    0,
  );
  const vegas = bucketVegas(view, input.snapshot, settings.bucketDays);
  return {
    underlying,
    spot: view.spot,
    delta: view.delta,
    gamma: view.gamma,
    vega: view.vega,
    inFlightDelta: view.inFlightDelta,
    exposure: view.exposure,
    target: view.target,
    bandLower: -halfBand,
    bandUpper: halfBand,
    ingredients: [
      { name: 'risk aversion', value: settings.riskAversion, unit: '1/numeraire' },
      { name: 'horizon', value: settings.model.horizonYears * DAYS_PER_YEAR, unit: 'd' },
      ...vegas.flatMap((value, index) =>
        value === 0
          ? []
          : [{ name: `vega ${bucketName(index, settings.bucketDays)}`, value, unit: 'numeraire per 1.00' }],
      ),
    ],
    breached,
    exposureAfter: view.exposure + traded,
  };
}

/** Delta that the cheapest linear contract would not be traded for: its way's cost ÷ (λ · variance of a unit of delta). */
function halfBandOf(view: UnderlyingView, settings: MultiGreekSettings, form: HedgeForm): number {
  const { perDelta } = moveScales(view, settings.model);
  let least = Infinity;
  for (const { instrument, cost } of form.problem.choices) {
    const { underlying, kind, deltaPerContract } = instrument;
    if (underlying !== view.underlying || kind === 'option' || deltaPerContract === 0) continue;
    least = Math.min(least, (cost.fee + cost.spread) / Math.abs(deltaPerContract));
  }
  const variance = settings.riskAversion * perDelta * perDelta;
  return Number.isFinite(least) && variance > 0 ? (least * view.bandScale) / variance : 0;
}

/** Four significant digits, for people. */
function show(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : 'none';
}
