import { PricingError } from '../errors';
import type { SurfaceSmile, VolatilitySurface } from './surface';
import { surfaceSmile } from './surface';

/** One option of a book, as far as its volatility goes. */
export interface SurfaceLeg {
  readonly id: string;
  readonly strike: number;
  readonly years: number;
  /** Forward of the leg's expiry now; the surface's own where absent. */
  readonly forward?: number;
}

/** A leg's smile, or why it has none: one bad leg never hides the rest. */
export type LegVolatility =
  | ({ readonly id: string; readonly ok: true; readonly extrapolated: boolean } & SurfaceSmile)
  | { readonly id: string; readonly ok: false; readonly code: string; readonly message: string };

/**
 * The volatility of every leg, in the order given. `extrapolated` says that the expiry lies before the first or after the
 * last slice.
 */
export function legVolatilities(surface: VolatilitySurface, legs: readonly SurfaceLeg[]): LegVolatility[] {
  const first = surface.slices[0]?.years ?? Infinity;
  const last = surface.slices.at(-1)?.years ?? -Infinity;
  return legs.map((leg) => {
    try {
      const extrapolated = leg.years < first || leg.years > last;
      return { id: leg.id, ok: true, extrapolated, ...surfaceSmile(surface, leg) };
    } catch (error) {
      if (!(error instanceof PricingError)) throw error;
      return { id: leg.id, ok: false, code: error.code, message: error.message };
    }
  });
}
