import type { MoneyAmount } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { Contract } from '../contract/contract';
import { FLAT, applyFill } from './position';
import type { ContractPosition } from './position';

/** What fills did to an account: positions, and cash by currency. Funding and settlements are not in it. */
export interface AccountLedger {
  readonly positions: Map<string, ContractPosition>;
  /** Signed movements since the account was opened. */
  readonly cash: Map<string, Decimal>;
  /** Everything booked, by fill id, in order. */
  readonly fills: Map<string, BookedFill>;
}

export interface BookedFill {
  readonly contract: Contract;
  /** Signed, bought positive. */
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly fee: MoneyAmount;
}

export function emptyLedger(): AccountLedger {
  return { positions: new Map(), cash: new Map(), fills: new Map() };
}

/** Books a fill. */
export function bookFill(ledger: AccountLedger, fillId: string, fill: BookedFill): void {
  ledger.fills.set(fillId, fill);
  post(ledger, fill);
}

/**
 * Takes a busted fill out as if it had never been: realised gains depend on the order of fills, so the rest is booked anew.
 */
export function unbookFill(ledger: AccountLedger, fillId: string): void {
  if (!ledger.fills.delete(fillId)) return;
  ledger.positions.clear();
  ledger.cash.clear();
  for (const fill of ledger.fills.values()) post(ledger, fill);
}

function post(ledger: AccountLedger, { contract, quantity, price, fee }: BookedFill): void {
  if (!quantity.isZero()) {
    const before = ledger.positions.get(contract.id) ?? FLAT;
    const { position, cash } = applyFill(contract, before, quantity, price);
    ledger.positions.set(contract.id, position);
    addCash(ledger, contract.settlement, cash);
    if (contract.kind === 'spot') addCash(ledger, contract.underlying, quantity.times(contract.size));
  }
  if (fee.currency !== '') addCash(ledger, fee.currency, Decimal.parse(fee.amount));
}

function addCash(ledger: AccountLedger, currency: string, amount: Decimal): void {
  if (amount.isZero()) return;
  ledger.cash.set(currency, (ledger.cash.get(currency) ?? Decimal.ZERO).plus(amount));
}
