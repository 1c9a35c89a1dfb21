import type {
  DomainEvent,
  EventPayloads,
  LegValuation,
  MoneyAmount,
  RiskSnapshotTaken,
} from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, parseInstant, required, sum, yearsBetween } from '@evenkeel/kernel';
import { dollarsPerIn } from '@evenkeel/risk';
import type { ContractLookup } from './journal-entries';
import { timeCrossOf } from './leg-charm';
import { tradeResultOf, tradesBetween } from './trade-result';
import type { ReferencePrices } from './trade-result';

/** Where a change of P&L came from. Decimal strings in the numeraire, 8 digits; they add up to `total` exactly. */
export interface PnlAttribution {
  readonly book: string;
  readonly from: string;
  readonly to: string;
  readonly delta: string;
  readonly gamma: string;
  readonly theta: string;
  readonly vega: string;
  readonly vanna: string;
  readonly volga: string;
  /** The delta that time took or gave, on the move of the interval: ∂²V/∂S∂t · ΔS · Δt. */
  readonly charm: string;
  /** The discount rate moving. */
  readonly rates: string;
  /** Forwards and contract prices moving against spot. */
  readonly basis: string;
  readonly funding: string;
  readonly fees: string;
  /** Fills against the price their decision saw, up to the touch: half spread and the wait. Paid is negative. */
  readonly slippage: string;
  /** Fills beyond the touch: what the order's own size cost. */
  readonly impact: string;
  /** Trades of the interval, from the price their decision saw (adopted positions: their own) to the mark at its end. */
  readonly newTrades: string;
  /** Expiring contracts, from their last valuation to the delivery price. */
  readonly settlement: string;
  readonly residual: string;
  readonly total: string;
}

export type AttributionTerm = Exclude<keyof PnlAttribution, 'book' | 'from' | 'to' | 'total'>;

export const ATTRIBUTION_TERMS: readonly AttributionTerm[] = [
  'delta',
  'gamma',
  'theta',
  'vega',
  'vanna',
  'volga',
  'charm',
  'rates',
  'basis',
  'funding',
  'fees',
  'slippage',
  'impact',
  'newTrades',
  'settlement',
  'residual',
];

const EXPLAINED = ATTRIBUTION_TERMS.filter((name): name is keyof Sums => name !== 'residual');

const DIGITS = 8;
type Sums = Record<Exclude<AttributionTerm, 'residual'>, number>;

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
  const market = marketOf(before, after);
  const sums: Sums = {
    delta: 0,
    gamma: 0,
    theta: 0,
    vega: 0,
    vanna: 0,
    volga: 0,
    charm: 0,
    rates: 0,
    basis: 0,
    funding: 0,
    fees: 0,
    slippage: 0,
    impact: 0,
    newTrades: 0,
    settlement: 0,
  };
  const later = new Map(after.legs.map((leg) => [leg.instrument, leg]));
  const settled = settledBetween(between);
  for (const leg of before.legs) {
    const payoff = settled.get(leg.instrument);
    const next = later.get(leg.instrument);
    if (payoff !== undefined) sums.settlement += inNumeraire(payoff.cash, market) - leg.value;
    else if (next !== undefined) {
      explainLeg(sums, leg, next, market, before, contracts(leg.instrument));
      explainTime(sums, leg, contracts(leg.instrument), market, before, after);
    }
    // Closed by a trade in between: what it was worth is set against the price it fetched.
    else if (leg.kind === 'option') sums.newTrades -= leg.value;
    else explainClosed(sums, leg, after, market, before, contracts(leg.instrument));
  }
  for (const balance of before.balances) {
    const worth = market.worth(balance.currency);
    sums.delta += Number(balance.amount) * (worth.after - worth.before);
  }
  for (const trade of tradesBetween(between, contracts, references)) {
    const settlement = market.worth(trade.contract.settlement).after;
    const result = tradeResultOf(trade, { later, before, after, settlement });
    sums.newTrades += result.move;
    sums.slippage += result.slippage;
    sums.impact += result.impact;
  }
  for (const event of between) {
    if (event.type === 'FillApplied') sums.fees += inNumeraire(event.payload.fee, market);
    if (event.type === 'FundingAccrued') sums.funding += inNumeraire(event.payload.cash, market);
  }
  return summedUp(before, after, sums);
}

function inNumeraire(money: MoneyAmount, market: MarketMove): number {
  return Number(money.amount) * market.worth(money.currency).after;
}

interface Move {
  readonly before: number;
  readonly after: number;
}

interface MarketMove {
  readonly years: number;
  /** USD per unit of an underlying. */
  spot(underlying: string): Move;
  /** Numeraire per unit of a currency. */
  worth(currency: string): Move;
  /** USD per unit of the numeraire. */
  readonly numeraire: Move;
}

function marketOf(before: RiskSnapshotTaken, after: RiskSnapshotTaken): MarketMove {
  const usd = (currency: string): Move => {
    const [start, end] = [dollarsPerIn(before, currency), dollarsPerIn(after, currency)];
    // A currency that came or went within the interval has a price at one end only.
    const known = required(start ?? end, `the price of ${currency} between ${before.at} and ${after.at}`);
    return { before: start ?? known, after: end ?? known };
  };
  const numeraire = usd(before.numeraire);
  return {
    years: yearsBetween(parseInstant(before.at), parseInstant(after.at)),
    spot: usd,
    numeraire,
    worth: (currency) => {
      const move = usd(currency);
      return { before: move.before / numeraire.before, after: move.after / numeraire.after };
    },
  };
}

