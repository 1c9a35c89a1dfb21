import type {
  Assessment,
  BookOpened,
  CommitView,
  EventOf,
  EventPayloads,
  EventTypeReadBy,
  ProfitAndLoss,
  RiskSnapshotTaken,
} from '@evenkeel/facts';
import { isReadBy, readSpots } from '@evenkeel/facts';
import { notionalUsd, parseContracts } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { DeltaSizes } from './absolute-delta';
import type { DeltaBeforeAfter } from './absolute-delta';
import { OrderCounter } from './order-counts';
import type { OrderCounts } from './order-counts';
import { Decimal, assertNever, parseInstant, required } from '@evenkeel/kernel';

export interface DecisionCounts {
  readonly total: number;
  readonly hedged: number;
  readonly declined: number;
  /** Decisions by each reason they carry, by name; one decision may carry several. */
  readonly byReason: Readonly<Record<string, number>>;
}

/** Half-widths of the band as hedges saw it, in units of the underlying. */
export interface BandSeen {
  readonly hedges: number;
  readonly narrowest: number;
  readonly mean: number;
  readonly widest: number;
}

/** The P&L since the book was opened, at the last snapshot of a UTC day. */
export interface DayPnl extends ProfitAndLoss {
  readonly day: string;
}

/** What a run did to one book. Money as decimal strings in the numeraire. */
export interface BookStatistics {
  readonly book: string;
  readonly numeraire: string;
  /** Of the last snapshot. */
  readonly pnl: ProfitAndLoss;
  readonly decisions: DecisionCounts;
  readonly orders: OrderCounts;
  readonly fills: number;
  /** Notional of every fill in USD: linear quantity × size × price, coin-settled quantity × size, options quantity × size × spot. */
  readonly turnoverUsd: string;
  /** In units of the underlying for a book with one, otherwise the sum over underlyings in the numeraire; see `absDeltaUnit`. */
  readonly absDelta: DeltaBeforeAfter;
  readonly absDeltaUnit: string;
  readonly absDeltaByUnderlying: Readonly<Record<string, DeltaBeforeAfter>>;
  /** By underlying, of decisions to hedge; policies without a band have none. */
  readonly bands: Readonly<Record<string, BandSeen>>;
  /** Standard deviation of a day's P&L in the numeraire, from the changes that `varianceRatio` is of. */
  readonly dailyRisk: { readonly hedged: number; readonly unhedged: number };
  /** Variance of hedged over unhedged P&L changes between evaluations without unpriced legs; null while there is no unhedged variance. */
  readonly varianceRatio: number | null;
  readonly evaluations: number;
  /** Evaluations left out of the variances because a leg had no price. */
  readonly evaluationsIncomplete: number;
  /** What had no price in the last snapshot, and so counts for nothing in `pnl`; absent where all had one. */
  readonly unpriced?: readonly string[];
  readonly days: readonly DayPnl[];
}

export interface RunStatistics {
  /** Folds one commit of any context; those without meaning here are ignored. */
  add(commit: Pick<CommitView, 'book' | 'events'>): void;
  /** Books in order of their ids. */
  report(): BookStatistics[];
}

/** Statistics of a run as a fold over its commits in order, whether they come from a journal, a ledger or a lab. */
export function createRunStatistics(): RunStatistics {
  const books = new Map<string, BookRun>();
  return {
    add(commit) {
      for (const event of commit.events) {
        if (!isReadBy('report', event)) continue;
        if (event.type === 'BookOpened') books.set(event.payload.book, createBookRun(event.payload));
        else {
          const run = books.get(commit.book);
          if (run !== undefined) fold(run, event);
        }
      }
    },
    report: () => [...books.values()].sort((a, b) => (a.book < b.book ? -1 : 1)).map(reportOf),
  };
}

/** Welford's running mean and sum of squared deviations. */
interface Moments {
  count: number;
  mean: number;
  squares: number;
}

interface BandSum {
  hedges: number;
  narrowest: number;
  sum: number;
  widest: number;
}

