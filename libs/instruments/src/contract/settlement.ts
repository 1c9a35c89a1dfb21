import { Decimal, assert, required } from '@evenkeel/kernel';
import type { Contract } from './contract';
import { AMOUNT_DIGITS } from './currency';

/**
 * What one option pays its holder at the delivery price (USD per unit), in the settlement currency: coin-settled max(1 − K/S, 0) or
 * max(K/S − 1, 0) coin, otherwise max(S − K, 0) or max(K − S, 0), each times the contract size, half-even to 8 digits. Many contracts
 * pay that many times this, so that payoff and cash on record multiply out. Source: Deribit's option specification; table
 * `deribit_inverse_option_settlement`.
 */
export function optionPayoff(contract: Contract, deliveryPrice: Decimal): Decimal {
  assert(deliveryPrice.isPositive(), 'a delivery price is positive');
  const strike = required(contract.strike, `the strike of ${contract.id}`);
  const difference =
    contract.optionType === 'call' ? deliveryPrice.minus(strike) : strike.minus(deliveryPrice);
  const intrinsic = difference.max(Decimal.ZERO).times(contract.size);
  return contract.coinSettled
    ? intrinsic.dividedBy(deliveryPrice, AMOUNT_DIGITS, 'half-even')
    : intrinsic.round(AMOUNT_DIGITS, 'half-even');
}
