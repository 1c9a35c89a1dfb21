import { math } from '../math';
import { assertClosed, assertOpen } from './range-checks';
import type { SviRaw } from './svi';

/**
 * SSVI (Gatheral & Jacquier 2014): `w(k, θ) = (θ/2){1 + ρφk + √((φk+ρ)² + 1-ρ²)}`, θ the at-the-money total variance.
 * One slice of it; `phi` is φ(θ).
 */
export interface SsviSlice {
  readonly theta: number;
  readonly phi: number;
  readonly rho: number;
}

/** How φ depends on θ. Power law: `η / (θ^γ (1+θ)^{1-γ})`; Heston-like: `(1/λθ)(1 - (1-e^{-λθ})/λθ)`. */
export type SsviCurvature =
  | { readonly kind: 'power-law'; readonly eta: number; readonly gamma: number }
  | { readonly kind: 'heston-like'; readonly lambda: number };

/** A whole SSVI surface: at-the-money total variance per expiry is supplied with each question. */
export interface SsviSurface {
  readonly rho: number;
  readonly curvature: SsviCurvature;
}

/** φ(θ), per unit of log-moneyness; θ > 0. */
export function ssviPhi(curvature: SsviCurvature, theta: number): number {
  assertOpen('theta', theta, 0, Infinity);
  if (curvature.kind === 'power-law') {
    assertOpen('eta', curvature.eta, 0, Infinity);
    assertClosed('gamma', curvature.gamma, 0, 1);
    return curvature.eta / (math.pow(theta, curvature.gamma) * math.pow(1 + theta, 1 - curvature.gamma));
  }
  assertOpen('lambda', curvature.lambda, 0, Infinity);
  const x = curvature.lambda * theta;
  // 1 - (1-e^{-x})/x loses every digit for small x; the series has an error below x⁴/120.
  if (x < 1e-3) return 0.5 - x / 6 + (x * x) / 24 - (x * x * x) / 120;
  return (1 - (1 - math.exp(-x)) / x) / x;
}

/** The slice of a surface at at-the-money total variance θ. */
export function ssviSliceAt(surface: SsviSurface, theta: number): SsviSlice {
  return { theta, phi: ssviPhi(surface.curvature, theta), rho: surface.rho };
}

/** Every SSVI slice is a raw SVI slice. */
export function sviRawOfSsvi(slice: SsviSlice): SviRaw {
  assertOpen('theta', slice.theta, 0, Infinity);
  assertOpen('phi', slice.phi, 0, Infinity);
  assertOpen('rho', slice.rho, -1, 1);
  const across = 1 - slice.rho * slice.rho;
  return {
    a: (slice.theta * across) / 2,
    b: (slice.theta * slice.phi) / 2,
    rho: slice.rho,
    m: -slice.rho / slice.phi,
    sigma: Math.sqrt(across) / slice.phi,
  };
}

/** Sufficient conditions for no butterfly: `θφ(1+|ρ|) < 4` and `θφ²(1+|ρ|) ≤ 4` (Gatheral & Jacquier, theorem 4.2). */
export function ssviSliceIsButterflyFree(slice: SsviSlice): boolean {
  const lean = 1 + Math.abs(slice.rho);
  return slice.theta * slice.phi * lean < 4 && slice.theta * slice.phi * slice.phi * lean <= 4;
}

/**
 * Sufficient conditions for no calendar arbitrage from `near` to `far` with a correlation of each slice's own (Hendriks &
 * Martini 2019, and Corbetta et al. 2019): θ does not fall, `θφ(1±ρ)` does not fall, and φ does not rise. The slices' own
 * crossing is tested by `calendarArbitrage`, which is exact.
 */
export function ssviSlicesAreCalendarFree(near: SsviSlice, far: SsviSlice): boolean {
  const nearWing = near.theta * near.phi;
  const farWing = far.theta * far.phi;
  const wingsGrow =
    farWing * (1 + far.rho) >= nearWing * (1 + near.rho) &&
    farWing * (1 - far.rho) >= nearWing * (1 - near.rho);
  return far.theta >= near.theta && wingsGrow && far.phi <= near.phi;
}
