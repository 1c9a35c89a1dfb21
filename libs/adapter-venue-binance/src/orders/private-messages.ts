import { Decimal, type Result } from '@evenkeel/kernel';
import type { CallOutcome, OrderFill, OrderState, StreamMessage } from '@evenkeel/venue-orders';
import {
  asObject,
  booleanField,
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
  positiveField,
  readMessage,
  sizeField,
  textField,
} from '@evenkeel/venue-wire';
import type { WireObject, WireValue } from '@evenkeel/venue-wire';

import type { BinanceContract, BinanceContracts } from './contracts';

const SIDE = { BUY: 'buy', SELL: 'sell' } as const;
const OPEN = new Set(['NEW', 'PARTIALLY_FILLED']);
const IMMEDIATE = new Set(['IOC', 'FOK']);

/** Where Binance itself does not know what it did with a request. */
const STATUS_UNKNOWN = new Set([-1000, -1001, -1006, -1007]);
const TOO_MANY = new Set([-1003, -1008, -1015]);

/**
 * What an answer says of the request. A 5xx is no refusal: "the execution status is unknown and could have been a success"; but for
 * the two that Binance says have failed for certain.
 */
export function readBinanceAnswer(status: number, text: string): CallOutcome {
  const json = readMessage(text, (root) => root);
  const body = json.ok ? json.value : null;
  if (status === 200) {
    return json.ok
      ? { outcome: 'answered', result: json.value }
      : { outcome: 'unknown', reason: json.failure.code };
  }
  const code = isObject(body) && typeof body['code'] === 'number' ? body['code'] : undefined;
  const said = isObject(body) && typeof body['msg'] === 'string' ? body['msg'] : '';
  const reason = code === undefined ? `HTTP ${status} ${said}`.trim() : `${code} ${said}`;
  if (status === 429 || status === 418 || (code !== undefined && TOO_MANY.has(code)))
    return { outcome: 'too-many', reason };
  if (code !== undefined && STATUS_UNKNOWN.has(code)) return { outcome: 'unknown', reason };
  if (status === 503 && said.startsWith('Service Unavailable'))
    return { outcome: 'refused', code: 'HTTP 503', reason: said };
  if (status >= 500 || status === 408) return { outcome: 'unknown', reason };
  return { outcome: 'refused', code: String(code ?? `HTTP ${status}`), reason: said };
}

/** What the private stream says; of the envelope of a combined stream only what is in it. */
export function readBinanceStream(text: string, contracts: BinanceContracts): Result<StreamMessage> {
  return readMessage(text, (root): StreamMessage => {
    const outer = asObject(root, 'message');
    const message = isObject(field(outer, 'data')) ? objectField(outer, 'data') : outer;
    switch (optionalText(message, 'e')) {
      case 'ORDER_TRADE_UPDATE':
        return readOrderUpdate(objectField(message, 'o'), contracts);
      case 'listenKeyExpired':
        return { message: 'expired' };
      case 'ACCOUNT_UPDATE':
      case 'TRADE_LITE':
      case 'MARGIN_CALL':
      case 'ACCOUNT_CONFIG_UPDATE':
        // What is held is asked for, and every fill is told by its order.
        return { message: 'account', orders: [], fills: [], amendsRefused: [] };
      default:
        return { message: 'other' };
    }
  });
}

function readOrderUpdate(item: WireObject, contracts: BinanceContracts): StreamMessage {
  const contract = contracts.named(textField(item, 's'));
  const status = textField(item, 'X');
  const order = stateOf({
    contract,
    clientOrderId: textField(item, 'c'),
    venueOrderId: identifierField(item, 'i'),
    status,
    timeInForce: textField(item, 'f'),
    quantity: sizeField(item, 'q'),
    filled: sizeField(item, 'z'),
    price: decimalField(item, 'p'),
  });
  const fills = textField(item, 'x') === 'TRADE' ? [readStreamFill(item, contract)] : [];
  return { message: 'account', orders: [order], fills, amendsRefused: [] };
}

function readStreamFill(item: WireObject, contract: BinanceContract): OrderFill {
  const paid = Decimal.parse(optionalDecimal(item, 'n') ?? '0');
  return {
    clientOrderId: textField(item, 'c'),
    venueOrderId: identifierField(item, 'i'),
    instrument: contract.id,
    fillId: fillIdOf(contract, identifierField(item, 't')),
    side: choiceField(item, 'S', SIDE),
    quantity: contractsOf(sizeField(item, 'l'), contract),
    price: positiveField(item, 'L'),
    fee: { currency: optionalText(item, 'N') ?? contract.settlement, amount: paid.negated().toString() },
    liquidity: booleanField(item, 'm') ? 'maker' : 'taker',
    at: millisField(item, 'T'),
  };
}

