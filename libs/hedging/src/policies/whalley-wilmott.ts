import { success, DAY_YEARS } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { whalleyWilmottHalfBand } from '../bands/whalley-wilmott';
import { cheapestRate, degradedIngredient, judgeEach, numeraireGamma, toTheEdge } from './band';
import type { Policy } from '../policy/policy';
import type { PolicyFields, UtilityTerms } from '../policy/policy-fields';
import { utilityTerms } from '../policy/policy-fields';

/**
 * `{ "kind": "whalley-wilmott", "riskAversion": "0.00002" }`: the band that exponential utility makes optimal for small
 * proportional costs, traded to its edge. κ comes from the cost model, or from the cheapest hedge instrument's taker fee and
 * half spread. Use it where costs are mainly proportional; risk aversion is per unit of the numeraire.
 */
export function parseWhalleyWilmott(fields: PolicyFields): Result<Policy> {
  const terms = utilityTerms(fields);
  return terms.ok ? success(createWhalleyWilmott(terms.value)) : terms;
}

function createWhalleyWilmott({ riskAversion, costs }: UtilityTerms): Policy {
  return {
    kind: 'whalley-wilmott',
    evaluate: (input) =>
      judgeEach(input, (view) => {
        const cost = cheapestRate(view, costs);
        const gamma = numeraireGamma(view);
        const { rate } = input.snapshot;
        const inputs = { cost, spot: view.spot, gamma, riskAversion, rate, expiryYears: view.expiryYears };
        return toTheEdge(view, whalleyWilmottHalfBand(inputs) * view.bandScale, {
          ingredients: [
            { name: 'risk aversion', value: riskAversion, unit: '1/numeraire' },
            { name: 'proportional cost', value: cost, unit: 'fraction' },
            { name: 'gamma', value: gamma, unit: `${view.underlying} per numeraire` },
            ...degradedIngredient(view),
          ],
          horizonYears: DAY_YEARS,
          riskAversion,
          costs,
        });
      }),
  };
}
