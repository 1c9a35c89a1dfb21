import type {
  DomainEvent,
  EventPayloads,
  LegValuation,
  MoneyAmount,
  RiskSnapshotTaken,
} from '@evenkeel/facts';
import { contractValueNumber, isDollar } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, sum } from '@evenkeel/kernel';
import { EXPLAINED_TERMS, noSums } from './attribution-terms';
import type { AttributionTerm, AttributionTerms, ExplainedSums } from './attribution-terms';
import type { ContractLookup } from './journal-entries';
import { explainLeg } from './leg-moves';
import type { MarketMove } from './market-move';
import { marketMoveOf } from './market-move';
import { tradeResultOf, tradesBetween } from './trade-result';
import type { ReferencePrices } from './trade-result';

/** What one underlying had to do with a change of P&L. */
export interface UnderlyingAttribution extends AttributionTerms {
  readonly underlying: string;
  readonly total: string;
}

/** Where the change of a book's P&L between two snapshots came from. */
export interface PnlAttribution extends AttributionTerms {
  readonly book: string;
  readonly from: string;
  readonly to: string;
  readonly total: string;
  /** The same apart; together they are the whole, term by term. */
  readonly byUnderlying: readonly UnderlyingAttribution[];
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
  readonly between: readonly DomainEvent[];
  readonly market: MarketMove;
  readonly contracts: ContractLookup;
  readonly references: ReferencePrices;
  partOf(underlying: string): Part;
}

/**
 * Explains the change of the hedged P&L from one snapshot to a later one of the same book: start-of-interval Greeks times
 * moves, second order with a half, each leg on its own volatility and forward. `between` holds the book's risk events after
 * the first snapshot and up to the second; `references` the prices that its orders were decided on, where an order is older
 * than the interval. What no term explains is the residual.
 */
export function attributePnl(
  before: RiskSnapshotTaken,
  after: RiskSnapshotTaken,
  between: readonly DomainEvent[],
  contracts: ContractLookup,
  references: ReferencePrices = referencesIn(between),
): PnlAttribution {
  const parts = new Map<string, Part>();
  const partOf = (underlying: string): Part => {
    const part = parts.get(underlying) ?? { sums: noSums(), change: 0 };
    parts.set(underlying, part);
    return part;
  };
  const market = marketMoveOf(before, after);
  const interval: Interval = { before, after, between, market, contracts, references, partOf };
  explainLegs(interval);
  explainBalances(interval);
  explainTrades(interval);
  explainCash(interval);
  return summedUp(before, after, parts);
}

