import type { AccountOrder, AccountPosition, MoneyAmount, VenueReport } from '@evenkeel/facts';
import { Decimal, type Result } from '@evenkeel/kernel';

import { nameOf } from './order-reports';
import type { DeribitOrder, DeribitPosition } from './private-messages';
import type { DecimalText } from '@evenkeel/venue-wire';

export interface AccountQuestions {
  readonly book: string;
  readonly requestId: string;
  /** Settlement currencies of what is traded. */
  readonly currencies: readonly string[];
  /** Contract size by instrument name: reports are in contracts. */
  readonly sizes: ReadonlyMap<string, Decimal>;
  readonly positions: (currency: string) => Promise<Result<DeribitPosition[]>>;
  readonly openOrders: () => Promise<Result<DeribitOrder[]>>;
  readonly balance: (currency: string) => Promise<Result<DecimalText>>;
}

type AccountReport = Extract<VenueReport, { kind: 'account' }>;

/**
 * Everything the venue holds for an account, in contracts and coins. What could not be asked is not filled in: the report
 * then says that it is not complete, and nothing may be concluded from what is missing.
 */
export async function readAccount(ask: AccountQuestions): Promise<AccountReport> {
  const positions: AccountPosition[] = [];
  const balances: MoneyAmount[] = [];
  let complete = true;
  for (const currency of ask.currencies) {
    const held = await ask.positions(currency);
    if (!held.ok) complete = false;
    else
      for (const { instrument, size } of held.value)
        if (size !== '0') positions.push({ instrument: `${instrument}@deribit`, quantity: size });
    const balance = await ask.balance(currency);
    if (!balance.ok) complete = false;
    else balances.push({ currency, amount: balance.value });
  }
  const open = await ask.openOrders();
  const openOrders = open.ok ? open.value.map((order) => openOrderOf(order, ask.sizes)) : [];
  return {
    kind: 'account',
    venue: 'deribit',
    book: ask.book,
    requestId: ask.requestId,
    positions,
    openOrders,
    balances,
    complete: complete && open.ok,
  };
}

/** An open order as everybody else speaks of it: in contracts, by our own id where it has one. */
export function openOrderOf(order: DeribitOrder, sizes: ReadonlyMap<string, Decimal>): AccountOrder {
  const size = sizes.get(order.instrument) ?? Decimal.ONE;
  const open = Decimal.parse(order.amount).minus(Decimal.parse(order.filledAmount));
  return {
    clientOrderId: nameOf(order),
    instrument: `${order.instrument}@deribit`,
    remaining: open.dividedBy(size, 12, 'half-even').toString(),
  };
}
