import { Decimal } from '@evenkeel/kernel';
import type { RawPrice } from '../tape/raw-instant';
import { SOURCE_REASONS } from './reasons';
import type { SourceReason } from './reasons';
import type { OracleLimits, OracleSource } from './rules';
import { distanceBps } from './weighted-price';

/** A price that was not believed, and how often it has come. */
export interface Suspect {
  readonly price: RawPrice;
  readonly times: number;
}

/** No time, no distance: what has not been yet. It compares false with everything, and a field of doubles never changes its kind. */
export const NONE = Number.NaN;

const { bit } = SOURCE_REASONS;

/**
 * What is kept of a source, and what the newest moment made of it. One object of one shape for the life of the oracle, written in place;
 * reasons are bits and times nanoseconds since the oracle's own beginning: with a new record for every change, bigints and lists, a
 * moment of three sources cost nine times as much.
 */
export class SourceRecord {
  /** The last price that was believed, its time, and its confidence in basis points. */
  last: RawPrice | undefined = undefined;
  lastAt = NONE;
  confidenceBps = 0;
  /** Since when it has been waited for, and when something last traded. */
  awaitedSince = NONE;
  tradedAt = NONE;
  /** When the price last differed from the one before, and where the others stood then. */
  changedAt = NONE;
  othersAtChange = NONE;
  /** Signed distance from the others at the last comparison, basis points. */
  deviationBps = NONE;
  /** Mean signed deviation from the others in basis points, and since when it is measured. */
  bias = 0;
  biasAt = NONE;
  /** Set while a message was refused and no good one has come since. */
  refused = 0;
  suspect: Suspect | undefined = undefined;
  /** Why the source is left out now; 0 when it is in use. */
  outBits = 0;
  /** Why it is only half believed while it is in use. */
  doubtBits = 0;
  /** Since when nothing has spoken against a source that is still left out. */
  soundSince = NONE;

  /** What it says at this moment. */
  said: RawPrice | undefined = undefined;
  /** In dollars, after the stablecoin's own price; NONE where there is none. */
  value = NONE;
  weight = 0;
  /** True: it counts in the composite. */
  used = false;
  /** What this moment finds: reasons to leave it out, and to doubt it. */
  foundOut = 0;
  foundDoubts = 0;
  /** Nothing that it says of itself leaves it out: the others may be compared with it. */
  isWitness = false;
  /** The price in dollars where it is not quoted in them, and what it was converted from. */
  converted: Decimal | undefined = undefined;
  private convertedFrom: RawPrice | undefined = undefined;
  private convertedAt: Decimal | undefined = undefined;

  readonly maxAge: number;
  /** Infinity: never late before it is too old. */
  readonly late: number;
  /** NONE: compared with all. */
  readonly comparable: number;

  constructor(
    readonly source: OracleSource,
    /** Which operator, by number: those of one operator fail together. */
    readonly operator: number,
  ) {
    this.outBits = bit.NO_DATA;
    this.maxAge = Number(source.maxAgeNs);
    this.late = source.lateNs === undefined ? Number.POSITIVE_INFINITY : Number(source.lateNs);
    this.comparable = source.comparableNs === undefined ? NONE : Number(source.comparableNs);
  }

  get reasons(): readonly SourceReason[] {
    return SOURCE_REASONS.list(this.outBits);
  }

  get doubts(): readonly SourceReason[] {
    return SOURCE_REASONS.list(this.doubtBits);
  }

  /** It has never said anything. */
  get isSilent(): boolean {
    return this.last === undefined && this.suspect === undefined && this.refused === 0;
  }

  /** The price it gives in dollars, exactly. */
  exact(): Decimal {
    return this.converted ?? Decimal.parse(this.last?.price ?? '0');
  }

  /** Its price in dollars at `rate` dollars for one of its quote currency; `undefined`: it is quoted in dollars. */
  convert(price: RawPrice, rate: Decimal | undefined): void {
    if (rate === undefined) {
      this.value = price.value;
      return;
    }
    if (this.convertedFrom !== price || this.convertedAt !== rate || this.converted === undefined) {
      this.converted = Decimal.parse(price.price).times(rate);
      this.convertedFrom = price;
      this.convertedAt = rate;
    }
    this.value = this.converted.toNumber();
  }