/** Derivatives of a leg's numeraire value by the USD spot of its underlying, from the delta and gamma on record. */
function slopesOf(
  leg: LegValuation,
  spot: number,
  snapshot: RiskSnapshotTaken,
  numeraireUsd: number,
): { first: number; second: number; cross: number } {
  if (leg.underlying !== snapshot.numeraire) {
    return {
      first: leg.delta / numeraireUsd,
      second: leg.gamma / numeraireUsd,
      cross: leg.vanna / numeraireUsd,
    };
  }
  return {
    first: leg.delta / spot,
    second: leg.gamma / spot - leg.delta / (spot * spot),
    cross: leg.vanna / spot,
  };
}

function explainLeg(
  sums: Sums,
  leg: LegValuation,
  next: LegValuation,
  market: MarketMove,
  before: RiskSnapshotTaken,
  { coinSettled }: Contract,
): void {
  const spot = market.spot(leg.underlying);
  const ds = spot.after - spot.before;
  const slopes = slopesOf(leg, spot.before, before, market.numeraire.before);
  const dv = next.volatility - leg.volatility;
  sums.delta += slopes.first * ds;
  // Measured in another coin, a leg also loses what that coin gains.
  if (leg.underlying !== before.numeraire)
    sums.delta += leg.value * (market.numeraire.before / market.numeraire.after - 1);
  sums.gamma += 0.5 * slopes.second * ds * ds;
  sums.theta += leg.theta * market.years;
  sums.vega += leg.vega * dv;
  sums.volga += 0.5 * leg.volga * dv * dv;
  sums.vanna += slopes.cross * ds * dv;
  sums.basis += basisEffect(leg, slopes.first, next.forward, market, before, coinSettled);
}

/** What spot's move and the rate's did to a leg while time passed. In another coin than dollars, at the price it began at. */
function explainTime(
  sums: Sums,
  leg: LegValuation,
  contract: Contract,
  market: MarketMove,
  before: RiskSnapshotTaken,
  after: RiskSnapshotTaken,
): void {
  const spot = market.spot(leg.underlying);
  const moved = after.rate - before.rate;
  if (leg.kind !== 'option' || (spot.after === spot.before && moved === 0)) return;
  const { charm, rho } = timeCrossOf(leg, contract, spot.before, before.rate);
  sums.charm += (charm * (spot.after - spot.before) * market.years) / market.numeraire.before;
  sums.rates += (rho * moved) / market.numeraire.before;
}

/** Prices that the orders of an interval were decided on. */
export function referencesIn(events: readonly DomainEvent[]): Map<string, number> {
  const references = new Map<string, number>();
  for (const event of events)
    if (event.type === 'OrderIntended')
      references.set(event.payload.clientOrderId, Number(event.payload.referencePrice));
  return references;
}

/**
 * The forward (or contract price) moving by another factor than spot. With V(bS) the slope by b is first·S/b; a coin-settled
 * leg is worth V(bS)/b and loses V/b of that. Spot is taken at the end of the interval, where the basis ends.
 */
function basisEffect(
  leg: LegValuation,
  first: number,
  forwardAfter: number,
  market: MarketMove,
  before: RiskSnapshotTaken,
  coinSettled: boolean,
): number {
  const spot = market.spot(leg.underlying);
  if (!(leg.forward > 0) || !(spot.before > 0) || !(spot.after > 0)) return 0;
  const change = forwardAfter / spot.after / (leg.forward / spot.before) - 1;
  const inOwnCoin = leg.underlying === before.numeraire;
  const exposed = inOwnCoin
    ? (first * spot.before + leg.value) * (spot.after / spot.before)
    : first * spot.after;
  return (exposed - (coinSettled ? leg.value : 0)) * change;
}

/** A perpetual or future that was closed: its price went on moving until the mark that the closing trade is measured by. */
function explainClosed(
  sums: Sums,
  leg: LegValuation,
  after: RiskSnapshotTaken,
  market: MarketMove,
  before: RiskSnapshotTaken,
  contract: Contract,
): void {
  const mark = after.marks.find(({ instrument }) => instrument === leg.instrument);
  if (mark === undefined) return;
  explainLeg(sums, leg, { ...leg, forward: Number(mark.price) }, market, before, contract);
}

function settledBetween(events: readonly DomainEvent[]): Map<string, EventPayloads['OptionSettled']> {
  const settled = new Map<string, EventPayloads['OptionSettled']>();
  for (const event of events)
    if (event.type === 'OptionSettled') settled.set(event.payload.instrument, event.payload);
  return settled;
}

function summedUp(before: RiskSnapshotTaken, after: RiskSnapshotTaken, sums: Sums): PnlAttribution {
  const total = Decimal.parse(after.pnl.hedged).minus(Decimal.parse(before.pnl.hedged));
  const exact = (name: keyof Sums): Decimal => Decimal.ofNumber(sums[name], DIGITS);
  const explained = EXPLAINED.map((name) => [name, exact(name)] as const);
  const residual = total.minus(sum(explained.map(([, amount]) => amount)));
  // One entry per name of EXPLAINED, which are the terms but for the residual.
  const terms = Object.fromEntries(explained.map(([name, amount]) => [name, amount.toString()])) as Record<
    keyof Sums,
    string
  >;
  return {
    book: before.book,
    from: before.at,
    to: after.at,
    ...terms,
    residual: residual.toString(),
    total: total.toString(),
  };
}
