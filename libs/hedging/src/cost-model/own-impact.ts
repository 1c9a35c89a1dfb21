import type { HedgeInstrument } from '../hedge-instrument';
import type { CostModel } from './cost-model';
import { impactOf } from './expected-cost';

/** What a trade does to the very price that is being hedged. */
export interface OwnImpact {
  /** Delta that the trade must bring so that exposure ends as wanted once the price has moved. */
  readonly wanted: number;
  /** How much one unit of delta traded changes the book's delta by moving the price, per unit: Γ·∂S/∂x. */
  readonly feedback: number;
}

export interface ImpactedBook {
  readonly spotUsd: number;
  /** Units of the underlying per USD. */
  readonly gamma: number;
  readonly dailyVolatility: number;
  readonly numeraireUsd: number;
}

/** Below this a short-gamma book chases its own footprints: every unit bought makes it short of nearly another. */
export const FEEDBACK_LEAST = -0.8;

/**
 * Permanent impact is linear in the trade, so a hedge of x moves the price by S·λx and the book's delta by ΓSλx: exposure
 * changes by x(1 + ΓSλ). Short gamma therefore trades more than its exposure, long gamma less (Schönbucher & Wilmott 2000).
 */
export function sizeWithImpact(
  model: CostModel,
  instrument: HedgeInstrument,
  change: number,
  book: ImpactedBook,
): OwnImpact {
  const notionalUsd =
    (instrument.notionalPerContract * book.numeraireUsd) / Math.abs(instrument.deltaPerContract);
  const { permanent } = impactOf(model, instrument.id, notionalUsd, book.dailyVolatility);
  const feedback = book.gamma * book.spotUsd * permanent;
  return { wanted: feedback > FEEDBACK_LEAST ? change / (1 + feedback) : change, feedback };
}
