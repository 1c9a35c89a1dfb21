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

/** Whether a contract may be held by the book and by its hedges at once; what is not is the book's own. */
export function maybeHedge(
  { hedgeInstruments }: Pick<BookState, 'hedgeInstruments'>,
  { kind, id }: Pick<Contract, 'kind' | 'id'>,
): boolean {
  return kind !== 'option' || hedgeInstruments.includes(id);
}
