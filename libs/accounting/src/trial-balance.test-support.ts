import { Decimal } from '@evenkeel/kernel';
import type { JournalEntry, JournalLine } from './journal-entries';

/** Balances by account and currency, those of zero left out: what a set of entries adds up to. Accounts in order of first mention. */
export function trialBalance(entries: Iterable<JournalEntry>): JournalLine[] {
  const totals = new Map<string, { readonly account: string; readonly currency: string; amount: Decimal }>();
  for (const { account, currency, amount } of [...entries].flatMap(({ lines }) => lines)) {
    const key = `${account} ${currency}`;
    const total = totals.get(key) ?? { account, currency, amount: Decimal.ZERO };
    totals.set(key, { account, currency, amount: total.amount.plus(Decimal.parse(amount)) });
  }
  return [...totals.values()]
    .filter(({ amount }) => !amount.isZero())
    .map((total) => ({ ...total, amount: total.amount.toString() }));
}
