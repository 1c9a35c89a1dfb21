import { PricingError, invalidInput } from '../errors';
import type { ArbitrageFinding, SmileSlice } from '../smile/arbitrage';
import { surfaceArbitrage } from '../smile/arbitrage';
import { sviRawOfSsvi } from '../smile/ssvi';
import type { SsviSlice } from '../smile/ssvi';
import type { SliceRepair, WorkingSlice } from './arbitrage-repair';
import { repairArbitrage, sliceOf } from './arbitrage-repair';
import { borrowedSlice } from './borrowed-slice';
import { fitPoints } from './fit-points';
import type { FitQuality, QuoteDistance } from './fit-quality';
import { fitQuality, quoteDistance } from './fit-quality';
import { fitSlice } from './slice-fit';
import { fitSsviSlice } from './ssvi-fit';
import type { ExpiryQuotes, FitPoint } from './volatility-quotes';

export type { SliceRepair } from './arbitrage-repair';

/** A fitted expiry: the smile, how well it fits, and what had to be done to it. */
export interface FittedSlice extends SmileSlice {
  readonly quality: FitQuality;
  readonly repair: SliceRepair;
  /** Of the smile that the quotes alone gave, and of the one that the surface has. */
  readonly distance: { readonly before: QuoteDistance; readonly after: QuoteDistance };
  /** Whether a smile of the model fits the quotes at all. */
  readonly usable: boolean;
  /** Within tolerance of the quotes: half of them lie within a half-spread of the smile. */
  readonly converged: boolean;
  /** Why not, where it is not; names the expiries whose quotes contradict each other. */
  readonly remark?: string;
}

/** Median distance of a slice that fits, in half-spreads: half of its quotes hold it inside the market. */
const DISTANCE_MAX = 1;

/** An expiry that has no smile, and why: `PRICING.FIT_TOO_FEW_QUOTES` or `PRICING.INVALID_INPUT`. */
export interface RefusedExpiry {
  readonly expiry: string;
  readonly code: string;
  readonly message: string;
}

/** A whole chain's fit: slices in order of expiry, free of butterfly and calendar arbitrage. */
export interface SurfaceFit {
  readonly slices: readonly FittedSlice[];
  readonly refused: readonly RefusedExpiry[];
  /** Arbitrage that the quotes' own least-squares smiles had before any repair. */
  readonly beforeRepair: readonly ArbitrageFinding[];
  /** Arbitrage in `slices`: empty. */
  readonly arbitrage: readonly ArbitrageFinding[];
}

export interface SurfaceFitOptions {
  /** Expiries with fewer two-sided strikes borrow their neighbour's shape (default 5, as many as SVI has parameters). */
  readonly strikesMin?: number;
  /**
   * `svi` (default): five parameters per expiry, arbitrage repaired. `ssvi`: three, free of arbitrage by construction, so
   * stiffer: for sparse or noisy chains.
   */
  readonly model?: 'svi' | 'ssvi';
  /** False leaves arbitrage in, for looking at the quotes' own smiles. Default true. */
  readonly repair?: boolean;
}

/**
 * Fits raw SVI to every expiry of a chain and repairs arbitrage: each slice alone first, then slices that offend are
 * refitted against their neighbours with a rising penalty, and what still offends falls back to a slice that cannot. A
 * surface that passes is never touched. An expiry with too few strikes for a smile borrows its neighbour's shape; one with no
 * two-sided quote at all is refused. Deterministic.
 */
export function fitSurface(expiries: readonly ExpiryQuotes[], options: SurfaceFitOptions = {}): SurfaceFit {
  const refused: RefusedExpiry[] = [];
  const ordered = [...expiries].sort((left, right) => left.years - right.years);
  const usable = ordered.flatMap((quotes, index) => {
    try {
      return [{ quotes, points: usablePoints(quotes, ordered[index - 1]) }];
    } catch (error) {
      if (!(error instanceof PricingError)) throw error;
      refused.push({ expiry: quotes.expiry, code: error.code, message: error.message });
      return [];
    }
  });
  const strikesMin = Math.max(options.strikesMin ?? 5, 3);
  const full = usable.filter(({ points }) => strikesOf(points) >= strikesMin);
  const working = options.model === 'ssvi' ? fitWithSsvi(full) : fitWithSvi(full);
  const beforeRepair = surfaceArbitrage(working.map((slice) => ({ ...sliceOf(slice), svi: slice.own })));
  const arbitrage = options.model === 'ssvi' ? surfaceArbitrage(working.map(sliceOf)) : beforeRepair;
  if ((options.repair ?? true) && arbitrage.length > 0) repairArbitrage(working);
  for (const thin of usable.filter(({ points }) => strikesOf(points) < strikesMin)) {
    const at = working.filter((slice) => slice.quotes.years < thin.quotes.years).length;
    const borrowed = borrowedSlice(thin, working[at - 1], working[at]);
    if (borrowed !== undefined) working.splice(at, 0, borrowed);
    else refused.push(tooFew(thin.quotes, strikesOf(thin.points), strikesMin));
  }
  const slices = working.map((slice) => fittedSlice(slice, beforeRepair));
  return { slices, refused, beforeRepair, arbitrage: surfaceArbitrage(slices) };
}

