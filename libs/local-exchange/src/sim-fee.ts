import { tradeFee } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

import type { Fill } from './matching-book';
import { contractsOf, simContractOf } from './sim-instrument';
import type { Grid, SimInstrument } from './sim-instrument';

/** What a fill costs in the settlement currency, rounded up at the eighth digit as the venue keeps it. */
export function simFee(instrument: SimInstrument, grid: Grid, fill: Fill, rate: string): string {
  const contract = simContractOf(instrument);
  const quantity = contractsOf(instrument, grid.amountOf(fill.lots));
  const price = grid.priceOf(fill.ticks);
  return tradeFee(contract, { quantity, price, rate: Decimal.parse(rate), rounding: 'ceil' }).toString();
}
