import type { Side } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';
import type { JournalTca } from './journal-tca';
import { notionalOf } from './valuation';

/** One own fill as the cost model of the hedging policies is fitted on it. Prices in the quote unit. */
export interface FillObservation {
  readonly instrument: string;
  readonly at: string;
  readonly side: Side;
  readonly liquidity: 'maker' | 'taker';
  readonly notionalUsd: number;
  readonly arrivalMid: number;
  readonly price: number;
  /** Paid, USD; negative for a rebate. */
  readonly feeUsd: number;
  readonly dailyVolumeUsd: number;
  readonly dailyVolatility: number;
  readonly markoutMid?: number;
}

export interface ObservationOptions {
  /** Volume of a day by instrument, USD; the journal does not know it. 0 where absent: then impact cannot be fitted. */
  readonly dailyVolumeUsd: (instrument: string) => number;
  /** Daily volatility where the journal shows too few prices, per 1.00. */
  readonly fallbackVolatility: number;
}

/** Every fill of the journal. The markout is the one of the longest horizon. */
export function observationsOf(journal: JournalTca, options: ObservationOptions): FillObservation[] {
  const last = journal.horizons.length - 1;
  return journal.trades.flatMap((trade) => {
    const { spec, arrival, quoteUsd, instrument, side } = trade;
    const dailyVolatility =
      journal.volatility.daily(`${spec.underlying}@composite`) ?? options.fallbackVolatility;
    return trade.fills.map((fill): FillObservation => {
      const mark = fill.marks[last];
      return {
        instrument,
        at: formatInstant(fill.at),
        side,
        liquidity: fill.liquidity,
        notionalUsd: notionalOf({ spec, arrival, quoteUsd }, fill.quantity).toNumber(),
        arrivalMid: arrival.toNumber(),
        price: fill.price.toNumber(),
        feeUsd: fill.fee.toNumber(),
        dailyVolumeUsd: options.dailyVolumeUsd(instrument),
        dailyVolatility,
        ...(mark === undefined ? {} : { markoutMid: mark.toNumber() }),
      };
    });
  });
}
