import { math } from '../math';
import { minimiseLeastSquares } from '../optimise/levenberg-marquardt';
import { sviRawOfSsvi } from '../smile/ssvi';
import type { SsviSlice } from '../smile/ssvi';
import { nearestTheMoney, quoteResiduals } from './quote-residuals';
import { createSviLine } from './svi-workspace';
import type { FitPoint } from './volatility-quotes';

/** Margin kept from each inequality. */
const INSIDE = 0.9999;
const WING_MAX = 3.99;

/**
 * Fits one expiry of an SSVI surface with a correlation of its own (extended SSVI, Hendriks & Martini 2019), free of butterfly
 * and of calendar arbitrage with the slice before **by construction**: with P = θφ(1-ρ) and C = θφ(1+ρ), neither θ, P nor C
 * falls, φ does not rise, max(P, C) < 4 and (P + C)·max(P, C) ≤ 8θ. The three coordinates span exactly that set.
 */
export function fitSsviSlice(
  points: readonly FitPoint[],
  years: number,
  before: SsviSlice | undefined,
): SsviSlice {
  const line = createSviLine(points.map((point) => point.k));
  const nearest = nearestTheMoney(points);
  const level = nearest.target * nearest.target * years;
  const floor = before === undefined ? level * 1e-3 : before.theta;
  const decode = (coordinates: readonly number[]): SsviSlice => {
    const [rise, lean, share] = coordinates as readonly [number, number, number];
    const theta = floor + level * math.exp(rise);
    return withinBounds(theta, logistic(lean), logistic(share), before);
  };
  const residuals = (coordinates: readonly number[], into: Float64Array): void => {
    quoteResiduals(line.totalVariances(sviRawOfSsvi(decode(coordinates))), points, years, into);
  };
  const rise = math.log(Math.max((level - floor) / level, 1e-4));
  const runs = [
    [rise, 0, 0],
    [rise, 1, -1],
    [rise, -1, -1],
  ].map((start) =>
    minimiseLeastSquares(residuals, points.length, start, {
      low: [-16, -12, -14],
      high: [3, 12, 14],
      differenceSteps: [1e-6, 1e-6, 1e-6],
      iterationsMax: 80,
      relativeTolerance: 1e-8,
    }),
  );
  const best = runs.reduce((left, right) => (right.cost < left.cost ? right : left));
  return decode(best.point);
}

/** The slice at θ whose wings lie `share` of the way from the least to the most that the inequalities leave, `lean` of it to the call. */
function withinBounds(theta: number, lean: number, share: number, before: SsviSlice | undefined): SsviSlice {
  const least = before === undefined ? 0 : before.theta * before.phi;
  const leastPut = before === undefined ? 0 : least * (1 - before.rho);
  const leastCall = before === undefined ? 0 : least * (1 + before.rho);
  const phiMax = before === undefined ? Infinity : before.phi;
  const holds = (added: number): boolean => {
    const put = leastPut + added * (1 - lean);
    const call = leastCall + added * lean;
    const steepest = Math.max(put, call);
    return (
      steepest <= WING_MAX &&
      (put + call) * steepest <= 8 * theta * INSIDE &&
      put + call <= 2 * theta * phiMax
    );
  };
  let low = 0;
  let high = 2 * WING_MAX;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  const added = Math.max(low * share * INSIDE, before === undefined ? 1e-9 : 0);
  const put = leastPut + added * (1 - lean);
  const call = leastCall + added * lean;
  const wings = (put + call) / 2;
  return { theta, phi: wings / theta, rho: (call - put) / (call + put) };
}

function logistic(value: number): number {
  return 1 / (1 + math.exp(-value));
}
