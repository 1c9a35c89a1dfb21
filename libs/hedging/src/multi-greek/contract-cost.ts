import { OPTION_FEE_CAP } from '@evenkeel/instruments';
import type { InstrumentKind } from '@evenkeel/instruments';
import { NANOS_PER_SECOND, NANOS_PER_YEAR, yearsBetween } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { costsOf } from '../cost-model/cost-model';
import type { CostModel } from '../cost-model/cost-model';
import { prudent } from '../cost-model/estimate';
import type { Estimate } from '../cost-model/estimate';
import { FEEDBACK_LEAST, sizeWithImpact } from '../cost-model/own-impact';
import type { HedgeInstrument } from '../hedge-instrument';
import type { ContractCost } from './hedge-problem';

/** What differs between a perpetual, a spot holding, a dated future and an option besides price. */
export interface KindTerms {
  /** Capital per unit of notional held long; an option's premium comes on top. */
  readonly capitalLong: number;
  readonly capitalShort: number;
  /** From decision to fill, seconds. */
  readonly fillSeconds: number;
}

export type KindTable = Readonly<Record<Exclude<InstrumentKind, 'pool'>, KindTerms>>;

/**
 * What the policy assumes of a kind where neither its own `kinds` nor the cost model's `initialMargin` says otherwise. No fact of a
 * venue: a margin of one in twenty is what the large ones ask at entry, seconds to a fill are of our own order life cycle. It weighs
 * candidates against one another; what an account may carry is checked by risk and by execution.
 */
export const ASSUMED_KINDS: KindTable = {
  perpetual: { capitalLong: 0.05, capitalShort: 0.05, fillSeconds: 2 },
  future: { capitalLong: 0.05, capitalShort: 0.05, fillSeconds: 5 },
  spot: { capitalLong: 1, capitalShort: 1, fillSeconds: 2 },
  option: { capitalLong: 0, capitalShort: 0.15, fillSeconds: 30 },
};

export interface CostSettings {
  readonly horizonYears: number;
  /** Fees, spreads, impact, gas, funding, margin by instrument, as fitted or written. */
  readonly model: CostModel;
  readonly kinds: KindTable;
  /** Per year, on capital tied up, where the model has no rate of its own. */
  readonly capitalRate: number;
}

const SECONDS_PER_YEAR = NANOS_PER_YEAR / Number(NANOS_PER_SECOND);
const FEE_CAP = OPTION_FEE_CAP.toNumber();

export interface CostMarket {
  readonly now: Instant;
  /** Numeraire per unit of the underlying. */
  readonly spot: number;
  readonly spotUsd: number;
  readonly numeraireUsd: number;
  /** S·σ√h: numeraire per standard deviation for one unit of delta. */
  readonly perDelta: number;
  /** Per 1.00. */
  readonly dailyVolatility: number;
  /** The book's, units of the underlying per USD. */
  readonly gamma: number;
}

/** Cost of one contract from what its market shows and the desk's cost model. */
export function contractCostOf(
  instrument: HedgeInstrument,
  settings: CostSettings,
  market: CostMarket,
): ContractCost {
  const { notionalPerContract: notional, kind, id } = instrument;
  const { model } = settings;
  const costs = costsOf(model, id);
  const at = (estimate: Estimate | undefined, fallback: number): number =>
    estimate === undefined ? fallback : prudent(estimate, model.prudence);
  const terms = settings.kinds[kind === 'pool' ? 'spot' : kind];
  const premium = kind === 'option' ? premiumOf(instrument, market) : 0;
  const fee = notional * at(costs.takerFee, instrument.takerFee);
  const volume = costs.dailyVolume?.value ?? 0;
  const share = volume > 0 ? (notional * market.numeraireUsd) / volume : 0;
  const moved = notional * market.dailyVolatility;
  const lasting = at(costs.permanentImpact, 0) / 2;
  const waited = terms.fillSeconds / SECONDS_PER_YEAR / settings.horizonYears;
  const swing = instrument.deltaPerContract * market.perDelta;
  const margin = costs.initialMargin?.value;
  return {
    fee: kind === 'option' && premium > 0 ? Math.min(fee, FEE_CAP * premium) : fee,
    spread: notional * at(costs.halfSpread, instrument.halfSpread),
    impactLinear: moved * (at(costs.linearImpact, 0) + lasting) * share,
    impactSquareRoot: moved * at(costs.squareRootImpact, 0) * Math.sqrt(share),
    carry: carryOf(instrument, costs.fundingRate?.value ?? 0, settings.horizonYears, market),
    capitalLong: (kind === 'option' ? 0 : (margin ?? terms.capitalLong)) * notional + premium,
    capitalShort: (margin ?? terms.capitalShort) * notional,
    capitalCost: (costs.capitalRate?.value ?? settings.capitalRate) * settings.horizonYears,
    gas: at(costs.gas, 0),
    waitingVariance: swing * swing * waited,
  };
}

/**
 * Delta that a contract brings once its own lasting impact has moved the book's delta too. Options move their underlying by what their writers
 * hedge, which is not modelled.
 */
export function deltaWithImpact(
  instrument: HedgeInstrument,
  settings: CostSettings,
  market: CostMarket,
): number {
  const { deltaPerContract, kind } = instrument;
  if (kind === 'option' || deltaPerContract === 0) return deltaPerContract;
  const { feedback } = sizeWithImpact(settings.model, instrument, 0, market);
  return deltaPerContract * (1 + Math.max(feedback, FEEDBACK_LEAST));
}

/** What an option costs to hold long, numeraire: its mark, in coin on inverse venues. */
function premiumOf(instrument: HedgeInstrument, market: CostMarket): number {
  const price = Number(instrument.referencePrice);
  const size = instrument.notionalPerContract / market.spot;
  const coin = instrument.contract.coinSettled;
  return coin ? price * size * market.spot : (price * size) / market.numeraireUsd;
}

/** Funding paid by a long position, and for a dated future its basis run off evenly until expiry. */
function carryOf(
  instrument: HedgeInstrument,
  rate: number,
  horizonYears: number,
  market: CostMarket,
): number {
  const paid = rate * horizonYears * instrument.notionalPerContract;
  const { expiry } = instrument.contract;
  if (instrument.kind !== 'future' || expiry === undefined) return paid;
  const years = yearsBetween(market.now, expiry);
  if (!(years > 0)) return paid;
  const basis = Number(instrument.referencePrice) / market.spotUsd - 1;
  return paid + basis * Math.min(1, horizonYears / years) * instrument.notionalPerContract;
}