function fittedSlice(slice: WorkingSlice, beforeRepair: readonly ArbitrageFinding[]): FittedSlice {
  const { points, own, svi, repair } = slice;
  const { years, expiry } = slice.quotes;
  const distance = { before: quoteDistance(own, points, years), after: quoteDistance(svi, points, years) };
  const fitted = {
    ...sliceOf(slice),
    quality: fitQuality(svi, points, years),
    repair,
    distance,
    usable: distance.before.median <= DISTANCE_MAX,
    converged: distance.after.median <= DISTANCE_MAX,
  };
  if (fitted.converged) return fitted;
  const far = `${expiry} lies ${distance.after.median.toPrecision(3)} half-spreads from its quotes`;
  if (!fitted.usable) return { ...fitted, remark: `${far}: no smile of this model fits them` };
  const causes = beforeRepair
    .filter((found) => found.expiry === expiry || found.laterExpiry === expiry)
    .map(({ kind, expiry: nearer, laterExpiry }) =>
      laterExpiry === undefined ? kind : `total variance falls from ${nearer} to ${laterExpiry}`,
    );
  const why = causes.length === 0 ? 'its neighbours were' : [...new Set(causes)].join(', ');
  return { ...fitted, remark: `${far} (${distance.before.median.toPrecision(3)} before repair): ${why}` };
}

interface UsableExpiry {
  readonly quotes: ExpiryQuotes;
  readonly points: readonly FitPoint[];
}

function fitWithSvi(expiries: readonly UsableExpiry[]): WorkingSlice[] {
  return expiries.map(({ quotes, points }) => {
    const { svi } = fitSlice({ points, years: quotes.years, neighbours: {}, penalty: 0 });
    return { quotes, points, own: svi, svi, repair: 'none', watched: new Set() };
  });
}

/** Each expiry by itself (`own`), and again in the room that the expiry before it leaves. */
function fitWithSsvi(expiries: readonly UsableExpiry[]): WorkingSlice[] {
  let before: SsviSlice | undefined;
  return expiries.map(({ quotes, points }) => {
    const { years } = quotes;
    const own = sviRawOfSsvi(fitSsviSlice(points, years, undefined));
    before = fitSsviSlice(points, years, before);
    const svi = sviRawOfSsvi(before);
    const moved = quoteDistance(svi, points, years).median - quoteDistance(own, points, years).median;
    const repair = moved > SEEN_MOVE ? 'constrained' : 'none';
    return { quotes, points, own, svi, repair, watched: new Set() };
  });
}

/** Half-spreads by which the room left must have moved a slice to be called a repair. */
const SEEN_MOVE = 0.05;

/** Throws `PRICING.INVALID_INPUT` for an expiry that is none. */
function usablePoints(quotes: ExpiryQuotes, previous: ExpiryQuotes | undefined): FitPoint[] {
  if (!(quotes.years > 0) || !(quotes.years < 200)) {
    throw invalidInput('years', `is between 0 and 200, not ${quotes.years}`);
  }
  if (!(quotes.forward > 0) || !(quotes.forward < Infinity)) {
    throw invalidInput('forward', `is positive, not ${quotes.forward}`);
  }
  if (previous !== undefined && previous.years === quotes.years) {
    throw invalidInput('years', `is that of ${previous.expiry} too: one smile per expiry`);
  }
  return fitPoints(quotes);
}

/** Strikes with a bid and an ask. */
function strikesOf(points: readonly FitPoint[]): number {
  return new Set(points.filter((point) => point.side === 'both').map((point) => point.k)).size;
}

function tooFew(quotes: ExpiryQuotes, strikes: number, strikesMin: number): RefusedExpiry {
  return {
    expiry: quotes.expiry,
    code: 'PRICING.FIT_TOO_FEW_QUOTES',
    message: `${quotes.expiry} has ${strikes} strikes with a bid and an ask; ${strikesMin} are needed for a smile, and no neighbour's shape fits them`,
  };
}
