import { sharedKernel } from '../kernel-instance';
import type { FullValuation } from '../door/valuation';
import { readChoice, readVanillaTerms } from './inputs';
import type { RawInputs } from './inputs';
import { readValuation } from './valuation';

interface AmericanExports {
  americanOption(w: number, s: number, k: number, t: number, r: number, q: number, v: number): void;
  americanApproximation(
    method: number,
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
  ): void;
  qdPlusPutBoundary(t: number, r: number, q: number, v: number): number;
}

/** Methods by name, with the short names that published tables use. */
const METHODS = {
  'high-precision': -1,
  'barone-adesi-whaley': 0,
  baw: 0,
  ju: 1,
  'ju-1999': 1,
  'bjerksund-stensland': 2,
  'bjerksund-stensland-1993': 2,
} as const;

export type AmericanMethod = keyof typeof METHODS;

const METHOD_NAMES = Object.keys(METHODS) as AmericanMethod[]; // the keys of the table above

/** Terms of an American option. `method` defaults to high-precision; the others are quick approximations. */
export interface AmericanInputs {
  readonly type: 'call' | 'put';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly sigma: number;
  readonly r?: number;
  readonly q?: number;
  readonly method?: AmericanMethod;
}

/**
 * Value and Greeks of an American option. High-precision: spectral collocation of the exercise boundary (Andersen, Lake &
 * Offengenden 2016) solved by Newton's method, about ten digits. In the exercise region the option is its payoff.
 * Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceAmerican(terms: AmericanInputs | RawInputs): FullValuation {
  const inputs = terms as RawInputs; // every field is checked as it is read
  const { w, S, K, T, r, q, sigma } = readVanillaTerms(inputs);
  const method = METHODS[readChoice(inputs, 'method', METHOD_NAMES, 'high-precision')];
  const kernel = sharedKernel<AmericanExports>();
  if (method >= 0) kernel.exports.americanApproximation(method, w, S, K, T, r, q, sigma);
  else kernel.exports.americanOption(w, S, K, T, r, q, sigma);
  return readValuation(kernel.result());
}
