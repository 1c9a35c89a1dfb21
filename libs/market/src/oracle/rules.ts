import type { Nanoseconds } from '@evenkeel/kernel';

export type OracleStatus = 'OK' | 'DEGRADED' | 'HALTED';

/** A source of one underlying's price. */
export interface OracleSource {
  readonly source: string;
  /** Who runs it. Sources of one operator fail together, so a quorum counts operators. */
  readonly operator: string;
  /** What its price is quoted in: `USD`, or a stablecoin that is converted at its own price. */
  readonly quote: string;
  /** Relative weight, more than zero. */
  readonly weight: number;
  /** Older than this it is not used. */
  readonly maxAgeNs: Nanoseconds;
}

export interface OracleRules {
  /** Operators that must agree. */
  readonly quorum: number;
  /** The most one source may weigh, as a fraction of all; keeps a heavy source from being the median on its own. */
  readonly weightShareMax: number;
  /** A source this far from the median of the others is left out. */
  readonly deviationBps: number;
  /** Spread of the sources in use (widest distance from the composite): beyond the first DEGRADED, beyond the second HALTED. */
  readonly disagreementBps: readonly [degraded: number, halted: number];
  /** Fraction of the weight of comparable sources left out for deviating: beyond the first DEGRADED, beyond the second HALTED. */
  readonly deviantShare: readonly [degraded: number, halted: number];
  /** A source whose own confidence interval (half-width) is wider than this is left out. */
  readonly confidenceBps: number;
  /** Distance of the composite from its own time-weighted average. */
  readonly twapWindowNs: Nanoseconds;
  readonly twapBps: readonly [degraded: number, halted: number];
  /** Mean signed deviation from the others, over `biasWindowNs`, beyond which a source is drifting away from them. */
  readonly biasBps: number;
  readonly biasWindowNs: Nanoseconds;
  /** A price that has not changed for this long while the others moved by `frozenMoveBps` is frozen. */
  readonly frozenAfterNs: Nanoseconds;
  readonly frozenMoveBps: number;
  /** A source stamped further than this into the future has a wrong clock. */
  readonly futureToleranceNs: Nanoseconds;
  /** A stablecoin off its dollar by more than the first: DEGRADED where its quotes are used; by more than the second: its quotes are left out. */
  readonly depegBps: readonly [degraded: number, excluded: number];
  readonly pegMaxAgeNs: Nanoseconds;
  /** Status gets worse at once, and better only after it has been better for this long. */
  readonly restoreAfterNs: Nanoseconds;
  /** A source that was left out comes back below this fraction of the threshold it broke. */
  readonly returnFraction: number;
  /** What DEGRADED does to who trades on the price: see `guidanceOf`. */
  readonly degraded: { readonly widen: number; readonly slow: number };
}

const SECOND = 1_000_000_000n;

export const DEFAULT_ORACLE_RULES: OracleRules = {
  quorum: 2,
  weightShareMax: 0.4,
  deviationBps: 50,
  disagreementBps: [25, 75],
  deviantShare: [0.25, 0.45],
  confidenceBps: 50,
  twapWindowNs: 300n * SECOND,
  twapBps: [200, 600],
  biasBps: 20,
  biasWindowNs: 300n * SECOND,
  frozenAfterNs: 30n * SECOND,
  frozenMoveBps: 10,
  futureToleranceNs: 2n * SECOND,
  depegBps: [50, 300],
  pegMaxAgeNs: 120n * SECOND,
  restoreAfterNs: 30n * SECOND,
  returnFraction: 0.5,
  degraded: { widen: 2, slow: 4 },
};

export interface Guidance {
  /** False: nothing may be traded on this price. */
  readonly mayTrade: boolean;
  /** Multiplies the bands and collars that are set in price. */
  readonly widen: number;
  /** Multiplies the least time between two trades. */
  readonly slow: number;
}

/** OK changes nothing, DEGRADED widens and slows, HALTED stops. */
export function guidanceOf(status: OracleStatus, rules: OracleRules): Guidance {
  if (status === 'HALTED') return { mayTrade: false, widen: rules.degraded.widen, slow: rules.degraded.slow };
  return status === 'OK' ? { mayTrade: true, widen: 1, slow: 1 } : { mayTrade: true, ...rules.degraded };
}
