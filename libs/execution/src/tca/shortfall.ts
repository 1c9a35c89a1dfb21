import type { Side } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { TradeUnit } from './valuation';
import { valueAt } from './valuation';

/** One fill with what the market was when its order left and when it traded. Prices in the quote unit. */
export interface FillForTca {
  /** Positive contracts. */
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly liquidity: 'maker' | 'taker';
  /** Middle when the child order left. */
  readonly sentMid: Decimal;
  /** The far side of the market when the child left: ask for a buy. */
  readonly sentTouch: Decimal;
  /** Middle when it traded. */
  readonly tradedMid: Decimal;
  /** USD, paid positive. */
  readonly fee: Decimal;
}

export interface TradeForTca {
  readonly unit: TradeUnit;
  readonly side: Side;
  /** Positive contracts as decided. */
  readonly quantity: Decimal;
  readonly fills: readonly FillForTca[];
  /** Middle when the last of it was filled or given up: what the unfilled part then costs. */
  readonly endMid: Decimal;
}

/** Implementation shortfall in USD, costs positive. The parts add up to `total` exactly. */
export interface Shortfall {
  /** From decision to the child's departure; for makers until the trade: the market moved while we waited. */
  readonly timing: Decimal;
  /** From the middle to the touch; for makers the distance of their price from the middle, negative when earned. */
  readonly spread: Decimal;
  /** Beyond the touch: depth walked and moves within the latency. */
  readonly impact: Decimal;
  /** Paid positive, rebates negative. */
  readonly fees: Decimal;
  /** Of what was never filled: how far the market ran from the decision to the end. */
  readonly opportunity: Decimal;
  readonly total: Decimal;
}

/**
 * Perold's implementation shortfall of one decided trade: the paper portfolio that trades everything at the decision's price,
 * less the real one. Σ q·(v(p) − v(P₀)) + (X − Σq)·(v(P_end) − v(P₀)) + fees, for a buy; each difference is split at prices in
 * between, so the parts telescope to the whole.
 */
export function shortfallOf(trade: TradeForTca): Shortfall {
  const { unit, side, quantity, fills, endMid } = trade;
  const sign = Decimal.ofInteger(side === 'buy' ? 1 : -1);
  const arrival = valueAt(unit, unit.arrival);
  const cost = (contracts: Decimal, from: Decimal, to: Decimal): Decimal =>
    sign.times(contracts).times(to.minus(from));
  let [timing, spread, impact, fees] = [Decimal.ZERO, Decimal.ZERO, Decimal.ZERO, Decimal.ZERO];
  let filled = Decimal.ZERO;
  for (const fill of fills) {
    const paid = valueAt(unit, fill.price);
    const [middle, edge] =
      fill.liquidity === 'maker'
        ? [valueAt(unit, fill.tradedMid), paid]
        : [valueAt(unit, fill.sentMid), valueAt(unit, fill.sentTouch)];
    timing = timing.plus(cost(fill.quantity, arrival, middle));
    spread = spread.plus(cost(fill.quantity, middle, edge));
    impact = impact.plus(cost(fill.quantity, edge, paid));
    fees = fees.plus(fill.fee);
    filled = filled.plus(fill.quantity);
  }
  const unfilled = quantity.minus(filled).max(Decimal.ZERO);
  const opportunity = cost(unfilled, arrival, valueAt(unit, endMid));
  const total = timing.plus(spread).plus(impact).plus(fees).plus(opportunity);
  return { timing, spread, impact, fees, opportunity, total };
}
