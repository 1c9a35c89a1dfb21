import { success, DAY_YEARS } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { CostModel } from '../cost-model/cost-model';
import { PLAIN_COSTS } from '../cost-model/cost-model';
import { degradedIngredient, judgeEach } from './band';
import type { Ingredients, Policy, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import { costsField, exactlyOne, oneOf, onlyFields, positiveNumber } from '../policy/policy-fields';

/** How wide the band is: so many units of the underlying, or what gamma makes of a move of so many percent. */
export type BandWidth = { readonly band: number } | { readonly gammaMovePercent: number };

/**
 * `{ "kind": "delta-band", "band": "0.05", "mode": "centre" | "edge" }`: trade when exposure is more than `band` units of
 * the underlying from the target, back to the target (`centre`, the default) or to the band's edge. With `"gammaMovePercent":
 * "1"` in place of `band` the width is |Γ|·S·1 %, the delta that a one per cent move brings. The plain rule: easy to explain, blind to
 * what a trade costs.
 */
export function parseDeltaBand(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, ['band', 'gammaMovePercent', 'mode', 'costs']);
  if (!checked.ok) return checked;
  const which = exactlyOne(fields, ['band', 'gammaMovePercent']);
  if (!which.ok) return which;
  const size = positiveNumber(fields, which.value);
  if (!size.ok) return size;
  const mode = oneOf(fields, 'mode', ['centre', 'edge']);
  if (!mode.ok) return mode;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  const width = which.value === 'band' ? { band: size.value } : { gammaMovePercent: size.value };
  return success(createDeltaBand(width, mode.value, costs.value));
}

export function createDeltaBand(
  width: BandWidth,
  mode: 'centre' | 'edge',
  costs: CostModel = PLAIN_COSTS,
): Policy {
  return {
    kind: 'delta-band',
    evaluate: (input) =>
      judgeEach(input, (view) => {
        const { band, ingredients } = widthOf(width, view);
        const halfBand = band * view.bandScale;
        return {
          halfBand,
          ingredients: [...ingredients, ...degradedIngredient(view)],
          breached: Math.abs(view.exposure) > halfBand,
          exposureAfter: mode === 'centre' ? 0 : Math.sign(view.exposure) * halfBand,
          reason: 'BAND_BREACHED',
          goal: mode === 'centre' ? 'to the centre' : 'to the edge',
          horizonYears: DAY_YEARS,
          riskAversion: 0,
          costs,
          ...(mode === 'edge' ? { insideHalfBand: halfBand } : {}),
        };
      }),
  };
}

function widthOf(width: BandWidth, view: UnderlyingView): { band: number; ingredients: Ingredients } {
  if ('band' in width)
    return {
      band: width.band,
      ingredients: [{ name: 'band', value: width.band, unit: view.underlying }],
    };
  const perMove = Math.abs(view.gamma) * view.spotUsd;
  return {
    band: (perMove * width.gammaMovePercent) / 100,
    ingredients: [
      { name: 'move', value: width.gammaMovePercent, unit: '%' },
      { name: 'delta per 100 % move', value: perMove, unit: view.underlying },
    ],
  };
}
