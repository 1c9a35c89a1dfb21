import type { AccountPosition } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { splitInstrumentId } from '@evenkeel/venue-wire';
import type { OrderFill, OrderState } from '@evenkeel/venue-orders';

import type { DeribitOrder, DeribitOwnTrade, DeribitPosition } from './private-messages';

const STATES: Readonly<Record<string, OrderState['state']>> = {
  open: 'open',
  untriggered: 'open',
  filled: 'filled',
  rejected: 'rejected',
};
/** Whoever may rest is good till cancelled; everything else ends at once. */
const RESTS = 'good_til_cancelled';

/** Ours carry our id as their label; one that was placed by hand carries none, and goes by the venue's own id. */
function nameOf(order: { readonly label: string; readonly orderId: string }): string {
  return order.label === '' ? order.orderId : order.label;
}

/** From Deribit's words to ours: it speaks amounts (USD for inverse futures, coins otherwise), we speak contracts. */
export class DeribitWords {
  /** Settlement currencies of what is traded. */
  readonly currencies: readonly string[];
  private readonly sizes = new Map<string, Decimal>();

  constructor(specifications: readonly InstrumentSpec[]) {
    // Options are listed one coin a contract, futures by their contract size in USD.
    for (const spec of specifications)
      this.sizes.set(splitInstrumentId(spec.id)[0], Decimal.parse(spec.contractSize));
    this.currencies = [...new Set(specifications.map((spec) => spec.settlement))];
  }

  /** undefined for what is not traded here. */
  amountOf(name: string, contracts: string): number | undefined {
    const size = this.sizes.get(name);
    return size === undefined ? undefined : Decimal.parse(contracts).times(size).toNumber();
  }

  order(order: DeribitOrder): OrderState {
    const ends = order.timeInForce === RESTS ? 'cancelled' : 'remainder';
    return {
      venueOrderId: order.orderId,
      clientOrderId: nameOf(order),
      instrument: `${order.instrument}@deribit`,
      state: STATES[order.state] ?? ends,
      reason: order.state === 'rejected' ? 'VENUE_REJECTED' : 'REQUESTED',
      quantity: this.contracts(order.instrument, order.amount),
      filled: this.contracts(order.instrument, order.filledAmount),
    };
  }

  trade(trade: DeribitOwnTrade): OrderFill {
    return {
      fillId: trade.tradeId,
      venueOrderId: trade.orderId,
      clientOrderId: nameOf(trade),
      instrument: `${trade.instrument}@deribit`,
      side: trade.side,
      price: trade.price,
      quantity: this.contracts(trade.instrument, trade.amount),
      fee: { currency: trade.feeCurrency, amount: Decimal.parse(trade.fee).negated().toString() },
      liquidity: trade.liquidity,
      at: trade.eventTime,
    };
  }

  position({ instrument, size }: DeribitPosition): AccountPosition {
    return {
      instrument: `${instrument}@deribit`,
      quantity: this.contracts(instrument, size).toString(),
    };
  }

  private contracts(name: string, amount: string): Decimal {
    return Decimal.parse(amount).dividedBy(this.sizes.get(name) ?? Decimal.ONE, 12, 'half-even');
  }
}