  /**
   * Takes what the source says. A price that can't be right (not positive, stamped in the future, older than what is known, a leap that
   * nobody shares) is not taken, and the source is left out until a good one comes: an old price replayed is an attack, not news.
   * `all`: every source's record; what the others say at this moment bears witness for a leap.
   */
  hear(price: RawPrice, at: number, now: number, all: readonly SourceRecord[], limits: OracleLimits): void {
    const refused = this.refusal(price, at, now, limits);
    if (refused !== 0) {
      this.refused = refused;
      return;
    }
    this.refused = 0;
    if (!this.believes(price, all, limits)) {
      const { suspect } = this;
      const again =
        suspect !== undefined && distanceBps(suspect.price.value, price.value) <= limits.rules.jumpBps;
      this.suspect = { price, times: again ? suspect.times + 1 : 1 };
      return;
    }
    this.suspect = undefined;
    if (price.traded) this.tradedAt = at < now ? at : now;
    if (this.last === undefined || differs(this.last, price)) {
      this.changedAt = at;
      this.othersAtChange = NONE;
    }
    this.last = price;
    this.lastAt = at;
    const { confidence = 0 } = price;
    this.confidenceBps = confidence === 0 ? 0 : (confidence / price.value) * 10_000;
  }

  private refusal(price: RawPrice, at: number, now: number, limits: OracleLimits): number {
    if (!(price.value > 0) || (price.confidence ?? 0) < 0) return bit.PRICE_INVALID;
    if (at - now > limits.futureTolerance) return bit.CLOCK_FUTURE;
    return at < this.lastAt ? bit.CLOCK_BACKWARDS : 0;
  }

  /** A leap is believed when another source makes it too, or when it has come often enough. */
  private believes({ value }: RawPrice, all: readonly SourceRecord[], { rules }: OracleLimits): boolean {
    if (this.last === undefined || distanceBps(value, this.last.value) <= rules.jumpBps) return true;
    for (const { said, source } of all)
      if (
        said !== undefined &&
        source.source !== this.source.source &&
        distanceBps(said.value, value) <= rules.jumpBackedBps
      )
        return true;
    const { suspect } = this;
    return (
      suspect !== undefined &&
      distanceBps(suspect.price.value, value) <= rules.jumpBps &&
      suspect.times + 1 >= rules.jumpConfirmations
    );
  }

  /** Time since something traded, by the exchange's own clock and never less than by when it reached us. */
  age(now: number): number {
    const since = Number.isNaN(this.tradedAt) ? this.awaitedSince : this.tradedAt;
    return now > since ? now - since : 0;
  }

  /**
   * Takes a new distance from the others, who stand at `median`. The bias is the running mean of the signed distance, exponentially
   * weighted by time: after one window an old bias counts half.
   */
  deviate(deviationBps: number, median: number, now: number, window: number): void {
    this.deviationBps = deviationBps;
    if (Number.isNaN(this.othersAtChange)) this.othersAtChange = median;
    if (Number.isNaN(this.biasAt)) {
      this.bias = 0;
      this.biasAt = now;
      return;
    }
    const elapsed = now - this.biasAt;
    if (elapsed <= 0) return;
    const share = elapsed / (elapsed + window);
    this.bias += (deviationBps - this.bias) * share;
    this.biasAt = now;
  }

  /** Counts all times from `by` nanoseconds later. */
  shift(by: number): void {
    this.lastAt -= by;
    this.awaitedSince -= by;
    this.tradedAt -= by;
    this.changedAt -= by;
    this.biasAt -= by;
    this.soundSince -= by;
  }
}

/** Equal numbers may be written differently, and different ones may be one double. */
function differs(one: RawPrice, other: RawPrice): boolean {
  if (one.price === other.price) return false;
  return one.value !== other.value || !Decimal.parse(one.price).equals(Decimal.parse(other.price));
}