interface BookRun {
  readonly book: string;
  readonly numeraire: string;
  readonly contracts: ReadonlyMap<string, Contract>;
  /** As written: few snapshots are followed by a fill. */
  readonly spotsUsd: Map<string, string>;
  hedged: number;
  declined: number;
  readonly byReason: Map<string, number>;
  readonly orders: OrderCounter;
  fills: number;
  turnoverUsd: Decimal;
  pnl: ProfitAndLoss | undefined;
  evaluations: number;
  incomplete: number;
  unpriced: readonly string[];
  firstMs: number;
  lastMs: number;
  readonly deltas: DeltaSizes;
  readonly bands: Map<string, BandSum>;
  readonly days: Map<string, ProfitAndLoss>;
  lastComplete: { readonly hedged: number; readonly unhedged: number } | undefined;
  readonly hedgedMoves: Moments;
  readonly unhedgedMoves: Moments;
}

function createBookRun(opened: BookOpened): BookRun {
  return {
    book: opened.book,
    numeraire: opened.numeraire,
    contracts: parseContracts(opened.specifications),
    spotsUsd: new Map(),
    hedged: 0,
    declined: 0,
    byReason: new Map(),
    orders: new OrderCounter(),
    fills: 0,
    turnoverUsd: Decimal.ZERO,
    pnl: undefined,
    evaluations: 0,
    incomplete: 0,
    unpriced: [],
    firstMs: 0,
    lastMs: 0,
    deltas: new DeltaSizes(),
    bands: new Map(),
    days: new Map(),
    lastComplete: undefined,
    hedgedMoves: { count: 0, mean: 0, squares: 0 },
    unhedgedMoves: { count: 0, mean: 0, squares: 0 },
  };
}

function fold(
  run: BookRun,
  event: Exclude<EventOf<EventTypeReadBy<'report'>>, { readonly type: 'BookOpened' }>,
): void {
  switch (event.type) {
    case 'HedgeDecided':
      run.hedged += 1;
      for (const assessment of event.payload.assessments) countBand(run, assessment);
      return countReasons(run, event.payload.reasons);
    case 'HedgeDeclined':
      run.declined += 1;
      return countReasons(run, event.payload.reasons);
    case 'OrderIntended':
    case 'OrderFilled':
    case 'OrderRefused':
    case 'OrderRejected':
    case 'OrderCancelled':
    case 'OrderExpired':
      return run.orders.add(event);
    case 'FillApplied':
      // What a venue took back was neither traded nor turned over.
      run.fills += event.payload.busts === undefined ? 1 : -1;
      if (event.payload.busts !== undefined) {
        run.turnoverUsd = run.turnoverUsd.minus(turnoverOf(run, event.payload));
        return undefined;
      }
      run.turnoverUsd = run.turnoverUsd.plus(turnoverOf(run, event.payload));
      return undefined;
    case 'RiskSnapshotTaken':
      return foldSnapshot(run, event.payload);
    default:
      return assertNever(event, 'an event that a run is reported by');
  }
}

function countBand(run: BookRun, { underlying, bandLower, bandUpper }: Assessment): void {
  const half = (bandUpper - bandLower) / 2;
  if (!(half > 0 && Number.isFinite(half))) return;
  const seen = run.bands.get(underlying) ?? { hedges: 0, narrowest: half, sum: 0, widest: half };
  seen.hedges += 1;
  seen.narrowest = Math.min(seen.narrowest, half);
  seen.sum += half;
  seen.widest = Math.max(seen.widest, half);
  run.bands.set(underlying, seen);
}

function countReasons(run: BookRun, reasons: readonly string[]): void {
  for (const reason of reasons) run.byReason.set(reason, (run.byReason.get(reason) ?? 0) + 1);
}

/** A fill follows a snapshot, which has the underlying's price; a record where it does not is not whole. */
function turnoverOf(run: BookRun, fill: EventPayloads['FillApplied']): Decimal {
  const contract = required(run.contracts.get(fill.instrument), `the terms of ${fill.instrument}`);
  const { underlying } = contract;
  const spot = run.spotsUsd.get(underlying);
  const underlyingUsd = spot === undefined ? undefined : Decimal.parse(spot);
  const prices = { price: Decimal.parse(fill.price), underlyingUsd };
  return required(
    notionalUsd(contract, Decimal.parse(fill.quantity), prices),
    `the price of ${underlying} on record before a fill in ${fill.instrument}`,
  );
}

