import type { LegValuation, MarkUsed, RiskSnapshotTaken } from './risk-events';

/**
 * What the long lists of a snapshot are made from, for those who read them: most readers ask for exposures and two or three
 * marks, and making a hundred legs costs them as much as everything else that they do with a snapshot.
 */
export interface SnapshotLists {
  marks(): readonly MarkUsed[];
  legs(): readonly LegValuation[];
  /** The first mark of an instrument. */
  mark(instrument: string): MarkUsed | undefined;
  /** The first leg of an instrument. */
  leg(instrument: string): LegValuation | undefined;
  /** Throws what reading the lists would throw. */
  check(): void;
}

/** Everything of a snapshot but its long lists. */
export type SnapshotHead = Omit<RiskSnapshotTaken, 'marks' | 'legs'>;

const LISTS = Symbol('lists');

interface WithLists {
  readonly [LISTS]?: SnapshotLists;
}

/** A snapshot that its fields are put into one by one. */
type Growing = { -readonly [Key in keyof RiskSnapshotTaken]?: RiskSnapshotTaken[Key] };

/**
 * A snapshot whose marks and legs are made when somebody reads them, once. To its readers it is like any other. Field by field:
 * spread first and added to, an object costs thirty times as much here, and five hundred times in `writtenOut`.
 */
export function lazySnapshot(head: SnapshotHead, lists: SnapshotLists): RiskSnapshotTaken {
  const snapshot: Growing = {
    snapshotId: head.snapshotId,
    book: head.book,
    numeraire: head.numeraire,
    at: head.at,
    trigger: head.trigger,
    positionsVersion: head.positionsVersion,
    model: head.model,
    kernelHash: head.kernelHash,
    rate: head.rate,
    status: head.status,
    reasons: head.reasons,
  };
  Object.defineProperty(snapshot, LISTS, { value: lists });
  Object.defineProperty(snapshot, 'marks', MARKS);
  Object.defineProperty(snapshot, 'legs', LEGS);
  snapshot.unpriced = head.unpriced;
  snapshot.balances = head.balances;
  snapshot.exposures = head.exposures;
  snapshot.equity = head.equity;
  snapshot.pnl = head.pnl;
  return snapshot as RiskSnapshotTaken; // every field was just put in
}

// One pair of functions for all snapshots, so that all of them have one shape.
const MARKS = {
  get(this: WithLists) {
    return this[LISTS]?.marks();
  },
  enumerable: true,
};
const LEGS = {
  get(this: WithLists) {
    return this[LISTS]?.legs();
  },
  enumerable: true,
};

/** A snapshot with these lists, written out. */
export function writtenOut(
  head: SnapshotHead,
  marks: readonly MarkUsed[],
  legs: readonly LegValuation[],
): RiskSnapshotTaken {
  return {
    snapshotId: head.snapshotId,
    book: head.book,
    numeraire: head.numeraire,
    at: head.at,
    trigger: head.trigger,
    positionsVersion: head.positionsVersion,
    model: head.model,
    kernelHash: head.kernelHash,
    rate: head.rate,
    status: head.status,
    reasons: head.reasons,
    marks,
    legs,
    unpriced: head.unpriced,
    balances: head.balances,
    exposures: head.exposures,
    equity: head.equity,
    pnl: head.pnl,
  };
}

/** What a snapshot's lists are made from; undefined where they stand written out. */
export function listsOf(snapshot: object): SnapshotLists | undefined {
  return (snapshot as WithLists)[LISTS]; // absent of everything that `lazySnapshot` did not make
}

/** The mark of an instrument on a snapshot. */
export function markIn(snapshot: Pick<RiskSnapshotTaken, 'marks'>, instrument: string): MarkUsed | undefined {
  const lists = listsOf(snapshot);
  return lists === undefined
    ? snapshot.marks.find((mark) => mark.instrument === instrument)
    : lists.mark(instrument);
}

const COMPOSITE = '@composite';

/**
 * Puts the price of every underlying that a snapshot names into `spots`: dollars, as written. One that has no price keeps the one before.
 * Found one by one: going through `marks` made those of every option of a book for the one or two that are meant, a fifth of a run with
 * 200 legs.
 */
export function readSpots(
  snapshot: Pick<RiskSnapshotTaken, 'marks' | 'exposures'>,
  spots: Map<string, string>,
): void {
  for (const { underlying } of snapshot.exposures) {
    const mark = markIn(snapshot, `${underlying}${COMPOSITE}`);
    if (mark !== undefined) spots.set(underlying, mark.price);
  }
}

/**
 * The leg of an instrument on a snapshot. Asked of nearly every one: searching `legs` valued all of them for the one that a hedge
 * holds, and decisions took 1.3 times as long to run again.
 */
export function legIn(
  snapshot: Pick<RiskSnapshotTaken, 'legs'>,
  instrument: string,
): LegValuation | undefined {
  const lists = listsOf(snapshot);
  return lists === undefined
    ? snapshot.legs.find((leg) => leg.instrument === instrument)
    : lists.leg(instrument);
}
