import type { Decimal, Rounding } from '@evenkeel/kernel';
import type { Contract } from './contract';

/** What a contract's prices move by. */
export type Ticked = Pick<Contract, 'tick' | 'tickSteps'>;

/** The price increment at `price`: a venue may let cheap options move finer than dear ones. At a limit itself both are valid. */
export function tickAt({ tick, tickSteps }: Ticked, price: Decimal): Decimal {
  let found = tick;
  for (const step of tickSteps) if (price.greaterThan(step.above)) found = step.tick;
  return found;
}

/** The nearest price under the rounding rule that the venue takes. Limits of steps are multiples of both, so none is crossed. */
export function roundToTick(contract: Ticked, price: Decimal, rounding: Rounding): Decimal {
  return price.roundToStep(tickAt(contract, price), rounding);
}

/** True for a price that the venue takes. */
export function isOnTick(contract: Ticked, price: Decimal): boolean {
  return price.isMultipleOf(tickAt(contract, price));
}
