import type { AccountOrder, VenueReport } from '@evenkeel/facts';
import type { AccountLedger } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

type AccountReport = Extract<VenueReport, { kind: 'account' }>;

export interface HoldingsQuestion {
  readonly book: string;
  readonly venue: string;
  readonly requestId: string;
  readonly openOrders: readonly AccountOrder[];
  /** What moved without an order of ours: signed contracts by instrument. */
  readonly moved?: Iterable<readonly [instrument: string, quantity: Decimal]>;
}

/** What an exchange of ours answers when it is asked what an account holds. Positions and balances by name; nothing at zero. */
export function holdingsReport(question: HoldingsQuestion, ledger: AccountLedger): AccountReport {
  const { book, venue, requestId, openOrders, moved = [] } = question;
  const held = new Map([...ledger.positions].map(([name, { quantity }]) => [name, quantity]));
  for (const [instrument, quantity] of moved)
    held.set(instrument, (held.get(instrument) ?? Decimal.ZERO).plus(quantity));
  return {
    kind: 'account',
    venue,
    book,
    requestId,
    positions: listed(held).map(([instrument, quantity]) => ({ instrument, quantity })),
    openOrders,
    balances: listed(ledger.cash).map(([currency, amount]) => ({ currency, amount })),
    complete: true,
  };
}

function listed(amounts: ReadonlyMap<string, Decimal>): [name: string, amount: string][] {
  return [...amounts]
    .filter(([, amount]) => !amount.isZero())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => [name, amount.toString()]);
}
