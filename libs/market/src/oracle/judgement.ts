import type { Decimal, Instant } from '@evenkeel/kernel';
import type { OracleRules, TwoLimits } from './rules';
import type { SourceReason, SourceRecord } from './source-record';
import { ageOf, withDeviation } from './source-record';
import { cappedWeights, signedBps, weightedMedianPrice } from './weighted-price';

/** The dollar price of a stablecoin and when it was so. */
export interface Peg {
  readonly price: Decimal;
  readonly eventTime: Instant;
}

export interface JudgedSource {
  readonly record: SourceRecord;
  /** In dollars, after the stablecoin's own price; absent where it could not be converted. */
  readonly price?: Decimal;
  readonly value?: number;
  readonly weight: number;
  /** True: it counts in the composite. */
  readonly used: boolean;
}

interface Finding {
  readonly reason: SourceReason;
  /** False: it is only doubtful. */
  readonly out: boolean;
}

interface Candidate {
  record: SourceRecord;
  price: Decimal;
  value: number;
  weight: number;
  findings: Finding[];
}

/**
 * Every source with what speaks against it. First what a source says of itself (age, clock, leaps, confidence, peg), then how it
 * compares: three or more with their weighted median, of which none is more than its capped share; two with each other,
 * because nobody can tell which of two is wrong.
 */
export function judgeSources(
  records: readonly SourceRecord[],
  pegs: ReadonlyMap<string, Peg>,
  now: Instant,
  rules: OracleRules,
): JudgedSource[] {
  const judged = records.map((record) => judgeAlone(record, pegs, now, rules));
  const witnesses = judged.filter(
    (entry): entry is Candidate => 'value' in entry && !entry.findings.some(({ out }) => out),
  );
  const weights = cappedWeights(
    witnesses.map((candidate) => candidate.weight),
    rules.weightShareMax,
  );
  witnesses.forEach((candidate, index) => {
    candidate.weight = weights[index] ?? candidate.weight;
  });
  for (const candidate of witnesses) measure(candidate, witnesses, now, rules);
  for (const entry of judged) {
    if (!('value' in entry)) continue;
    if (witnesses.includes(entry)) compare(entry, now, rules);
    else entry.record = withoutDeviation(entry.record);
  }
  return judged.map((entry) => settle(entry, now, rules));
}

type Alone = Candidate | { record: SourceRecord; findings: Finding[] };

function judgeAlone(
  known: SourceRecord,
  pegs: ReadonlyMap<string, Peg>,
  now: Instant,
  rules: OracleRules,
): Alone {
  const record = known.awaitedSince === undefined ? { ...known, awaitedSince: now } : known;
  const { last, source, refused, suspect } = record;
  const findings: Finding[] = refused === undefined ? [] : [{ reason: refused, out: true }];
  const age = ageOf(record, now);
  if (last === undefined && suspect === undefined) {
    findings.push({ reason: 'NO_DATA', out: true });
    return { record, findings };
  }
  if (age > source.maxAgeNs) findings.push({ reason: 'STALE', out: true });
  else if (source.lateNs !== undefined && age > source.lateNs) findings.push({ reason: 'STALE', out: false });
  else if (last?.traded === false) findings.push({ reason: 'NO_TRADES', out: false });
  if (suspect !== undefined) findings.push({ reason: 'OUT_OF_BOUNDS', out: true });
  if (last === undefined) return { record, findings };
  if (last.crossed === true) findings.push({ reason: 'CROSSED', out: false });
  const { confidenceBps } = record;
  if (confidenceBps > rules.confidenceBps) findings.push({ reason: 'CONFIDENCE_WIDE', out: true });
  const rate = dollarsPer(source.quote, pegs, now, rules);
  if (typeof rate === 'string') return { record, findings: [...findings, { reason: rate, out: true }] };
  const price = rate === null ? last.price : last.price.times(rate);
  // Fresh and narrow counts more.
  const freshness = 1 - rules.freshnessWeight * Math.min(1, Number(age) / Number(source.maxAgeNs));
  const weight = (source.weight * freshness) / (1 + confidenceBps / rules.confidenceBps);
  return { record, price, value: rate === null ? record.value : price.toNumber(), weight, findings };
}

/** `null`: quoted in dollars. An unknown or old peg is never taken for one. */
function dollarsPer(
  quote: string,
  pegs: ReadonlyMap<string, Peg>,
  now: Instant,
  rules: OracleRules,
): Decimal | null | 'PEG_UNKNOWN' | 'PEG_BROKEN' {
  if (quote === 'USD') return null;
  const peg = pegs.get(quote);
  if (peg === undefined || now - peg.eventTime > rules.pegMaxAgeNs) return 'PEG_UNKNOWN';
  return Math.abs(signedBps(peg.price.toNumber(), 1)) > rules.depegBps[1] ? 'PEG_BROKEN' : peg.price;
}

