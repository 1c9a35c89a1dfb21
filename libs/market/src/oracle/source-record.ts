import type { Decimal, Instant } from '@evenkeel/kernel';
import type { OracleRules, OracleSource } from './rules';
import { distanceBps } from './weighted-price';

export type SourceReason =
  | 'NO_DATA'
  | 'STALE'
  | 'NO_TRADES'
  | 'OUT_OF_BOUNDS'
  | 'CLOCK_FUTURE'
  | 'CLOCK_BACKWARDS'
  | 'PRICE_INVALID'
  | 'CROSSED'
  | 'CONFIDENCE_WIDE'
  | 'PEG_UNKNOWN'
  | 'PEG_BROKEN'
  | 'DEVIATES'
  | 'BIASED'
  | 'FROZEN';

/** What one source said. `confidence`: half-width of its own interval, in the price's unit. */
export interface Observation {
  readonly source: string;
  readonly price: Decimal;
  readonly confidence?: Decimal;
  readonly eventTime: Instant;
  readonly receivedTime: Instant;
  /** False: nothing traded since the last price. */
  readonly traded?: boolean;
  /** Its bid stood above its ask. */
  readonly crossed?: boolean;
}

/** A price that was not believed, and how often it has come. */
export interface Suspect {
  readonly observation: Observation;
  readonly value: number;
  readonly times: number;
}

/** What is kept of a source. */
export interface SourceRecord {
  readonly source: OracleSource;
  /** The last price that was believed. */
  readonly last?: Observation;
  /** The last price as a double, and its confidence in basis points of it. */
  readonly value: number;
  readonly confidenceBps: number;
  /** Since when it has been waited for, and when something last traded. */
  readonly awaitedSince?: Instant;
  readonly tradedAt?: Instant;
  /** When the price last differed from the one before, and where the others stood then. */
  readonly changedAt: Instant;
  readonly othersAtChange?: number | undefined;
  /** Signed distance from the others at the last comparison, basis points. */
  readonly deviationBps?: number;
  /** Mean signed deviation from the others in basis points, and since when it is measured. */
  readonly bias: number;
  readonly biasAt: Instant;
  /** Set while a message was refused and no good one has come since. */
  readonly refused?: SourceReason;
  readonly suspect?: Suspect;
  /** Why the source is left out now; empty when it is in use. */
  readonly reasons: readonly SourceReason[];
  /** Why it is only half believed while it is in use. */
  readonly doubts: readonly SourceReason[];
  /** Since when nothing has spoken against a source that is still left out. */
  readonly soundSince?: Instant;
}

export function newSourceRecord(source: OracleSource): SourceRecord {
  return {
    source,
    value: 0,
    confidenceBps: 0,
    changedAt: 0n,
    bias: 0,
    biasAt: 0n,
    reasons: ['NO_DATA'],
    doubts: [],
  };
}

/**
 * The record after an observation. One that can't be right (price not positive, stamped in the future, older than what is
 * known, a leap that nobody shares) is not taken, and the source is left out until a good one comes: an old price replayed is an
 * attack, not news. `peers`: what the other sources say at this moment.
 */
export function recordObservation(
  record: SourceRecord,
  observation: Observation,
  peers: readonly number[],
  now: Instant,
  rules: OracleRules,
): SourceRecord {
  const refused = refusal(record, observation, now, rules);
  if (refused !== undefined) return { ...record, refused };
  const value = observation.price.toNumber();
  if (!isBelieved(record, value, peers, rules)) return doubted(record, observation, value, rules);
  const confidence = observation.confidence?.toNumber() ?? 0;
  const cleared =
    record.refused === undefined && record.suspect === undefined ? record : withoutTrouble(record);
  const oldest =
    observation.eventTime < observation.receivedTime ? observation.eventTime : observation.receivedTime;
  const changed = record.last === undefined || !record.last.price.equals(observation.price);
  const next: Mutable<SourceRecord> = {
    ...cleared,
    last: observation,
    value,
    confidenceBps: confidence === 0 ? 0 : (confidence / value) * 10_000,
  };
  if (observation.traded !== false) next.tradedAt = oldest;
  if (!changed) return next;
  next.changedAt = observation.eventTime;
  next.othersAtChange = undefined;
  return next;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function withoutTrouble(record: SourceRecord): SourceRecord {
  const { refused: _cleared, suspect: _believed, ...rest } = record;
  return rest;
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

/** A leap is believed when another source makes it too, or when it has come often enough. */
function isBelieved(
  record: SourceRecord,
  value: number,
  peers: readonly number[],
  rules: OracleRules,
): boolean {
  if (record.last === undefined || distanceBps(value, record.value) <= rules.jumpBps) return true;
  if (peers.some((peer) => distanceBps(peer, value) <= rules.jumpBackedBps)) return true;
  const { suspect } = record;
  return (
    suspect !== undefined &&
    distanceBps(suspect.value, value) <= rules.jumpBps &&
    suspect.times + 1 >= rules.jumpConfirmations
  );
}

function doubted(
  record: SourceRecord,
  observation: Observation,
  value: number,
  rules: OracleRules,
): SourceRecord {
  const { suspect, refused: _other, ...rest } = record;
  const again = suspect !== undefined && distanceBps(suspect.value, value) <= rules.jumpBps;
  return { ...rest, suspect: { observation, value, times: again ? suspect.times + 1 : 1 } };
}

/** Time since something traded, by the exchange's own clock and never less than by when it reached us. */
export function ageOf(record: SourceRecord, now: Instant): bigint {
  const since = record.tradedAt ?? record.awaitedSince ?? now;
  return now > since ? now - since : 0n;
}

/**
 * The record with a new distance from the others, who stand at `median`. The bias is the running mean of the signed distance,
 * exponentially weighted by time: after one window an old bias counts half.
 */
export function withDeviation(
  record: SourceRecord,
  deviationBps: number,
  median: number,
  now: Instant,
  windowNs: bigint,
): SourceRecord {
  const others = record.othersAtChange ?? median;
  if (record.biasAt === 0n) return { ...record, deviationBps, othersAtChange: others, bias: 0, biasAt: now };
  const elapsed = Number(now - record.biasAt);
  if (elapsed <= 0) return { ...record, deviationBps, othersAtChange: others };
  const share = elapsed / (elapsed + Number(windowNs));
  const bias = record.bias + (deviationBps - record.bias) * share;
  return { ...record, deviationBps, othersAtChange: others, bias, biasAt: now };
}
