import type { LegValuation, RiskSnapshotTaken } from '@evenkeel/facts';
import { math } from '@evenkeel/pricing';
import type { UnderlyingView } from '../policy/policy';

/** What is known of how the book's marked volatilities move with spot; plain data that is written down between evaluations. */
export interface VolBetaMemory {
  /** Last marked volatility of each leg: when it was quoted, what it was, and spot (USD) then. */
  readonly legs: Readonly<Record<string, readonly [string, number, number]>>;
  /** Decayed sums of Δσ·ΔlnS, (ΔlnS)², (Δσ)². */
  readonly crossed: number;
  readonly squared: number;
  readonly moved: number;
  readonly samples: number;
}

export const NO_VOL_BETA: VolBetaMemory = { legs: {}, crossed: 0, squared: 0, moved: 0, samples: 0 };

export interface VolBetaEstimate {
  /** ∂σ/∂lnS of a fixed strike, per 1.00 of volatility. */
  readonly beta: number;
  readonly standardError: number;
  /** Correlation of the two; 0 before there is any. */
  readonly correlation: number;
  readonly samples: number;
}

/** Reads what was remembered; anything unreadable counts as nothing known. */
export function readVolBeta(text: string | undefined): VolBetaMemory {
  if (text === undefined) return NO_VOL_BETA;
  // Written by `writeVolBeta`, kept by the program as it was.
  return JSON.parse(text) as VolBetaMemory;
}

/**
 * Takes in volatilities that were quoted anew since the last look: the vega-weighted mean change of the legs' own marks against the log
 * return of spot between the two quotes. Legs are compared with themselves, so trades and expiries leave no trace. Undefined
 * when no mark is new.
 */
export function observeVolatilities(
  memory: VolBetaMemory,
  snapshot: RiskSnapshotTaken,
  view: UnderlyingView,
  halfLife: number,
): VolBetaMemory | undefined {
  const legs: Record<string, readonly [string, number, number]> = {};
  let fresh = false;
  let weight = 0;
  let change = 0;
  let move = 0;
  for (const leg of optionsOf(snapshot, view)) {
    const before = memory.legs[leg.instrument];
    if (before !== undefined && before[0] === leg.volatilityTime) {
      legs[leg.instrument] = before;
      continue;
    }
    fresh = true;
    legs[leg.instrument] = [leg.volatilityTime, leg.volatility, view.spotUsd];
    const vega = Math.abs(leg.vega);
    if (before === undefined || !(vega > 0) || !(before[2] > 0)) continue;
    weight += vega;
    change += vega * (leg.volatility - before[1]);
    move += vega * math.log(view.spotUsd / before[2]);
  }
  if (!fresh) return undefined;
  if (!(weight > 0)) return { ...memory, legs };
  const keep = math.pow(0.5, 1 / halfLife);
  const y = change / weight;
  const x = move / weight;
  return {
    legs,
    crossed: keep * memory.crossed + x * y,
    squared: keep * memory.squared + x * x,
    moved: keep * memory.moved + y * y,
    samples: memory.samples + 1,
  };
}

/** Regression through the origin: quotes come often enough that the drift of a volatility between two is nothing. */
export function volBetaOf(memory: VolBetaMemory): VolBetaEstimate {
  const { crossed, squared, moved, samples } = memory;
  if (!(squared > 0)) return { beta: 0, standardError: 0, correlation: 0, samples };
  const beta = crossed / squared;
  const unexplained = Math.max(0, moved - beta * crossed);
  const freedom = Math.max(1, samples - 1);
  return {
    beta,
    standardError: Math.sqrt(unexplained / freedom / squared),
    correlation: moved > 0 ? crossed / Math.sqrt(squared * moved) : 0,
    samples,
  };
}

/**
 * A measured slope drawn to its prior by how little it is told from it: (β − prior)·max(0, 1 − (k·error ÷ |β − prior|)²), the positive-part
 * rule of James and Stein, with k standard errors. Within k of them it is the prior; far beyond, itself. k = 0 leaves it.
 */
export function shrunkBeta(
  { beta, standardError }: Pick<VolBetaEstimate, 'beta' | 'standardError'>,
  prior: number,
  significance: number,
): number {
  const distance = beta - prior;
  if (significance === 0 || distance === 0) return beta;
  const doubt = (significance * standardError) / distance;
  return prior + distance * Math.max(0, 1 - doubt * doubt);
}

/** A slope no further than `bound` from its prior, whatever was measured. */
export function boundedBeta(beta: number, prior: number, bound: number): number {
  return Math.min(Math.max(beta, prior - bound), prior + bound);
}

/**
 * ∂σ/∂lnK of the book's own marks, within expiries, vega-weighted: the skew. 0 where no expiry has two strikes.
 */
export function skewOf(snapshot: RiskSnapshotTaken, view: UnderlyingView): number {
  const expiries = new Map<number, { vega: number; x: number; y: number; xx: number; xy: number }>();
  for (const leg of optionsOf(snapshot, view)) {
    const vega = Math.abs(leg.vega);
    if (!(vega > 0)) continue;
    const sums = expiries.get(leg.expiryYears) ?? { vega: 0, x: 0, y: 0, xx: 0, xy: 0 };
    const x = math.log(leg.strike / leg.forward);
    sums.vega += vega;
    sums.x += vega * x;
    sums.y += vega * leg.volatility;
    sums.xx += vega * x * x;
    sums.xy += vega * x * leg.volatility;
    expiries.set(leg.expiryYears, sums);
  }
  let across = 0;
  let along = 0;
  for (const { vega, x, y, xx, xy } of expiries.values()) {
    along += xx - (x * x) / vega;
    across += xy - (x * y) / vega;
  }
  return along > 1e-12 ? across / along : 0;
}

function optionsOf(snapshot: RiskSnapshotTaken, view: UnderlyingView): readonly LegValuation[] {
  return snapshot.legs.filter(
    (leg) => leg.kind === 'option' && leg.underlying === view.underlying && leg.volatility > 0,
  );
}
