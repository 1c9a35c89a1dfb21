import type { Refusal, WireAnswer } from '@evenkeel/local-exchange';

/** What Binance answers where the exchange says no. */
const CODE: Readonly<Record<Refusal, readonly [code: number, message: string]>> = {
  instrument: [-1121, 'Invalid symbol.'],
  amount: [-1111, 'Precision is over the maximum defined for this asset.'],
  tick: [-4014, 'Price not increased by tick size.'],
  price: [-1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."],
  'not-found': [-2011, 'Unknown order sent.'],
  'not-open': [-2011, 'Unknown order sent.'],
  maintenance: [-1016, 'This service is no longer available.'],
  funds: [-2019, 'Margin is insufficient.'],
  'post-only': [
    -5022,
    'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history',
  ],
  'self-trade': [-2010, 'NEW_ORDER_REJECTED'],
  'fill-or-kill': [
    -5021,
    'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history',
  ],
  'reduce-only': [-2022, 'ReduceOnly Order is rejected.'],
  duplicate: [-4116, 'ClientOrderId is duplicated.'],
};

export function no(refusal: Refusal): WireAnswer {
  return refused(400, ...CODE[refusal]);
}

export function refused(status: number, code: number, msg: string): WireAnswer {
  return { status, body: { code, msg } };
}

export function done(body: unknown): WireAnswer {
  return { status: 200, body };
}
