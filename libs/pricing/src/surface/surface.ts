import { PricingError, invalidInput } from '../errors';
import { math } from '../math';
import type { SmileSlice } from '../smile/arbitrage';
import { assertOpen } from '../smile/range-checks';
import { assertSviRaw, sviCurvature, sviSlope, sviTotalVariance } from '../smile/svi';

/**
 * A volatility surface as of one instant: raw SVI slices in order of expiry. Plain data: it travels in snapshots as it is.
 * Between expiries total variance is linear in time at constant log-moneyness; before the first it goes linearly to zero;
 * after the last it rises by the last slice's at-the-money forward variance, equally at every strike.
 */
export interface VolatilitySurface {
  readonly slices: readonly SmileSlice[];
}

/** A point of the surface. The forward is that of the expiry asked about, in the underlying's currency. */
export interface SurfacePoint {
  readonly strike: number;
  /** ACT/365 years, positive. */
  readonly years: number;
  /** `surfaceForward` of the expiry where absent. */
  readonly forward?: number;
}

/** The smile at one strike of one expiry; volatilities 1.00 = 100 %. */
export interface SurfaceSmile {
  readonly volatility: number;
  readonly totalVariance: number;
  readonly logMoneyness: number;
  readonly forward: number;
  /** ∂σ/∂k at constant expiry, k = ln(K/F). */
  readonly skew: number;
  /** ∂²σ/∂k². */
  readonly convexity: number;
  /** ∂σ/∂T at constant k, per year. */
  readonly perYear: number;
}

/** Checks the slices and puts them in order. Throws `PRICING.INVALID_INPUT` naming the slice and the parameter. */
export function createSurface(slices: readonly SmileSlice[]): VolatilitySurface {
  if (slices.length === 0) throw invalidInput('slices', 'are none: a surface has at least one');
  const ordered = [...slices].sort((left, right) => left.years - right.years);
  ordered.forEach((slice, index) => {
    try {
      assertSviRaw(slice.svi);
      assertOpen('years', slice.years, 0, 200);
      assertOpen('forward', slice.forward, 0, Infinity);
    } catch (error) {
      if (!(error instanceof PricingError)) throw error;
      throw invalidInput(`slices[${slice.expiry}].${error.path ?? ''}`, error.message);
    }
    if (index > 0 && (ordered[index - 1] as SmileSlice).years === slice.years) {
      throw invalidInput(`slices[${slice.expiry}].years`, 'is that of another slice');
    }
  });
  return { slices: ordered.map(({ expiry, years, forward, svi }) => ({ expiry, years, forward, svi })) };
}

/** Forward of an expiry: ln F linear in time between slices, and beyond them along the nearest pair; flat for one slice. */
export function surfaceForward(surface: VolatilitySurface, years: number): number {
  const { slices } = surface;
  const first = slices[0] as SmileSlice; // a surface has at least one slice
  if (slices.length === 1) return first.forward;
  const exact = slices.find((slice) => slice.years === years);
  if (exact !== undefined) return exact.forward;
  const index = Math.min(Math.max(upperIndex(surface, years), 1), slices.length - 1);
  const near = slices[index - 1] as SmileSlice; // 1 ≤ index < length
  const far = slices[index] as SmileSlice;
  const carry = math.log(far.forward / near.forward) / (far.years - near.years);
  // Carry of the nearest pair, but never further out than their own spacing: a day's noise is no yearly rate.
  const reach = Math.min(Math.max(years - near.years, near.years - far.years), 2 * (far.years - near.years));
  return near.forward * math.exp(carry * reach);
}

/** Volatility with the derivatives that move it, all analytic. Throws `PRICING.INVALID_INPUT` naming the input. */
export function surfaceSmile(surface: VolatilitySurface, point: SurfacePoint): SurfaceSmile {
  assertOpen('strike', point.strike, 0, Infinity);
  assertOpen('years', point.years, 0, 200);
  const forward = point.forward ?? surfaceForward(surface, point.years);
  assertOpen('forward', forward, 0, Infinity);
  const k = math.log(point.strike / forward);
  const { w, slope, curvature, perYear } = evaluate(surface, k, point.years);
  const volatility = Math.sqrt(w / point.years);
  const scale = 2 * volatility * point.years; // dw = 2σT dσ
  const skew = slope / scale;
  return {
    volatility,
    totalVariance: w,
    logMoneyness: k,
    forward,
    skew,
    convexity: curvature / scale - (skew * skew) / volatility,
    perYear: (perYear - volatility * volatility) / scale,
  };
}

interface Evaluation {
  readonly w: number;
  readonly slope: number;
  readonly curvature: number;
  readonly perYear: number;
}

function evaluate(surface: VolatilitySurface, k: number, years: number): Evaluation {
  const { slices } = surface;
  const first = slices[0] as SmileSlice; // a surface has at least one slice
  const last = slices[slices.length - 1] as SmileSlice;
  if (years <= first.years) {
    const at = ofSlice(first, k);
    const share = years / first.years;
    return {
      w: at.w * share,
      slope: at.slope * share,
      curvature: at.curvature * share,
      perYear: at.w / first.years,
    };
  }
  if (years >= last.years) {
    const at = ofSlice(last, k);
    const rate = sviTotalVariance(last.svi, 0) / last.years;
    return { ...at, w: at.w + rate * (years - last.years), perYear: rate };
  }
  const index = upperIndex(surface, years);
  const near = slices[index - 1] as SmileSlice; // 0 < index < length between the first and the last expiry
  const far = slices[index] as SmileSlice;
  const span = far.years - near.years;
  const share = (years - near.years) / span;
  const nearAt = ofSlice(near, k);
  const farAt = ofSlice(far, k);
  const mix = (left: number, right: number): number => left + share * (right - left);
  return {
    w: mix(nearAt.w, farAt.w),
    slope: mix(nearAt.slope, farAt.slope),
    curvature: mix(nearAt.curvature, farAt.curvature),
    perYear: (farAt.w - nearAt.w) / span,
  };
}

function ofSlice(slice: SmileSlice, k: number): { w: number; slope: number; curvature: number } {
  return {
    w: sviTotalVariance(slice.svi, k),
    slope: sviSlope(slice.svi, k),
    curvature: sviCurvature(slice.svi, k),
  };
}

/** Index of the first slice at or after `years`. */
function upperIndex(surface: VolatilitySurface, years: number): number {
  const index = surface.slices.findIndex((slice) => slice.years >= years);
  return index < 0 ? surface.slices.length : index;
}
