import { foreignTradeKey, markIn } from '@evenkeel/facts';
import type { CommitView, LegValuation, MarkUsed, RiskSnapshotTaken } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { compositeOf } from '@evenkeel/risk';

/** Of a snapshot, what orders are held against: as large as the accounts, however many legs the book has. */
export type KnownRisk = Pick<RiskSnapshotTaken, 'numeraire' | 'exposures' | 'marks' | 'pnl'> & {
  /** Options that the accounts trade. */
  readonly legs: readonly Pick<LegValuation, 'instrument' | 'perContract'>[];
};

type Accounts = ReadonlyMap<string, { readonly contracts: ReadonlyMap<string, Contract> }>;

/** What risk last said of a book, and the own fills that it has not counted yet. */
export interface RiskView {
  snapshot: KnownRisk | undefined;
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

/** Folds what risk said of a book with these accounts. */
export function foldRisk(view: RiskView, accounts: Accounts, commit: CommitView): void {
  for (const event of commit.events) {
    if (event.type === 'FillApplied') view.uncounted.delete(event.payload.fillId);
    else if (event.type === 'PositionAdopted') {
      const { venueTrade } = event.payload;
      if (venueTrade !== undefined) view.uncounted.delete(foreignTradeKey(venueTrade));
    } else if (event.type === 'RiskSnapshotTaken') foldSnapshot(view, accounts, event.payload);
  }
}

function foldSnapshot(view: RiskView, accounts: Accounts, snapshot: RiskSnapshotTaken): void {
  const day = snapshot.at.slice(0, 'YYYY-MM-DD'.length);
  if (day !== view.day) {
    view.dayStart = view.hedged;
    view.day = day;
  }
  view.snapshot = knownOf(snapshot, accounts);
  view.hedged = snapshot.pnl.hedged;
}

function knownOf(snapshot: RiskSnapshotTaken, accounts: Accounts): KnownRisk {
  const { numeraire, exposures, pnl } = snapshot;
  const coins = [numeraire];
  let options: Set<string> | undefined;
  for (const { contracts } of accounts.values())
    for (const { id, kind, underlying } of contracts.values()) {
      if (!coins.includes(underlying)) coins.push(underlying);
      if (kind === 'option') (options ??= new Set()).add(id);
    }
  const marks: MarkUsed[] = [];
  for (const coin of coins) {
    const mark = markIn(snapshot, compositeOf(coin));
    if (mark !== undefined) marks.push(mark);
  }
  return {
    numeraire,
    exposures,
    pnl,
    marks,
    legs: options === undefined ? NO_LEGS : legsIn(snapshot, options),
  };
}

const NO_LEGS: KnownRisk['legs'] = [];

function legsIn(snapshot: RiskSnapshotTaken, options: ReadonlySet<string>): KnownRisk['legs'] {
  return snapshot.legs.flatMap(({ instrument, perContract }) => {
    if (!options.has(instrument)) return [];
    return [perContract === undefined ? { instrument } : { instrument, perContract }];
  });
}

/** Loss of the hedged book since 00:00 UTC in its numeraire, negative for a profit; undefined before the first snapshot. */
export function dailyLoss(view: RiskView): Decimal | undefined {
  if (view.snapshot === undefined) return undefined;
  return Decimal.parse(view.dayStart).minus(Decimal.parse(view.snapshot.pnl.hedged));
}
