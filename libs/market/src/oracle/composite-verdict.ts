import type { Decimal } from '@evenkeel/kernel';
import type { Peg } from './judgement';
import { valueOf } from './judgement';
import { ORACLE_REASONS, SOURCE_REASONS } from './reasons';
import type { OracleReason } from './reasons';
import type { OracleLimits, OracleStatus } from './rules';
import type { SourceRecord } from './source-record';
import type { PriceHistory } from './time-weighted-average';
import { exactMiddle, signedBps, weightedMedian } from './weighted-price';
import type { WeightedMedian } from './weighted-price';

export interface CompositeVerdict {
  readonly status: OracleStatus;
  readonly reasons: readonly OracleReason[];
  /** Absent where there is no price at all. */
  readonly price: CompositePrice | undefined;
  /** NaN where there is none. */
  readonly twap: number;
}

/** The price of one source, or the middle of two. */
export interface CompositePrice extends WeightedMedian<SourceRecord> {
  readonly value: number;
}

const { bit } = ORACLE_REASONS;
const CONTRADICTED = SOURCE_REASONS.bit.DEVIATES | SOURCE_REASONS.bit.BIASED;

/** What the sources in use, the average over time and the pegs say of the composite at this moment, before hysteresis. */
export function judgeComposite(
  history: PriceHistory,
  records: readonly SourceRecord[],
  pegs: ReadonlyMap<string, Peg>,
  now: number,
  limits: OracleLimits,
): CompositeVerdict {
  const { rules } = limits;
  const used = records.every(isUsed) ? records : records.filter(isUsed);
  const median = weightedMedian(used);
  if (median === undefined)
    return { status: 'HALTED', reasons: [noPriceReason(records)], price: undefined, twap: Number.NaN };
  const value = valueOf(median);
  const twap = history.average(now, limits.twapWindow);
  let spread = 0;
  let depegged = false;
  for (const { value: own, source } of used) {
    spread = Math.max(spread, Math.abs(signedBps(own, value)));
    if (pegDeviation(source.quote, pegs) > rules.depegBps[0]) depegged = true;
  }
  const all = operatorsOf(records);
  const quorum = operatorsOf(used) < Math.min(rules.quorum[1], all);
  const grades =
    grade(deviantShare(records), rules.deviantShare, bit.DEVIANT_WEIGHT) |
    grade(spread, rules.disagreementBps, bit.DISAGREEMENT) |
    grade(Number.isNaN(twap) ? 0 : Math.abs(signedBps(value, twap)), rules.twapBps, bit.TWAP);
  const halting = (grades >> HALTING) | (quorum ? bit.QUORUM : 0);
  let degrading = grades & DEGRADING;
  if (!quorum && operatorsOf(used, true) < Math.min(rules.quorum[0], all)) degrading |= bit.QUORUM;
  if (depegged) degrading |= bit.DEPEG;
  const status = halting !== 0 ? 'HALTED' : degrading !== 0 ? 'DEGRADED' : 'OK';
  const { low, high } = median;
  return { status, reasons: reasonsOf(halting, degrading), price: { low, high, value }, twap };
}

const isUsed = ({ used }: SourceRecord): boolean => used;

/** What halts stands so many bits above what degrades. */
const HALTING = 8;
const DEGRADING = (1 << HALTING) - 1;

function grade(measured: number, limits: readonly [number, number], reason: number): number {
  if (measured > limits[1]) return reason << HALTING;
  return measured > limits[0] ? reason : 0;
}

function reasonsOf(halting: number, degrading: number): readonly OracleReason[] {
  if (halting === 0) return ORACLE_REASONS.list(degrading);
  if (degrading === 0) return ORACLE_REASONS.list(halting);
  return [...ORACLE_REASONS.list(halting), ...ORACLE_REASONS.list(degrading)];
}

/** Exactly, in dollars. */
export function exactPrice({ low, high }: CompositePrice): Decimal {
  return low === high ? low.exact() : exactMiddle(low.exact(), high.exact());
}

/** Two sources that contradict each other leave nothing to use: that is a disagreement, not an absence. */
function noPriceReason(records: readonly SourceRecord[]): OracleReason {
  return records.some(({ outBits }) => (outBits & CONTRADICTED) !== 0) ? 'DISAGREEMENT' : 'NO_PRICE';
}

/** How many operators run the sources; `sound`: those alone that nothing speaks against. */
export function operatorsOf(records: readonly SourceRecord[], sound = false): number {
  let count = 0;
  for (const record of records) {
    if (sound && record.doubtBits !== 0) continue;
    // The first of its operator counts for all of them.
    for (const other of records) {
      if (other === record) count += 1;
      if (other.operator === record.operator && !(sound && other.doubtBits !== 0)) break;
    }
  }
  return count;
}

/** The part of the weight of comparable sources that is left out for standing elsewhere than the others. */
function deviantShare(records: readonly SourceRecord[]): number {
  let out = 0;
  for (const record of records)
    if ((record.outBits & SOURCE_REASONS.bit.DEVIATES) !== 0) out += record.weight;
  if (out === 0) return 0;
  let sound = 0;
  for (const record of records) if (record.used) sound += record.weight;
  return out / (out + sound);
}

function pegDeviation(quote: string, pegs: ReadonlyMap<string, Peg>): number {
  const peg = quote === 'USD' ? undefined : pegs.get(quote);
  return peg === undefined ? 0 : Math.abs(signedBps(peg.value, 1));
}
