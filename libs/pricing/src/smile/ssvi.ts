import { assertOpen } from './range-checks';
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
