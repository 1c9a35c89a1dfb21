import type { HttpCall } from '@evenkeel/venue-orders';
import type { VenueOrder } from '@evenkeel/execution';
import { Decimal } from '@evenkeel/kernel';

import type { BinanceContract } from './contracts';

/** What Binance takes as an id of ours. */
const CLIENT_ORDER_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

const TIME_IN_FORCE: Readonly<Record<string, string>> = {
  IOC: 'IOC',
  GTC: 'GTC',
  POST_ONLY: 'GTX',
  FOK: 'FOK',
};

export function callOf(
  method: HttpCall['method'],
  path: string,
  parameters: Readonly<Record<string, string | undefined>> = {},
): HttpCall {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return { method, path, query: given.join('&') };
}

/** The parameters of a new order, or why it can't be said. What becomes of it is told on the stream, so that the answer need not wait. */
export function orderTerms(
  order: VenueOrder,
  contract: BinanceContract | undefined,
): Readonly<Record<string, string | undefined>> | string {
  const { clientOrderId, side, quantity, limitPrice } = order;
  const timeInForce = TIME_IN_FORCE[order.timeInForce];
  if (contract === undefined || timeInForce === undefined) return 'ORDER_NOT_SUPPORTED';
  if (clientOrderId !== '' && !CLIENT_ORDER_ID.test(clientOrderId)) return 'CLIENT_ORDER_ID_NOT_SUPPORTED';
  return {
    symbol: contract.symbol,
    side: side === 'buy' ? 'BUY' : 'SELL',
    type: 'LIMIT',
    timeInForce,
    quantity: unitsOf(quantity, contract),
    price: limitPrice,
    // Where none is given Binance makes one.
    newClientOrderId: clientOrderId === '' ? undefined : clientOrderId,
    newOrderRespType: 'ACK',
  };
}

export const unitsOf = (quantity: string, { unit }: BinanceContract): string =>
  Decimal.parse(quantity).times(unit).toString();
