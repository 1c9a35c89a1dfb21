import type { LegValuation, MarkStatus, MarkUsed } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { priceBlack76 } from '@evenkeel/pricing';

/** A contract that may be traded to hedge, priced now. */
export interface HedgeInstrument {
  readonly id: string;
  readonly kind: InstrumentSpec['kind'];
  readonly underlying: string;
  /** The mark, quote unit; what slippage will be measured against. */
  readonly referencePrice: string;
  readonly bid: number;
  readonly ask: number;
  /** Change of the account's delta (units of the underlying) per contract bought. */
  readonly deltaPerContract: number;
  /** Change of the account's gamma (∂delta/∂S, per USD) per contract bought. */
  readonly gammaPerContract: number;
  /** Numeraire per 1.00 of volatility, per contract; 0 without optionality. */
  readonly vegaPerContract: number;
  /** Numeraire per year, per contract. */
  readonly thetaPerContract: number;
  /** ∂delta/∂σ of the account per contract. */
  readonly vannaPerContract: number;
  /** Years to expiry; 0 without. */
  readonly expiryYears: number;
  /** Mark volatility of an option, per 1.00; 0 for the rest. */
  readonly volatility: number;
  /** Notional that fees and spreads are fractions of, numeraire per contract: the underlying's worth for options. */
  readonly notionalPerContract: number;
  /** Fractions of notional, one way. */
  readonly takerFee: number;
  readonly makerFee: number;
  readonly halfSpread: number;
  readonly lot: Decimal;
  readonly minQuantity: Decimal;
  readonly status: MarkStatus;
  readonly ageSeconds: number;
}

/** One-way proportional cost κ of trading at once: taker fee and half spread, fraction of notional. */
export function proportionalCost(instrument: HedgeInstrument): number {
  return instrument.takerFee + instrument.halfSpread;
}

const specMemo = new Map<string, InstrumentSpec>();

/** Reads the canonical JSON of an InstrumentSpec, once per text. */
export function readSpecification(text: string): InstrumentSpec {
  const known = specMemo.get(text);
  if (known !== undefined) return known;
  // Written by us from a checked InstrumentSpec when the policy was set.
  const spec = JSON.parse(text) as InstrumentSpec;
  specMemo.set(text, spec);
  return spec;
}

/** Spot and numeraire that a hedge instrument is measured in. */
export interface HedgeMarket {
  readonly spotUsd: number;
  readonly numeraireUsd: number;
  /** True when the book is kept in the underlying itself. */
  readonly ownCoin: boolean;
  readonly rate: number;
}

/**
 * What one contract bought now brings. Linear and spot size × price ÷ spot (the basis moves with spot), coin-settled
 * perpetuals and futures size ÷ price coin, which is their delta in dollars and in coin alike because a new contract is
 * worth nothing yet. Options: `optionSensitivities`, which need the leg that risk valued, held or only watched.
 */
export function hedgeInstrumentOf(
  spec: InstrumentSpec,
  mark: MarkUsed,
  market: HedgeMarket,
  leg?: LegValuation,
): HedgeInstrument | undefined {
  const price = Number(mark.price);
  const size = Number(spec.contractSize);
  const bid = Number(mark.bid ?? mark.price);
  const ask = Number(mark.ask ?? mark.price);
  const isOption = spec.kind === 'option';
  if (!(price > 0) || !(market.spotUsd > 0) || (isOption && leg === undefined)) return undefined;
  const { spotUsd, numeraireUsd } = market;
  const greeks =
    isOption && leg !== undefined
      ? optionSensitivities(spec, leg, market)
      : linearSensitivities(spec, price, market);
  // An option's bid and ask are in its settlement currency; against the underlying's worth they are fractions as well.
  const quoteUsd = isOption && spec.inverse ? spotUsd : 1;
  const notionalUsd = isOption ? size * spotUsd : spec.inverse ? size : size * price;
  const halfSpreadUsd = (Math.max(0, ask - bid) / 2) * quoteUsd * (isOption ? size : notionalUsd / price);
  return {
    id: spec.id,
    kind: spec.kind,
    underlying: spec.underlying,
    referencePrice: mark.price,
    bid,
    ask,
    ...greeks,
    expiryYears: leg?.expiryYears ?? 0,
    volatility: leg?.volatility ?? 0,
    notionalPerContract: notionalUsd / numeraireUsd,
    takerFee: Number(spec.takerFee),
    makerFee: Number(spec.makerFee),
    halfSpread: halfSpreadUsd / notionalUsd,
    lot: Decimal.parse(spec.lotSize),
    minQuantity: Decimal.parse(spec.minQuantity),
    status: mark.status,
    ageSeconds: mark.ageSeconds,
  };
}

type Sensitivities = Pick<
  HedgeInstrument,
  'deltaPerContract' | 'gammaPerContract' | 'vegaPerContract' | 'thetaPerContract' | 'vannaPerContract'
>;

function linearSensitivities(spec: InstrumentSpec, price: number, market: HedgeMarket): Sensitivities {
  const size = Number(spec.contractSize);
  const delta = spec.inverse ? size / price : (size * price) / market.spotUsd;
  // In its own coin a position's delta falls as the coin rises, though it is linear in dollars.
  const gamma = market.ownCoin ? -delta / market.spotUsd : 0;
  return {
    deltaPerContract: delta,
    gammaPerContract: gamma,
    vegaPerContract: 0,
    thetaPerContract: 0,
    vannaPerContract: 0,
  };
}

/**
 * One option contract bought at its mark, premium paid: what the account's Greeks change by. A coin-settled option costs
 * coin, so its delta is Black's less the premium (the venue's net transaction delta); units as in the snapshot.
 */
function optionSensitivities(spec: InstrumentSpec, leg: LegValuation, market: HedgeMarket): Sensitivities {
  const { spotUsd, numeraireUsd, ownCoin } = market;
  const size = Number(spec.contractSize);
  const basis = leg.forward / spotUsd;
  const { strike, expiryYears, volatility } = leg;
  const unit = priceBlack76({
    type: spec.optionType ?? 'call',
    F: leg.forward,
    K: strike,
    T: expiryYears,
    sigma: volatility,
    r: market.rate,
  });
  const outer = spec.inverse ? size / basis : size;
  const premiumCoin = spec.inverse ? (size * unit.value) / leg.forward : 0;
  const delta = outer * basis * unit.delta - premiumCoin;
  const vega = (outer * unit.vega) / numeraireUsd;
  return {
    deltaPerContract: delta,
    gammaPerContract: outer * basis * basis * unit.gamma - (ownCoin ? delta / spotUsd : 0),
    vegaPerContract: vega,
    thetaPerContract: (outer * unit.theta) / numeraireUsd,
    vannaPerContract: outer * basis * unit.vanna - (ownCoin ? vega : 0),
  };
}

/**
 * Signed contracts that bring `delta`, rounded to the lot: toward zero (`down`) or away from it (`up`). Zero when that is
 * under the smallest order.
 */
export function contractsFor(
  instrument: HedgeInstrument,
  delta: number,
  rounding: 'down' | 'up' = 'down',
): Decimal {
  const wanted = delta / instrument.deltaPerContract;
  if (!Number.isFinite(wanted)) return Decimal.ZERO;
  const contracts = Decimal.ofNumber(wanted, 12).roundToStep(instrument.lot, rounding);
  return contracts.abs().lessThan(instrument.minQuantity) ? Decimal.ZERO : contracts;
}
