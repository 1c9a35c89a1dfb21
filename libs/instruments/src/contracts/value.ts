import type { Decimal } from '@evenkeel/kernel';
import { assert } from '@evenkeel/kernel';
import type { ContractTerms } from './terms';

/**
 * The value, in the settlement currency, of `quantity` contracts (signed, long positive) at `price`; the gain from p0 to p1
 * is `contractValue(p1) − contractValue(p0)` for every payoff. Linear and premium values are exact; an inverse value is
 * −quantity × size ÷ price rounded half-even to the smallest unit. Price of an inverse contract must be positive.
 */
export function contractValue(terms: ContractTerms, quantity: Decimal, price: Decimal): Decimal {
  const amount = quantity.times(terms.contractSize);
  if (terms.payoff !== 'inverse') return amount.times(price);
  assert(price.isPositive(), 'the price of an inverse contract is positive');
  return amount.dividedBy(price, terms.valueScale, 'half-even').negated();
}

/** Gain of `quantity` contracts from `entry` to `exit` in the settlement currency, before fees and funding. */
export function contractPnl(terms: ContractTerms, quantity: Decimal, entry: Decimal, exit: Decimal): Decimal {
  return contractValue(terms, quantity, exit).minus(contractValue(terms, quantity, entry));
}

/**
 * Unsigned turnover at `price`: in the quote currency for linear contracts, in the settlement coin for inverse ones, the
 * premium for options. What a venue takes its percentage fee of, options apart.
 */
export function contractNotional(terms: ContractTerms, quantity: Decimal, price: Decimal): Decimal {
  return contractValue(terms, quantity, price).abs();
}

/**
 * Units of the underlying that the contracts stand for, per unit move of the underlying in the quote currency, the coin
 * balance and the quote currency held constant: quantity × size for linear contracts, quantity × size ÷ price for inverse
 * ones (coin gains already made are a coin balance, which the book counts). Rounded half-even to `scale`. Options have no
 * delta without a model; asking is a bug.
 */
export function contractDelta(terms: ContractTerms, quantity: Decimal, price: Decimal, scale = 12): Decimal {
  assert(terms.payoff !== 'premium', 'an option has no delta without a model');
  const amount = quantity.times(terms.contractSize);
  return terms.payoff === 'linear' ? amount : amount.dividedBy(price, scale, 'half-even');
}

/** Contracts nearest to `amount` without exceeding it, in lots. Amount: units of the underlying, or of USD for inverse contracts. */
export function contractsOfAmount(terms: ContractTerms, amount: Decimal, lotSize: Decimal): Decimal {
  return amount.dividedBy(terms.contractSize, 18, 'down').roundToStep(lotSize, 'down');
}

/** The amount a venue states for `quantity` contracts: coins, or USD for inverse contracts. */
export function amountOfContracts(terms: ContractTerms, quantity: Decimal): Decimal {
  return quantity.times(terms.contractSize);
}
