import { parseInstrument } from '@evenkeel/instruments';
import type { InstrumentKind } from '@evenkeel/instruments';
import { yearsBetween } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { HedgeInstrument } from '../hedge-instrument';
import type { ContractCost } from './hedge-problem';

/** What differs between a perpetual, a spot holding, a dated future and an option besides price. */
export interface KindTerms {
  /** Capital per unit of notional held long. */
  readonly capitalLong: number;
  readonly capitalShort: number;
  /** From decision to fill, seconds. */
  readonly fillSeconds: number;
}

export type KindTable = Readonly<Record<Exclude<InstrumentKind, 'pool'>, KindTerms>>;

/** Entry-level margin of the large venues, and seconds from our own order life cycle; parameters, not facts. */
export const DEFAULT_KINDS: KindTable = {
  perpetual: { capitalLong: 0.05, capitalShort: 0.05, fillSeconds: 2 },
  future: { capitalLong: 0.05, capitalShort: 0.05, fillSeconds: 5 },
  spot: { capitalLong: 1, capitalShort: 1, fillSeconds: 2 },
  option: { capitalLong: 0, capitalShort: 0.15, fillSeconds: 30 },
};

export interface CostSettings {
  readonly horizonYears: number;
  readonly kinds: KindTable;
  /** Per year, on capital tied up. */
  readonly capitalRate: number;
  /** Expected funding paid by a long position per year, fraction of notional, by instrument. */
  readonly funding: Readonly<Record<string, number>>;
  /** Impact, fraction of notional: `linear` × notional ÷ 1 million + `squareRoot` × √(notional ÷ 1 million). */
  readonly impactLinear: number;
  readonly impactSquareRoot: number;
  /** Numeraire per order by instrument, for venues on a chain. */
  readonly gas: Readonly<Record<string, number>>;
}

const MILLION = 1e6;
const SECONDS_PER_YEAR = 365 * 86_400;
/** Deribit charges an option trade at most this share of its premium. */
const OPTION_FEE_CAP = 0.125;

export interface CostMarket {
  readonly now: Instant;
  /** Numeraire per unit of the underlying. */
  readonly spot: number;
  readonly spotUsd: number;
  readonly numeraireUsd: number;
  /** S·σ√h: numeraire per standard deviation for one unit of delta. */
  readonly perDelta: number;
}

/** Cost of one contract from what its market shows and the desk's settings. */
export function contractCostOf(
  instrument: HedgeInstrument,
  settings: CostSettings,
  market: CostMarket,
): ContractCost {
  const { notionalPerContract: notional, kind } = instrument;
  const terms = settings.kinds[kind === 'pool' ? 'spot' : kind];
  const premium = kind === 'option' ? premiumOf(instrument, market) : 0;
  const fee = notional * instrument.takerFee;
  const millions = (notional * market.numeraireUsd) / MILLION;
  const waited = terms.fillSeconds / SECONDS_PER_YEAR / settings.horizonYears;
  const swing = instrument.deltaPerContract * market.perDelta;
  return {
    fee: kind === 'option' && premium > 0 ? Math.min(fee, OPTION_FEE_CAP * premium) : fee,
    spread: notional * instrument.halfSpread,
    impactLinear: notional * settings.impactLinear * millions,
    impactSquareRoot: notional * settings.impactSquareRoot * Math.sqrt(millions),
    carry: carryOf(instrument, settings, market),
    capitalLong: terms.capitalLong * notional + premium,
    capitalShort: terms.capitalShort * notional,
    capitalCost: settings.capitalRate * settings.horizonYears,
    gas: settings.gas[instrument.id] ?? 0,
    waitingVariance: swing * swing * waited,
  };
}

/** What an option costs to hold long, numeraire: its mark, in coin on inverse venues. */
function premiumOf(instrument: HedgeInstrument, market: CostMarket): number {
  const parsed = parseInstrument(instrument.id);
  const price = Number(instrument.referencePrice);
  if (!parsed.ok) return 0;
  const size = instrument.notionalPerContract / market.spot;
  return parsed.value.inverse ? price * size * market.spot : (price * size) / market.numeraireUsd;
}

/** Funding paid, and for a dated future its basis run off evenly until expiry. */
function carryOf(instrument: HedgeInstrument, settings: CostSettings, market: CostMarket): number {
  const rate = settings.funding[instrument.id] ?? 0;
  const paid = rate * settings.horizonYears * instrument.notionalPerContract;
  if (instrument.kind !== 'future') return paid;
  const parsed = parseInstrument(instrument.id);
  if (!parsed.ok || parsed.value.expiry === undefined) return paid;
  const years = yearsBetween(market.now, parsed.value.expiry);
  if (!(years > 0)) return paid;
  const basis = Number(instrument.referencePrice) / market.spotUsd - 1;
  const share = Math.min(1, settings.horizonYears / years);
  return paid + basis * share * instrument.notionalPerContract;
}
