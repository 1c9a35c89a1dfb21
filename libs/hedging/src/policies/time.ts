import { parseInstant, success, NANOS_PER_YEAR } from '@evenkeel/kernel';
import type { Instant, Nanoseconds, Result } from '@evenkeel/kernel';
import type { CostModel } from '../cost-model/cost-model';
import { PLAIN_COSTS } from '../cost-model/cost-model';
import { judgeEach } from './band';
import type { Policy, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import { costsField, onlyFields, positiveDuration } from '../policy/policy-fields';

/**
 * `{ "kind": "time", "interval": "PT1H" }`: trade back to the target at the first evaluation of every interval of event
 * time, counted from 1970-01-01T00:00Z, whatever the exposure. After an order that died it is due again at once. The
 * yardstick of the textbooks; it pays for trades that nobody needed.
 */
export function parseTime(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, ['interval', 'costs']);
  if (!checked.ok) return checked;
  const interval = positiveDuration(fields, 'interval');
  if (!interval.ok) return interval;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  return success(createTime(interval.value, costs.value));
}

export function createTime(interval: Nanoseconds, costs: CostModel = PLAIN_COSTS): Policy {
  const seconds = Number(interval) / 1e9;
  return {
    kind: 'time',
    evaluate: (input) =>
      judgeEach(input, (view) => ({
        halfBand: 0,
        ingredients: [{ name: 'interval', value: seconds, unit: 's' }],
        breached: view.exposure !== 0 && isDue(view, input.now, interval),
        exposureAfter: 0,
        reason: 'INTERVAL_ELAPSED',
        goal: 'to the centre',
        horizonYears: Number(interval) / NANOS_PER_YEAR,
        riskAversion: 0,
        costs,
      })),
  };
}

export function isDue(view: UnderlyingView, now: Instant, interval: Nanoseconds): boolean {
  const { rebalancedAt } = view.memory;
  return rebalancedAt === '' || now / interval > parseInstant(rebalancedAt) / interval;
}
