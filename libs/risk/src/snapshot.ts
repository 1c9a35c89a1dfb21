import { lazySnapshot } from '@evenkeel/facts';
import type {
  MarkStatus,
  MarkUsed,
  RiskSnapshotTaken,
  SnapshotHead,
  SnapshotTrigger,
  UnpricedLeg,
} from '@evenkeel/facts';
import { formatInstant, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { watchOf } from './book-watch';
import { exposuresOf } from './exposures';
import type { Sides } from './exposures';
import type { LegPricer } from './leg-pricer';
import type { LegChoice } from './leg-watch';
import type { MarketView } from './market-view';
import { marketViewOf, markUsed, spotCondition, compositeOf, worseOf } from './market-view';
import type { LiveValue } from './profit-and-loss';
import { contractIn } from './open-book';
import type { OpenLeg } from './open-book';
import { balanceValuations, conversionInto, profitAndLossOf, unpricedBalances } from './profit-and-loss';
import type { BookState, RiskState } from './state';
import { TakenLists, UsedMarks } from './taken-lists';
import { valueAt, valueLegs } from './valued-legs';

export interface SnapshotOptions {
  readonly pricer: LegPricer;
  /** Continuous discount rate per year. */
  readonly rate: number;
}

/** Values the whole account. Undefined while a coin numeraire has no price at all: there is no unit to say anything in. */
export function takeSnapshot(
  state: RiskState,
  book: BookState,
  now: Instant,
  trigger: SnapshotTrigger,
  { pricer, rate }: SnapshotOptions,
): RiskSnapshotTaken | undefined {
  const market = marketViewOf(state, book, now);
  const { numeraire } = book;
  const numeraireUsd = market.dollarsPer(numeraire);
  if (numeraireUsd === undefined) return undefined;
  const { open, all, own, valuers } = watchOf(state, book);
  const valuer = valuers.of(pricer);
  const terms = { numeraire, numeraireUsd, rate };
  const chosen = all.choose(market);
  const sides = {
    all: valueLegs(all, chosen, market, terms, valuer.all),
    own: valueLegs(own, own.choose(market), market, terms, valuer.own),
  };
  const convert = conversionInto(state, numeraire);
  const { balances, amounts, underlyings } = open;
  const unpriced = [
    ...chosen.unpriced,
    ...refusedBy(pricer, sides.all.refused),
    ...unpricedBalances(balances, convert),
  ];
  const exposures = exposuresOf(book, sides, amounts, underlyings, market, numeraireUsd);
  const pnl = profitAndLossOf(open, liveValueOf(sides, numeraireUsd), convert);
  const condition = conditionOf(underlyings, unpriced, market);
  const head: SnapshotHead = {
    snapshotId: uuidV5(`snapshot/${book.book}/${book.lineage}${book.snapshots + 1}`),
    book: book.book,
    numeraire,
    at: formatInstant(now),
    trigger,
    positionsVersion: book.positionsVersion,
    model: pricer.model,
    kernelHash: pricer.kernelHash,
    rate,
    status: condition.status,
    reasons: condition.reasons,
    unpriced,
    balances: balanceValuations(balances, convert),
    exposures,
    equity: pnl.hedged,
    pnl,
  };
  const marks = usedMarksOf(book, chosen, underlyings, market);
  return lazySnapshot(head, new TakenLists(sides.all, marks, valuer.all));
}

function refusedBy(pricer: LegPricer, refused: readonly OpenLeg[]): UnpricedLeg[] {
  return refused
    .filter(({ position }) => position.contracts !== 0)
    .map(({ contract, position }) => ({
      instrument: contract.id,
      quantity: position.quantity,
      code: 'RISK.MODEL_REFUSED',
      message: `${pricer.model} has no value for ${contract.id} at these inputs`,
    }));
}

function liveValueOf({ all, own }: Sides, numeraireUsd: number): LiveValue {
  let options = 0;
  let hedge = 0;
  // In loops: as arguments of a closure the numbers were put into boxes.
  for (let place = 0; place < all.plan.legs.length; place += 1) {
    const value = valueAt(all, place);
    if (all.plan.legs[place]?.isOwn === true) options += value;
    else hedge += value;
  }
  for (let place = 0; place < own.plan.legs.length; place += 1) {
    const value = valueAt(own, place);
    options += value;
    hedge -= value;
  }
  return { options: options / numeraireUsd, hedge: hedge / numeraireUsd };
}

interface Condition {
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
}

/** The worst spot status, DEGRADED at least when a leg is unpriced; reasons as `BTC@composite: STALE`, `<instrument>: RISK.NO_MARK`. */
function conditionOf(
  underlyings: readonly string[],
  unpriced: readonly UnpricedLeg[],
  market: MarketView,
): Condition {
  let status: MarkStatus = unpriced.length > 0 ? 'DEGRADED' : 'OK';
  const reasons: string[] = [];
  for (const underlying of underlyings) {
    const spot = spotCondition(market, underlying);
    status = worseOf(status, spot.status);
    for (const reason of spot.reasons) reasons.push(`${compositeOf(underlying)}: ${reason}`);
  }
  for (const leg of unpriced) reasons.push(`${leg.instrument}: ${leg.code}`);
  return { status, reasons };
}

/** Everything the condition of a snapshot depends on, in one comparable text, without pricing anything. */
export function conditionText(state: RiskState, book: BookState, now: Instant): string {
  const market = marketViewOf(state, book, now);
  const { open, all } = watchOf(state, book);
  const parts: string[] = [];
  for (const underlying of open.underlyings) {
    const { status, reasons } = spotCondition(market, underlying);
    parts.push(underlying, status, ...reasons);
  }
  parts.push(...all.problems(market));
  for (const instrument of book.hedgeInstruments) parts.push(instrument, hedgeStatus(instrument, market));
  return parts.join(' ');
}

function hedgeStatus(instrument: string, market: MarketView): string {
  const mark = market.mark(instrument);
  if (mark === undefined) return 'NONE';
  return market.isStale(mark) ? 'STALE' : mark.mark.status;
}

/** Composites, then every hedge instrument, then what the positions were valued on. */
function usedMarksOf(
  book: BookState,
  chosen: LegChoice,
  underlyings: readonly string[],
  market: MarketView,
): UsedMarks {
  const head: MarkUsed[] = [];
  for (const underlying of underlyings) {
    const spot = market.spot(underlying);
    if (spot !== undefined) head.push(markUsed(market, spot));
  }
  const shown = new Set<string>();
  for (const instrument of book.hedgeInstruments) {
    const mark = market.mark(instrument);
    if (mark === undefined || shown.has(instrument)) continue;
    shown.add(instrument);
    head.push(markUsed(market, mark, contractIn(book, instrument)));
  }
  return new UsedMarks(head, shown, chosen, market.nowMs);
}
