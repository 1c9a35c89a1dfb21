import { PricingError } from '../errors';
import { sharedKernel } from '../kernel-instance';
import { hasTwoBoundaries, priceAmerican } from './american';
import { readNumber, readVanillaTerms } from './inputs';
import type { RawInputs } from './inputs';

interface AmericanValueExports {
  americanValue(w: number, s: number, k: number, t: number, r: number, q: number, v: number): number;
}

const LOWEST = 1e-5;
const HIGHEST = 50;

function outOfReach(code: string, message: string): PricingError {
  return new PricingError({ code, message, path: 'price' });
}

/**
 * The volatility per square-root year at which the high-precision American price is `price` (type, S, K, T, r, q as for
 * `priceAmerican`). Bracketed inverse interpolation on the value alone, to the last digits that the price determines.
 * Errors: PRICING.BELOW_INTRINSIC at or below immediate exercise or the zero-volatility value, where volatility has no
 * bearing; PRICING.ABOVE_BOUND where no volatility reaches it; PRICING.MISSING_INPUT and PRICING.INVALID_INPUT.
 */
export function impliedAmericanVolatility(inputs: RawInputs): number {
  const price = readNumber(inputs, 'price');
  const terms = readVanillaTerms({ ...inputs, sigma: 0 });
  const { w, S, K, T, r, q } = terms;
  const { exports } = sharedKernel<AmericanValueExports>();
  const excess = (sigma: number): number =>
    (hasTwoBoundaries(terms)
      ? priceAmerican({ ...terms, type: w > 0 ? 'call' : 'put', sigma }).value
      : exports.americanValue(w, S, K, T, r, q, sigma)) - price;
  if (T <= 0 || price <= Math.max(0, w * (S - K)) || excess(LOWEST) >= 0) {
    throw outOfReach('PRICING.BELOW_INTRINSIC', 'price is at or below immediate exercise');
  }
  let low = LOWEST;
  let high = 0.25;
  let fHigh = excess(high);
  while (fHigh < 0) {
    low = high;
    high *= 2;
    if (high > HIGHEST) throw outOfReach('PRICING.ABOVE_BOUND', 'price is above what any volatility gives');
    fHigh = excess(high);
  }
  return root(excess, low, excess(low), high, fHigh);
}

/** Chandrupatla's method: inverse quadratic interpolation where that is safe, halving where not. */
function root(f: (x: number) => number, low: number, fLow: number, high: number, fHigh: number): number {
  let [a, fa, b, fb] = [high, fHigh, low, fLow];
  let [c, fc] = [a, fa];
  let share = 0.5;
  for (let step = 0; step < 100; step += 1) {
    const x = a + share * (b - a);
    const fx = f(x);
    if (fx === 0) return x;
    if (Math.sign(fx) === Math.sign(fa)) [c, fc] = [a, fa];
    else [c, fc, b, fb] = [b, fb, a, fa];
    [a, fa] = [x, fx];
    const best = Math.abs(fa) < Math.abs(fb) ? a : b;
    const tolerance = 2e-16 * best;
    const width = Math.abs(b - a);
    if (width <= 4 * tolerance) return best;
    const xi = (a - b) / (c - b);
    const phi = (fa - fb) / (fc - fb);
    if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi) {
      share = (fa / (fb - fa)) * (fc / (fb - fc)) + ((c - a) / (b - a)) * (fa / (fc - fa)) * (fb / (fc - fb));
    } else {
      share = 0.5;
    }
    const least = tolerance / width;
    share = Math.min(1 - least, Math.max(least, share));
  }
  return Math.abs(fa) < Math.abs(fb) ? a : b;
}
