import { invalidInput } from '../errors';
import { createKernelInstance } from '../kernel-instance';
import type { SviRaw } from '../smile/svi';

interface BatchExports {
  sviTotalVariances(
    a: number,
    b: number,
    rho: number,
    m: number,
    sigma: number,
    k: number,
    out: number,
    count: number,
  ): void;
  sviDensityFactors(
    a: number,
    b: number,
    rho: number,
    m: number,
    sigma: number,
    k: number,
    out: number,
    count: number,
  ): void;
}

/** One slice evaluated on a fixed list of log-moneyness in one kernel call. The array returned is overwritten by the next. */
export interface SviLine {
  readonly count: number;
  totalVariances(svi: SviRaw): Float64Array;
  densityFactors(svi: SviRaw): Float64Array;
}

/** Most points a line may have; a chain has a few hundred. */
const LINES = 4;
const POINTS_MAX = 4096;

let workspace: { exports: BatchExports; lines: { address: number; view(): Float64Array }[] } | undefined;
let next = 0;

/**
 * Puts the points into kernel memory of the fits' own. Lines are handed out in turn from four, so at most four are alive at
 * a time: a fit uses two.
 */
export function createSviLine(points: readonly number[]): SviLine {
  if (points.length > POINTS_MAX)
    throw invalidInput('quotes', `of one expiry are at most ${POINTS_MAX}, not ${points.length}`);
  if (workspace === undefined) {
    const kernel = createKernelInstance<BatchExports>();
    workspace = {
      exports: kernel.exports,
      lines: Array.from({ length: LINES }, () => kernel.allocateDoubles(2 * POINTS_MAX)),
    };
  }
  const { exports, lines } = workspace;
  const line = lines[next++ % LINES] as { address: number; view(): Float64Array }; // index below LINES
  const view = line.view();
  view.set(points);
  const count = points.length;
  const out = view.subarray(POINTS_MAX, POINTS_MAX + count);
  const outAddress = line.address + POINTS_MAX * 8;
  return {
    count,
    totalVariances: ({ a, b, rho, m, sigma }) => {
      exports.sviTotalVariances(a, b, rho, m, sigma, line.address, outAddress, count);
      return out;
    },
    densityFactors: ({ a, b, rho, m, sigma }) => {
      exports.sviDensityFactors(a, b, rho, m, sigma, line.address, outAddress, count);
      return out;
    },
  };
}
