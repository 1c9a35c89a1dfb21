import { success, DAY_YEARS } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { whalleyWilmottHalfBand } from '../bands/whalley-wilmott';
import { hodgesNeubergerBand } from '../utility-indifference/gamma-band';
import { cheapestRate, degradedIngredient, judgeEach, numeraireGamma, toTheEdge } from './band';
import type { Policy } from '../policy/policy';
import type { PolicyFields, UtilityTerms } from '../policy/policy-fields';
import { utilityTerms } from '../policy/policy-fields';

/**
 * `{ "kind": "hodges-neuberger", "riskAversion": "0.00002" }`: the utility-indifference band itself, solved numerically for the
 * at-the-money option that has the book's gamma, volatility and time to expiry, traded to its edge. What the asymptotic bands
 * approximate; use it where costs are not small against gamma, or to see what they give away.
 */
export function parseHodgesNeuberger(fields: PolicyFields): Result<Policy> {
  const terms = utilityTerms(fields);
  return terms.ok ? success(createHodgesNeuberger(terms.value)) : terms;
}

function createHodgesNeuberger({ riskAversion, costs }: UtilityTerms): Policy {
  return {
    kind: 'hodges-neuberger',
    evaluate: (input) =>
      judgeEach(input, (view) => {
        const { spot, volatility, expiryYears } = view;
        const { rate } = input.snapshot;
        const cost = cheapestRate(view, costs);
        const gamma = numeraireGamma(view);
        const inputs = { spot, gamma, volatility, expiryYears, cost, riskAversion, rate };
        const { upper } = hodgesNeubergerBand(inputs);
        return toTheEdge(view, upper * view.bandScale, {
          ingredients: [
            { name: 'risk aversion', value: riskAversion, unit: '1/numeraire' },
            { name: 'proportional cost', value: cost, unit: 'fraction' },
            { name: 'gamma', value: gamma, unit: `${view.underlying} per numeraire` },
            { name: 'asymptotic half band', value: whalleyWilmottHalfBand(inputs), unit: view.underlying },
            ...degradedIngredient(view),
          ],
          horizonYears: DAY_YEARS,
          riskAversion,
          costs,
        });
      }),
  };
}
