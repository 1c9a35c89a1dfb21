import { Decimal } from '@evenkeel/kernel';
import type { ContractTerms } from './contract-terms';
import { AMOUNT_DIGITS, entryValueOf } from './position';
import type { BookState, CashBucket, CashByCurrency } from './state';

/** Adds an amount (positive is ours) to one line of the book's cash. */
export function addCash(
  cash: Record<CashBucket, CashByCurrency>,
  bucket: CashBucket,
  currency: string,
  amount: Decimal,
): void {
  const before = cash[bucket][currency];
  cash[bucket][currency] = (before === undefined ? amount : Decimal.parse(before).plus(amount)).toString();
}

/** Settlement-currency cash that changes hands when contracts are traded: premium and principal; none for perpetuals and futures. */
export function tradeCash(terms: ContractTerms, quantity: Decimal, price: Decimal): Decimal {
  if (terms.kind === 'perpetual' || terms.kind === 'future') return Decimal.ZERO;
  return entryValueOf(terms, quantity, price).negated();
}

/** The P&L line of what an instrument earns: hedges apart from the book that is hedged. */
export function bucketOf(book: BookState, terms: ContractTerms): 'options' | 'hedge' {
  return terms.kind === 'option' && !book.hedgeInstruments.includes(terms.id) ? 'options' : 'hedge';
}

/**
 * Funding of a position: −position × size × price × rate in the quote currency (linear), −position × size ÷ price × rate
 * in coin (inverse); half-even to 8 digits. A long pays when the rate is positive.
 */
export function fundingCash(terms: ContractTerms, position: Decimal, price: Decimal, rate: Decimal): Decimal {
  const size = position.times(terms.size);
  const paid = terms.inverse
    ? size.times(rate).dividedBy(price, AMOUNT_DIGITS)
    : size.times(price).times(rate).round(AMOUNT_DIGITS, 'half-even');
  return paid.negated();
}

/**
 * What one contract pays at expiry in its settlement currency, half-even to 8 digits. Options: coin-settled call
 * max(1 − K/S, 0) and put max(K/S − 1, 0) coin, linear max(S − K, 0) and max(K − S, 0), each times the contract size.
 */
export function optionPayoff(terms: ContractTerms, deliveryPrice: Decimal): Decimal {
  const difference =
    terms.optionType === 'call' ? deliveryPrice.minus(terms.strike) : terms.strike.minus(deliveryPrice);
  const intrinsic = difference.max(Decimal.ZERO).times(terms.size);
  return terms.inverse
    ? intrinsic.dividedBy(deliveryPrice, AMOUNT_DIGITS)
    : intrinsic.round(AMOUNT_DIGITS, 'half-even');
}
