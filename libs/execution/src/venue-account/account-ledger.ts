import type { MoneyAmount } from '@evenkeel/facts';
import { FLAT, applyFill, contractTermsOf } from '@evenkeel/instruments';
import type { ContractPosition, InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

/** What fills did to an account: positions, and cash by currency. Funding and settlements are not in it. */
export interface AccountLedger {
  readonly positions: Map<string, ContractPosition>;
  /** Signed movements since the account was opened. */
  readonly cash: Map<string, Decimal>;
}

export function emptyLedger(): AccountLedger {
  return { positions: new Map(), cash: new Map() };
}

/** Books a fill. `quantity` is signed, bought positive; a busted fill is booked with the opposite sign of quantity and fee. */
export function bookFill(
  ledger: AccountLedger,
  spec: InstrumentSpec,
  quantity: Decimal,
  price: Decimal,
  fee: MoneyAmount,
): void {
  if (!quantity.isZero()) {
    const terms = contractTermsOf(spec);
    if (terms.ok) {
      const before = ledger.positions.get(spec.id) ?? FLAT;
      const { position, cash } = applyFill(terms.value, before, quantity, price);
      ledger.positions.set(spec.id, position);
      addCash(ledger, spec.kind === 'spot' ? spec.quote : spec.settlement, cash);
      if (spec.kind === 'spot') addCash(ledger, spec.underlying, quantity.times(terms.value.contractSize));
    }
  }
  if (fee.currency !== '') addCash(ledger, fee.currency, Decimal.parse(fee.amount));
}

function addCash(ledger: AccountLedger, currency: string, amount: Decimal): void {
  if (amount.isZero()) return;
  ledger.cash.set(currency, (ledger.cash.get(currency) ?? Decimal.ZERO).plus(amount));
}
