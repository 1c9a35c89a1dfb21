import { sharedKernel } from '../kernel-instance';

/** The kernel's smile functions: total variance and Black or normal volatility from parameters already checked. */
interface SmileExports {
  sviTotalVariance(a: number, b: number, rho: number, m: number, sigma: number, k: number): number;
  sviSlope(b: number, rho: number, m: number, sigma: number, k: number): number;
  sviCurvature(b: number, m: number, sigma: number, k: number): number;
  sviDensityFactor(a: number, b: number, rho: number, m: number, sigma: number, k: number): number;
  densityFactor(k: number, w: number, slope: number, curvature: number): number;
  sabrHaganVolatility(
    f: number,
    k: number,
    t: number,
    alpha: number,
    beta: number,
    nu: number,
    rho: number,
  ): number;
  sabrOblojVolatility(
    f: number,
    k: number,
    t: number,
    alpha: number,
    beta: number,
    nu: number,
    rho: number,
  ): number;
  sabrAndersenVolatility(
    f: number,
    k: number,
    t: number,
    alpha: number,
    beta: number,
    nu: number,
    rho: number,
  ): number;
  sabrNormalVolatility(
    f: number,
    k: number,
    t: number,
    alpha: number,
    beta: number,
    nu: number,
    rho: number,
  ): number;
  sabrNormalBackboneVolatility(
    f: number,
    k: number,
    t: number,
    alpha: number,
    nu: number,
    rho: number,
  ): number;
}

export const smileKernel = sharedKernel<SmileExports>().exports;
