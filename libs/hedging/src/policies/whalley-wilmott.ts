import { success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { whalleyWilmottHalfBand } from '../bands/whalley-wilmott';
import type { HedgeInstrument } from '../hedge-instrument';
import { proportionalCost } from '../hedge-instrument';
import { degradedIngredient, judgeEach } from './band';
import type { Policy, UnderlyingView } from './policy';
import type { PolicyFields } from './policy-fields';
import { onlyFields, positiveNumber } from './policy-fields';

const DAY_YEARS = 1 / 365;

/**
 * `{ "kind": "whalley-wilmott", "riskAversion": "0.00002" }`: the band that exponential utility makes optimal for small
 * proportional costs, traded to its edge. κ comes from the cheapest hedge instrument's taker fee and half spread. Use it
 * where costs are mainly proportional; risk aversion is per unit of the numeraire.
 */
export function parseWhalleyWilmott(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, ['riskAversion']);
  if (!checked.ok) return checked;
  const riskAversion = positiveNumber(fields, 'riskAversion');
  if (!riskAversion.ok) return riskAversion;
  return success(createWhalleyWilmott(riskAversion.value));
}

export function createWhalleyWilmott(riskAversion: number): Policy {
  return {
    kind: 'whalley-wilmott',
    evaluate: (input) =>
      judgeEach(input, (view) => {
        const cost = cheapest(view.instruments);
        const gamma = numeraireGamma(view);
        const { rate } = input.snapshot;
        const inputs = { cost, spot: view.spot, gamma, riskAversion, rate, expiryYears: view.expiryYears };
        const halfBand = whalleyWilmottHalfBand(inputs) * view.bandScale;
        return {
          halfBand,
          ingredients: [
            { name: 'risk aversion', value: riskAversion, unit: '1/numeraire' },
            { name: 'proportional cost', value: cost, unit: 'fraction' },
            { name: 'gamma', value: gamma, unit: `${view.underlying} per numeraire` },
            ...degradedIngredient(view),
          ],
          breached: Math.abs(view.exposure) > halfBand,
          exposureAfter: Math.sign(view.exposure) * halfBand,
          reason: 'BAND_BREACHED',
          goal: 'to the edge',
          horizonYears: DAY_YEARS,
          riskAversion,
          insideHalfBand: halfBand,
        };
      }),
  };
}

/** ∂delta/∂S per USD, turned into per unit of numeraire by way of the relative move. */
function numeraireGamma(view: UnderlyingView): number {
  return view.spot > 0 ? (view.gamma * view.spotUsd) / view.spot : 0;
}

function cheapest(instruments: readonly HedgeInstrument[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const instrument of instruments) least = Math.min(least, proportionalCost(instrument));
  return Number.isFinite(least) ? least : 0;
}
