import type { LegValuation, RiskSnapshotTaken } from '@evenkeel/facts';
import { contractValueNumber, isDollar } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { Activity } from './activity';
import { exactTerms, noSums } from './attribution-terms';
import type { ExplainedSums, Terms } from './attribution-terms';
import type { ContractLookup } from './journal-entries';
import { explainLeg } from './leg-moves';
import type { MarketMove } from './market-move';
import { marketMoveOf } from './market-move';

/** What one underlying had to do with a change of P&L. Numeraire; the terms add up to the total exactly. */
export interface UnderlyingPnl {
  readonly underlying: string;
  readonly terms: Terms<Decimal>;
  readonly total: Decimal;
}

const DIGITS = 8;

interface Part {
  readonly sums: ExplainedSums;
  /** Change of all that belongs to the underlying, numeraire. */
  change: number;
}

interface Interval {
  readonly before: RiskSnapshotTaken;
  readonly after: RiskSnapshotTaken;
  readonly activity: Activity;
  readonly market: MarketMove;
  readonly contracts: ContractLookup;
  partOf(underlying: string): Part;
}

/**
 * Explains the change of the hedged P&L from one snapshot to a later one of the same book: start-of-interval Greeks times
 * moves, second order with a half, each leg on its own volatility and forward. `activity` is what happened to the book after
 * the first snapshot and up to the second. What no term explains is the residual. Together the parts are the change exactly.
 */
export function attributePnl(
  before: RiskSnapshotTaken,
  after: RiskSnapshotTaken,
  activity: Activity,
  contracts: ContractLookup,
): UnderlyingPnl[] {
  const parts = new Map<string, Part>();
  const partOf = (underlying: string): Part => {
    const known = parts.get(underlying);
    if (known !== undefined) return known;
    const fresh: Part = { sums: noSums(), change: 0 };
    parts.set(underlying, fresh);
    return fresh;
  };
  const market = marketMoveOf(before, after);
  const interval: Interval = { before, after, activity, market, contracts, partOf };
  explainLegs(interval);
  explainBalances(interval);
  explainTrades(interval);
  explainCash(interval);
  return summedUp(before, after, parts);
}

/** The moment before a book's first snapshot: nothing was held and nothing earned, and the market stood where it stands. */
export function beginningOf(snapshot: RiskSnapshotTaken): RiskSnapshotTaken {
  return { ...snapshot, legs: [], balances: [], pnl: { ...snapshot.pnl, hedged: '0' } };
}

function explainLegs({ before, after, activity, market, contracts, partOf }: Interval): void {
  const later = new Map(after.legs.map((leg) => [leg.instrument, leg]));
  const settled = new Set(
    [...activity.paid.values()].flatMap(({ term, contract }) => (term === 'settlement' ? [contract.id] : [])),
  );
  for (const leg of before.legs) {
    const part = partOf(leg.underlying);
    const { sums } = part;
    const contract = contracts(leg.instrument);
    const next = later.get(leg.instrument);
    const moved = (forward: number, volatility: number): void =>
      explainLeg(sums, {
        leg,
        contract,
        forward,
        volatility,
        years: market.years,
        rate: { before: before.rate, after: after.rate },
        spot: market.spot(leg.underlying),
        numeraire: market.numeraire,
        ownCoin: leg.underlying === before.numeraire,
      });
    // Its payoff is set against what it was worth.
    if (settled.has(contract.id)) sums.settlement -= leg.value;
    else if (next !== undefined) moved(next.forward, next.volatility);
    // Closed by a trade in between: what it was worth is set against the price it fetched.
    else if (leg.kind === 'option') sums.newTrades -= leg.value;
    else {
      // Its price went on moving until the mark that the closing trade is measured by.
      const mark = after.marks.find(({ instrument }) => instrument === leg.instrument);
      if (mark !== undefined) moved(Number(mark.price), leg.volatility);
    }
    part.change -= leg.value;
  }
  for (const leg of after.legs) partOf(leg.underlying).change += leg.value;
}

/** Coins belong to themselves; what dollars are worth in a coin belongs to that coin. */
function explainBalances({ before, after, market, partOf }: Interval): void {
  for (const { currency, amount } of before.balances) {
    const worth = market.worth(currency);
    if (worth.before === worth.after) continue;
    const part = partOf(isDollar(currency) ? before.numeraire : currency);
    const revalued = Number(amount) * (worth.after - worth.before);
    part.sums.delta += revalued;
    if (isDollar(currency)) part.change += revalued;
  }
  for (const { currency, value } of before.balances)
    if (!isDollar(currency)) partOf(currency).change -= value;
  for (const { currency, value } of after.balances) if (!isDollar(currency)) partOf(currency).change += value;
}

/** Trades, up to the marks at the interval’s end. */
function explainTrades({ after, activity, market, partOf }: Interval): void {
  if (activity.traded.size === 0) return;
  const later = new Map(after.legs.map((leg) => [leg.instrument, leg]));
  for (const { contract, quantity, worth, slippage, impact } of activity.traded.values()) {
    const { sums } = partOf(contract.underlying);
    const rate = market.worth(contract.settlement).after;
    sums.slippage += slippage * rate;
    sums.impact += impact * rate;
    if (contract.kind === 'option')
      sums.newTrades += (quantity * unitValueOf(later, contract.id) - worth) * rate;
    else {
      const mark = after.marks.find((used) => used.instrument === contract.id);
      if (mark !== undefined)
        sums.newTrades += (contractValueNumber(contract, quantity, Number(mark.price)) - worth) * rate;
    }
  }
}

/** Every option held is a leg of a snapshot without unpriced legs: what is none was closed or paid out, and nothing of it is left. */
function unitValueOf(legs: ReadonlyMap<string, LegValuation>, instrument: string): number {
  return legs.get(instrument)?.unitValue ?? 0;
}

/** Fees, funding and payoffs; and every dollar that came or went is told to the underlying it came or went for. */
function explainCash({ activity, market, partOf }: Interval): void {
  for (const { contract, currency, term, amount } of activity.paid.values()) {
    const worth = amount * market.worth(currency).after;
    const part = partOf(isDollar(currency) ? contract.underlying : currency);
    if (term !== undefined) part.sums[term] += worth;
    if (isDollar(currency)) part.change += worth;
  }
}

/** Exact sums: the book's change is what it is; the last underlying by name takes what rounding leaves. */
function summedUp(
  before: RiskSnapshotTaken,
  after: RiskSnapshotTaken,
  parts: ReadonlyMap<string, Part>,
): UnderlyingPnl[] {
  const total = Decimal.parse(after.pnl.hedged).minus(Decimal.parse(before.pnl.hedged));
  const sorted = [...parts].sort(([a], [b]) => (a < b ? -1 : 1));
  let left = total;
  return sorted.map(([underlying, { sums, change }], index) => {
    const own = index === sorted.length - 1 ? left : Decimal.ofNumber(change, DIGITS);
    left = left.minus(own);
    return { underlying, terms: exactTerms(sums, own), total: own };
  });
}
