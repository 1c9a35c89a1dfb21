import type { Decimal, Instant } from '@evenkeel/kernel';
import type { OracleRules, OracleSource } from './rules';

export type SourceReason =
  | 'NO_DATA'
  | 'STALE'
  | 'CLOCK_FUTURE'
  | 'CLOCK_BACKWARDS'
  | 'PRICE_INVALID'
  | 'CONFIDENCE_WIDE'
  | 'PEG_UNKNOWN'
  | 'PEG_BROKEN'
  | 'DEVIANT'
  | 'BIASED'
  | 'FROZEN';

/** What one source said. `confidence`: half-width of its own interval, in the price's unit. */
export interface Observation {
  readonly source: string;
  readonly price: Decimal;
  readonly confidence?: Decimal;
  readonly eventTime: Instant;
  readonly receivedTime: Instant;
}

/** What is kept of a source. */
export interface SourceRecord {
  readonly source: OracleSource;
  readonly last?: Observation;
  /** The last price as a double, and its confidence in basis points of it. */
  readonly value: number;
  readonly confidenceBps: number;
  /** When the price last differed from the one before, and where the others stood then. */
  readonly changedAt: Instant;
  readonly othersAtChange?: number;
  /** Mean signed deviation from the others in basis points, and since when it is measured. */
  readonly bias: number;
  readonly biasAt: Instant;
  /** Set while a message was refused and no good one has come since. */
  readonly refused?: SourceReason;
  /** Why the source is left out now; empty when it is in use. */
  readonly reasons: readonly SourceReason[];
  /** Since when nothing has spoken against a source that is still left out. */
  readonly soundSince?: Instant;
}

export function newSourceRecord(source: OracleSource): SourceRecord {
  return { source, value: 0, confidenceBps: 0, changedAt: 0n, bias: 0, biasAt: 0n, reasons: ['NO_DATA'] };
}

/**
 * The record after an observation. One that can't be right (price not positive, stamped in the future, older than what is
 * known) is not taken, and the source is left out until a good one comes: an old price replayed is an attack, not news.
 */
export function recordObservation(
  record: SourceRecord,
  observation: Observation,
  now: Instant,
  rules: OracleRules,
): SourceRecord {
  const refused = refusal(record, observation, now, rules);
  if (refused !== undefined) return { ...record, refused };
  const value = observation.price.toNumber();
  const confidence = observation.confidence?.toNumber() ?? 0;
  const { refused: _cleared, ...cleared } = record;
  const rest = { ...cleared, value, confidenceBps: (confidence / value) * 10_000 };
  const changed = record.last === undefined || !record.last.price.equals(observation.price);
  if (!changed) return { ...rest, last: observation };
  const { othersAtChange: _others, ...moved } = rest;
  return { ...moved, last: observation, changedAt: observation.eventTime };
}

function refusal(
  record: SourceRecord,
  observation: Observation,
  now: Instant,
  rules: OracleRules,
): SourceReason | undefined {
  if (!observation.price.isPositive() || observation.confidence?.isNegative() === true)
    return 'PRICE_INVALID';
  if (observation.eventTime - now > rules.futureToleranceNs) return 'CLOCK_FUTURE';
  if (record.last !== undefined && observation.eventTime < record.last.eventTime) return 'CLOCK_BACKWARDS';
  return undefined;
}

/** Age by the exchange's own clock, and never less than by when it reached us. */
export function ageOf(observation: Observation, now: Instant): bigint {
  const oldest =
    observation.eventTime < observation.receivedTime ? observation.eventTime : observation.receivedTime;
  return now > oldest ? now - oldest : 0n;
}

/** The running mean of the signed deviation, exponentially weighted by time: after one window an old bias counts half. */
export function updateBias(
  record: SourceRecord,
  deviationBps: number,
  now: Instant,
  windowNs: bigint,
): SourceRecord {
  if (record.biasAt === 0n) return { ...record, bias: 0, biasAt: now };
  const elapsed = Number(now - record.biasAt);
  if (elapsed <= 0) return record;
  const share = elapsed / (elapsed + Number(windowNs));
  return { ...record, bias: record.bias + (deviationBps - record.bias) * share, biasAt: now };
}