function explainLegs({ before, after, between, market, contracts, partOf }: Interval): void {
  const later = new Map(after.legs.map((leg) => [leg.instrument, leg]));
  const settled = settledBetween(between);
  for (const leg of before.legs) {
    const { sums } = partOf(leg.underlying);
    const contract = contracts(leg.instrument);
    const payoff = settled.get(leg.instrument);
    const next = later.get(leg.instrument);
    const moved = (forward: number, volatility: number): void =>
      explainLeg(sums, { leg, contract, forward, volatility, before, rateAfter: after.rate, market });
    if (payoff !== undefined) sums.settlement += inNumeraire(payoff.cash, market) - leg.value;
    else if (next !== undefined) moved(next.forward, next.volatility);
    // Closed by a trade in between: what it was worth is set against the price it fetched.
    else if (leg.kind === 'option') sums.newTrades -= leg.value;
    else {
      // Its price went on moving until the mark that the closing trade is measured by.
      const mark = after.marks.find(({ instrument }) => instrument === leg.instrument);
      if (mark !== undefined) moved(Number(mark.price), leg.volatility);
    }
  }
  const change = (leg: LegValuation, sign: number): void => {
    partOf(leg.underlying).change += sign * leg.value;
  };
  for (const leg of before.legs) change(leg, -1);
  for (const leg of after.legs) change(leg, 1);
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

function explainTrades({ before, after, between, market, contracts, references, partOf }: Interval): void {
  const later = new Map(after.legs.map((leg) => [leg.instrument, leg]));
  for (const trade of tradesBetween(between, contracts, references)) {
    const settlement = market.worth(trade.contract.settlement).after;
    const result = tradeResultOf(trade, { later, before, after, settlement });
    const { sums } = partOf(trade.contract.underlying);
    sums.newTrades += result.move;
    sums.slippage += result.slippage;
    sums.impact += result.impact;
  }
}

/** Fees and funding; and every dollar that came or went is told to the underlying it came or went for. */
function explainCash({ between, market, contracts, partOf }: Interval): void {
  for (const event of between) {
    const cash = cashOf(event, contracts);
    for (const { money, contract, term } of cash) {
      const worth = inNumeraire(money, market);
      const part = partOf(isDollar(money.currency) ? contract.underlying : money.currency);
      if (term !== undefined) part.sums[term] += worth;
      if (isDollar(money.currency)) part.change += worth;
    }
  }
}

interface Cash {
  readonly money: MoneyAmount;
  readonly contract: Contract;
  readonly term?: 'fees' | 'funding';
}

function cashOf(event: DomainEvent, contracts: ContractLookup): Cash[] {
  switch (event.type) {
    case 'PositionAdopted':
    case 'OptionSettled':
      return [{ money: event.payload.cash, contract: contracts(event.payload.instrument) }];
    case 'FundingAccrued':
      return [{ money: event.payload.cash, contract: contracts(event.payload.instrument), term: 'funding' }];
    case 'FillApplied': {
      const { instrument, quantity, price, realised, fee } = event.payload;
      const contract = contracts(instrument);
      const paid = String(-contractValueNumber(contract, Number(quantity), Number(price)));
      const principal = contract.exchange === 'paid' ? { ...realised, amount: paid } : realised;
      return [
        { money: principal, contract },
        { money: fee, contract, term: 'fees' },
      ];
    }
    default:
      return [];
  }
}

function inNumeraire(money: MoneyAmount, market: MarketMove): number {
  return Number(money.amount) * market.worth(money.currency).after;
}

/** Prices that the orders of an interval were decided on. */
export function referencesIn(events: readonly DomainEvent[]): Map<string, number> {
  const references = new Map<string, number>();
  for (const event of events)
    if (event.type === 'OrderIntended')
      references.set(event.payload.clientOrderId, Number(event.payload.referencePrice));
  return references;
}

function settledBetween(events: readonly DomainEvent[]): Map<string, EventPayloads['OptionSettled']> {
  const settled = new Map<string, EventPayloads['OptionSettled']>();
  for (const event of events)
    if (event.type === 'OptionSettled') settled.set(event.payload.instrument, event.payload);
  return settled;
}

/** Exact sums: the book's change is what it is; the last underlying by name takes what rounding leaves. */
function summedUp(
  before: RiskSnapshotTaken,
  after: RiskSnapshotTaken,
  parts: ReadonlyMap<string, Part>,
): PnlAttribution {
  const total = Decimal.parse(after.pnl.hedged).minus(Decimal.parse(before.pnl.hedged));
  const names = [...parts.keys()].sort();
  let left = total;
  const byUnderlying = names.map((underlying, index): UnderlyingAttribution => {
    const { sums, change } = parts.get(underlying) ?? { sums: noSums(), change: 0 };
    const own = index === names.length - 1 ? left : Decimal.ofNumber(change, DIGITS);
    left = left.minus(own);
    return { underlying, ...termsOf(sums, own), total: own.toString() };
  });
  const whole = noSums();
  const terms = byUnderlying.length === 0 ? termsOf(whole, total) : added(byUnderlying);
  return {
    book: before.book,
    from: before.at,
    to: after.at,
    ...terms,
    total: total.toString(),
    byUnderlying,
  };
}

function termsOf(sums: ExplainedSums, total: Decimal): AttributionTerms {
  const explained = EXPLAINED_TERMS.map((name) => [name, Decimal.ofNumber(sums[name], DIGITS)] as const);
  const residual = total.minus(sum(explained.map(([, amount]) => amount)));
  // One entry per explained term, and the residual.
  return Object.fromEntries([
    ...explained.map(([name, amount]) => [name, amount.toString()] as const),
    ['residual', residual.toString()],
  ]) as Record<AttributionTerm, string>;
}

function added(parts: readonly AttributionTerms[]): AttributionTerms {
  const names = [...EXPLAINED_TERMS, 'residual'] as const;
  // One entry per term.
  return Object.fromEntries(
    names.map((name) => [name, sum(parts.map((part) => Decimal.parse(part[name]))).toString()]),
  ) as Record<AttributionTerm, string>;
}
