import { Decimal } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { RawPeg } from '../tape/raw-instant';
import type { CompositePrice, CompositeVerdict } from './composite-verdict';
import { judgeComposite } from './composite-verdict';
import type { Peg } from './judgement';
import { judgeSources } from './judgement';
import type { OracleReason } from './reasons';
import type { OracleLimits, OracleRules, OracleSource, OracleStatus } from './rules';
import { limitsOf } from './rules';
import { SourceRecord } from './source-record';
import { PriceHistory } from './time-weighted-average';

const RANK: Readonly<Record<OracleStatus, number>> = { OK: 0, DEGRADED: 1, HALTED: 2 };
/** Nanoseconds that a double counts exactly, with room: 52 days. Beyond, times are counted from later on. */
const COUNTED_MAX = 2 ** 52;

/**
 * One composite price of an underlying from many sources, and whether it may be traded on. Deterministic: the same moments give the
 * same verdicts. Time is an input: silence is noticed because time still arrives. Disagreement means refuse, never the first source
 * that answers.
 */
export class Oracle {
  readonly records: readonly SourceRecord[];
  status: OracleStatus;
  reasons: readonly OracleReason[];
  /** Of this moment; undefined where there is none. While HALTED nothing may be traded on it. */
  price: CompositePrice | undefined = undefined;
  /** The average over time before this moment; NaN before the first price. */
  twap = Number.NaN;
  /** When a moment last came, never earlier than one before it. */
  now: Instant = 0n;
  readonly pegs = new Map<string, Peg>();
  private readonly limits: OracleLimits;
  private readonly history = new PriceHistory();
  /** What times are counted from. */
  private base: Instant | undefined;
  /** While the verdict is better than the status: since when, and the worst of it. */
  private better: { since: number; worst: OracleStatus } | undefined;

  /** `opening`: what holds until something has been judged; HALTED waits out `restoreAfterNs` before it opens. */
  constructor(
    sources: readonly OracleSource[],
    readonly rules: OracleRules,
    opening: OracleStatus = 'HALTED',
  ) {
    this.limits = limitsOf(rules);
    this.status = opening;
    this.reasons = opening === 'OK' ? [] : ['NO_PRICE'];
    const operators = [...new Set(sources.map(({ operator }) => operator))];
    this.records = sources.map((source) => new SourceRecord(source, operators.indexOf(source.operator)));
  }

  /** Before anybody has said anything there is nothing to come back from. */
  openAnew(): void {
    this.better = undefined;
    this.status = 'OK';
    this.reasons = [];
  }

  /** Takes everything that became known at one moment, together: each record's `said`, and pegs. */
  take(pegs: readonly RawPeg[], receivedTime: Instant): void {
    // Our own clock going back is no reason to take old prices for new ones.
    if (receivedTime > this.now) this.now = receivedTime;
    const now = this.countedNow();
    for (const peg of pegs) this.takePeg(peg);
    for (const record of this.records) {
      const { said } = record;
      if (said === undefined) continue;
      const at = said.at === this.now ? now : this.counted(said.at);
      record.hear(said, at, now, this.records, this.limits);
    }
    judgeSources(this.records, this.pegs, now, this.limits);
    const verdict = judgeComposite(this.history, this.records, this.pegs, now, this.limits);
    this.settle(verdict, now);
    this.price = verdict.price;
    this.twap = verdict.twap;
    if (verdict.price !== undefined) this.history.extend(now, verdict.price.value, this.limits.twapWindow);
  }

  /** Nanoseconds since the base: sums and differences of doubles instead of bigints, of which each is a new object. */
  private counted(at: Instant): number {
    return Number(at - (this.base ?? at));
  }

  private countedNow(): number {
    this.base ??= this.now;
    const now = this.counted(this.now);
    if (now <= COUNTED_MAX) return now;
    this.base = this.now;
    for (const record of this.records) record.shift(now);
    for (const [currency, peg] of this.pegs) this.pegs.set(currency, { ...peg, at: peg.at - now });
    if (this.better !== undefined) this.better.since -= now;
    this.history.shift(now);
    return 0;
  }

  private takePeg({ currency, price, at }: RawPeg): void {
    const exact = Decimal.parse(price);
    const known = this.pegs.get(currency);
    const since = this.counted(at);
    if (!exact.isPositive() || (known !== undefined && since < known.at)) return;
    // The same price is the same object: what was converted at it stays.
    const same = known?.price.equals(exact) === true ? known.price : exact;
    this.pegs.set(currency, { price: same, value: same.toNumber(), at: since });
  }

  /** When a peg was so. */
  timeOf({ at }: Peg): Instant {
    return (this.base ?? 0n) + BigInt(at);
  }

  /** It has been waited for longer than its price may be old. */
  isOverdue({ awaitedSince, maxAge }: SourceRecord): boolean {
    return this.counted(this.now) - awaitedSince > maxAge;
  }

  /** Worse at once; better only after the verdict has stayed better long enough, and then only as good as its worst moment. */
  private settle({ status, reasons }: CompositeVerdict, now: number): void {
    if (RANK[status] >= RANK[this.status]) {
      this.better = undefined;
      this.status = status;
      this.reasons = reasons;
      return;
    }
    // The first price after a start waits too: one good moment is not yet a good source.
    const since = this.better?.since ?? now;
    const before = this.better?.worst ?? status;
    const worst = RANK[before] > RANK[status] ? before : status;
    if (now - since >= this.limits.restoreAfter) {
      this.better = undefined;
      this.status = worst;
      this.reasons = worst === 'OK' ? [] : reasons;
      return;
    }
    if (reasons.length > 0) this.reasons = reasons;
    this.better = { since, worst };
  }
}
