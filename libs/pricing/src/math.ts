import { sharedKernel } from './kernel-instance';

interface MathExports {
  mathExp(x: number): number;
  mathExpm1(x: number): number;
  mathLog(x: number): number;
  mathLog1p(x: number): number;
  mathPow(x: number, y: number): number;
  mathCbrt(x: number): number;
  mathSin(x: number): number;
  mathCos(x: number): number;
  mathTan(x: number): number;
  mathAtan(x: number): number;
  mathAtan2(y: number, x: number): number;
  mathSinh(x: number): number;
  mathCosh(x: number): number;
  mathTanh(x: number): number;
  mathErf(x: number): number;
  mathErfc(x: number): number;
  mathErfcx(x: number): number;
  mathNormPdf(x: number): number;
  mathNormCdf(x: number): number;
  mathNormInv(p: number): number;
}

const entry = sharedKernel<MathExports>().exports;

/**
 * Transcendental functions with the same bits on every machine, engine and version, from the kernel's own implementation.
 * Pure libraries use these where the host's `Math` would differ between engines. `sqrt`, `abs`, `floor` and their like are
 * exact in every host and may be taken from `Math`.
 */
export const math = {
  /** e^x. */
  exp: entry.mathExp,
  /** e^x - 1, accurate near zero. */
  expm1: entry.mathExpm1,
  /** Natural logarithm; NaN below zero. */
  log: entry.mathLog,
  /** log(1 + x), accurate near zero. */
  log1p: entry.mathLog1p,
  pow: entry.mathPow,
  cbrt: entry.mathCbrt,
  /** Radians; full accuracy for |x| < 1.6e6. */
  sin: entry.mathSin,
  cos: entry.mathCos,
  tan: entry.mathTan,
  atan: entry.mathAtan,
  atan2: entry.mathAtan2,
  sinh: entry.mathSinh,
  cosh: entry.mathCosh,
  tanh: entry.mathTanh,
  erf: entry.mathErf,
  erfc: entry.mathErfc,
  /** e^(x²)·erfc(x). */
  erfcx: entry.mathErfcx,
  /** Standard normal density. */
  normPdf: entry.mathNormPdf,
  /** Standard normal distribution function, relatively accurate in the lower tail. */
  normCdf: entry.mathNormCdf,
  /** Inverse of `normCdf`; NaN outside [0, 1]. */
  normInv: entry.mathNormInv,
} as const;
