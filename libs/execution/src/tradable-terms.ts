import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

/** The terms of a tradable contract with its numbers read once. */
export interface TradableTerms {
  readonly spec: InstrumentSpec;
  readonly contractSize: Decimal;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  readonly minQuantity: Decimal;
}

export function termsOf(spec: InstrumentSpec): TradableTerms {
  return {
    spec,
    contractSize: Decimal.parse(spec.contractSize),
    tickSize: Decimal.parse(spec.tickSize),
    lotSize: Decimal.parse(spec.lotSize),
    minQuantity: Decimal.parse(spec.minQuantity),
  };
}
