import { numberInput, optionType } from '../door/inputs';
import { PricingError } from '../errors';
import { priceAmerican } from '../exotic/american';
import type { CaseInputs } from './case-file';
import { withInputs } from './watched-inputs';

const VOLATILITY_MAX = 50;
const STEPS_MAX = 100;

/**
 * The volatility at which the American price is `price`: bracketed Newton on the model's own vega, to the last bits that the
 * price determines. `PRICING.BELOW_INTRINSIC` at or below immediate exercise (where every small volatility has the same
 * price), `PRICING.ABOVE_BOUND` where no volatility reaches it.
 */
export function americanImpliedVolatility(inputs: CaseInputs): number {
  const price = numberInput(inputs, 'price');
  const S = numberInput(inputs, 'S');
  const K = numberInput(inputs, 'K');
  const intrinsic = Math.max(0, optionType(inputs) === 'call' ? S - K : K - S);
  const at = (sigma: number): { readonly value: number; readonly vega?: number } =>
    priceAmerican(withInputs(inputs, { sigma }));
  let low = 0;
  let high = 0.5;
  if (!(price > Math.max(intrinsic, at(1e-4).value))) {
    throw new PricingError({
      code: 'PRICING.BELOW_INTRINSIC',
      message: 'price is at or below immediate exercise',
      path: 'price',
    });
  }
  while (at(high).value < price) {
    low = high;
    high *= 2;
    if (high > VOLATILITY_MAX) {
      throw new PricingError({
        code: 'PRICING.ABOVE_BOUND',
        message: 'price is above what any volatility gives',
        path: 'price',
      });
    }
  }
  let sigma = (low + high) / 2;
  for (let step = 0; step < STEPS_MAX; step++) {
    const { value, vega } = at(sigma);
    if (value < price) low = sigma;
    else high = sigma;
    // Without a vega, and outside the bracket, the step is a bisection: NaN is in no interval.
    const newton = vega === undefined ? Number.NaN : sigma - (value - price) / vega;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - sigma) <= 4e-16 * sigma) return next;
    sigma = next;
  }
  return sigma;
}
