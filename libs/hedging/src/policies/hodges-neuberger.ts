import { success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { whalleyWilmottHalfBand } from '../bands/whalley-wilmott';
import type { CostModel } from '../cost-model/cost-model';
import { PLAIN_COSTS } from '../cost-model/cost-model';
import { hodgesNeubergerBand } from '../utility-indifference/gamma-band';
import { cheapestRate, degradedIngredient, judgeEach, numeraireGamma, toTheEdge } from './band';
import type { Policy } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import { costsField, onlyFields, positiveNumber } from '../policy/policy-fields';

const DAY_YEARS = 1 / 365;

/**
 * `{ "kind": "hodges-neuberger", "riskAversion": "0.00002" }`: the utility-indifference band itself, solved numerically for the
 * at-the-money option that has the book's gamma, volatility and time to expiry, traded to its edge. What the asymptotic bands
 * approximate; use it where costs are not small against gamma, or to see what they give away.
 */
export function parseHodgesNeuberger(fields: PolicyFields): Result<Policy> {
  const checked = onlyFields(fields, ['riskAversion', 'costs']);
  if (!checked.ok) return checked;
  const riskAversion = positiveNumber(fields, 'riskAversion');
  if (!riskAversion.ok) return riskAversion;
  const costs = costsField(fields);
  if (!costs.ok) return costs;
  return success(createHodgesNeuberger(riskAversion.value, costs.value));
}

export function createHodgesNeuberger(riskAversion: number, costs: CostModel = PLAIN_COSTS): Policy {
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
        return {
          ...toTheEdge(view, upper * view.bandScale),
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
        };
      }),
  };
}
