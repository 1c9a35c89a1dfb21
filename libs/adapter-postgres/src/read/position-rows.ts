import type { EventOf, MoneyAmount } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { EventPlace } from './event-place';
import type { Row } from './row';

/** Events after which a position is another one. */
export type PositionEvent = EventOf<'PositionAdopted' | 'FillApplied' | 'OptionSettled'>;

const NO_ORDER = { realised: null, realised_currency: null, client_order_id: null, fill_id: null };

function cashColumns(amount: MoneyAmount): Row {
  return { cash_currency: amount.currency, cash: amount.amount };
}

/** What an event did to a position and to cash. Funding changes cash only, a settlement closes the position. */
export function positionChangeRow(event: PositionEvent | EventOf<'FundingAccrued'>, place: EventPlace): Row {
  const { book, instrument, at } = event.payload;
  const base = { epoch: place.epoch, seq: place.seq, event_index: place.index, book, instrument, at };
  switch (event.type) {
    case 'PositionAdopted': {
      const { quantity, price, positionAfter, cash, venueTrade } = event.payload;
      const after = { position_after: positionAfter, ...cashColumns(cash) };
      const realised =
        venueTrade === undefined
          ? {}
          : { realised: venueTrade.realised.amount, realised_currency: venueTrade.realised.currency };
      return { ...base, ...NO_ORDER, ...realised, kind: 'adoption', quantity, price, ...after };
    }
    case 'FillApplied': {
      const { quantity, price, positionAfter, realised, clientOrderId, fillId, fee } = event.payload;
      return {
        ...base,
        kind: 'fill',
        quantity,
        price,
        position_after: positionAfter,
        ...cashColumns(fee),
        realised: realised.amount,
        realised_currency: realised.currency,
        client_order_id: clientOrderId,
        fill_id: fillId,
      };
    }
    case 'FundingAccrued': {
      const { position, price, cash } = event.payload;
      const after = { position_after: position, ...cashColumns(cash) };
      return { ...base, ...NO_ORDER, kind: 'funding', quantity: '0', price, ...after };
    }
    case 'OptionSettled': {
      const { deliveryPrice, cash, fee } = event.payload;
      const quantity = Decimal.parse(event.payload.quantity).negated().toString();
      // Both are in the settlement currency.
      const amount = Decimal.parse(cash.amount)
        .plus(Decimal.parse(fee?.amount ?? '0'))
        .toString();
      const after = { position_after: '0', ...cashColumns({ ...cash, amount }) };
      return { ...base, ...NO_ORDER, kind: 'settlement', quantity, price: deliveryPrice, ...after };
    }
  }
}

/** The position after the event. */
export function positionRow(event: PositionEvent, place: EventPlace): Row {
  const { book, instrument, at } = event.payload;
  const [quantity, averagePrice] =
    event.type === 'OptionSettled'
      ? ['0', '']
      : event.type === 'FillApplied'
        ? [event.payload.positionAfter, event.payload.averagePriceAfter]
        : [event.payload.positionAfter, event.payload.venueTrade?.averagePriceAfter ?? event.payload.price];
  return {
    epoch: place.epoch,
    book,
    instrument,
    quantity,
    average_price: averagePrice === '' ? null : averagePrice,
    changed_at: at,
    changed_seq: place.seq,
  };
}
