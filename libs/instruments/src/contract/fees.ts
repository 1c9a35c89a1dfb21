import { Decimal, required } from '@evenkeel/kernel';
import type { Rounding } from '@evenkeel/kernel';
import type { Contract } from './contract';
import { AMOUNT_DIGITS } from './currency';
import { optionPayoff } from './settlement';

/** Deribit: an option's fee is at most this fraction of its premium. */
export const OPTION_FEE_CAP = Decimal.parse('0.125');

export interface FeeTerms {
  readonly quantity: Decimal;
  /** In the contract's quote unit. */
  readonly price: Decimal;
  /** Fraction of notional (0.0005 = 5 bp), negative for a rebate. */
  readonly rate: Decimal;
  /** USD per unit; needed by options that are settled in dollars, whose fee is of the underlying. */
  readonly underlyingUsd?: Decimal | undefined;
  /** How the venue brings a fee to 8 digits. */
  readonly rounding: Rounding;
}

/**
 * Fee of a trade in the settlement currency, positive when paid, rounded once to 8 digits. Linear and spot: rate × quantity ×
 * size × price; inverse: rate × quantity × size ÷ price. Options: the rate is of the *underlying* (0.0003 coin per coin of a
 * coin-settled option, 0.0003 × index per coin of a dollar-settled one), at most 12.5 % of the premium; a rebate is not
 * capped. Source: Deribit's fee page; table `deribit_option_fee`.
 */
export function tradeFee(contract: Contract, terms: FeeTerms): Decimal {
  const { quantity, price, rate, rounding } = terms;
  const due = quantity.abs().times(contract.size).times(rate);
  if (contract.payoff === 'inverse') return due.dividedBy(price, AMOUNT_DIGITS, rounding);
  if (contract.payoff === 'linear') return due.times(price).round(AMOUNT_DIGITS, rounding);
  const full = contract.coinSettled
    ? due
    : due.times(
        required(terms.underlyingUsd, `the price of ${contract.underlying} for a fee of ${contract.id}`),
      );
  const cap = quantity.abs().times(contract.size).times(price).times(OPTION_FEE_CAP);
  return (full.isNegative() ? full : full.min(cap)).round(AMOUNT_DIGITS, rounding);
}

/**
 * What a position pays for being held when its contract expires, in the settlement currency, positive, half-even to 8 digits.
 * Long and short pay the same. Options: the rate is of the underlying at the delivery price, at most the cap of what the option
 * pays, so that one that expires worthless pays nothing. Futures: the rate is of the notional at the delivery price.
 */
export function deliveryFee(contract: Contract, quantity: Decimal, deliveryPrice: Decimal): Decimal {
  const { deliveryFee: rate, deliveryFeeCap: cap } = contract;
  if (rate.isZero() || quantity.isZero()) return Decimal.ZERO;
  const due = quantity.abs().times(contract.size).times(rate);
  const rounded = (amount: Decimal): Decimal => amount.round(AMOUNT_DIGITS, 'half-even');
  if (contract.payoff === 'inverse') return due.dividedBy(deliveryPrice, AMOUNT_DIGITS, 'half-even');
  if (contract.payoff === 'linear') return rounded(due.times(deliveryPrice));
  const full = contract.coinSettled ? due : due.times(deliveryPrice);
  if (cap === undefined) return rounded(full);
  return rounded(full.min(optionPayoff(contract, deliveryPrice).times(quantity.abs()).times(cap)));
}
