import { Decimal } from '@evenkeel/kernel';

import type { Fill } from './matching-book';
import type { Grid, SimInstrument } from './sim-instrument';

/** Rate × value in the settlement currency: coin for inverse contracts, rounded up at the eighth digit as the venue keeps it. */
export function simFee(instrument: SimInstrument, grid: Grid, fill: Fill, rate: string): string {
  const amount = grid.amountOf(fill.lots);
  const price = grid.priceOf(fill.ticks);
  const fee = Decimal.parse(rate);
  if (instrument.kind === 'option') {
    // Of the underlying, at most an eighth of the premium.
    return amount
      .times(fee)
      .min(amount.times(price).times(Decimal.parse('0.125')))
      .toString();
  }
  return instrument.inverse
    ? amount.times(fee).dividedBy(price, 8, 'ceil').toString()
    : amount.times(price).times(fee).toString();
}
