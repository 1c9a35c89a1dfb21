import { Decimal, assert } from '@evenkeel/kernel';
import type { ContractTerms } from './terms';
import { contractValue } from './value';

/**
 * An open quantity and what it was entered for. `basis` is Σ contractValue of the fills that are still open, so that
 * unrealised gain = contractValue(quantity, mark) − basis. Average-cost: a partial close releases its share of the basis,
 * rounded to the smallest unit, and the remainder keeps what is left, so nothing is ever created or lost.
 */
export interface ContractPosition {
  /** Contracts, signed, long positive. */
  readonly quantity: Decimal;
  /** Settlement currency. */
  readonly basis: Decimal;
}

export const FLAT: ContractPosition = { quantity: Decimal.ZERO, basis: Decimal.ZERO };

export interface FillOutcome {
  readonly position: ContractPosition;
  /** Gain made certain by this fill, in the settlement currency, before fees; zero when it only opens. */
  readonly realised: Decimal;
  /** What moves on the cash account at once: the realised gain when margined, minus the whole value when paid. */
  readonly cash: Decimal;
}

/** The position after a fill of `quantity` contracts (signed: bought positive) at `price`. */
export function applyFill(
  terms: ContractTerms,
  position: ContractPosition,
  quantity: Decimal,
  price: Decimal,
): FillOutcome {
  assert(!quantity.isZero(), 'a fill has a quantity');
  const value = contractValue(terms, quantity, price);
  const closes = position.quantity.sign() * quantity.sign() < 0;
  const outcome = closes ? reduce(terms, position, quantity, value) : open(position, quantity, value);
  const cash = terms.exchange === 'paid' ? value.negated() : outcome.realised;
  return { ...outcome, cash };
}

type Change = Omit<FillOutcome, 'cash'>;

function open(position: ContractPosition, quantity: Decimal, value: Decimal): Change {
  return {
    position: { quantity: position.quantity.plus(quantity), basis: position.basis.plus(value) },
    realised: Decimal.ZERO,
  };
}

function reduce(terms: ContractTerms, position: ContractPosition, quantity: Decimal, value: Decimal): Change {
  const remaining = position.quantity.plus(quantity);
  if (remaining.isZero()) {
    return { position: FLAT, realised: value.negated().minus(position.basis) };
  }
  if (remaining.sign() === position.quantity.sign()) {
    // The closed share of what was paid; the gain is what the fill brought in less that share.
    const released = share(position.basis, quantity.abs(), position.quantity.abs(), terms.valueScale);
    return {
      position: { quantity: remaining, basis: position.basis.minus(released) },
      realised: value.negated().minus(released),
    };
  }
  // Through zero: all of the old position closes and the rest of the fill opens the other way.
  const closing = share(value, position.quantity.abs(), quantity.abs(), terms.valueScale);
  return {
    position: { quantity: remaining, basis: value.minus(closing) },
    realised: closing.negated().minus(position.basis),
  };
}

/** amount × part ÷ whole, rounded half-even to the smallest unit. */
function share(amount: Decimal, part: Decimal, whole: Decimal, scale: number): Decimal {
  return amount.times(part).dividedBy(whole, scale, 'half-even');
}

/** Gain not yet made certain, at `mark`, in the settlement currency. */
export function unrealisedPnl(terms: ContractTerms, position: ContractPosition, mark: Decimal): Decimal {
  return position.quantity.isZero()
    ? Decimal.ZERO
    : contractValue(terms, position.quantity, mark).minus(position.basis);
}

/**
 * What the position adds to the account besides cash: its whole value when it was paid for, its unrealised gain when it
 * is margined. Cash plus this equals the sum of all cash flows of the contract, had it been closed at `mark`.
 */
export function markedValue(terms: ContractTerms, position: ContractPosition, mark: Decimal): Decimal {
  if (position.quantity.isZero()) return Decimal.ZERO;
  return terms.exchange === 'paid'
    ? contractValue(terms, position.quantity, mark)
    : unrealisedPnl(terms, position, mark);
}

/** Average entry price to `scale` digits; `undefined` when flat. For showing; no money is computed from it. */
export function averageEntryPrice(
  terms: ContractTerms,
  position: ContractPosition,
  scale: number,
): Decimal | undefined {
  if (position.quantity.isZero()) return undefined;
  const amount = position.quantity.times(terms.contractSize);
  if (terms.payoff !== 'inverse') return position.basis.dividedBy(amount, scale, 'half-even');
  return position.basis.isZero() ? undefined : amount.negated().dividedBy(position.basis, scale, 'half-even');
}
