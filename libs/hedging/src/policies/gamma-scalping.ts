import type { Check } from '@evenkeel/facts';
import { Decimal, NANOS_PER_HOUR, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { nextBalance, readBalance, volatilitiesOf } from '../gamma-scalping/balance';
import type { ScalpBalance } from '../gamma-scalping/balance';
import { scalp } from '../gamma-scalping/scalp';
import type { GammaScalpingSettings, Scalped } from '../gamma-scalping/scalp';
import { assessmentOf, degradedIngredient, onCosts } from './band';
import type { Ingredients, Policy, PolicyOutput, UnderlyingRefusal, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import {
  costsField,
  durationOr,
  exactlyOne,
  numberWithin,
  onlyFields,
  positiveNumber,
} from '../policy/policy-fields';

const FIELDS = ['rungSize', 'spacing', 'rungs', 'reach', 'rest', 'takeAt', 'margin', 'thetaBudget', 'costs'];

/**
 * `{ "kind": "gamma-scalping", "rungSize": "0.05", "rungs": 3, "thetaBudget": "500" }`: for books long of gamma. Keeps a ladder
 * of POST_ONLY orders where the book's delta will have grown by a rung each, so that moves are sold and bought back by others'
 * orders at the maker's fee; takes at once when exposure is beyond `takeAt` rungs all the same. Realised against implied and gamma income
 * against theta are kept and shown.
 */
export function parseGammaScalping(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, FIELDS);
  if (!checked.ok) return checked;
  const which = exactlyOne(fields, ['rungSize', 'spacing']);
  if (!which.ok) return which;
  const step = positiveNumber(fields, which.value);
  if (!step.ok) return step;
  const rungs = numberWithin(fields, 'rungs', 2, 1, 20);
  if (!rungs.ok) return rungs;
  const reach = numberWithin(fields, 'reach', 0.0045, 0.00001, 0.5);
  if (!reach.ok) return reach;
  const rest = durationOr(fields, 'rest', NANOS_PER_HOUR);
  if (!rest.ok) return rest;
  const takeAt = numberWithin(fields, 'takeAt', 1.5, 1, 100);
  if (!takeAt.ok) return takeAt;
  const margin = numberWithin(fields, 'margin', 1, 0, 100);
  if (!margin.ok) return margin;
  const thetaBudget = numberWithin(fields, 'thetaBudget', 0, 0, 1e15);
  if (!thetaBudget.ok) return thetaBudget;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  return success(
    createGammaScalping({
      step: which.value === 'rungSize' ? { rungSize: step.value } : { spacing: step.value },
      rungs: Math.floor(rungs.value),
      reach: reach.value,
      rest: rest.value,
      takeAt: takeAt.value,
      margin: margin.value,
      thetaBudget: thetaBudget.value,
      costs: costs.value,
    }),
  );
}

export function createGammaScalping(settings: GammaScalpingSettings): Policy {
  return {
    kind: 'gamma-scalping',
    evaluate(input) {
      const remember: Record<string, string> = {};
      const parts = input.underlyings.map((view) => {
        const balance = nextBalance(readBalance(input.remembered[view.underlying]), view, input.snapshot.at);
        remember[view.underlying] = JSON.stringify(balance);
        return { view, balance, scalped: scalp(input, view, settings) };
      });
      return { ...onCosts(outputOf(parts, settings), settings.costs), remember };
    },
  };
}

function outputOf(
  parts: readonly { view: UnderlyingView; balance: ScalpBalance; scalped: Scalped }[],
  settings: GammaScalpingSettings,
): PolicyOutput {
  const refusals: UnderlyingRefusal[] = [];
  const checks: Check[] = [];
  for (const { view, balance, scalped } of parts) {
    const { underlying } = view;
    if (scalped.refusal !== '') refusals.push({ underlying, reason: scalped.refusal });
    if (!(settings.thetaBudget > 0)) continue;
    const spent = -(balance.thetaToday + balance.gammaToday);
    const passed = spent <= settings.thetaBudget;
    checks.push({
      name: `${underlying} theta less gamma income today`,
      limit: Decimal.ofNumber(settings.thetaBudget, 2).toString(),
      observed: Decimal.ofNumber(spent, 2).toString(),
      passed,
    });
    if (!passed) refusals.push({ underlying, reason: 'THETA_BUDGET_SPENT' });
  }
  return {
    assessments: parts.map(({ view, balance, scalped }) =>
      assessmentOf(
        view,
        {
          halfBand: scalped.size * view.bandScale,
          breached: scalped.breached,
          ingredients: ingredientsOf(view, balance, scalped),
        },
        scalped.exposureAfter,
      ),
    ),
    candidates: parts.flatMap(({ scalped }) => scalped.candidates),
    trades: parts.flatMap(({ scalped }) => scalped.trades),
    withdrawals: parts.flatMap(({ scalped }) => scalped.withdrawals),
    reasons: [...new Set(parts.map(({ scalped }) => scalped.reason).filter((reason) => reason !== ''))],
    refusals,
    rebalanced: [],
    ...(checks.length === 0 ? {} : { checks }),
  };
}

function ingredientsOf(view: UnderlyingView, balance: ScalpBalance, { size, crossed }: Scalped): Ingredients {
  const volatility = volatilitiesOf(balance);
  return [
    { name: 'rung', value: size, unit: view.underlying },
    { name: 'rungs reached and not reported', value: crossed, unit: view.underlying },
    { name: 'realised volatility', value: volatility.realised, unit: 'per year' },
    { name: 'implied volatility', value: volatility.implied, unit: 'per year' },
    { name: 'gamma income', value: balance.gammaIncome, unit: 'numeraire' },
    { name: 'theta', value: balance.theta, unit: 'numeraire' },
    { name: 'gamma income today', value: balance.gammaToday, unit: 'numeraire' },
    { name: 'theta today', value: balance.thetaToday, unit: 'numeraire' },
    ...degradedIngredient(view),
  ];
}
