import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
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

/** The P&L line of what an instrument earns: hedges apart from the book that is hedged. */
export function bucketOf(book: BookState, contract: Contract): 'options' | 'hedge' {
  return contract.kind === 'option' && !book.hedgeInstruments.includes(contract.id) ? 'options' : 'hedge';
}