/** Trades are numbered symbol by symbol. */
const fillIdOf = ({ symbol }: BinanceContract, tradeId: string): string => `${symbol}-${tradeId}`;

const contractsOf = (amount: string, { unit }: BinanceContract): Decimal =>
  Decimal.parse(amount).dividedBy(unit, 12, 'half-even');

interface Stated {
  readonly contract: BinanceContract;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly status: string;
  readonly timeInForce: string;
  readonly quantity: string;
  readonly filled: string;
  readonly price: string;
}

function stateOf(stated: Stated): OrderState {
  const { contract, clientOrderId, venueOrderId, status, timeInForce } = stated;
  return {
    clientOrderId,
    venueOrderId,
    instrument: contract.id,
    ...endOf(status, timeInForce),
    quantity: contractsOf(stated.quantity, contract),
    filled: contractsOf(stated.filled, contract),
    price: stated.price,
  };
}

function endOf(status: string, timeInForce: string): Pick<OrderState, 'state' | 'reason'> {
  if (OPEN.has(status)) return { state: 'open', reason: '' };
  if (status === 'FILLED') return { state: 'filled', reason: '' };
  if (status === 'REJECTED') return { state: 'rejected', reason: 'VENUE_REJECTED' };
  if (status === 'CANCELED') return { state: 'cancelled', reason: 'REQUESTED' };
  // EXPIRED, EXPIRED_IN_MATCH: by its own terms, or by the venue.
  return IMMEDIATE.has(timeInForce)
    ? { state: 'remainder', reason: status }
    : { state: 'cancelled', reason: status };
}

/** An order as the answers to questions state it. */
export function readOrder(value: WireValue, contracts: BinanceContracts): OrderState {
  const item = asObject(value, 'order');
  return stateOf({
    contract: contracts.named(textField(item, 'symbol')),
    clientOrderId: textField(item, 'clientOrderId'),
    venueOrderId: identifierField(item, 'orderId'),
    status: textField(item, 'status'),
    timeInForce: textField(item, 'timeInForce'),
    quantity: sizeField(item, 'origQty'),
    filled: sizeField(item, 'executedQty'),
    price: decimalField(item, 'price'),
  });
}

/** A trade of an order; it does not say our id, the order does. */
export function readTrade(value: WireValue, order: OrderState, contracts: BinanceContracts): OrderFill {
  const item = asObject(value, 'trade');
  const contract = contracts.named(textField(item, 'symbol'));
  return {
    clientOrderId: order.clientOrderId,
    venueOrderId: identifierField(item, 'orderId'),
    instrument: contract.id,
    fillId: fillIdOf(contract, identifierField(item, 'id')),
    side: choiceField(item, 'side', SIDE),
    quantity: contractsOf(sizeField(item, 'qty'), contract),
    price: positiveField(item, 'price'),
    fee: {
      currency: textField(item, 'commissionAsset'),
      amount: Decimal.parse(decimalField(item, 'commission')).negated().toString(),
    },
    liquidity: booleanField(item, 'maker') ? 'maker' : 'taker',
    at: millisField(item, 'time'),
  };
}

/** Signed contracts of one symbol. */
export function readPosition(
  value: WireValue,
  contracts: BinanceContracts,
): { readonly instrument: string; readonly quantity: Decimal } {
  const item = asObject(value, 'position');
  const contract = contracts.named(textField(item, 'symbol'));
  return {
    instrument: contract.id,
    quantity: contractsOf(decimalField(item, 'positionAmt'), contract),
  };
}

export function readServerTime(value: WireValue): number {
  return integerField(asObject(value, 'answer'), 'serverTime');
}

export function readListenKey(value: WireValue): string {
  return textField(asObject(value, 'answer'), 'listenKey');
}

export function readHedgeMode(value: WireValue): boolean {
  return booleanField(asObject(value, 'answer'), 'dualSidePosition');
}

/** Cash by currency, without unrealised profit. */
export function readBalance(value: WireValue): readonly [currency: string, amount: string] {
  const item = asObject(value, 'balance');
  return [textField(item, 'asset'), decimalField(item, 'balance')];
}

/** What an order of ours is called by, and which way it goes: new terms must repeat it. */
export function readSide(value: WireValue): readonly [clientOrderId: string, side: string] {
  const item = asObject(value, 'order');
  return [textField(item, 'clientOrderId'), textField(item, 'side')];
}
