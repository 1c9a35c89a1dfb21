import type { ContractGreeks, LegValuation, MarkStatus, MarkUsed } from '@evenkeel/facts';
import { linearGreeks, notionalUsdNumber, optionGreeks } from '@evenkeel/instruments';
import type { Contract, GreekMarket } from '@evenkeel/instruments';
import { Decimal, required } from '@evenkeel/kernel';
import { priceBlack76 } from '@evenkeel/pricing';

/** A contract that may be traded to hedge, priced now. */
export interface HedgeInstrument {
  readonly id: string;
  readonly contract: Contract;
  readonly kind: Contract['kind'];
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

/** Where a hedge instrument is measured. */
export interface HedgeMarket extends GreekMarket {
  readonly rate: number;
}

/** What one contract bought now brings and costs. An option needs the leg that risk valued, held or only watched. */
export function hedgeInstrumentOf(
  contract: Contract,
  mark: MarkUsed,
  market: HedgeMarket,
  leg?: LegValuation,
): HedgeInstrument | undefined {
  const price = Number(mark.price);
  const size = contract.sizeNumber;
  const bid = Number(mark.bid ?? mark.price);
  const ask = Number(mark.ask ?? mark.price);
  const isOption = contract.kind === 'option';
  const { spotUsd, numeraireUsd } = market;
  if (!(price > 0) || !(spotUsd > 0)) return undefined;
  const greeks = isOption ? leg && legGreeksOf(contract, leg, market) : linearGreeks(contract, price, market);
  if (greeks === undefined) return undefined;
  // An option's bid and ask are in its settlement currency; against the underlying's worth they are fractions as well.
  const quoteUsd = isOption && contract.coinSettled ? spotUsd : 1;
  const notional = notionalUsdNumber(contract, { price, underlyingUsd: spotUsd });
  const halfSpreadUsd = (Math.max(0, ask - bid) / 2) * quoteUsd * (isOption ? size : notional / price);
  return {
    id: contract.id,
    contract,
    kind: contract.kind,
    underlying: contract.underlying,
    referencePrice: mark.price,
    bid,
    ask,
    deltaPerContract: greeks.delta,
    gammaPerContract: greeks.gamma,
    vegaPerContract: greeks.vega,
    thetaPerContract: greeks.theta,
    vannaPerContract: greeks.vanna,
    expiryYears: leg?.expiryYears ?? 0,
    volatility: leg?.volatility ?? 0,
    notionalPerContract: notional / numeraireUsd,
    takerFee: contract.takerFee.toNumber(),
    makerFee: contract.makerFee.toNumber(),
    halfSpread: halfSpreadUsd / notional,
    lot: contract.lot,
    minQuantity: contract.minQuantity,
    status: mark.status,
    ageSeconds: mark.ageSeconds,
  };
}

/** An option's Greeks as risk said them; from its other numbers on the record of a release that did not say them. */
export function legGreeksOf(contract: Contract, leg: LegValuation, market: HedgeMarket): ContractGreeks {
  if (leg.perContract !== undefined) return leg.perContract;
  const unit = priceBlack76({
    type: required(contract.optionType, `call or put of ${contract.id}`),
    F: leg.forward,
    K: leg.strike,
    T: leg.expiryYears,
    sigma: leg.volatility,
    r: market.rate,
  });
  return optionGreeks(contract, unit, leg.forward, market);
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