function withoutDeviation(record: SourceRecord): SourceRecord {
  if (record.deviationBps === undefined) return record;
  const { deviationBps: _gone, ...rest } = record;
  return rest;
}

/** Distance from the others that are about as old; without such a one the last distance stands. */
function measure(
  candidate: Candidate,
  witnesses: readonly Candidate[],
  now: Instant,
  rules: OracleRules,
): void {
  const others = witnesses.filter((other) => other !== candidate && areComparable(other, candidate));
  if (others.length === 0) {
    if (witnesses.length === 1) candidate.record = withoutDeviation(candidate.record);
    return;
  }
  const median = weightedMedianPrice(others.length >= 2 ? [...others, candidate] : others)?.value;
  if (median === undefined) return;
  const deviationBps = signedBps(candidate.value, median);
  candidate.record = withDeviation(candidate.record, deviationBps, median, now, rules.biasWindowNs);
  const still = now - candidate.record.changedAt > rules.frozenAfterNs;
  const moved = Math.abs(signedBps(median, candidate.record.othersAtChange ?? median));
  if (still && moved > rules.frozenMoveBps) candidate.findings.push({ reason: 'FROZEN', out: true });
}

function areComparable(a: Candidate, b: Candidate): boolean {
  const [left, right] = [a.record.source.comparableNs, b.record.source.comparableNs];
  if (left === undefined || right === undefined) return true;
  const apart = (a.record.last?.eventTime ?? 0n) - (b.record.last?.eventTime ?? 0n);
  return (apart < 0n ? -apart : apart) <= (left < right ? left : right);
}

function compare(candidate: Candidate, now: Instant, rules: OracleRules): void {
  const { record, findings } = candidate;
  const out = (reason: SourceReason): boolean => record.reasons.includes(reason);
  const limit = (reason: SourceReason, bps: number): number =>
    out(reason) ? bps * rules.returnFraction : bps;
  const deviation = Math.abs(record.deviationBps ?? 0);
  const [doubtful, left]: TwoLimits = rules.deviationBps;
  if (deviation > limit('DEVIATES', left)) findings.push({ reason: 'DEVIATES', out: true });
  else if (deviation > doubtful) findings.push({ reason: 'DEVIATES', out: false });
  // A bias is an average: it says something of a source that is inside the limit at every single moment.
  if (Math.abs(record.bias) > limit('BIASED', rules.biasBps)) findings.push({ reason: 'BIASED', out: true });
}

const ORDER: readonly SourceReason[] = [
  'NO_DATA',
  'PRICE_INVALID',
  'CLOCK_FUTURE',
  'CLOCK_BACKWARDS',
  'STALE',
  'NO_TRADES',
  'OUT_OF_BOUNDS',
  'CROSSED',
  'CONFIDENCE_WIDE',
  'PEG_UNKNOWN',
  'PEG_BROKEN',
  'DEVIATES',
  'BIASED',
  'FROZEN',
];

function isUntroubled(record: SourceRecord): boolean {
  return record.reasons.length === 0 && record.doubts.length === 0 && record.soundSince === undefined;
}

/** A source that was left out comes back only after it has been sound for a while. */
function settle(entry: Alone, now: Instant, rules: OracleRules): JudgedSource {
  const { record } = entry;
  // By far the most common: sound, and nothing to forget.
  if ('value' in entry && entry.findings.length === 0 && isUntroubled(record))
    return Object.assign(entry, { used: true });
  const seen = {
    ...('value' in entry ? { price: entry.price, value: entry.value, weight: entry.weight } : { weight: 0 }),
  };
  const found = ORDER.filter((reason) => entry.findings.some((finding) => finding.reason === reason));
  if (entry.findings.some(({ out }) => out)) {
    const { soundSince: _gone, ...rest } = record;
    return { ...seen, record: { ...rest, reasons: found, doubts: [] }, used: false };
  }
  // The first data of a source need no probation, nor does one that was merely silent.
  const probation = record.reasons.some((reason) => reason !== 'NO_DATA' && reason !== 'STALE');
  const soundSince = record.soundSince ?? now;
  if (probation && now - soundSince < rules.restoreAfterNs) {
    return { ...seen, record: { ...record, soundSince }, used: false };
  }
  const { soundSince: _done, ...rest } = record;
  return { ...seen, record: { ...rest, reasons: [], doubts: found }, used: true };
}
