import type { Decimal, Instant } from '@evenkeel/kernel';
import type { OracleRules } from './rules';
import type { SourceReason, SourceRecord } from './source-record';
import { ageOf, updateBias } from './source-record';
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
  readonly deviationBps?: number;
  /** True: it counts in the composite. */
  readonly used: boolean;
}

interface Candidate {
  record: SourceRecord;
  price: Decimal;
  value: number;
  weight: number;
  reasons: SourceReason[];
  deviationBps?: number;
}

/**
 * Every source with what speaks against it. First what a source says of itself (age, clock, confidence, peg), then how it
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
  const candidates = judged.filter(
    (entry): entry is Candidate => 'value' in entry && entry.reasons.length === 0,
  );
  const weights = cappedWeights(
    candidates.map((candidate) => candidate.weight),
    rules.weightShareMax,
  );
  candidates.forEach((candidate, index) => {
    candidate.weight = weights[index] ?? candidate.weight;
  });
  for (const candidate of candidates) compare(candidate, candidates, now, rules);
  return judged.map((entry) => settle(entry, now, rules));
}

type Alone = Candidate | { record: SourceRecord; reasons: SourceReason[] };

function judgeAlone(
  record: SourceRecord,
  pegs: ReadonlyMap<string, Peg>,
  now: Instant,
  rules: OracleRules,
): Alone {
  const { last, source } = record;
  if (last === undefined) return { record, reasons: [record.refused ?? 'NO_DATA'] };
  const reasons: SourceReason[] = record.refused === undefined ? [] : [record.refused];
  const age = ageOf(last, now);
  if (age > source.maxAgeNs) reasons.push('STALE');
  const { confidenceBps } = record;
  if (confidenceBps > rules.confidenceBps) reasons.push('CONFIDENCE_WIDE');
  const rate = dollarsPer(source.quote, pegs, now, rules);
  if (typeof rate === 'string') return { record, reasons: [...reasons, rate] };
  const price = rate === null ? last.price : last.price.times(rate);
  // Fresh and narrow counts more; at its age limit a source counts half.
  const freshness = 1 - 0.5 * Math.min(1, Number(age) / Number(source.maxAgeNs));
  const weight = (source.weight * freshness) / (1 + confidenceBps / rules.confidenceBps);
  return { record, price, value: rate === null ? record.value : price.toNumber(), weight, reasons };
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

function compare(
  candidate: Candidate,
  candidates: readonly Candidate[],
  now: Instant,
  rules: OracleRules,
): void {
  const peers = candidates.length >= 3 ? candidates : candidates.filter((other) => other !== candidate);
  const median = weightedMedianPrice(peers)?.value;
  if (median === undefined) return;
  const deviationBps = signedBps(candidate.value, median);
  candidate.deviationBps = deviationBps;
  candidate.record = updateBias(candidate.record, deviationBps, now, rules.biasWindowNs);
  if (candidate.record.othersAtChange === undefined)
    candidate.record = { ...candidate.record, othersAtChange: median };
  const { record } = candidate;
  const out = (reason: SourceReason): boolean => record.reasons.includes(reason);
  const limit = (reason: SourceReason, bps: number): number =>
    out(reason) ? bps * rules.returnFraction : bps;
  if (Math.abs(deviationBps) > limit('DEVIANT', rules.deviationBps)) candidate.reasons.push('DEVIANT');
  // A bias is an average: it says something of a source that is inside the limit at every single moment.
  if (Math.abs(record.bias) > limit('BIASED', rules.biasBps)) candidate.reasons.push('BIASED');
  const still = now - record.changedAt > rules.frozenAfterNs;
  const moved = Math.abs(signedBps(median, record.othersAtChange ?? median));
  if (still && moved > rules.frozenMoveBps) candidate.reasons.push('FROZEN');
}

/** A source that was left out comes back only after it has been sound for a while. */
function settle(entry: Alone, now: Instant, rules: OracleRules): JudgedSource {
  const { record } = entry;
  const base =
    'value' in entry ? { price: entry.price, value: entry.value, weight: entry.weight } : { weight: 0 };
  const seen =
    'value' in entry && entry.deviationBps !== undefined
      ? { ...base, deviationBps: entry.deviationBps }
      : base;
  if (entry.reasons.length > 0) {
    const { soundSince: _gone, ...rest } = record;
    return { ...seen, record: { ...rest, reasons: entry.reasons }, used: false };
  }
  // The first data of a source need no probation, nor does one that was merely silent.
  const probation = record.reasons.some((reason) => reason !== 'NO_DATA' && reason !== 'STALE');
  const soundSince = record.soundSince ?? now;
  if (probation && now - soundSince < rules.restoreAfterNs) {
    return { ...seen, record: { ...record, soundSince }, used: false };
  }
  const { soundSince: _done, ...rest } = record;
  return { ...seen, record: { ...rest, reasons: [] }, used: true };
}
