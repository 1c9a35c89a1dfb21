import { invalidInput } from '../errors';
import { sharedKernel } from '../kernel-instance';
import type { CashDividend } from '../door/european';
import { readChoice, readVanillaTerms } from './inputs';
import type { VanillaTerms } from './inputs';
import type { RawInputs } from './inputs';
import { readGridValuation, readValuation } from './valuation';
import type { GridValuation } from './valuation';

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
  americanValue(w: number, s: number, k: number, t: number, r: number, q: number, v: number): number;
  americanOnGrid(
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    count: number,
    escrow: number,
    barrier: number,
    eta: number,
    rebate: number,
  ): void;
  gridDividendTimes(): number;
  gridDividendAmounts(): number;
  gridDividendLimit(): number;
  readonly memory: { readonly buffer: ArrayBuffer };
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
  /** Cash dividends until expiry; then value and Greeks come from a grid (about four digits) and `method` must be left out. */
  readonly dividends?: readonly CashDividend[];
  /** escrowed (default): the spot less the present value of the dividends diffuses. spot: the spot does, and falls by each. */
  readonly dividend_model?: 'escrowed' | 'spot';
}

/** Exercise is worth it only between two boundaries: rates q < r < 0 for a put, r < q < 0 for a call. */
export function hasTwoBoundaries({ w, r, q }: VanillaTerms): boolean {
  return w < 0 ? r < 0 && q < r : q < 0 && r < q;
}

/** Dividends from now to expiry in order of time, written where the kernel looks for them; returns their number. */
function writeDividends(inputs: RawInputs, terms: VanillaTerms, escrowed: boolean): number {
  const raw = inputs['dividends'];
  if (!Array.isArray(raw)) throw invalidInput('dividends', 'must be a list of { t, amount }');
  const { exports } = sharedKernel<AmericanExports>();
  const dividends = raw.map((item: unknown, index): CashDividend => {
    const { t, amount } = (item ?? {}) as Partial<CashDividend>; // both are checked on the next lines
    if (typeof t !== 'number' || !Number.isFinite(t))
      throw invalidInput(`dividends[${index}].t`, 'must be a finite number of years');
    if (typeof amount !== 'number' || !(amount >= 0 && amount < Infinity)) {
      throw invalidInput(`dividends[${index}].amount`, 'must be 0 or more');
    }
    return { t, amount };
  });
  const ahead = dividends.filter(({ t }) => t >= 0 && t <= terms.T).sort((a, b) => a.t - b.t);
  if (ahead.length > exports.gridDividendLimit())
    throw invalidInput('dividends', `must not number more than ${exports.gridDividendLimit()}`);
  const worth =
    ahead.reduce((sum, { amount }) => sum + amount, 0) *
    Math.max(1, escrowed ? 1 - Math.min(0, terms.r) * terms.T : 1);
  if (worth >= terms.S)
    throw invalidInput('dividends', 'are worth as much as the spot: nothing is left to diffuse');
  const { buffer } = exports.memory;
  new Float64Array(buffer, exports.gridDividendTimes(), ahead.length).set(ahead.map(({ t }) => t));
  new Float64Array(buffer, exports.gridDividendAmounts(), ahead.length).set(
    ahead.map(({ amount }) => amount),
  );
  return ahead.length;
}

function priceOnGrid(terms: VanillaTerms, dividends: number, escrowed: boolean): GridValuation {
  const { w, S, K, T, r, q, sigma } = terms;
  const kernel = sharedKernel<AmericanExports>();
  kernel.exports.americanOnGrid(w, S, K, T, r, q, sigma, dividends, escrowed ? 1 : 0, 0, 0, 0);
  return readGridValuation(kernel.result());
}

/**
 * Value and Greeks of an American option. High-precision: spectral collocation of the exercise boundary (Andersen, Lake &
 * Offengenden 2016) solved by Newton's method, about ten digits. In the exercise region the option is its payoff. With cash
 * dividends, or rates so negative that there are two boundaries, a grid takes over and gives the Greeks up to second order.
 * Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceAmerican(terms: AmericanInputs | RawInputs): GridValuation {
  const inputs = terms as RawInputs; // every field is checked as it is read
  const vanilla = readVanillaTerms(inputs);
  const { w, S, K, T, r, q, sigma } = vanilla;
  const name = readChoice(inputs, 'method', METHOD_NAMES, 'high-precision');
  const method = METHODS[name];
  const kernel = sharedKernel<AmericanExports>();
  if (inputs['dividends'] !== undefined && T > 0) {
    if (method >= 0) throw invalidInput('method', `${name} knows no cash dividends`);
    const escrowed = readChoice(inputs, 'dividend_model', ['escrowed', 'spot'], 'escrowed') === 'escrowed';
    const count = writeDividends(inputs, vanilla, escrowed);
    if (count > 0) return priceOnGrid(vanilla, count, escrowed);
  }
  if (method >= 0) kernel.exports.americanApproximation(method, w, S, K, T, r, q, sigma);
  else if (T > 0 && hasTwoBoundaries(vanilla)) return priceOnGrid(vanilla, 0, false);
  else kernel.exports.americanOption(w, S, K, T, r, q, sigma);
  return readValuation(kernel.result());
}
