import { success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { degradedIngredient, judgeEach } from './band';
import type { Policy } from './policy';
import type { PolicyFields } from './policy-fields';
import { oneOf, onlyFields, positiveNumber } from './policy-fields';

const DAY_YEARS = 1 / 365;

/**
 * `{ "kind": "delta-band", "band": "0.05", "mode": "centre" | "edge" }`: trade when exposure is more than `band` units of
 * the underlying from the target, back to the target (`centre`, the default) or to the band's edge. The plain rule: easy to
 * explain, blind to what a trade costs and to gamma.
 */
export function parseDeltaBand(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, ['band', 'mode']);
  if (!checked.ok) return checked;
  const band = positiveNumber(fields, 'band');
  if (!band.ok) return band;
  const mode = oneOf(fields, 'mode', ['centre', 'edge']);
  if (!mode.ok) return mode;
  return success(createDeltaBand(band.value, mode.value));
}

export function createDeltaBand(band: number, mode: 'centre' | 'edge'): Policy {
  return {
    kind: 'delta-band',
    evaluate: (input) =>
      judgeEach(input, (view) => {
        const halfBand = band * view.bandScale;
        return {
          halfBand,
          ingredients: [{ name: 'band', value: band, unit: view.underlying }, ...degradedIngredient(view)],
          breached: Math.abs(view.exposure) > halfBand,
          exposureAfter: mode === 'centre' ? 0 : Math.sign(view.exposure) * halfBand,
          reason: 'BAND_BREACHED',
          goal: mode === 'centre' ? 'to the centre' : 'to the edge',
          horizonYears: DAY_YEARS,
          riskAversion: 0,
          ...(mode === 'edge' ? { insideHalfBand: halfBand } : {}),
        };
      }),
  };
}
