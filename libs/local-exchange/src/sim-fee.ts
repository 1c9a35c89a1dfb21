import { tradeFee } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

import type { Fill } from './matching-book';
import { contractsOf, simContractOf } from './sim-instrument';
import type { Grid, SimInstrument } from './sim-instrument';

/**
 * What a fill costs in the settlement currency, rounded up at the eighth digit as the venue keeps it. `index`: price of the underlying,
 * which the fee of an option in dollars goes by.
 */
export function simFee(
  instrument: SimInstrument,
  grid: Grid,
  fill: Fill,
  rate: string,
  index: number | undefined,
): string {
  const contract = simContractOf(instrument);
  const quantity = contractsOf(instrument, grid.amountOf(fill.lots));
  const price = grid.priceOf(fill.ticks);
  const underlyingUsd = index === undefined ? undefined : Decimal.ofNumber(index, 8);
  const terms = { quantity, price, rate: Decimal.parse(rate), underlyingUsd, rounding: 'ceil' } as const;
  return tradeFee(contract, terms).toString();
}
