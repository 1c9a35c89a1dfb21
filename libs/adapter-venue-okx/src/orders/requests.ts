import type { VenueOrder } from '@evenkeel/execution';
import { Decimal } from '@evenkeel/kernel';
import type { HttpCall, OrderRef } from '@evenkeel/venue-orders';
import { splitInstrumentId } from '@evenkeel/venue-wire';

import type { OkxContracts } from './contracts';
import { clOrdIdOf } from './order-id';

const ORDER_TYPE: Readonly<Record<string, string>> = {
  IOC: 'ioc',
  GTC: 'limit',
  POST_ONLY: 'post_only',
  FOK: 'fok',
};

export const post = (path: string, body: unknown): HttpCall => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
});

export function get(path: string, parameters: Readonly<Record<string, string | undefined>>): HttpCall {
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    method: 'GET',
    path,
    query: given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'),
  };
}

/** The call, or why there is none. */
export function placeCall(order: VenueOrder, contracts: OkxContracts): HttpCall | string {
  const ordType = ORDER_TYPE[order.timeInForce];
  const contract = contracts.get(order.instrument);
  if (contract === undefined || ordType === undefined) return 'ORDER_NOT_SUPPORTED';
  const clOrdId = clOrdIdOf(order.clientOrderId);
  if (clOrdId === undefined) return 'CLIENT_ORDER_ID_NOT_SUPPORTED';
  const unit = contracts.unit(order.instrument);
  if (unit === undefined) return 'INSTRUMENT_NOT_LISTED';
  return post('/api/v5/trade/order', {
    instId: contract.instId,
    tdMode: 'cross',
    side: order.side,
    ordType,
    sz: Decimal.parse(order.quantity).times(unit).toString(),
    px: order.limitPrice,
    ...(clOrdId === '' ? {} : { clOrdId }),
  });
}

export function amendCall(
  ref: OrderRef,
  contracts: OkxContracts,
  quantity: string,
  limitPrice: string,
): HttpCall | string {
  const unit = contracts.unit(ref.instrument);
  if (unit === undefined) return 'INSTRUMENT_NOT_LISTED';
  const newSz = Decimal.parse(quantity).times(unit).toString();
  return post('/api/v5/trade/amend-order', { ...orderOf(ref), newSz, newPx: limitPrice });
}

export function cancelCall(ref: OrderRef): HttpCall {
  return post('/api/v5/trade/cancel-order', orderOf(ref));
}

/** At most so many at once. */
export const CANCELS_MAX = 20;

export function cancelManyCall(refs: readonly OrderRef[]): HttpCall {
  return post('/api/v5/trade/cancel-batch-orders', refs.map(orderOf));
}

/** Everything on the account is taken back in so many seconds, unless it is asked for again; zero ends it. */
export function protectCall(seconds: number): HttpCall {
  return post('/api/v5/trade/cancel-all-after', { timeOut: String(seconds) });
}

/** By our id; by the venue's where it has none of ours. */
function orderOf({ clientOrderId, venueOrderId, instrument }: OrderRef): Readonly<Record<string, string>> {
  const [instId] = splitInstrumentId(instrument);
  const clOrdId = clOrdIdOf(clientOrderId);
  return clientOrderId === venueOrderId || clOrdId === undefined
    ? { instId, ordId: venueOrderId ?? clientOrderId }
    : { instId, clOrdId };
}
