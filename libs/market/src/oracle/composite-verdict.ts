import type { Decimal, Instant } from '@evenkeel/kernel';
import type { JudgedSource, Peg } from './judgement';
import type { OracleRules, OracleStatus } from './rules';
import type { PriceHistory } from './time-weighted-average';
import { timeWeightedAverage } from './time-weighted-average';
import { signedBps, weightedMedianPrice } from './weighted-price';

export type OracleReason =
  'NO_PRICE' | 'QUORUM' | 'DISAGREEMENT' | 'DEVIANT_WEIGHT' | 'TWAP' | 'DEPEG' | 'CLOCK_REGRESSED';

export interface CompositeVerdict {
  readonly status: OracleStatus;
  readonly reasons: readonly OracleReason[];
  readonly price?: Decimal;
  readonly value?: number;
  readonly twap?: number;
}

/** What the sources in use, the average over time and the pegs say of the composite at this moment, before hysteresis. */
export function judgeComposite(
  history: PriceHistory,
  judged: readonly JudgedSource[],
  pegs: ReadonlyMap<string, Peg>,
  now: Instant,
  rules: OracleRules,
): CompositeVerdict {
  const used = judged.filter(isUsed);
  const median = weightedMedianPrice(used);
  if (median === undefined) return { status: 'HALTED', reasons: [noPriceReason(judged)] };
  const halting: OracleReason[] = [];
  const degrading: OracleReason[] = [];
  const all = new Set(judged.map((entry) => entry.record.source.operator)).size;
  const sound = operatorsOf(used.filter((entry) => entry.record.doubts.length === 0));
  if (operatorsOf(used) < Math.min(rules.quorum[1], all)) halting.push('QUORUM');
  else if (sound < Math.min(rules.quorum[0], all)) degrading.push('QUORUM');
  grade(deviantShare(judged), rules.deviantShare, 'DEVIANT_WEIGHT', degrading, halting);
  const { price, value } = median;
  const spread = Math.max(...used.map((entry) => Math.abs(signedBps(entry.value, value))));
  grade(spread, rules.disagreementBps, 'DISAGREEMENT', degrading, halting);
  const twap = timeWeightedAverage(history, now, rules.twapWindowNs);
  if (twap !== undefined) grade(Math.abs(signedBps(value, twap)), rules.twapBps, 'TWAP', degrading, halting);
  if (used.some((entry) => pegDeviation(entry.record.source.quote, pegs) > rules.depegBps[0]))
    degrading.push('DEPEG');
  const status = halting.length > 0 ? 'HALTED' : degrading.length > 0 ? 'DEGRADED' : 'OK';
  return {
    status,
    reasons: [...halting, ...degrading],
    price,
    value,
    ...(twap === undefined ? {} : { twap }),
  };
}

function isUsed(entry: JudgedSource): entry is JudgedSource & { price: Decimal; value: number } {
  return entry.used && entry.price !== undefined && entry.value !== undefined;
}

/** Two sources that contradict each other leave nothing to use: that is a disagreement, not an absence. */
function noPriceReason(judged: readonly JudgedSource[]): OracleReason {
  const contradicted = (entry: JudgedSource): boolean =>
    entry.record.reasons.includes('DEVIATES') || entry.record.reasons.includes('BIASED');
  return judged.some(contradicted) ? 'DISAGREEMENT' : 'NO_PRICE';
}

function grade(
  value: number,
  limits: readonly [number, number],
  reason: OracleReason,
  degrading: OracleReason[],
  halting: OracleReason[],
): void {
  if (value > limits[1]) halting.push(reason);
  else if (value > limits[0]) degrading.push(reason);
}

export function operatorsOf(used: readonly JudgedSource[]): number {
  return new Set(used.map((entry) => entry.record.source.operator)).size;
}

/** The part of the weight of comparable sources that is left out for standing elsewhere than the others. */
function deviantShare(judged: readonly JudgedSource[]): number {
  const deviant = judged.filter((entry) => entry.record.reasons.includes('DEVIATES'));
  const sound = judged.filter((entry) => entry.used);
  const weigh = (entries: readonly JudgedSource[]): number =>
    entries.reduce((total, entry) => total + entry.weight, 0);
  const out = weigh(deviant);
  return out === 0 ? 0 : out / (out + weigh(sound));
}

function pegDeviation(quote: string, pegs: ReadonlyMap<string, Peg>): number {
  const peg = pegs.get(quote);
  return peg === undefined ? 0 : Math.abs(signedBps(peg.price.toNumber(), 1));
}
