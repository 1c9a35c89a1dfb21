import type { Decimal } from '@evenkeel/kernel';
import { SOURCE_REASONS } from './reasons';
import type { OracleLimits } from './rules';
import type { SourceRecord } from './source-record';
import { NONE } from './source-record';
import { cappedWeights, middleOf, signedBps, weightedMedian, exactMiddle } from './weighted-price';
import type { WeightedMedian } from './weighted-price';

/** The dollar price of a stablecoin and when it was so. */
export interface Peg {
  readonly price: Decimal;
  readonly value: number;
  readonly at: number;
}

/** Silence leaves a source out, and it needs no probation when it speaks again; nor does the first data of one. */
const SILENCE = SOURCE_REASONS.bit.NO_DATA | SOURCE_REASONS.bit.STALE;
const { bit } = SOURCE_REASONS;

/**
 * Judges every source, in its record. First what a source says of itself (age, clock, leaps, confidence, peg), then how it
 * compares: three or more with their weighted median, of which none is more than its capped share; two with each other,
 * because nobody can tell which of two is wrong.
 */
export function judgeSources(
  records: readonly SourceRecord[],
  pegs: ReadonlyMap<string, Peg>,
  now: number,
  limits: OracleLimits,
): void {
  let all = true;
  for (const record of records) {
    judgeAlone(record, pegs, now, limits);
    record.isWitness = hasPrice(record) && record.foundOut === 0;
    all &&= record.isWitness;
  }
  const witnesses = all ? records : records.filter(({ isWitness }) => isWitness);
  capWeights(witnesses, limits.rules.weightShareMax);
  for (const record of witnesses) measure(record, witnesses, now, limits);
  for (const record of records) {
    if (record.isWitness) compare(record, limits);
    else if (hasPrice(record)) record.deviationBps = NONE;
    settle(record, now, limits);
  }
}

/** It has a price in dollars, believed or not. */
const hasPrice = (record: SourceRecord): boolean => !Number.isNaN(record.value);

function judgeAlone(
  record: SourceRecord,
  pegs: ReadonlyMap<string, Peg>,
  now: number,
  limits: OracleLimits,
): void {
  if (Number.isNaN(record.awaitedSince)) record.awaitedSince = now;
  const { last, suspect, confidenceBps, source } = record;
  record.value = NONE;
  record.weight = 0;
  record.foundDoubts = 0;
  record.foundOut = record.refused;
  if (last === undefined && suspect === undefined) {
    record.foundOut |= bit.NO_DATA;
    return;
  }
  const age = record.age(now);
  if (age > record.maxAge) record.foundOut |= bit.STALE;
  else if (age > record.late) record.foundDoubts |= bit.STALE;
  else if (last?.traded === false) record.foundDoubts |= bit.NO_TRADES;
  if (suspect !== undefined) record.foundOut |= bit.OUT_OF_BOUNDS;
  if (last === undefined) return;
  if (last.crossed) record.foundDoubts |= bit.CROSSED;
  const { rules } = limits;
  if (confidenceBps > rules.confidenceBps) record.foundOut |= bit.CONFIDENCE_WIDE;
  const peg = source.quote === 'USD' ? undefined : pegs.get(source.quote);
  if (source.quote !== 'USD') {
    const amiss = pegAmiss(peg, now, limits);
    record.foundOut |= amiss;
    if (amiss !== 0) return;
  }
  record.convert(last, peg?.price);
  // Fresh and narrow counts more.
  const freshness = 1 - rules.freshnessWeight * Math.min(1, age / record.maxAge);
  record.weight = (source.weight * freshness) / (1 + confidenceBps / rules.confidenceBps);
}

/** An unknown or old peg is never taken for one. */
function pegAmiss(peg: Peg | undefined, now: number, { rules, pegMaxAge }: OracleLimits): number {
  if (peg === undefined || now - peg.at > pegMaxAge) return bit.PEG_UNKNOWN;
  return Math.abs(signedBps(peg.value, 1)) > rules.depegBps[1] ? bit.PEG_BROKEN : 0;
}

