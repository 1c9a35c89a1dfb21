import { Decimal, assert } from '@evenkeel/kernel';
import type { OptionType } from '../instrument';
import type { ContractTerms } from './terms';

export interface OptionTerms extends ContractTerms {
  readonly strike: Decimal;
  readonly optionType: OptionType;
  /** True: pays coin, max(1 − K/S, 0) or max(K/S − 1, 0) per unit; false: pays max(S − K, 0) or max(K − S, 0) of the quote. */
  readonly coinSettled: boolean;
}

/**
 * What `quantity` options (signed) pay at the delivery price, in the settlement currency: received when long, paid when short.
 * Coin payoffs are rounded half-even to the smallest unit, the sum and not each contract. Source: Deribit's option
 * specification; table `deribit_inverse_option_settlement`.
 */
export function optionPayoff(terms: OptionTerms, quantity: Decimal, deliveryPrice: Decimal): Decimal {
  assert(deliveryPrice.isPositive(), 'a delivery price is positive');
  const inTheMoney =
    terms.optionType === 'call' ? deliveryPrice.minus(terms.strike) : terms.strike.minus(deliveryPrice);
  if (!inTheMoney.isPositive()) return Decimal.ZERO;
  const amount = quantity.times(terms.contractSize).times(inTheMoney);
  return terms.coinSettled ? amount.dividedBy(deliveryPrice, terms.valueScale, 'half-even') : amount;
}
