import type { Candidate, ExpectedCost, TradeChosen } from '@evenkeel/facts';
import { DAYS_PER_YEAR } from '@evenkeel/kernel';
import type { Decimal } from '@evenkeel/kernel';
import type { CostModel } from '../cost-model/cost-model';
import { PLAIN_COSTS } from '../cost-model/cost-model';
import type { CostCircumstances } from '../cost-model/expected-cost';
import { NO_COST, expectedCost } from '../cost-model/expected-cost';
import { FEEDBACK_LEAST, sizeWithImpact } from '../cost-model/own-impact';
import type { HedgeInstrument } from '../hedge-instrument';
import { contractsFor } from '../hedge-instrument';
import { heldContracts } from './option-legs';
import type { PolicyInput, UnderlyingView } from './policy';

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
  /** Middle of the band, units of the underlying; nought where absent. */
  readonly centre?: number;
  /** Absent: fees by the contract's terms, spread as quoted, nothing else. */
  readonly costs?: CostModel;
}

/** σ of a day, per 1.00. */
export function dailyVolatilityOf(view: UnderlyingView): number {
  return view.volatility / Math.sqrt(DAYS_PER_YEAR);
}

/** What the cost of a trade depends on besides its size. */
export function circumstancesOf(
  input: Pick<PolicyInput, 'snapshot'>,
  view: UnderlyingView,
  instrument: HedgeInstrument,
  horizonYears: number,
): CostCircumstances {
  return {
    horizonYears,
    dailyVolatility: dailyVolatilityOf(view),
    numeraireUsd: numeraireUsdOf(view),
    held: heldContracts(input.snapshot, view, instrument.id),
    exposure: view.exposure,
  };
}

export function numeraireUsdOf(view: UnderlyingView): number {
  return view.spot > 0 ? view.spotUsd / view.spot : 1;
}

interface Sized {
  readonly contracts: Decimal;
  /** Change of exposure, the trade's own move of the price included. */
  readonly change: number;
  readonly unstable: boolean;
}

function sizeFor(
  view: UnderlyingView,
  instrument: HedgeInstrument,
  change: number,
  weighing: Weighing,
): Sized {
  const { wanted, feedback } = sizeWithImpact(weighing.costs ?? PLAIN_COSTS, instrument, change, {
    spotUsd: view.spotUsd,
    gamma: view.gamma,
    dailyVolatility: dailyVolatilityOf(view),
    numeraireUsd: numeraireUsdOf(view),
  });
  const sized = (contracts: Decimal): Sized => ({
    contracts,
    change: contracts.toNumber() * instrument.deltaPerContract * (1 + feedback),
    unstable: feedback <= FEEDBACK_LEAST,
  });
  const { insideHalfBand: inside, centre = 0 } = weighing;
  if (inside !== undefined) {
    const generous = sized(contractsFor(instrument, wanted, 'up'));
    if (Math.abs(view.exposure + generous.change - centre) <= inside) return generous;
  }
  return sized(contractsFor(instrument, wanted));
}

/** Expected cost of trading contracts at once by the contract's terms and the quoted spread, numeraire; the rest is 0. */
export function immediateCost(instrument: HedgeInstrument, contracts: Decimal): ExpectedCost {
  const notional = Math.abs(contracts.toNumber()) * instrument.notionalPerContract;
  const fee = notional * instrument.takerFee;
  const spread = notional * instrument.halfSpread;
  return { fee, spread, impact: 0, funding: 0, gas: 0, margin: 0, total: fee + spread };
}

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

/** Instruments that change delta alone; options and pools are for policies that weigh what else they change. */
export function linearInstruments(view: UnderlyingView): readonly HedgeInstrument[] {
  return view.instruments.filter(({ kind }) => kind !== 'option' && kind !== 'pool');
}

export interface Choice {
  readonly candidates: readonly Candidate[];
  /** Undefined when no instrument can trade as little as is wanted. */
  readonly trade: TradeChosen | undefined;
  /** Exposure once it has traded, the trade's own move of the price included. */
  readonly exposureAfter: number;
  /** Why there is no trade; empty when there is. */
  readonly refusal: string;
}

/**
 * Weighs every instrument that could change exposure by `wanted`, and leaving things as they are. Chooses the lowest score (cost
 * plus ½ × risk aversion × variance) among the trades of at least a lot; the first given wins a tie.
 */
export function chooseInstrument(
  input: Pick<PolicyInput, 'snapshot'>,
  view: UnderlyingView,
  wanted: number,
  weighing: Weighing,
  goal: string,
): Choice {
  const { costs = PLAIN_COSTS, horizonYears, riskAversion, centre = 0 } = weighing;
  const scored = linearInstruments(view).map((instrument) => {
    const { contracts, change, unstable } = sizeFor(view, instrument, wanted, weighing);
    const cost = expectedCost(
      costs,
      instrument,
      contracts.toNumber(),
      circumstancesOf(input, view, instrument, horizonYears),
    );
    const risk = residualRisk(view, view.exposure + change - centre, horizonYears);
    return {
      instrument,
      trade: tradeOf(instrument, contracts),
      expectedCost: cost,
      change,
      risk,
      unstable,
      tradable: !contracts.isZero() && !unstable,
      score: cost.total + 0.5 * riskAversion * risk * risk,
    };
  });
  let best: (typeof scored)[number] | undefined;
  for (const entry of scored)
    if (entry.tradable && (best === undefined || entry.score < best.score)) best = entry;
  const rejection = (entry: (typeof scored)[number]): string => {
    if (entry === best) return '';
    if (entry.unstable) return 'its own impact would chase it';
    return entry.tradable ? `scores worse than ${best?.instrument.id ?? 'none'}` : 'less than one lot';
  };
  const candidates: Candidate[] = scored.map((entry) => ({
    name: `${view.underlying} ${goal} with ${entry.instrument.id}`,
    trades: entry.tradable ? [entry.trade] : [],
    expectedCost: entry.expectedCost,
    residualRisk: entry.risk,
    score: entry.score,
    chosen: entry === best,
    rejected: rejection(entry),
  }));
  const rejected = best === undefined ? 'nothing else can be traded' : 'the policy calls for a hedge';
  candidates.push(leaveCandidate(view, weighing, false, rejected));
  const refusal = scored.some(({ unstable }) => unstable) ? 'IMPACT_UNSTABLE' : 'BELOW_LOT';
  return {
    candidates,
    trade: best?.trade,
    exposureAfter: view.exposure + (best?.change ?? 0),
    refusal: best === undefined ? refusal : '',
  };
}

/** Doing nothing, as a candidate. */
export function leaveCandidate(
  view: UnderlyingView,
  weighing: Weighing,
  chosen: boolean,
  rejected: string,
): Candidate {
  const risk = residualRisk(view, view.exposure - (weighing.centre ?? 0), weighing.horizonYears);
  return {
    name: `${view.underlying} leave`,
    trades: [],
    expectedCost: NO_COST,
    residualRisk: risk,
    score: 0.5 * weighing.riskAversion * risk * risk,
    chosen,
    rejected,
  };
}
