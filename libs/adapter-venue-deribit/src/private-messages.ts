import { Decimal, type Result } from '@evenkeel/kernel';

import {
  arrayField,
  asArray,
  asObject,
  choiceField,
  decimalField,
  field,
  identifierField,
  integerField,
  isObject,
  millisField,
  objectField,
  optionalDecimal,
  optionalText,
  readMessage,
  sizeField,
  sizeOf,
  textField,
} from '@evenkeel/venue-wire';
import type { DecimalText, WireObject, WireValue } from '@evenkeel/venue-wire';

const SIDE = { buy: 'buy', sell: 'sell' } as const;

/** An order of ours as Deribit states it. Amounts are USD for inverse futures, coins otherwise. */
export interface DeribitOrder {
  readonly orderId: string;
  readonly label: string;
  readonly instrument: string;
  readonly state: string;
  readonly amount: DecimalText;
  readonly filledAmount: DecimalText;
  readonly timeInForce: string;
}

export interface DeribitOwnTrade {
  readonly tradeId: string;
  readonly orderId: string;
  readonly label: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly price: DecimalText;
  readonly amount: DecimalText;
  /** Positive when paid. */
  readonly fee: DecimalText;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
  readonly eventTime: bigint;
}

export interface DeribitPosition {
  readonly instrument: string;
  /** Signed, in the unit of amounts. */
  readonly size: DecimalText;
}

export type PrivateMessage =
  | { readonly message: 'answer'; readonly id: number; readonly result: WireValue }
  | { readonly message: 'refusal'; readonly id: number; readonly code: number; readonly reason: string }
  | {
      readonly message: 'changes';
      readonly trades: readonly DeribitOwnTrade[];
      readonly orders: readonly DeribitOrder[];
    }
  /** Public data or something else that is not of our orders. */
  | { readonly message: 'other' };

/** What a message says of our own requests, orders and trades. */
export function readPrivateMessage(text: string): Result<PrivateMessage> {
  return readMessage(text, (root): PrivateMessage => {
    const message = asObject(root, 'message');
    const error = field(message, 'error');
    if (field(message, 'id') !== undefined && field(message, 'id') !== null) {
      const id = integerField(message, 'id');
      if (!isObject(error)) return { message: 'answer', id, result: field(message, 'result') ?? null };
      return {
        message: 'refusal',
        id,
        code: integerField(error, 'code'),
        reason: textField(error, 'message'),
      };
    }
    if (field(message, 'method') !== 'subscription') return { message: 'other' };
    const params = objectField(message, 'params');
    if (!textField(params, 'channel').startsWith('user.changes.')) return { message: 'other' };
    const data = objectField(params, 'data');
    return {
      message: 'changes',
      trades: arrayField(data, 'trades').map((item) => readOwnTrade(asObject(item, 'trades'))),
      orders: arrayField(data, 'orders').map((item) => readOrder(asObject(item, 'orders'))),
    };
  });
}

/** `{ order, trades }` of `private/buy` and `private/sell`. */
export function readPlaced(result: WireValue): { order: DeribitOrder; trades: DeribitOwnTrade[] } {
  const object = asObject(result, 'result');
  return {
    order: readOrder(objectField(object, 'order')),
    trades: arrayField(object, 'trades').map((item) => readOwnTrade(asObject(item, 'trades'))),
  };
}

export function readOrders(result: WireValue): DeribitOrder[] {
  return asArray(result, 'result').map((item) => readOrder(asObject(item, 'result')));
}

/** A list, or `{ trades: [...] }` as some versions answer. */
export function readOwnTrades(result: WireValue): DeribitOwnTrade[] {
  const list = Array.isArray(result) ? result : arrayField(asObject(result, 'result'), 'trades');
  return list.map((item) => readOwnTrade(asObject(item, 'trades')));
}

export function readPositions(result: WireValue): DeribitPosition[] {
  return asArray(result, 'result').map((item) => {
    const position = asObject(item, 'result');
    return { instrument: textField(position, 'instrument_name'), size: decimalField(position, 'size') };
  });
}

/**
 * Cash of an account in its own currency: the balance, and the realised profit of the session, which the venue adds to it at the
 * daily settlement. Unrealised profit is in neither.
 */
export function readBalance(result: WireValue): DecimalText {
  const summary = asObject(result, 'result');
  const balance = Decimal.parse(decimalField(summary, 'balance'));
  const session = Decimal.parse(optionalDecimal(summary, 'session_rpl') ?? '0');
  return balance.plus(session).toString() as DecimalText; // canonical, as Decimal writes it
}

export function hasAccessToken(result: WireValue): boolean {
  return isObject(result) && typeof field(result, 'access_token') === 'string';
}

function readOrder(item: WireObject): DeribitOrder {
  return {
    orderId: identifierField(item, 'order_id'),
    label: optionalText(item, 'label') ?? '',
    instrument: textField(item, 'instrument_name'),
    state: textField(item, 'order_state'),
    amount: sizeField(item, 'amount'),
    filledAmount: filledOf(item),
    timeInForce: textField(item, 'time_in_force'),
  };
}

/** An order that waits for its trigger has filled nothing, and Deribit does not always say so. */
function filledOf(item: WireObject): DecimalText {
  const said = field(item, 'filled_amount');
  if (said === undefined && field(item, 'order_state') === 'untriggered') return sizeOf('0', 'filled_amount');
  return sizeOf(said, 'filled_amount');
}

function readOwnTrade(item: WireObject): DeribitOwnTrade {
  return {
    tradeId: identifierField(item, 'trade_id'),
    orderId: identifierField(item, 'order_id'),
    label: optionalText(item, 'label') ?? '',
    instrument: textField(item, 'instrument_name'),
    side: choiceField(item, 'direction', SIDE),
    price: decimalField(item, 'price'),
    amount: sizeField(item, 'amount'),
    fee: decimalField(item, 'fee'),
    feeCurrency: textField(item, 'fee_currency'),
    liquidity: textField(item, 'liquidity') === 'M' ? 'maker' : 'taker',
    eventTime: millisField(item, 'timestamp'),
  };
}
