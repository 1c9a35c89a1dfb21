import type { EventPayloads } from '@evenkeel/facts';
import { contractValue, unrealisedPnl } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { NOT_HELD, tradeOn } from '@evenkeel/risk';
import type { Position } from '@evenkeel/risk';

/** What is held by instrument. */
export type Held = Map<string, Position>;

export const EXACT_DIGITS = 24;

export type Traded = Pick<EventPayloads['FillApplied'], 'instrument' | 'quantity' | 'price'>;

/** Cash of a trade that a position takes in. */
export function tradedIn(held: Held, contract: Contract, { quantity, price }: Traded): Decimal {
  const before = held.get(contract.id) ?? NOT_HELD;
  const { position, cash } = tradeOn(contract, before, Decimal.parse(quantity), Decimal.parse(price));
  if (position.contracts === 0) held.delete(contract.id);
  else held.set(contract.id, position);
  return cash;
}

/** A position at a value per contract (options) or at a mark, in its settlement currency. */
export function worthAt(contract: Contract, position: Position, unit: number | string): Decimal {
  const quantity = Decimal.parse(position.quantity);
  if (typeof unit === 'number') return Decimal.ofNumber(unit, EXACT_DIGITS).times(quantity);
  const mark = Decimal.parse(unit);
  return contract.exchange === 'paid'
    ? contractValue(contract, quantity, mark)
    : unrealisedPnl(contract, { quantity, basis: Decimal.parse(position.basis) }, mark);
}
