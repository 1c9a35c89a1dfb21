import type { ExpectedCost } from '@evenkeel/facts';
import type { HedgeInstrument } from '../hedge-instrument';
import type { CostModel, InstrumentCosts } from './cost-model';
import { costsOf } from './cost-model';
import type { Estimate } from './estimate';
import { prudent } from './estimate';

export interface CostCircumstances {
  /** Over which funding and capital are counted, years. */
  readonly horizonYears: number;
  /** Daily volatility of the underlying, per 1.00. */
  readonly dailyVolatility: number;
  /** USD per unit of the numeraire. */
  readonly numeraireUsd: number;
  /** Signed contracts held, orders in flight included: margin is paid for what they become. */
  readonly held: number;
  /** Delta before the trade, units of the underlying: the move that the trade causes is for or against it. Absent: opposite to the trade. */
  readonly exposure?: number;
  /** `maker` for orders that wait in the book: they pay the maker's fee, no spread and no temporary impact. */
  readonly liquidity?: 'taker' | 'maker';
}

export const NO_COST: ExpectedCost = {
  fee: 0,
  spread: 0,
  impact: 0,
  funding: 0,
  gas: 0,
  margin: 0,
  total: 0,
};

/** One trade's impact, fractions of its notional. */
export interface Impact {
  /** Paid on the whole trade and gone afterwards. */
  readonly temporary: number;
  /** How far the price stays moved; half of it is paid on the way. */
  readonly permanent: number;
}

/** Impact of trading so much notional (USD, not negative) in one go. */
export function impactOf(
  model: CostModel,
  instrument: string,
  notionalUsd: number,
  dailyVolatility: number,
): Impact {
  const costs = costsOf(model, instrument);
  const volume = costs.dailyVolume?.value ?? 0;
  if (!(volume > 0) || !(notionalUsd > 0)) return { temporary: 0, permanent: 0 };
  const share = notionalUsd / volume;
  const at = (estimate: Estimate | undefined): number =>
    estimate === undefined ? 0 : prudent(estimate, model.prudence);
  return {
    temporary:
      dailyVolatility * (at(costs.squareRootImpact) * Math.sqrt(share) + at(costs.linearImpact) * share),
    permanent: dailyVolatility * at(costs.permanentImpact) * share,
  };
}

/**
 * Expected cost of trading signed contracts, numeraire, costs positive: fee and half spread on the notional, temporary impact
 * and half of the permanent one, gas per order, and over the horizon what funding and margin cost more than without the trade.
 */
export function expectedCost(
  model: CostModel,
  instrument: HedgeInstrument,
  contracts: number,
  at: CostCircumstances,
): ExpectedCost {
  if (contracts === 0) return NO_COST;
  const costs = costsOf(model, instrument.id);
  const prudence = model.prudence;
  const notional = Math.abs(contracts) * instrument.notionalPerContract;
  const maker = at.liquidity === 'maker';
  const rate = (estimate: Estimate | undefined, fallback: number): number =>
    estimate === undefined ? fallback : prudent(estimate, prudence);
  const fee =
    notional *
    (maker ? rate(costs.makerFee, instrument.makerFee) : rate(costs.takerFee, instrument.takerFee));
  const spread = maker ? 0 : notional * rate(costs.halfSpread, instrument.halfSpread);
  const { temporary, permanent } = impactOf(
    model,
    instrument.id,
    notional * at.numeraireUsd,
    at.dailyVolatility,
  );
  const impact =
    notional * (maker ? 0 : temporary) + permanentCost(instrument, contracts, permanent, at.exposure);
  const gas = rate(costs.gas, 0);
  const signed = contracts * instrument.notionalPerContract;
  const funding = costs.fundingRate === undefined ? 0 : signed * costs.fundingRate.value * at.horizonYears;
  const more = Math.abs(at.held + contracts) - Math.abs(at.held);
  const charge = capitalCharge(costs);
  // No negative zeros on the record.
  const margin = charge === 0 ? 0 : more * instrument.notionalPerContract * charge * at.horizonYears;
  return { fee, spread, impact, funding, gas, margin, total: fee + spread + impact + funding + gas + margin };
}

/**
 * The trade moves the price it is marked at: what was held before loses, what was bought gains half. Hedging all of it costs half
 * of the move on the trade. Never less than nought: a price pushed in one's own favour is no income.
 */
function permanentCost(
  instrument: HedgeInstrument,
  contracts: number,
  permanent: number,
  exposure: number | undefined,
): number {
  if (permanent === 0) return 0;
  const notional = Math.abs(contracts) * instrument.notionalPerContract;
  if (exposure === undefined) return (notional * permanent) / 2;
  const perDelta = instrument.notionalPerContract / Math.abs(instrument.deltaPerContract);
  const delta = contracts * instrument.deltaPerContract;
  const against = -(exposure + delta / 2) * Math.sign(delta);
  return Math.max(0, against * perDelta * permanent);
}

/** Per year and notional. */
function capitalCharge(costs: InstrumentCosts): number {
  return (costs.initialMargin?.value ?? 0) * (costs.capitalRate?.value ?? 0);
}

/**
 * One-way proportional cost κ at a size: taker fee, half spread, temporary and half of the permanent impact, fraction of
 * notional. What the bands are made of.
 */
export function costRate(
  model: CostModel,
  instrument: HedgeInstrument,
  notionalUsd: number,
  dailyVolatility: number,
): number {
  const costs = costsOf(model, instrument.id);
  const fee = costs.takerFee === undefined ? instrument.takerFee : prudent(costs.takerFee, model.prudence);
  const spread =
    costs.halfSpread === undefined ? instrument.halfSpread : prudent(costs.halfSpread, model.prudence);
  const { temporary, permanent } = impactOf(model, instrument.id, notionalUsd, dailyVolatility);
  return fee + spread + temporary + permanent / 2;
}
