import type { LegValuation } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { required } from '@evenkeel/kernel';
import { priceBlack76 } from '@evenkeel/pricing';

/** ∂²V/∂S∂t and ∂V/∂r of a leg's value in dollars, per unit of the underlying and year, and per 1.00 of rate. */
export interface TimeCross {
  readonly charm: number;
  readonly rho: number;
}

const NOTHING: TimeCross = { charm: 0, rho: 0 };

/**
 * From what the record says of the leg (forward, strike, volatility, life), by the kernel that valued it: quantity × size ×
 * Black’s charm, spot moved with its basis to the forward held; coin-settled legs are worth Black ÷ forward coin, so their
 * dollar value is Black ÷ basis. Time runs forward: theta’s sign.
 */
export function timeCrossOf(leg: LegValuation, contract: Contract, spotUsd: number, rate: number): TimeCross {
  if (leg.kind !== 'option' || !(leg.expiryYears > 0) || !(leg.forward > 0) || !(spotUsd > 0)) return NOTHING;
  const unit = priceBlack76({
    type: required(contract.optionType, `call or put of ${contract.id}`),
    F: leg.forward,
    K: leg.strike,
    T: leg.expiryYears,
    sigma: leg.volatility,
    r: rate,
  });
  const basis = leg.forward / spotUsd;
  const size = Number(leg.quantity) * contract.sizeNumber;
  return {
    charm: size * (unit.charm ?? 0) * (contract.coinSettled ? 1 : basis),
    rho: (size * (unit.rho ?? 0)) / (contract.coinSettled ? basis : 1),
  };
}
