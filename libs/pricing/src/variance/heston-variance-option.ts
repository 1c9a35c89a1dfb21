import { invalidInput } from '../errors';
import { math } from '../math';
import { assertClosed, assertOpen } from '../smile/range-checks';

/** Heston's variance process `dv = κ(θ - v)dt + σ√v dW`; T in years. */
export interface HestonVarianceTerms {
  readonly v0: number;
  readonly kappa: number;
  readonly theta: number;
  /** Volatility of variance. */
  readonly sigma: number;
  readonly years: number;
  /** Continuously compounded; 0 by default. */
  readonly rate?: number;
}

/**
 * Value of an option on **total** realised variance `I = ∫₀ᵀ v dt` (not annualised): `e^{-rT} E[(I - K)⁺]` or `E[(K - I)⁺]`,
 * per unit of total variance. The Laplace transform of I is exponential-affine; `e^{-rT}(K - I)⁺` has transform φ(s)/s² in K
 * and is inverted on a vertical line by the Poisson sum of Abate & Whitt (1992), error about 1e-10 of K. Vega is left to the
 * caller: v0 and θ are variances.
 */
export function hestonVarianceOption(
  terms: HestonVarianceTerms,
  strike: number,
  type: 'call' | 'put',
): number {
  assertOpen('v0', terms.v0, -1e-300, 1e3);
  assertOpen('kappa', terms.kappa, 0, 1e3);
  assertClosed('theta', terms.theta, 0, 1e3);
  assertOpen('sigma', terms.sigma, 0, 1e3);
  assertOpen('T', terms.years, 0, 200);
  assertOpen('K', strike, 0, 1e6);
  if (type !== 'call' && type !== 'put') throw invalidInput('type', 'is call or put');
  const put = invert(terms, strike);
  const mean = expectedTotalVariance(terms);
  const undiscounted = type === 'put' ? put : put + mean - strike;
  return math.exp(-(terms.rate ?? 0) * terms.years) * Math.max(0, undiscounted);
}

/** `E[∫₀ᵀ v dt] = θT + (v₀ - θ)(1 - e^{-κT})/κ`: the fair total variance; divide by T for the swap's strike. */
export function expectedTotalVariance(terms: HestonVarianceTerms): number {
  const { v0, kappa, theta, years } = terms;
  return theta * years - ((v0 - theta) * math.expm1(-kappa * years)) / kappa;
}

const ALIAS_EXPONENT = 24; // discretisation error e^{-24} of the payoff's size
const TERMS_MAX = 200_000;
const PI = 3.141592653589793;

/** `E[(K - I)⁺]` as a function of K from its transform φ(s)/s². */
function invert(terms: HestonVarianceTerms, strike: number): number {
  const real = ALIAS_EXPONENT / (2 * strike);
  const spacing = PI / strike;
  let sum = transformOverSquare(terms, real, 0) / 2;
  let quiet = 0;
  for (let n = 1; n <= TERMS_MAX; n++) {
    const term = (n % 2 === 0 ? 1 : -1) * transformOverSquare(terms, real, n * spacing);
    sum += term;
    quiet = Math.abs(term) < 1e-17 * Math.abs(sum) + 1e-30 ? quiet + 1 : 0;
    if (quiet === 8) break;
  }
  return (math.exp(ALIAS_EXPONENT / 2) / strike) * sum;
}

/** Real part of `E[e^{-sI}] / s²` at s = x + iy. */
function transformOverSquare(terms: HestonVarianceTerms, x: number, y: number): number {
  const { v0, kappa, theta, sigma, years } = terms;
  const s2 = sigma * sigma;
  // γ = √(κ² + 2σ²s); E = e^{-γT}; D = (γ + κ) + (γ - κ)E … the decaying form, in which nothing overflows.
  const gamma = complexRoot(kappa * kappa + 2 * s2 * x, 2 * s2 * y);
  const fade = math.exp(-gamma.re * years);
  const e = { re: fade * math.cos(gamma.im * years), im: -fade * math.sin(gamma.im * years) };
  const minus = { re: gamma.re - kappa, im: gamma.im };
  const minusE = multiply(minus, e);
  const denominator = { re: gamma.re + kappa + minusE.re, im: gamma.im + minusE.im };
  const b = divide(multiply({ re: 2 * x, im: 2 * y }, { re: 1 - e.re, im: -e.im }), denominator);
  // ln A = (2κθ/σ²) [ln(2γ/D) + (κ - γ)T/2]
  const ratio = divide({ re: 2 * gamma.re, im: 2 * gamma.im }, denominator);
  const power = (2 * kappa * theta) / s2;
  const logRe = 0.5 * math.log(ratio.re * ratio.re + ratio.im * ratio.im) - (minus.re * years) / 2;
  const logIm = math.atan2(ratio.im, ratio.re) - (minus.im * years) / 2;
  const exponentRe = power * logRe - v0 * b.re;
  const exponentIm = power * logIm - v0 * b.im;
  const size = math.exp(exponentRe);
  const phi = { re: size * math.cos(exponentIm), im: size * math.sin(exponentIm) };
  return divide(phi, { re: x * x - y * y, im: 2 * x * y }).re;
}

interface Complex {
  readonly re: number;
  readonly im: number;
}

function multiply(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

function divide(a: Complex, b: Complex): Complex {
  const norm = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / norm, im: (a.im * b.re - a.re * b.im) / norm };
}

/** Principal root of a number in the right half-plane. */
function complexRoot(re: number, im: number): Complex {
  const length = Math.sqrt(re * re + im * im);
  const root = Math.sqrt((length + re) / 2);
  return { re: root, im: im / (2 * root) };
}
