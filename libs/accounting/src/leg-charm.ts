import type { LegValuation } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
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
export function timeCrossOf(
  leg: LegValuation,
  spec: InstrumentSpec,
  spotUsd: number,
  rate: number,
): TimeCross {
  if (leg.kind !== 'option' || !(leg.expiryYears > 0) || !(leg.forward > 0) || !(spotUsd > 0)) return NOTHING;
  const unit = priceBlack76({
    type: spec.optionType ?? 'call',
    F: leg.forward,
    K: leg.strike,
    T: leg.expiryYears,
    sigma: leg.volatility,
    r: rate,
  });
  const basis = leg.forward / spotUsd;
  const size = Number(leg.quantity) * Number(spec.contractSize);
  return {
    charm: size * (unit.charm ?? 0) * (spec.inverse ? 1 : basis),
    rho: (size * (unit.rho ?? 0)) / (spec.inverse ? basis : 1),
  };
}
