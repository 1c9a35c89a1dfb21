import { fiveFigures } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

/**
 * Whether the venue takes a price and a size: at most five significant figures or a whole number, on the ticks that go with its places; a
 * size of at most `sizeDecimals` places.
 */
export function isOnGrid(price: Decimal, size: Decimal, sizeDecimals: number): boolean {
  const { tickSize, tickSteps, lotSize } = fiveFigures(sizeDecimals);
  const step = tickSteps.filter(({ above }) => price.greaterThan(Decimal.parse(above))).at(-1);
  return (
    price.isMultipleOf(Decimal.parse(step?.tick ?? tickSize)) && size.isMultipleOf(Decimal.parse(lotSize))
  );
}
