import { Decimal, assert } from '@evenkeel/kernel';
import type { Contract } from '../contract/contract';
import { AMOUNT_DIGITS } from '../contract/currency';
import type { Valued } from '../contract/value';
import { contractValue, contractValueNumber } from '../contract/value';

/**
 * An open quantity and what it was entered for. `basis` is Σ contractValue of the fills that are still open, so that
 * unrealised gain = contractValue(quantity, mark) − basis. Average-cost: a partial close releases its share of the basis,
 * rounded half-even to 8 digits, and the remainder keeps what is left, so nothing is ever created or lost. A fill that a venue
 * busts is undone by the opposite fill at the same price: what is worth what stays exact, only which part of it counts as
 * realised depends on the order of fills.
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

type Filled = Valued & Pick<Contract, 'exchange'>;

/** The position after a fill of `quantity` contracts (signed: bought positive) at `price`. */
export function applyFill(
  contract: Filled,
  position: ContractPosition,
  quantity: Decimal,
  price: Decimal,
): FillOutcome {
  assert(!quantity.isZero(), 'a fill has a quantity');
  const value = contractValue(contract, quantity, price);
  const closes = position.quantity.sign() * quantity.sign() < 0;
  const outcome = closes
    ? reduce(contract, position, quantity, price, value)
    : open(position, quantity, value);
  const cash = contract.exchange === 'paid' ? value.negated() : outcome.realised;
  return { ...outcome, cash };
}

type Change = Omit<FillOutcome, 'cash'>;

function open(position: ContractPosition, quantity: Decimal, value: Decimal): Change {
  return {
    position: { quantity: position.quantity.plus(quantity), basis: position.basis.plus(value) },
    realised: Decimal.ZERO,
  };
}

function reduce(
  contract: Valued,
  position: ContractPosition,
  quantity: Decimal,
  price: Decimal,
  value: Decimal,
): Change {
  const remaining = position.quantity.plus(quantity);
  if (remaining.isZero()) return { position: FLAT, realised: value.negated().minus(position.basis) };
  if (remaining.sign() === position.quantity.sign()) {
    // The closed share of what was paid; the gain is what the fill brought in less that share.
    const released = position.basis
      .times(quantity.abs())
      .dividedBy(position.quantity.abs(), AMOUNT_DIGITS, 'half-even');
    return {
      position: { quantity: remaining, basis: position.basis.minus(released) },
      realised: value.negated().minus(released),
    };
  }
  // Through zero: what is open afterwards is worth what it would have cost by itself; the rest of the fill closed the old side.
  const opening = contractValue(contract, remaining, price);
  return {
    position: { quantity: remaining, basis: opening },
    realised: opening.minus(value).minus(position.basis),
  };
}

/** Gain not yet made certain, at `mark`, in the settlement currency. */
export function unrealisedPnl(contract: Valued, position: ContractPosition, mark: Decimal): Decimal {
  return position.quantity.isZero()
    ? Decimal.ZERO
    : contractValue(contract, position.quantity, mark).minus(position.basis);
}

/** `unrealisedPnl` in doubles, for analytics. */
export function unrealisedPnlNumber(
  contract: Pick<Contract, 'payoff' | 'sizeNumber'>,
  position: { readonly contracts: number; readonly basisNumber: number },
  mark: number,
): number {
  return contractValueNumber(contract, position.contracts, mark) - position.basisNumber;
}

/** Average entry price to 8 digits, quote unit; zero when flat. For showing; no money is computed from it. */
export function averageEntryPrice(contract: Valued, position: ContractPosition): Decimal {
  if (position.quantity.isZero() || position.basis.isZero()) return Decimal.ZERO;
  const amount = position.quantity.times(contract.size);
  return contract.payoff === 'inverse'
    ? amount.negated().dividedBy(position.basis, AMOUNT_DIGITS, 'half-even')
    : position.basis.dividedBy(amount, AMOUNT_DIGITS, 'half-even');
}
