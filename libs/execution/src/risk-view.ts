import { foreignTradeKey } from '@evenkeel/facts';
import type { CommitView, RiskSnapshotTaken } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';

/** What risk last said of a book, and the own fills that it has not counted yet. */
export interface RiskView {
  snapshot: RiskSnapshotTaken | undefined;
  /** UTC day of the snapshot, `2026-01-05`. */
  day: string;
  /** Hedged profit at the last snapshot of the day before; zero where the book's first snapshot is of today. */
  dayStart: string;
  /** Hedged profit at the newest snapshot. */
  hedged: string;
  /** Fill id → what it changed. */
  readonly uncounted: Map<string, { readonly instrument: string; readonly quantity: Decimal }>;
}

export function initialRiskView(): RiskView {
  return { snapshot: undefined, day: '', dayStart: '0', hedged: '0', uncounted: new Map() };
}

/** Folds what risk said. The view keeps the snapshot itself; its numbers are read only when an order asks. */
export function foldRisk(view: RiskView, commit: CommitView): void {
  for (const event of commit.events) {
    if (event.type === 'FillApplied') view.uncounted.delete(event.payload.fillId);
    else if (event.type === 'PositionAdopted') {
      const { venueTrade } = event.payload;
      if (venueTrade !== undefined) view.uncounted.delete(foreignTradeKey(venueTrade));
    } else if (event.type === 'RiskSnapshotTaken') foldSnapshot(view, event.payload);
  }
}

function foldSnapshot(view: RiskView, snapshot: RiskSnapshotTaken): void {
  const day = snapshot.at.slice(0, 'YYYY-MM-DD'.length);
  if (day !== view.day) {
    view.dayStart = view.hedged;
    view.day = day;
  }
  view.snapshot = snapshot;
  view.hedged = snapshot.pnl.hedged;
}

/** Loss of the hedged book since 00:00 UTC in its numeraire, negative for a profit; undefined before the first snapshot. */
export function dailyLoss(view: RiskView): Decimal | undefined {
  if (view.snapshot === undefined) return undefined;
  return Decimal.parse(view.dayStart).minus(Decimal.parse(view.snapshot.pnl.hedged));
}
