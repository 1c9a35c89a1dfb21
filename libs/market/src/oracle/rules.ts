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
  /** Nothing traded for longer than this: doubtful. Absent: never before `maxAgeNs`. */
  readonly lateNs?: Nanoseconds;
  /** Nothing traded for longer than this: not used. */
  readonly maxAgeNs: Nanoseconds;
  /** Compared only with prices that are no further away in time than the shorter of the two; absent: with all. */
  readonly comparableNs?: Nanoseconds;
}

/** Where something becomes doubtful, and where it is no longer used. Both compare with `>`. */
export type TwoLimits = readonly [doubtful: number, out: number];

export interface OracleRules {
  /** Operators that must be sound for OK, and in use for anything but HALTED; no more than there are. */
  readonly quorum: readonly [ok: number, usable: number];
  /** The most one source may weigh, as a fraction of all; keeps a heavy source from being the median on its own. */
  readonly weightShareMax: number;
  /** The part of its weight that a source loses on the way to its age limit. */
  readonly freshnessWeight: number;
  /** Distance of a source from the median of the others. */
  readonly deviationBps: TwoLimits;
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
  /** A move of one source against its own last price that nobody believes, unless another source stands within `jumpBackedBps` of it … */
  readonly jumpBps: number;
  readonly jumpBackedBps: number;
  /** … or it has come this many times in a row. */
  readonly jumpConfirmations: number;
  /** A source stamped further than this into the future has a wrong clock. */
  readonly futureToleranceNs: Nanoseconds;
  /** A stablecoin off its dollar by more than the first: DEGRADED where its quotes are used; by more than the second: its quotes are left out. */
  readonly depegBps: readonly [degraded: number, excluded: number];
  readonly pegMaxAgeNs: Nanoseconds;
  /** Status gets worse at once, and better only after it has been better for this long. */
  readonly restoreAfterNs: Nanoseconds;
  /** A source that was left out comes back below this fraction of the threshold it broke. */
  readonly returnFraction: number;
}

/** The durations of rules as doubles, read once. */
export interface OracleLimits {
  readonly rules: OracleRules;
  readonly twapWindow: number;
  readonly biasWindow: number;
  readonly frozenAfter: number;
  readonly futureTolerance: number;
  readonly pegMaxAge: number;
  readonly restoreAfter: number;
}

export function limitsOf(rules: OracleRules): OracleLimits {
  return {
    rules,
    twapWindow: Number(rules.twapWindowNs),
    biasWindow: Number(rules.biasWindowNs),
    frozenAfter: Number(rules.frozenAfterNs),
    futureTolerance: Number(rules.futureToleranceNs),
    pegMaxAge: Number(rules.pegMaxAgeNs),
    restoreAfter: Number(rules.restoreAfterNs),
  };
}

const SECOND = 1_000_000_000n;

/** For quotes that come several times a second. */
export const DEFAULT_ORACLE_RULES: OracleRules = {
  quorum: [2, 2],
  weightShareMax: 0.4,
  freshnessWeight: 0.5,
  deviationBps: [50, 50],
  disagreementBps: [25, 75],
  deviantShare: [0.25, 0.45],
  confidenceBps: 50,
  twapWindowNs: 300n * SECOND,
  twapBps: [200, 600],
  biasBps: 20,
  biasWindowNs: 300n * SECOND,
  frozenAfterNs: 30n * SECOND,
  frozenMoveBps: 10,
  jumpBps: 2000,
  jumpBackedBps: 300,
  jumpConfirmations: 20,
  futureToleranceNs: 2n * SECOND,
  depegBps: [50, 300],
  pegMaxAgeNs: 120n * SECOND,
  restoreAfterNs: 30n * SECOND,
  returnFraction: 0.5,
};