/** Nobody is near the cap, however the weights are added up: the usual case, told without a list. */
function isNoneAbove(witnesses: readonly SourceRecord[], shareMax: number): boolean {
  if (witnesses.length * shareMax <= 1) return false;
  let total = 0;
  let heaviest = 0;
  for (const { weight } of witnesses) {
    total += weight;
    if (weight > heaviest) heaviest = weight;
  }
  return heaviest < shareMax * total * NEARLY_ONE;
}

const NEARLY_ONE = 1 - 1e-9;

function capWeights(witnesses: readonly SourceRecord[], shareMax: number): void {
  if (isNoneAbove(witnesses, shareMax)) return;
  const weights = cappedWeights(
    witnesses.map(({ weight }) => weight),
    shareMax,
  );
  let index = 0;
  for (const record of witnesses) {
    record.weight = weights[index] ?? record.weight;
    index += 1;
  }
}

/** The list that each source is measured against, used again: a new one for each was 3 % of what a lab run allocated. */
const others: SourceRecord[] = [];

/** Distance from the others that are about as old; without such a one the last distance stands. */
function measure(
  record: SourceRecord,
  witnesses: readonly SourceRecord[],
  now: number,
  { rules, biasWindow, frozenAfter }: OracleLimits,
): void {
  others.length = 0;
  for (const other of witnesses) if (other !== record && areComparable(other, record)) others.push(other);
  if (others.length === 0) {
    if (witnesses.length === 1) record.deviationBps = NONE;
    return;
  }
  if (others.length >= 2) others.push(record);
  const median = weightedMedian(others);
  if (median === undefined) return;
  const value = valueOf(median);
  record.deviate(signedBps(record.value, value), value, now, biasWindow);
  const still = now - record.changedAt > frozenAfter;
  if (still && Math.abs(signedBps(value, record.othersAtChange)) > rules.frozenMoveBps)
    record.foundOut |= bit.FROZEN;
}

/** The double of a median of prices. */
export function valueOf({ low, high }: WeightedMedian<SourceRecord>): number {
  if (low === high) return low.value;
  if (low.converted === undefined && high.converted === undefined)
    return middleOf(low.last?.price ?? '', high.last?.price ?? '');
  return exactMiddle(low.exact(), high.exact()).toNumber();
}

function areComparable(a: SourceRecord, b: SourceRecord): boolean {
  if (Number.isNaN(a.comparable) || Number.isNaN(b.comparable)) return true;
  return Math.abs(a.lastAt - b.lastAt) <= Math.min(a.comparable, b.comparable);
}

function compare(record: SourceRecord, { rules }: OracleLimits): void {
  const deviation = Number.isNaN(record.deviationBps) ? 0 : Math.abs(record.deviationBps);
  const [doubtful, left] = rules.deviationBps;
  if (deviation > limit(record, bit.DEVIATES, left, rules.returnFraction)) record.foundOut |= bit.DEVIATES;
  else if (deviation > doubtful) record.foundDoubts |= bit.DEVIATES;
  // A bias is an average: it says something of a source that is inside the limit at every single moment.
  if (Math.abs(record.bias) > limit(record, bit.BIASED, rules.biasBps, rules.returnFraction))
    record.foundOut |= bit.BIASED;
}

/** A source that was left out for it comes back below a fraction of the limit. */
const limit = ({ outBits }: SourceRecord, reason: number, bps: number, fraction: number): number =>
  (outBits & reason) !== 0 ? bps * fraction : bps;

/** A source that was left out comes back only after it has been sound for a while. */
function settle(record: SourceRecord, now: number, { restoreAfter }: OracleLimits): void {
  const { foundOut, foundDoubts, outBits } = record;
  record.used = foundOut === 0;
  if (foundOut !== 0) {
    record.outBits = foundOut | foundDoubts;
    record.doubtBits = 0;
    record.soundSince = NONE;
    return;
  }
  const probation = (outBits & ~SILENCE) !== 0;
  const soundSince = Number.isNaN(record.soundSince) ? now : record.soundSince;
  if (probation && now - soundSince < restoreAfter) {
    record.soundSince = soundSince;
    record.used = false;
    return;
  }
  record.soundSince = NONE;
  record.outBits = 0;
  record.doubtBits = foundDoubts;
}
