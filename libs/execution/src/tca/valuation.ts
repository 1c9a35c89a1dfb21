import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

/** Digits that values per contract are rounded to; differences of rounded values then add up exactly. */
const VALUE_DIGITS = 12;

/** What prices of one contract are worth in USD, for one trade: fixed when it was decided, so that values of any two prices compare. */
export interface TradeUnit {
  readonly spec: InstrumentSpec;
  readonly arrival: Decimal;
  /** USD per unit of the quote currency: the index for coin-quoted options, 1 for USD and its stablecoins. */
  readonly quoteUsd: Decimal;
}

/**
 * USD value of one contract at a price, up to a constant that is the same for all prices. Linear: size × price. Inverse: size
 * contracts of USD are worth −size ÷ price coin, at the arrival price. Rises with the price.
 */
export function valueAt({ spec, arrival, quoteUsd }: TradeUnit, price: Decimal): Decimal {
  const size = Decimal.parse(spec.contractSize);
  if (spec.inverse && spec.kind !== 'option')
    return size.times(arrival).dividedBy(price, VALUE_DIGITS).negated();
  return size.times(price).times(quoteUsd).round(VALUE_DIGITS, 'half-even');
}

/** USD notional of contracts at arrival: an option's counts the premium. */
export function notionalOf({ spec, arrival, quoteUsd }: TradeUnit, contracts: Decimal): Decimal {
  const size = Decimal.parse(spec.contractSize).times(contracts.abs());
  if (spec.inverse && spec.kind !== 'option') return size;
  return size.times(arrival).times(quoteUsd).round(VALUE_DIGITS, 'half-even');
}
