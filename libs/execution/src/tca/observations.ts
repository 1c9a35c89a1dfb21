import type { Side } from '@evenkeel/facts';
import { Decimal, formatInstant } from '@evenkeel/kernel';
import type { JournalTca } from './journal-tca';
import type { FillSeen, TradeSeen } from './trades';
import { notionalOf } from './valuation';

/** What one own order traded, as the cost model of the hedging policies is fitted on it. Prices in the quote unit. */
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

/**
 * Every order that traded, its fills of one kind taken together at their average price: impact belongs to the order, not to
 * the levels it walked. The markout is the one of the longest horizon after its last fill.
 */
export function observationsOf(journal: JournalTca, options: ObservationOptions): FillObservation[] {
  const last = journal.horizons.length - 1;
  return journal.trades.flatMap((trade) => {
    const { contract, arrival, instrument, side } = trade;
    const dailyVolatility =
      journal.volatility.daily(`${contract.underlying}@composite`) ?? options.fallbackVolatility;
    return ordersOf(trade).map(({ fills, quantity, paid, fee }): FillObservation => {
      const end = fills[fills.length - 1];
      const mark = end?.marks[last];
      return {
        instrument,
        at: formatInstant(end?.at ?? trade.at),
        side,
        liquidity: end?.liquidity ?? 'taker',
        notionalUsd: notionalOf(trade, quantity).toNumber(),
        arrivalMid: arrival.toNumber(),
        price: paid.dividedBy(quantity, 12).toNumber(),
        feeUsd: fee.toNumber(),
        dailyVolumeUsd: options.dailyVolumeUsd(instrument),
        dailyVolatility,
        ...(mark === undefined ? {} : { markoutMid: mark.toNumber() }),
      };
    });
  });
}

interface OrderFills {
  readonly fills: FillSeen[];
  quantity: Decimal;
  /** Σ quantity × price. */
  paid: Decimal;
  fee: Decimal;
}

function ordersOf(trade: TradeSeen): OrderFills[] {
  const orders = new Map<string, OrderFills>();
  for (const fill of trade.fills) {
    const key = `${fill.clientOrderId}/${fill.liquidity}`;
    const order = orders.get(key) ?? {
      fills: [],
      quantity: Decimal.ZERO,
      paid: Decimal.ZERO,
      fee: Decimal.ZERO,
    };
    order.fills.push(fill);
    order.quantity = order.quantity.plus(fill.quantity);
    order.paid = order.paid.plus(fill.quantity.times(fill.price));
    order.fee = order.fee.plus(fill.fee);
    orders.set(key, order);
  }
  return [...orders.values()];
}
