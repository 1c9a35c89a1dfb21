import { Decimal } from '@evenkeel/kernel';
import type { Contract } from '../src/contract/contract';
import { contractValue } from '../src/contract/value';
import type { ContractPosition } from '../src/position/position';
import { unrealisedPnl } from '../src/position/position';

/**
 * What the position adds to the account besides cash: its whole value when it was paid for, its unrealised gain when it
 * is margined. Cash plus this equals the sum of all cash flows of the contract, had it been closed at `mark`.
 */
export function markedValue(contract: Contract, position: ContractPosition, mark: Decimal): Decimal {
  if (position.quantity.isZero()) return Decimal.ZERO;
  return contract.exchange === 'paid'
    ? contractValue(contract, position.quantity, mark)
    : unrealisedPnl(contract, position, mark);
}
