import { success, DAY_YEARS } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { zakamoulineBand } from '../bands/zakamouline';
import { cheapestRate, degradedIngredient, judgeEach, numeraireGamma, toTheEdge } from './band';
import { deltaShift } from '../policy/option-legs';
import type { Policy } from '../policy/policy';
import type { PolicyFields, UtilityTerms } from '../policy/policy-fields';
import { utilityTerms } from '../policy/policy-fields';

/**
 * `{ "kind": "zakamouline", "riskAversion": "0.00002" }`: Zakamouline's band around the delta at his adjusted volatility, leg by
 * leg, traded to its edge. Wider than Whalley & Wilmott's where costs are not small, and its middle leans the way that saves
 * trades.
 */
export function parseZakamouline(fields: PolicyFields): Result<Policy> {
  const terms = utilityTerms(fields);
  return terms.ok ? success(createZakamouline(terms.value)) : terms;
}

function createZakamouline({ riskAversion, costs }: UtilityTerms): Policy {
  return {
    kind: 'zakamouline',
    evaluate: (input) =>
      judgeEach(input, (view) => {
        const { spot, volatility, expiryYears } = view;
        const { rate } = input.snapshot;
        const cost = cheapestRate(view, costs);
        const gamma = numeraireGamma(view);
        const band = zakamoulineBand({ spot, gamma, volatility, expiryYears, cost, riskAversion, rate });
        const shift = volatility > 0 ? deltaShift(input.snapshot, view, band.volatility / volatility) : 0;
        const centre = 0 - shift;
        return toTheEdge(view, band.halfBand * view.bandScale, {
          centre,
          ingredients: [
            { name: 'risk aversion', value: riskAversion, unit: '1/numeraire' },
            { name: 'proportional cost', value: cost, unit: 'fraction' },
            { name: 'gamma', value: gamma, unit: `${view.underlying} per numeraire` },
            { name: 'adjusted volatility', value: band.volatility, unit: 'per year' },
            { name: 'delta shift', value: shift, unit: view.underlying },
            ...degradedIngredient(view),
          ],
          horizonYears: DAY_YEARS,
          riskAversion,
          costs,
        });
      }),
  };
}
