import { averageEntryPrice, applyFill, FLAT } from '@evenkeel/instruments';
import type { Contract, ContractPosition } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { Position } from './state';

export const NOT_HELD: Position = positionOf(FLAT);

export interface PositionChange {
  readonly position: Position;
  /** Gain made certain by the trade, settlement currency. */
  readonly realised: Decimal;
  /** What moves on the cash account at once: premium and principal where value is paid, realised gain where it is margined. */
  readonly cash: Decimal;
  /** Average entry price of what is open afterwards, quote unit, 8 digits; 0 when flat. */
  readonly averagePrice: Decimal;
}

/** Applies signed contracts traded at a price. */
export function tradeOn(
  contract: Contract,
  before: Position,
  quantity: Decimal,
  price: Decimal,
): PositionChange {
  const { position, realised, cash } = applyFill(contract, readPosition(before), quantity, price);
  return {
    position: positionOf(position),
    realised,
    cash,
    averagePrice: averageEntryPrice(contract, position),
  };
}

/** From the plain data that a state keeps. */
function readPosition({ quantity, basis }: Position): ContractPosition {
  return { quantity: Decimal.parse(quantity), basis: Decimal.parse(basis) };
}

/** A position that was made elsewhere. */
export function positionWith(quantity: string, basis: string): Position {
  return positionOf({ quantity: Decimal.parse(quantity), basis: Decimal.parse(basis) });
}

function positionOf({ quantity, basis }: ContractPosition): Position {
  return {
    quantity: quantity.toString(),
    contracts: quantity.toNumber(),
    basis: basis.toString(),
    basisNumber: basis.toNumber(),
  };
}
