import { assertClosed, assertOpen, degenerateSmile } from './range-checks';
import { invalidInput } from '../errors';
import { smileKernel } from './smile-kernel';

/**
 * Raw SVI of one expiry: `w(k) = a + b[ρ(k-m) + √((k-m)²+σ²)]` is **total variance**, k = ln(K/F).
 * b ≥ 0, |ρ| < 1, σ > 0 and `a + bσ√(1-ρ²) ≥ 0`.
 */
export interface SviRaw {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
  readonly m: number;
  readonly sigma: number;
}

/**
 * Jump-wings (Gatheral & Jacquier 2014): at-the-money variance v (annualised), at-the-money skew ψ = ∂σ√T/∂k, slopes of the
 * put wing p and of the call wing c (total variance per log-moneyness, over √(vT)) and the least variance ṽ (annualised).
 */
export interface SviJumpWings {
  readonly v: number;
  readonly psi: number;
  readonly p: number;
  readonly c: number;
  readonly vTilde: number;
}

/** Throws `PRICING.INVALID_INPUT`, naming the parameter, unless the slice is one whose variance is nowhere negative. */
export function assertSviRaw(slice: SviRaw): void {
  assertOpen('a', slice.a, -Infinity, Infinity);
  assertClosed('b', slice.b, 0, 1e6);
  assertOpen('rho', slice.rho, -1, 1);
  assertOpen('m', slice.m, -Infinity, Infinity);
  assertOpen('sigma', slice.sigma, 0, Infinity);
  const least = sviLeastVariance(slice);
  // The least variance is a difference of two rounded numbers: one part in 10¹⁵ of them is not a negative variance.
  if (least < -1e-15 * (Math.abs(slice.a) + slice.b * slice.sigma)) {
    throw invalidInput('a', `makes the least total variance a + bσ√(1-ρ²) negative: ${least}`);
  }
}

/** Total variance at log-moneyness k. Valid for every finite k. */
export function sviTotalVariance(slice: SviRaw, k: number): number {
  return smileKernel.sviTotalVariance(slice.a, slice.b, slice.rho, slice.m, slice.sigma, k);
}

/** `∂w/∂k`, total variance per unit of log-moneyness; lies strictly between the wing slopes. */
export function sviSlope(slice: SviRaw, k: number): number {
  return smileKernel.sviSlope(slice.b, slice.rho, slice.m, slice.sigma, k);
}

/** `∂²w/∂k²`. */
export function sviCurvature(slice: SviRaw, k: number): number {
  return smileKernel.sviCurvature(slice.b, slice.m, slice.sigma, k);
}

/** Gatheral's g(k): non-negative everywhere exactly when the slice's density is. */
export function sviDensityFactor(slice: SviRaw, k: number): number {
  return smileKernel.sviDensityFactor(slice.a, slice.b, slice.rho, slice.m, slice.sigma, k);
}

/** `a + bσ√(1-ρ²)`: the least total variance, at `k = m - ρσ/√(1-ρ²)`. */
export function sviLeastVariance(slice: SviRaw): number {
  return slice.a + slice.b * slice.sigma * Math.sqrt(1 - slice.rho * slice.rho);
}

/** Slopes of the wings, both ≥ 0: total variance per unit of |k|. Lee (2004): neither may exceed 2. */
export function sviWingSlopes(slice: SviRaw): { readonly put: number; readonly call: number } {
  return { put: slice.b * (1 - slice.rho), call: slice.b * (1 + slice.rho) };
}

/** Raw → jump wings at T years. Throws when the at-the-money variance is not positive. */
export function sviJumpWingsOfRaw(slice: SviRaw, years: number): SviJumpWings {
  assertSviRaw(slice);
  assertOpen('T', years, 0, Infinity);
  const atTheMoney = sviTotalVariance(slice, 0);
  assertOpen('w(0)', atTheMoney, 0, Infinity);
  const root = Math.sqrt(atTheMoney);
  const wings = sviWingSlopes(slice);
  return {
    v: atTheMoney / years,
    psi: sviSlope(slice, 0) / (2 * root),
    p: wings.put / root,
    c: wings.call / root,
    vTilde: sviLeastVariance(slice) / years,
  };
}

/**
 * Jump wings → raw. The form `h = √(m²+σ²) = (v-ṽ)T / (b(1-ρβ-√((1-ρ²)(1-β²))))`, β = m/h, needs no case for m = 0.
 * Throws `PRICING.INVALID_INPUT` where the wings contradict each other, and when ṽ = v with β = ρ: the least variance
 * then lies at the money and σ is not determined by jump wings at all.
 */
export function sviRawOfJumpWings(wings: SviJumpWings, years: number): SviRaw {
  assertOpen('T', years, 0, Infinity);
  assertOpen('v', wings.v, 0, Infinity);
  assertClosed('p', wings.p, 0, 1e6);
  assertClosed('c', wings.c, 0, 1e6);
  assertOpen('p + c', wings.p + wings.c, 0, 1e6);
  assertClosed('vTilde', wings.vTilde, 0, wings.v);
  const root = Math.sqrt(wings.v * years);
  const b = (root * (wings.c + wings.p)) / 2;
  const rho = (wings.c - wings.p) / (wings.c + wings.p);
  assertOpen('rho', rho, -1, 1);
  const lean = rho - (2 * wings.psi * root) / b;
  assertOpen('psi', lean, -1, 1);
  const across = 1 - rho * lean + Math.sqrt((1 - rho * rho) * (1 - lean * lean));
  const gap = ((rho - lean) * (rho - lean)) / across; // = 1 - ρβ - √((1-ρ²)(1-β²)) without cancellation
  if (gap < 1e-14) {
    throw degenerateSmile(
      'psi',
      'the least variance lies at the money: jump wings do not determine σ; use the raw parameters',
    );
  }
  const span = ((wings.v - wings.vTilde) * years) / (b * gap);
  assertOpen('v - vTilde', span, 0, Infinity);
  const sigma = span * Math.sqrt(1 - lean * lean);
  return { a: wings.vTilde * years - b * sigma * Math.sqrt(1 - rho * rho), b, rho, m: lean * span, sigma };
}