function foldSnapshot(run: BookRun, snapshot: RiskSnapshotTaken): void {
  const nowMs = Number(parseInstant(snapshot.at)) / 1e6;
  const seconds = run.evaluations === 0 ? 0 : (nowMs - run.lastMs) / 1000;
  if (run.evaluations === 0) run.firstMs = nowMs;
  run.lastMs = nowMs;
  run.evaluations += 1;
  run.pnl = snapshot.pnl;
  run.unpriced = snapshot.unpriced.map(({ instrument }) => instrument);
  readSpots(snapshot, run.spotsUsd);
  run.days.set(snapshot.at.slice(0, 'YYYY-MM-DD'.length), snapshot.pnl);
  run.deltas.add(snapshot, seconds);
  foldMoves(run, snapshot);
}

function foldMoves(run: BookRun, snapshot: RiskSnapshotTaken): void {
  if (snapshot.unpriced.length > 0) {
    run.incomplete += 1;
    return;
  }
  const now = { hedged: Number(snapshot.pnl.hedged), unhedged: Number(snapshot.pnl.unhedged) };
  if (run.lastComplete !== undefined) {
    addMoment(run.hedgedMoves, now.hedged - run.lastComplete.hedged);
    addMoment(run.unhedgedMoves, now.unhedged - run.lastComplete.unhedged);
  }
  run.lastComplete = now;
}

function addMoment(moments: Moments, value: number): void {
  moments.count += 1;
  const before = value - moments.mean;
  moments.mean += before / moments.count;
  moments.squares += before * (value - moments.mean);
}

const NOTHING_EARNED: ProfitAndLoss = {
  unhedged: '0',
  hedged: '0',
  options: '0',
  hedge: '0',
  fees: '0',
  funding: '0',
  settlement: '0',
};

function reportOf(run: BookRun): BookStatistics {
  const seconds = (run.lastMs - run.firstMs) / 1000;
  const byUnderlying = run.deltas.byUnderlying(seconds);
  const [single] = byUnderlying;
  const one = byUnderlying.length === 1 ? single : undefined;
  const reasons = [...run.byReason].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    book: run.book,
    numeraire: run.numeraire,
    pnl: run.pnl ?? NOTHING_EARNED,
    decisions: {
      total: run.hedged + run.declined,
      hedged: run.hedged,
      declined: run.declined,
      byReason: Object.fromEntries(reasons),
    },
    orders: run.orders.counts(),
    fills: run.fills,
    turnoverUsd: run.turnoverUsd.toString(),
    absDelta: one === undefined ? run.deltas.ofAll(seconds) : one[1],
    absDeltaUnit: one === undefined ? run.numeraire : one[0],
    absDeltaByUnderlying: Object.fromEntries(byUnderlying),
    bands: Object.fromEntries([...run.bands].sort(([a], [b]) => (a < b ? -1 : 1)).map(bandOf)),
    dailyRisk: { hedged: perDay(run.hedgedMoves, seconds), unhedged: perDay(run.unhedgedMoves, seconds) },
    varianceRatio: run.unhedgedMoves.squares > 0 ? run.hedgedMoves.squares / run.unhedgedMoves.squares : null,
    evaluations: run.evaluations,
    evaluationsIncomplete: run.incomplete,
    ...(run.unpriced.length === 0 ? {} : { unpriced: run.unpriced }),
    days: [...run.days].map(([day, pnl]) => ({ day, ...pnl })),
  };
}

const DAY_SECONDS = 86_400;

/** Standard deviation of a day's change, from changes of any length. */
function perDay({ squares }: Moments, seconds: number): number {
  return seconds > 0 ? Math.sqrt((squares / seconds) * DAY_SECONDS) : 0;
}

function bandOf([underlying, { hedges, narrowest, sum, widest }]: [string, BandSum]): [string, BandSeen] {
  return [underlying, { hedges, narrowest, mean: sum / hedges, widest }];
}
