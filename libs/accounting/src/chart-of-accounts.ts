/**
 * The accounts of a book. Signed amounts: positive is a debit (an asset grows, a cost is booked), negative a credit (an
 * asset shrinks, income is booked). Every entry sums to zero in every currency.
 *
 * The books are on a cash basis: premiums and payoffs are income when they are paid, open options and unrealised profit are
 * valued by risk and are no part of the ledger. Income from options over their life is premium plus payoff.
 */
export const ACCOUNTS = {
  /** Money at venues, by currency. */
  cash: 'assets/cash',
  /** Spot holdings at cost, in the currency they were bought with; one account per instrument below it. */
  inventory: 'assets/inventory',
  /** Premiums received (credit) and paid (debit). */
  premiums: 'income/option-premiums',
  /** Payoffs at expiry. */
  settlement: 'income/settlement',
  /** Profit realised on perpetuals, futures and spot. */
  trading: 'income/trading',
  funding: 'income/funding',
  fees: 'expenses/fees',
  /** Cash and holdings that an epoch takes over from another one. */
  broughtForward: 'equity/brought-forward',
} as const;

export function inventoryOf(instrument: string): string {
  return `${ACCOUNTS.inventory}/${instrument}`;
}
