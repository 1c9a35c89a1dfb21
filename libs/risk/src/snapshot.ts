import type { MarkStatus, MarkUsed, RiskSnapshotTaken, SnapshotTrigger, UnpricedLeg } from '@evenkeel/facts';
import { formatInstant, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { maybeHedge } from './cash-flow';
import { exposuresOf } from './exposures';
import type { Sides } from './exposures';
import type { LegPricer } from './leg-pricer';
import type { LegSelection, LegTerms, PriceableLeg } from './leg-selection';
import { refusalCode, selectLegs } from './leg-selection';
import type { MarketView } from './market-view';
import { marketViewOf, markUsed, spotCondition, compositeOf, worseOf } from './market-view';
import type { LiveValue } from './profit-and-loss';
import { contractIn, openBookOf } from './open-book';
import type { OpenLeg } from './open-book';
import { balanceValuations, conversionInto, profitAndLossOf, unpricedBalances } from './profit-and-loss';
import type { BookState, RiskState } from './state';
import type { DollarLeg } from './valuation';
import { legValuationOf, valueLegs } from './valuation';

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
  options: SnapshotOptions,
): RiskSnapshotTaken | undefined {
  const market = marketViewOf(state, book, now);
  const numeraireUsd = market.dollarsPer(book.numeraire);
  if (numeraireUsd === undefined) return undefined;
  const open = openBookOf(book);
  const chosen = selectLegs(open.legs, market);
  const watched = selectLegs(open.watched, market).priceable;
  const valued = valueLegs([...chosen.priceable, ...watched], options.pricer, options.rate);
  const priced = valued.filter(isPriced);
  const convert = conversionInto(state, book.numeraire);
  const { balances, underlyings } = open;
  const unpriced = [
    ...chosen.unpriced,
    ...refusedBy(options.pricer, valued),
    ...unpricedBalances(balances, convert),
  ];
  const selection = { ...chosen, unpriced };
  const amounts = new Map([...balances].map(([currency, amount]) => [currency, amount.toNumber()]));
  const own = ownLegs(open.own, market, options);
  const sides = { all: priced, isOwn: (contract: LegTerms) => !maybeHedge(book, contract), own };
  const exposures = exposuresOf(book, sides, amounts, underlyings, market, numeraireUsd);
  const pnl = profitAndLossOf(book, liveValueOf(sides, numeraireUsd), convert);
  const condition = conditionOf(underlyings, selection, market);
  return {
    snapshotId: uuidV5(`snapshot/${book.book}/${book.lineage}${book.snapshots + 1}`),
    book: book.book,
    numeraire: book.numeraire,
    at: formatInstant(now),
    trigger,
    positionsVersion: book.positionsVersion,
    model: options.pricer.model,
    kernelHash: options.pricer.kernelHash,
    rate: options.rate,
    status: condition.status,
    reasons: condition.reasons,
    marks: marksOf(book, selection, underlyings, market),
    legs: priced.map((leg) => legValuationOf(leg, book.numeraire, numeraireUsd)),
    unpriced,
    balances: balanceValuations(balances, convert),
    exposures,
    equity: pnl.hedged,
    pnl,
  };
}

function refusedBy(pricer: LegPricer, valued: readonly DollarLeg<PriceableLeg>[]): UnpricedLeg[] {
  return valued
    .filter((priced) => !isPriced(priced) && priced.leg.position.contracts !== 0)
    .map(({ leg }) => ({
      instrument: leg.contract.id,
      quantity: leg.position.quantity,
      code: 'RISK.MODEL_REFUSED',
      message: `${pricer.model} has no value for ${leg.contract.id} at these inputs`,
    }));
}

function isPriced({ value, unitValue }: DollarLeg): boolean {
  return Number.isFinite(value) && Number.isFinite(unitValue);
}

/** The book's part of positions that it may share with its hedges, valued like them. */
function ownLegs(
  own: readonly OpenLeg[],
  market: MarketView,
  { pricer, rate }: SnapshotOptions,
): readonly DollarLeg<PriceableLeg>[] {
  if (own.length === 0) return [];
  return valueLegs(selectLegs(own, market).priceable, pricer, rate).filter(isPriced);
}

function liveValueOf({ all, isOwn, own }: Sides<PriceableLeg>, numeraireUsd: number): LiveValue {
  let options = 0;
  let hedge = 0;
  for (const { leg, value } of all) {
    if (isOwn(leg.contract)) options += value;
    else hedge += value;
  }
  for (const { value } of own) {
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
function conditionOf(underlyings: readonly string[], selection: LegSelection, market: MarketView): Condition {
  let status: MarkStatus = selection.unpriced.length > 0 ? 'DEGRADED' : 'OK';
  const reasons: string[] = [];
  for (const underlying of underlyings) {
    const spot = spotCondition(market, underlying);
    status = worseOf(status, spot.status);
    for (const reason of spot.reasons) reasons.push(`${compositeOf(underlying)}: ${reason}`);
  }
  for (const leg of selection.unpriced) reasons.push(`${leg.instrument}: ${leg.code}`);
  return { status, reasons };
}

/** Everything the condition of a snapshot depends on, in one comparable text, without pricing anything. */
export function conditionText(state: RiskState, book: BookState, now: Instant): string {
  const market = marketViewOf(state, book, now);
  const { legs, underlyings } = openBookOf(book);
  const parts: string[] = [];
  for (const underlying of underlyings) {
    const { status, reasons } = spotCondition(market, underlying);
    parts.push(underlying, status, ...reasons);
  }
  for (const { contract } of legs) {
    const code = refusalCode(contract, market, market.spot(contract.underlying), market.mark(contract.id));
    if (code !== '') parts.push(contract.id, code);
  }
  for (const instrument of book.hedgeInstruments) parts.push(instrument, hedgeStatus(instrument, market));
  return parts.join(' ');
}

function hedgeStatus(instrument: string, market: MarketView): string {
  const mark = market.mark(instrument);
  if (mark === undefined) return 'NONE';
  return market.isStale(mark) ? 'STALE' : mark.mark.status;
}

/** Composites, then every hedge instrument, then what the legs were valued on. */
function marksOf(
  book: BookState,
  selection: LegSelection,
  underlyings: readonly string[],
  market: MarketView,
): MarkUsed[] {
  const marks: MarkUsed[] = [];
  for (const underlying of underlyings) {
    const spot = market.spot(underlying);
    if (spot !== undefined) marks.push(markUsed(market, spot));
  }
  const shown = new Set<string>();
  for (const instrument of book.hedgeInstruments) {
    const mark = market.mark(instrument);
    if (mark === undefined || shown.has(instrument)) continue;
    shown.add(instrument);
    marks.push(markUsed(market, mark, contractIn(book, instrument)));
  }
  for (const { contract, mark } of selection.priceable) {
    if (!shown.has(contract.id)) marks.push(markUsed(market, mark, contract));
  }
  return marks;
}
