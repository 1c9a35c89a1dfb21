import { success, NANOS_PER_YEAR } from '@evenkeel/kernel';
import type { Nanoseconds, Result } from '@evenkeel/kernel';
import { lelandNumber, lelandVolatility } from '../bands/leland';
import type { CostModel } from '../cost-model/cost-model';
import { PLAIN_COSTS } from '../cost-model/cost-model';
import type { BandJudgement } from './band';
import { cheapestRate, judgeEach } from './band';
import { deltaShift } from '../policy/option-legs';
import type { Policy, PolicyInput, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import { costsField, onlyFields, positiveDuration } from '../policy/policy-fields';
import { isDue } from './time';

/**
 * `{ "kind": "leland", "interval": "PT4H" }`: at fixed intervals to the delta at Leland's volatility σ√(1 ± Le), + for a
 * book short of gamma. The options' deltas are revalued leg by leg at that volatility. A long book whose hedging costs all that
 * its gamma earns (Le ≥ 1) is refused: `HEDGE_UNECONOMIC`.
 */
export function parseLeland(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, ['interval', 'costs']);
  if (!checked.ok) return checked;
  const interval = positiveDuration(fields, 'interval');
  if (!interval.ok) return interval;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  return success(createLeland(interval.value, costs.value));
}

export function createLeland(interval: Nanoseconds, costs: CostModel = PLAIN_COSTS): Policy {
  return {
    kind: 'leland',
    evaluate: (input) => judgeEach(input, (view) => judge(input, view, interval, costs)),
  };
}

function judge(
  input: PolicyInput,
  view: UnderlyingView,
  interval: Nanoseconds,
  costs: CostModel,
): BandJudgement {
  const intervalYears = Number(interval) / NANOS_PER_YEAR;
  const cost = cheapestRate(view, costs);
  const { volatility, gamma } = view;
  const curved = gamma !== 0 && volatility > 0;
  const number = curved ? lelandNumber({ volatility, cost, intervalYears }) : 0;
  const adjusted = curved ? lelandVolatility({ volatility, cost, intervalYears, gamma }) : volatility;
  const sound = Number.isFinite(adjusted);
  const shift = curved && sound ? deltaShift(input.snapshot, view, adjusted / volatility) : 0;
  const centre = 0 - shift;
  return {
    halfBand: 0,
    centre,
    ingredients: [
      { name: 'interval', value: Number(interval) / 1e9, unit: 's' },
      { name: 'proportional cost', value: cost, unit: 'fraction' },
      { name: 'Leland number', value: number, unit: '' },
      { name: 'adjusted volatility', value: sound ? adjusted : 0, unit: 'per year' },
      { name: 'delta shift', value: shift, unit: view.underlying },
    ],
    breached: view.exposure !== centre && isDue(view, input.now, interval),
    exposureAfter: centre,
    reason: 'INTERVAL_ELAPSED',
    goal: 'to the adjusted delta',
    horizonYears: intervalYears,
    riskAversion: 0,
    costs,
    ...(sound ? {} : { refusal: 'HEDGE_UNECONOMIC' }),
  };
}
