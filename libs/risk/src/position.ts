import { Decimal } from '@evenkeel/kernel';
import type { ContractTerms } from './contract-terms';
import type { Position } from './state';

/** Digits kept of coin amounts and of values that do not terminate: what venues book. */
export const AMOUNT_DIGITS = 8;

export const FLAT: Position = { quantity: '0', contracts: 0, entryValue: '0', entryNumber: 0 };

export interface PositionChange {
  readonly position: Position;
  /** Profit of the reducing part, settlement currency, exact: realised and what stays open always add up to the whole. */
  readonly realised: Decimal;
  /** Average entry price of what is open afterwards, quote unit, 8 digits; 0 when flat. For people: the books keep `entryValue`. */
  readonly averagePrice: Decimal;
}

/** True for contracts that pay size ÷ price in coin; options are quoted in their settlement currency and so count as linear. */
function paysReciprocal(terms: ContractTerms): boolean {
  return terms.inverse && (terms.kind === 'perpetual' || terms.kind === 'future');
}

/** What `quantity` contracts are worth at `price` in the settlement currency, signed as the quantity. */
export function entryValueOf(terms: ContractTerms, quantity: Decimal, price: Decimal): Decimal {
  const size = quantity.times(terms.size);
  return paysReciprocal(terms) ? size.dividedBy(price, AMOUNT_DIGITS) : size.times(price);
}

/** Applies signed contracts traded at a price. */
export function applyTrade(
  terms: ContractTerms,
  before: Position,
  quantity: Decimal,
  price: Decimal,
): PositionChange {
  const open = Decimal.parse(before.quantity);
  const openValue = Decimal.parse(before.entryValue);
  const value = entryValueOf(terms, quantity, price);
  const after = open.plus(quantity);
  if (open.isZero() || open.sign() === quantity.sign()) {
    return changed(terms, after, openValue.plus(value), Decimal.ZERO);
  }
  // The part that closes, in the direction of the open position.
  const closing = quantity.abs().min(open.abs());
  const closed = open.isNegative() ? closing.negated() : closing;
  const closesAll = closed.equals(open);
  const released = closesAll ? openValue : openValue.times(closed).dividedBy(open, AMOUNT_DIGITS);
  const flips = quantity.abs().greaterThan(open.abs());
  const opening = flips ? entryValueOf(terms, after, price) : Decimal.ZERO;
  // What the closing part fetched: the whole trade less what it opened on the other side.
  const fetched = value.minus(opening).negated();
  const gain = fetched.minus(released);
  const realised = paysReciprocal(terms) ? gain.negated() : gain;
  return changed(terms, after, openValue.minus(released).plus(opening), realised);
}

function changed(
  terms: ContractTerms,
  quantity: Decimal,
  entryValue: Decimal,
  realised: Decimal,
): PositionChange {
  const position: Position = {
    quantity: quantity.toString(),
    contracts: quantity.toNumber(),
    entryValue: entryValue.toString(),
    entryNumber: entryValue.toNumber(),
  };
  return { position, realised, averagePrice: averagePriceOf(terms, position) };
}

/** Average entry price in the quote unit, 8 digits; 0 when flat. */
export function averagePriceOf(terms: ContractTerms, position: Position): Decimal {
  const size = Decimal.parse(position.quantity).times(terms.size);
  const value = Decimal.parse(position.entryValue);
  if (size.isZero() || value.isZero()) return Decimal.ZERO;
  return paysReciprocal(terms) ? size.dividedBy(value, AMOUNT_DIGITS) : value.dividedBy(size, AMOUNT_DIGITS);
}

/** Unrealised profit at `price`, settlement currency (perpetuals and futures). */
export function unrealisedNumber(terms: ContractTerms, position: Position, price: number): number {
  const size = position.contracts * terms.sizeNumber;
  return paysReciprocal(terms) ? position.entryNumber - size / price : size * price - position.entryNumber;
}
