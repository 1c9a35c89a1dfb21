import type { Decimal } from '@evenkeel/kernel';
import { assert } from '@evenkeel/kernel';
import type { Contract } from './contract';
import { AMOUNT_DIGITS } from './currency';

/** What the value of a contract depends on. */
export type Valued = Pick<Contract, 'payoff' | 'size'>;

/**
 * The value, in the settlement currency, of `quantity` contracts (signed, long positive) at `price`; the gain from p0 to p1
 * is `contractValue(p1) − contractValue(p0)` for every payoff. Linear and premium values are exact; an inverse value is
 * −quantity × size ÷ price rounded half-even to 8 digits. Price of an inverse contract must be positive.
 */
export function contractValue(contract: Valued, quantity: Decimal, price: Decimal): Decimal {
  const amount = quantity.times(contract.size);
  if (contract.payoff !== 'inverse') return amount.times(price);
  assert(price.isPositive(), 'the price of an inverse contract is positive');
  return amount.dividedBy(price, AMOUNT_DIGITS, 'half-even').negated();
}

/** `contractValue` as the nearest double, for analytics. */
export function contractValueNumber(
  { payoff, sizeNumber }: Pick<Contract, 'payoff' | 'sizeNumber'>,
  quantity: number,
  price: number,
): number {
  const amount = quantity * sizeNumber;
  return payoff === 'inverse' ? -(amount / price) : amount * price;
}
