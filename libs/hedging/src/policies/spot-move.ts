import { success, NANOS_PER_YEAR } from '@evenkeel/kernel';
import type { Nanoseconds, Result } from '@evenkeel/kernel';
import { NANOS_PER_DAY } from '@evenkeel/kernel';
import type { CostModel } from '../cost-model/cost-model';
import { PLAIN_COSTS } from '../cost-model/cost-model';
import { degradedIngredient, judgeEach } from './band';
import type { Policy, PolicyInput, PolicyOutput, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import { costsField, durationOr, onlyFields, positiveNumber } from '../policy/policy-fields';

/**
 * `{ "kind": "spot-move", "multiple": "0.5", "over": "P1D" }`: trade back to the target once spot has moved by `multiple` × its
 * expected move, σ√over at the mark volatility, since the last hedge. Gamma is what a move turns into delta, so this hedges
 * when delta has changed, and does not look at what it costs.
 */
export function parseSpotMove(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, ['multiple', 'over', 'costs']);
  if (!checked.ok) return checked;
  const multiple = positiveNumber(fields, 'multiple');
  if (!multiple.ok) return multiple;
  const over = durationOr(fields, 'over', NANOS_PER_DAY);
  if (!over.ok) return over;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  return success(createSpotMove(multiple.value, over.value, costs.value));
}

export function createSpotMove(multiple: number, over: Nanoseconds, costs: CostModel = PLAIN_COSTS): Policy {
  const years = Number(over) / NANOS_PER_YEAR;
  return {
    kind: 'spot-move',
    evaluate: (input) => {
      const output = judgeEach(input, (view) => {
        const threshold = multiple * view.volatility * Math.sqrt(years) * view.bandScale;
        const reference = referenceSpot(input, view);
        const moved = reference > 0 ? Math.abs(view.spotUsd / reference - 1) : Number.POSITIVE_INFINITY;
        return {
          halfBand: 0,
          ingredients: [
            { name: 'expected move', value: threshold, unit: 'fraction' },
            { name: 'move since the last hedge', value: reference > 0 ? moved : 0, unit: 'fraction' },
            ...degradedIngredient(view),
          ],
          breached: view.exposure !== 0 && moved >= threshold,
          exposureAfter: 0,
          reason: 'SPOT_MOVED',
          goal: 'to the centre',
          horizonYears: years,
          riskAversion: 0,
          costs,
          ...(view.volatility > 0 || view.exposure === 0 ? {} : { refusal: 'NO_VOLATILITY' }),
        };
      });
      return { ...output, ...remembering(input, output) };
    },
  };
}

/** Spot when the occasion was last used: by a hedge, or by finding it less than a lot. 0 makes the policy due at once. */
function referenceSpot(input: PolicyInput, view: UnderlyingView): number {
  const { rebalancedAt, hedgedAt, hedgeSpotUsd } = view.memory;
  if (rebalancedAt === '') return 0;
  return rebalancedAt === hedgedAt ? hedgeSpotUsd : Number(input.remembered[view.underlying] ?? 0);
}

function remembering(input: PolicyInput, output: PolicyOutput): Pick<PolicyOutput, 'remember'> {
  if (output.rebalanced.length === 0) return {};
  const spots = input.underlyings
    .filter(({ underlying }) => output.rebalanced.includes(underlying))
    .map(({ underlying, spotUsd }) => [underlying, String(spotUsd)] as const);
  return { remember: { ...input.remembered, ...Object.fromEntries(spots) } };
}
