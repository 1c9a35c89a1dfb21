import type { HttpCall, OrderRef } from '@evenkeel/venue-orders';
import type { VenueOrder } from '@evenkeel/execution';
import { Decimal } from '@evenkeel/kernel';

import type { BybitContract, Category } from './contracts';

/** Bybit takes letters, digits, dashes and underscores. */
const LINK_ID = /^[A-Za-z0-9_-]{0,36}$/;

const TIME_IN_FORCE: Readonly<Record<string, string>> = {
  IOC: 'IOC',
  GTC: 'GTC',
  POST_ONLY: 'PostOnly',
  FOK: 'FOK',
};

const post = (path: string, body: Readonly<Record<string, unknown>>): HttpCall => ({
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

/** In one-way mode, the only one that is traded in. */
const ONE_WAY = 0;

/** The call, or why there is none. */
export function placeCall(order: VenueOrder, contract: BybitContract | undefined): HttpCall | string {
  const { clientOrderId, side, quantity, limitPrice } = order;
  const timeInForce = TIME_IN_FORCE[order.timeInForce];
  if (contract === undefined || timeInForce === undefined) return 'ORDER_NOT_SUPPORTED';
  if (!LINK_ID.test(clientOrderId)) return 'CLIENT_ORDER_ID_NOT_SUPPORTED';
  // An option's order must have one: where it was placed by hand the venue's own id names it.
  return post('/v5/order/create', {
    category: contract.category,
    symbol: contract.symbol,
    side: side === 'buy' ? 'Buy' : 'Sell',
    orderType: 'Limit',
    qty: unitsOf(quantity, contract),
    price: limitPrice,
    timeInForce,
    ...(clientOrderId === '' ? {} : { orderLinkId: clientOrderId }),
    ...(contract.category === 'option' ? {} : { positionIdx: ONE_WAY }),
  });
}

export function amendCall(
  ref: OrderRef,
  contract: BybitContract | undefined,
  quantity: string,
  limitPrice: string,
): HttpCall | string {
  if (contract === undefined) return 'ORDER_NOT_SUPPORTED';
  const terms = { qty: unitsOf(quantity, contract), price: limitPrice };
  return post('/v5/order/amend', { ...nameOf(contract), ...idOf(ref), ...terms });
}

export function cancelCall(ref: OrderRef, contract: BybitContract): HttpCall {
  return post('/v5/order/cancel', { ...nameOf(contract), ...idOf(ref) });
}

/** Every order of a kind of contract: linear ones by what they are paid in, inverse ones by symbol, options all at once. */
export function cancelAllCall(
  category: Category,
  which: { readonly settleCoin?: string; readonly symbol?: string },
): HttpCall {
  return post('/v5/order/cancel-all', { category, ...which });
}

/**
 * Derivatives and options that rest are taken back when no private stream of the account has lived for so many seconds. It holds for
 * an account that has asked for it and subscribes to what it says.
 */
export function protectCall(product: 'DERIVATIVES' | 'OPTIONS', timeWindow: number): HttpCall {
  return post('/v5/order/disconnected-cancel-all', { product, timeWindow });
}

const nameOf = ({ category, symbol }: BybitContract): Record<string, string> => ({ category, symbol });

const unitsOf = (quantity: string, { unit }: BybitContract): string =>
  Decimal.parse(quantity).times(unit).toString();

/** By our id; by the venue's where it has none of ours. */
const idOf = ({ clientOrderId, venueOrderId }: OrderRef): Record<string, string> =>
  clientOrderId === venueOrderId ? { orderId: clientOrderId } : { orderLinkId: clientOrderId };
