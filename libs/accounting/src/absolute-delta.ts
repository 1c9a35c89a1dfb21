import type { Exposure, RiskSnapshotTaken } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';

/**
 * What made the largest delta: `expiry`, the instant at which contracts expired, while what had hedged them stood until the next
 * trade; `unpriced-legs`, a leg without a price, which counts for nothing; otherwise the `market`.
 */
export type LargestDelta = 'market' | 'expiry' | 'unpriced-legs';

/** How large an exposure was: its largest size and its average over time, each snapshot holding until the next. */
export interface AbsoluteDelta {
  readonly max: number;
  /** Event time of the largest; empty where there was none. */
  readonly maxAt: string;
  readonly maxBecause: LargestDelta;
  readonly timeWeighted: number;
}

/** Without hedges (the book's own positions and coin balances) and with them. */
export interface DeltaBeforeAfter {
  readonly before: AbsoluteDelta;
  readonly after: AbsoluteDelta;
}

interface DeltaTrack {
  max: number;
  maxAt: string;
  maxBecause: LargestDelta;
  /** Σ |delta| × seconds. */
  area: number;
  last: number;
}

interface Pair {
  readonly before: DeltaTrack;
  readonly after: DeltaTrack;
}

function createPair(): Pair {
  const fresh = (): DeltaTrack => ({ max: 0, maxAt: '', maxBecause: 'market', area: 0, last: 0 });
  return { before: fresh(), after: fresh() };
}

/** Sizes of a book's deltas: per underlying in its units, and of all together in the numeraire. */
export class DeltaSizes {
  private readonly total = createPair();
  private readonly tracks = new Map<string, Pair>();

  /** Takes the next snapshot, `seconds` after the one before. */
  add(snapshot: RiskSnapshotTaken, seconds: number): void {
    let before = 0;
    let after = 0;
    const gone = new Set(this.tracks.keys());
    for (const exposure of snapshot.exposures) {
      gone.delete(exposure.underlying);
      const [bare, whole] = sizesOf(exposure);
      before += bare * exposure.spot;
      after += whole * exposure.spot;
      const pair = this.tracks.get(exposure.underlying) ?? createPair();
      this.tracks.set(exposure.underlying, pair);
      extend(pair, bare, whole, seconds, snapshot);
    }
    for (const underlying of gone)
      extend(required(this.tracks.get(underlying), underlying), 0, 0, seconds, snapshot);
    extend(this.total, before, after, seconds, snapshot);
  }

  /** In order of the underlyings' names. */
  byUnderlying(seconds: number): (readonly [string, DeltaBeforeAfter])[] {
    const names = [...this.tracks.keys()].sort();
    return names.map((name) => [name, deltasOf(required(this.tracks.get(name), name), seconds)] as const);
  }

  ofAll(seconds: number): DeltaBeforeAfter {
    return deltasOf(this.total, seconds);
  }
}

function sizesOf({ optionDelta, balanceDelta, delta }: Exposure): [bare: number, whole: number] {
  return [Math.abs(optionDelta + balanceDelta), Math.abs(delta)];
}

function extend(pair: Pair, before: number, after: number, seconds: number, at: RiskSnapshotTaken): void {
  step(pair.before, before, seconds, at);
  step(pair.after, after, seconds, at);
}

function step(track: DeltaTrack, value: number, seconds: number, taken: RiskSnapshotTaken): void {
  track.area += track.last * seconds;
  track.last = value;
  if (value <= track.max) return;
  track.max = value;
  track.maxAt = taken.at;
  track.maxBecause = causeOf(taken);
}

function causeOf({ trigger, unpriced }: RiskSnapshotTaken): LargestDelta {
  if (unpriced.length > 0) return 'unpriced-legs';
  return trigger === 'settlement' ? 'expiry' : 'market';
}

function deltasOf({ before, after }: Pair, seconds: number): DeltaBeforeAfter {
  const of = ({ max, maxAt, maxBecause, area, last }: DeltaTrack): AbsoluteDelta => ({
    max,
    maxAt,
    maxBecause,
    timeWeighted: seconds > 0 ? area / seconds : last,
  });
  return { before: of(before), after: of(after) };
}
