import type { Nanoseconds } from '@evenkeel/kernel';
import { NANOS_PER_SECOND } from '@evenkeel/kernel';
import { DEFAULT_ORACLE_RULES } from '../oracle/rules';
import type { OracleRules, OracleSource } from '../oracle/rules';
import type { SourceDescription } from '../tape/raw-instant';

/** Intervals of a source beyond which it is late, and beyond which it is not used. */
const LATE_INTERVALS = 2n;
const HALTED_INTERVALS = 3n;
/** Sources with a slower rhythm are bars; with a quicker one, quotes. */
const BAR_RHYTHM = 20n * NANOS_PER_SECOND;
const NEVER: Nanoseconds = 1n << 62n;

/**
 * Rules for bars: a bar is minutes old by nature and its close stands alone, so distances are wider, nothing waits out a
 * probation shorter than the next bar, and the average over time spans hours. Quotes have the defaults of the oracle.
 */
const BAR_RULES: OracleRules = {
  ...DEFAULT_ORACLE_RULES,
  quorum: [2, 1],
  weightShareMax: 1,
  freshnessWeight: 0,
  deviationBps: [100, 300],
  disagreementBps: [150, 300],
  deviantShare: [0.45, 0.6],
  twapBps: [1000, 2000],
  biasBps: 150,
  frozenMoveBps: 300,
  jumpConfirmations: 3,
  restoreAfterNs: 0n,
  returnFraction: 1,
};

const QUOTE_RULES: OracleRules = {
  ...DEFAULT_ORACLE_RULES,
  quorum: [3, 2],
  deviationBps: [25, 50],
  biasBps: 30,
};

/** The rules for one underlying, from how often its quickest source speaks. */
export function rulesForRhythm(sources: readonly SourceDescription[]): OracleRules {
  const rhythm = quickest(sources);
  if (rhythm === undefined || rhythm >= BAR_RHYTHM) {
    const interval = rhythm ?? NEVER / 64n;
    return {
      ...BAR_RULES,
      twapWindowNs: 12n * interval,
      biasWindowNs: 36n * interval,
      frozenAfterNs: 12n * interval,
      pegMaxAgeNs: HALTED_INTERVALS * interval,
    };
  }
  return { ...QUOTE_RULES, restoreAfterNs: 3n * rhythm };
}

function quickest(sources: readonly SourceDescription[]): Nanoseconds | undefined {
  return sources.reduce<Nanoseconds | undefined>(
    (least, { interval }) =>
      interval !== undefined && (least === undefined || interval < least) ? interval : least,
    undefined,
  );
}

/** A source in the oracle's words. Without a rhythm it is never late. */
export function oracleSourceOf(description: SourceDescription, weight: number): OracleSource {
  const { source, operator, quote, interval } = description;
  const base = { source, operator: operator ?? source, quote: quote ?? 'USD', weight };
  if (interval === undefined) return { ...base, maxAgeNs: NEVER };
  return {
    ...base,
    lateNs: LATE_INTERVALS * interval,
    maxAgeNs: HALTED_INTERVALS * interval,
    comparableNs: interval,
  };
}
