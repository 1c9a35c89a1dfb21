import { sharedKernel } from '../kernel-instance';
import type { FullValuation, Valuation } from '../door/valuation';
import {
  readChoice,
  readExpiry,
  readNonNegative,
  readPositive,
  readRates,
  readSide,
  readWithin,
} from './inputs';
import type { RawInputs } from './inputs';
import { priceAmerican } from './american';
import { priceMerton } from './merton';
import { readValuation } from './valuation';

interface HestonExports {
  hestonOption(
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v0: number,
    kappa: number,
    theta: number,
    volOfVol: number,
    rho: number,
  ): void;
  hestonAmerican(
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v0: number,
    kappa: number,
    theta: number,
    volOfVol: number,
    rho: number,
  ): void;
}

/**
 * Terms of an option under Heston's model, dv = kappa (theta - v) dt + sigma sqrt(v) dW: `v0` and `theta` are variances,
 * `sigma` the volatility of variance, `rho` its correlation with the spot.
 */
export interface HestonInputs {
  readonly type: 'call' | 'put';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly v0: number;
  readonly kappa: number;
  readonly theta: number;
  readonly sigma: number;
  readonly rho: number;
  readonly r?: number;
  readonly q?: number;
  /** european (default) or american. */
  readonly exercise?: 'european' | 'american';
}

/** Variance until expiry below which the future is a point. */
const LEAST_VARIANCE = 1e-16;

function isDeterministic(T: number, v0: number, kappa: number, theta: number): boolean {
  return T * (v0 + theta * Math.min(1, kappa * T)) < LEAST_VARIANCE;
}

function readHestonTerms(inputs: RawInputs) {
  const w = readSide(inputs);
  const S = readPositive(inputs, 'S');
  const K = readPositive(inputs, 'K');
  const T = readExpiry(inputs);
  const { r, q } = readRates(inputs);
  const v0 = readWithin(inputs, 'v0', 0, 100);
  const reversion = readNonNegative(inputs, 'kappa');
  const kappa = reversion < 1e-10 ? 0 : reversion;
  const theta = readWithin(inputs, 'theta', 0, 100);
  const sigma = readWithin(inputs, 'sigma', 0, 100);
  const rho = readWithin(inputs, 'rho', -1, 1);
  return { w, S, K, T, r, q, v0, kappa, theta, sigma, rho };
}

/**
 * Value and Greeks of an option under Heston (1993). European: see `priceEuropeanHeston`. American: the European value plus the
 * premium of a two-dimensional grid, about 3e-5 of the strike, with the Greeks of first order and gamma; where exercise is
 * best the payoff. Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceHeston(terms: HestonInputs | RawInputs): Valuation {
  const inputs = terms as RawInputs; // every field is checked as it is read
  if (readChoice(inputs, 'exercise', ['european', 'american'], 'european') === 'european')
    return priceEuropeanHeston(inputs);
  const { w, S, K, T, r, q, v0, kappa, theta, sigma, rho } = readHestonTerms(inputs);
  if (T <= 0 || isDeterministic(T, v0, kappa, theta)) {
    return priceAmerican({ type: w > 0 ? 'call' : 'put', S, K, T, r, q, sigma: 0 });
  }
  const kernel = sharedKernel<HestonExports>();
  kernel.exports.hestonAmerican(w, S, K, T, r, q, v0, kappa, theta, sigma, rho);
  const {
    value,
    delta,
    gamma,
    vega,
    theta: decay,
    rho: rateSlope,
    dividendRho,
  } = readValuation(kernel.result());
  return { value, delta, gamma, vega, theta: decay, rho: rateSlope, dividendRho };
}

/**
 * Value and Greeks of a European option under Heston (1993), by quadrature of the characteristic function. Every Greek is an
 * integral of its own, not a difference; vega, vanna, volga, zomma, veta and ultima are with respect to the initial volatility
 * sqrt(v0), all other parameters held. Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceEuropeanHeston(inputs: RawInputs): FullValuation {
  const { w, S, K, T, r, q, v0, kappa, theta, sigma, rho } = readHestonTerms(inputs);
  if (T <= 0 || isDeterministic(T, v0, kappa, theta)) {
    return priceMerton({
      type: w > 0 ? 'call' : 'put',
      S,
      K,
      T,
      r,
      q,
      sigma: 0,
      jump_intensity: 0,
      jump_vol_delta: 0,
    });
  }
  const kernel = sharedKernel<HestonExports>();
  kernel.exports.hestonOption(w, S, K, T, r, q, v0, kappa, theta, sigma, rho);
  return readValuation(kernel.result());
}
