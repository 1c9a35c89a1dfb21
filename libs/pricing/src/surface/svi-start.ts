import { math } from '../math';
import { solveLinear } from '../optimise/levenberg-marquardt';
import type { SviRaw } from '../smile/svi';
import type { FitPoint } from './volatility-quotes';

/**
 * Starting slices by the quasi-explicit method of Zeliade (2009): for given m and σ, SVI is linear in the rest,
 * `w = a + d·y + c·z` with `y = (k-m)/σ`, `z = √(y²+1)`, so a grid over (m, σ) and a weighted linear fit in each of its
 * points finds the basin. Best first.
 */
export function sviStarts(points: readonly FitPoint[], years: number, count: number): SviRaw[] {
  const twoSided = points.filter((point) => point.side === 'both');
  const used = twoSided.length >= 3 ? twoSided : points;
  const first = (used[0] as FitPoint).k; // callers give at least one point
  const last = (used[used.length - 1] as FitPoint).k;
  const range = Math.max(last - first, 1e-3);
  const candidates: { svi: SviRaw; cost: number }[] = [];
  for (let i = 0; i <= 8; i++) {
    const m = first + (range * i) / 8;
    for (let j = 0; j <= 6; j++) candidates.push(linearFit(used, years, m, range * math.exp(-3.5 + 0.7 * j)));
  }
  candidates.sort((left, right) => left.cost - right.cost);
  return candidates.slice(0, count).map((candidate) => candidate.svi);
}

function linearFit(
  points: readonly FitPoint[],
  years: number,
  m: number,
  sigma: number,
): { svi: SviRaw; cost: number } {
  const rows = points.map((point) => {
    const y = (point.k - m) / sigma;
    const w = point.target * point.target * years;
    const weight = point.rootWeight / (2 * point.target * years * point.half); // dw = 2σT dσ
    return { basis: [1, y, Math.sqrt(y * y + 1)] as const, w, weight: weight * weight };
  });
  const matrix = new Float64Array(9);
  const right = new Float64Array(3);
  for (const { basis, w, weight } of rows) {
    for (let i = 0; i < 3; i++) {
      const bi = basis[i] as number; // basis has three entries
      right[i] = (right[i] as number) + weight * bi * w;
      for (let j = 0; j < 3; j++)
        matrix[i * 3 + j] = (matrix[i * 3 + j] as number) + weight * bi * (basis[j] as number);
    }
  }
  const [, freeD, freeC] = solveLinear(matrix, right, 3) as unknown as readonly [number, number, number]; // three unknowns
  const c = clamp(freeC, 1e-6 * sigma, 1.9 * sigma);
  const d = clamp(freeD, -0.995 * Math.min(c, 1.95 * sigma - c), 0.995 * Math.min(c, 1.95 * sigma - c));
  let weightSum = 0;
  let offset = 0;
  for (const { basis, w, weight } of rows) {
    weightSum += weight;
    offset += weight * (w - d * basis[1] - c * basis[2]);
  }
  const rho = d / c;
  const a = Math.max(offset / weightSum, -c * Math.sqrt(1 - rho * rho) * 0.999);
  let cost = 0;
  for (const { basis, w, weight } of rows) {
    const error = a + d * basis[1] + c * basis[2] - w;
    cost += weight * error * error;
  }
  return { svi: { a, b: c / sigma, rho, m, sigma }, cost };
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
