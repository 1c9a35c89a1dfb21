import type { MoneyAmount } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Contract } from '../contract/contract';
import { FLAT, applyFill } from './position';
import type { ContractPosition } from './position';

/** What fills did to an account: positions, and cash by currency. Funding and settlements are not in it. */
export interface AccountLedger {
  readonly positions: Map<string, ContractPosition>;
  /** Signed movements since the account was opened. */
  readonly cash: Map<string, Decimal>;
  /** Everything booked since `base`, by fill id, in order. */
  readonly fills: Map<string, BookedFill>;
  /** What it began with. */
  base: LedgerBase;
}

/** An account as fills that are not told one by one have made it. */
export interface LedgerBase {
  readonly positions: Map<string, ContractPosition>;
  readonly cash: Map<string, Decimal>;
}

export interface BookedFill {
  readonly contract: Contract;
  /** Signed, bought positive. */
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly fee: MoneyAmount;
  /** When it was told, event time. */
  readonly at: Instant;
}

export function emptyLedger(): AccountLedger {
  return {
    positions: new Map(),
    cash: new Map(),
    fills: new Map(),
    base: { positions: new Map(), cash: new Map() },
  };
}

/** Begins with what an account has come to elsewhere. */
export function beginLedger(ledger: AccountLedger, base: LedgerBase): void {
  ledger.base = base;
  ledger.fills.clear();
  restart(ledger);
}

function restart({ positions, cash, base }: AccountLedger): void {
  positions.clear();
  cash.clear();
  for (const [instrument, position] of base.positions) positions.set(instrument, position);
  for (const [currency, amount] of base.cash) cash.set(currency, amount);
}

/** Books a fill. */
export function bookFill(ledger: AccountLedger, fillId: string, fill: BookedFill): void {
  ledger.fills.set(fillId, fill);
  post(ledger, fill);
}

/** Fills told up to `upTo` become part of the base, the oldest first: one taken back later is undone by its opposite. */
export function settleFills(ledger: AccountLedger, upTo: Instant): void {
  for (const [fillId, fill] of ledger.fills) {
    if (fill.at > upTo) return;
    post(ledger.base, fill);
    ledger.fills.delete(fillId);
  }
}

/**
 * Takes a busted fill out as if it had never been: realised gains depend on the order of fills, so the rest is booked anew.
 * One that is part of the base is undone by the opposite trade at its price.
 */
export function unbookFill(ledger: AccountLedger, fillId: string, fill: BookedFill): void {
  if (!ledger.fills.delete(fillId)) {
    const { quantity, fee } = fill;
    const refund = { currency: fee.currency, amount: Decimal.parse(fee.amount).negated().toString() };
    return bookFill(ledger, `${fillId}/bust`, { ...fill, quantity: quantity.negated(), fee: refund });
  }
  restart(ledger);
  for (const one of ledger.fills.values()) post(ledger, one);
}

function post(ledger: LedgerBase, { contract, quantity, price, fee }: BookedFill): void {
  if (!quantity.isZero()) {
    const before = ledger.positions.get(contract.id) ?? FLAT;
    const { position, cash } = applyFill(contract, before, quantity, price);
    ledger.positions.set(contract.id, position);
    addCash(ledger, contract.settlement, cash);
    if (contract.kind === 'spot') addCash(ledger, contract.underlying, quantity.times(contract.size));
  }
  if (fee.currency !== '') addCash(ledger, fee.currency, Decimal.parse(fee.amount));
}

function addCash(ledger: LedgerBase, currency: string, amount: Decimal): void {
  if (amount.isZero()) return;
  ledger.cash.set(currency, (ledger.cash.get(currency) ?? Decimal.ZERO).plus(amount));
}
