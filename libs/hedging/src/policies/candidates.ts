import type { Candidate, ExpectedCost, TradeChosen } from '@evenkeel/facts';
import type { Decimal } from '@evenkeel/kernel';
import type { HedgeInstrument } from '../hedge-instrument';
import { contractsFor } from '../hedge-instrument';
import type { UnderlyingView } from './policy';

/** What a policy weighs besides cost. */
export interface Weighing {
  /** Until when residual risk is counted, ACT/365 years. */
  readonly horizonYears: number;
  /** Absolute risk aversion per unit of numeraire; 0 chooses by cost alone. */
  readonly riskAversion: number;
  /**
   * For trades to a band's edge: lots are rounded so that exposure ends inside this half band where one more lot does
   * not carry it out on the other side; otherwise, and without it, toward zero. Rounding toward zero at an edge would
   * leave a sliver outside, a breach too small to trade after every hedge.
   */
  readonly insideHalfBand?: number;
}

function sizeFor(
  view: UnderlyingView,
  instrument: HedgeInstrument,
  wanted: number,
  inside: number | undefined,
): Decimal {
  if (inside !== undefined) {
    const generous = contractsFor(instrument, wanted, 'up');
    const after = view.exposure + generous.toNumber() * instrument.deltaPerContract;
    if (Math.abs(after) <= inside) return generous;
  }
  return contractsFor(instrument, wanted);
}

/** Expected cost of trading contracts at once, numeraire. Impact, funding, gas and margin are not modelled here and are 0. */
export function immediateCost(instrument: HedgeInstrument, contracts: Decimal): ExpectedCost {
  const notional = Math.abs(contracts.toNumber()) * instrument.notionalPerContract;
  const fee = notional * instrument.takerFee;
  const spread = notional * instrument.halfSpread;
  return { fee, spread, impact: 0, funding: 0, gas: 0, margin: 0, total: fee + spread };
}

const NO_COST: ExpectedCost = { fee: 0, spread: 0, impact: 0, funding: 0, gas: 0, margin: 0, total: 0 };

/**
 * Standard deviation of P&L over a horizon with an exposure left open, numeraire: normal moves of the mark volatility,
 * √((e·S·σ√h)² + ½(Γ S²σ²h)²). Zero where the book has no option to take a volatility from.
 */
export function residualRisk(view: UnderlyingView, exposure: number, horizonYears: number): number {
  const move = view.volatility * Math.sqrt(horizonYears);
  const linear = exposure * view.spot * move;
  const curved = view.gamma * view.spotUsd * view.spot * move * move;
  return Math.sqrt(linear * linear + 0.5 * curved * curved);
}

export function tradeOf(instrument: HedgeInstrument, contracts: Decimal, urgency = 'immediate'): TradeChosen {
  return {
    instrument: instrument.id,
    quantity: contracts.toString(),
    referencePrice: instrument.referencePrice,
    delta: contracts.toNumber() * instrument.deltaPerContract,
    urgency,
  };
}

export interface Choice {
  readonly candidates: readonly Candidate[];
  /** Undefined when no instrument can trade as little as is wanted. */
  readonly trade: TradeChosen | undefined;
}

/**
 * Weighs every instrument that could bring `wanted` delta, and leaving things as they are. Chooses the lowest score (cost
 * plus ½ × risk aversion × variance) among the trades of at least a lot; the first given wins a tie.
 */
export function chooseInstrument(
  view: UnderlyingView,
  wanted: number,
  weighing: Weighing,
  goal: string,
): Choice {
  // Options and pools change more than delta; they are for policies that weigh that.
  const linear = view.instruments.filter(({ kind }) => kind !== 'option' && kind !== 'pool');
  const scored = linear.map((instrument) => {
    const contracts = sizeFor(view, instrument, wanted, weighing.insideHalfBand);
    const trade = tradeOf(instrument, contracts);
    const expectedCost = immediateCost(instrument, contracts);
    const risk = residualRisk(view, view.exposure + trade.delta, weighing.horizonYears);
    return {
      instrument,
      trade,
      expectedCost,
      risk,
      tradable: !contracts.isZero(),
      score: expectedCost.total + 0.5 * weighing.riskAversion * risk * risk,
    };
  });
  let best: (typeof scored)[number] | undefined;
  for (const entry of scored)
    if (entry.tradable && (best === undefined || entry.score < best.score)) best = entry;
  const candidates: Candidate[] = scored.map((entry) => ({
    name: `${view.underlying} ${goal} with ${entry.instrument.id}`,
    trades: entry.tradable ? [entry.trade] : [],
    expectedCost: entry.expectedCost,
    residualRisk: entry.risk,
    score: entry.score,
    chosen: entry === best,
    rejected:
      entry === best
        ? ''
        : entry.tradable
          ? `scores worse than ${best?.instrument.id ?? 'none'}`
          : 'less than one lot',
  }));
  const risk = residualRisk(view, view.exposure, weighing.horizonYears);
  candidates.push({
    name: `${view.underlying} leave`,
    trades: [],
    expectedCost: NO_COST,
    residualRisk: risk,
    score: 0.5 * weighing.riskAversion * risk * risk,
    chosen: false,
    rejected: best === undefined ? 'nothing else can be traded' : 'the policy calls for a hedge',
  });
  return { candidates, trade: best?.trade };
}
