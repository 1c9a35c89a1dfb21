import type { Decimal, Result } from '@evenkeel/kernel';
import type { CallOutcome, OrderFill, OrderState, StreamMessage } from '@evenkeel/venue-orders';
import {
  arrayField,
  asArray,
  asObject,
  choiceField,
  decimalField,
  field,
  identifierField,
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

import type { OkxContracts } from './contracts';
import { clientOrderIdOf } from './order-id';

const SIDE = { buy: 'buy', sell: 'sell' } as const;

/** Too many requests, or a system that is too busy to take one. */
const TOO_MANY = new Set(['50011', '50013', '50040', '50061']);
/**
 * The service timed out, fell over or is away; or the id has been taken, by this very order when it was sent before. What the venue made
 * of it is to be asked.
 */
const OUTCOME_OPEN = new Set(['50000', '50001', '50004', '50026', '51016', '51149']);

/** What became of a call. Of orders each has a code of its own beside that of the whole. */
export function readOkxAnswer(status: number, text: string): CallOutcome {
  if (status >= 500) return { outcome: 'unknown', reason: `HTTP ${status}` };
  const read = readMessage(text, (root): CallOutcome => {
    const message = asObject(root, 'message');
    const data = field(message, 'data');
    const first = Array.isArray(data) && isObject(data[0]) ? data[0] : undefined;
    const own = first === undefined ? undefined : optionalText(first, 'sCode');
    const code = own ?? textField(message, 'code');
    const said =
      own === undefined || first === undefined ? optionalText(message, 'msg') : optionalText(first, 'sMsg');
    const reason = said ?? '';
    if (code === '0') return { outcome: 'answered', result: data ?? null };
    if (TOO_MANY.has(code)) return { outcome: 'too-many', reason: `${code} ${reason}` };
    if (OUTCOME_OPEN.has(code)) return { outcome: 'unknown', reason: `${code} ${reason}` };
    return { outcome: 'refused', code, reason };
  });
  if (read.ok) return read.value;
  if (status === 429) return { outcome: 'too-many', reason: 'HTTP 429' };
  if (status !== 200) return { outcome: 'refused', code: `HTTP ${status}`, reason: '' };
  return { outcome: 'unknown', reason: read.failure.code };
}

/** A message of the private stream; `other` for what is not of logins, orders or trades. */
export function readOkxStream(text: string, contracts: OkxContracts): Result<StreamMessage> {
  return readMessage(text, (root): StreamMessage => {
    const message = asObject(root, 'message');
    const event = optionalText(message, 'event');
    if (event !== undefined) return readControl(event, message);
    if (textField(objectField(message, 'arg'), 'channel') !== 'orders') return { message: 'other' };
    const items = arrayField(message, 'data').map((item) => asObject(item, 'data'));
    const own = items.filter((item) => isContract(item));
    return {
      message: 'account',
      orders: own.map((item) => readOkxOrder(item, contracts)),
      fills: own.flatMap((item) => readPushedFill(item, contracts)),
      amendsRefused: own.flatMap((item) => readRefusedAmend(item)),
    };
  });
}

/** What is of pairs on the account is none of a book's. */
export const isContract = (item: WireObject): boolean =>
  ['SWAP', 'FUTURES', 'OPTION'].includes(textField(item, 'instType'));

function readControl(event: string, message: WireObject): StreamMessage {
  const code = optionalText(message, 'code');
  const refused = event === 'error' || (event === 'login' && code !== '0');
  if (refused)
    return { message: 'refused', reason: `${event}: ${code ?? ''} ${optionalText(message, 'msg') ?? ''}` };
  if (event === 'login') return { message: 'logged-in' };
  return { message: event === 'subscribe' ? 'subscribed' : 'other' };
}

const STATE: Readonly<Record<string, 'open' | 'filled' | 'cancelled'>> = {
  live: 'open',
  partially_filled: 'open',
  filled: 'filled',
  canceled: 'cancelled',
  mmp_canceled: 'cancelled',
};

/** `cancelSource` of a post-only order that would have taken. */
const WOULD_HAVE_TAKEN = '31';
const IMMEDIATE = new Set(['ioc', 'fok', 'op_fok', 'optimal_limit_ioc', 'market']);

interface Named {
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly instrument: string;
}

function nameOf(item: WireObject): Named {
  const venueOrderId = identifierField(item, 'ordId');
  const clOrdId = optionalText(item, 'clOrdId');
  return {
    clientOrderId: clOrdId === undefined ? venueOrderId : clientOrderIdOf(clOrdId),
    venueOrderId,
    instrument: `${textField(item, 'instId')}@okx`,
  };
}

export function readOkxOrder(item: WireObject, contracts: OkxContracts): OrderState {
  const named = nameOf(item);
  const cancelled = choiceField(item, 'state', STATE);
  const tookNothing = optionalText(item, 'cancelSource') === WOULD_HAVE_TAKEN;
  const state =
    cancelled !== 'cancelled'
      ? cancelled
      : tookNothing
        ? 'rejected'
        : IMMEDIATE.has(textField(item, 'ordType'))
          ? 'remainder'
          : 'cancelled';
  return {
    ...named,
    state,
    reason: state === 'rejected' ? 'POST_ONLY_WOULD_TAKE' : 'REQUESTED',
    quantity: contracts.ofVenue(named.instrument, sizeField(item, 'sz')),
    filled: contracts.ofVenue(named.instrument, optionalDecimal(item, 'accFillSz') ?? '0'),
    price: optionalDecimal(item, 'px') ?? '0',
  };
}

const EXEC_TYPE = { M: 'maker', T: 'taker' } as const;

/** The trade that an order was pushed for, where it was for one. A fee that was paid is negative here as there. */
function readPushedFill(item: WireObject, contracts: OkxContracts): OrderFill[] {
  if (optionalText(item, 'tradeId') === undefined || (optionalDecimal(item, 'fillSz') ?? '0') === '0')
    return [];
  const named = nameOf(item);
  return [
    {
      ...named,
      fillId: identifierField(item, 'tradeId'),
      side: choiceField(item, 'side', SIDE),
      quantity: contracts.ofVenue(named.instrument, sizeField(item, 'fillSz')),
      price: positiveField(item, 'fillPx'),
      fee: { currency: textField(item, 'fillFeeCcy'), amount: decimalField(item, 'fillFee') },
      liquidity: choiceField(item, 'execType', EXEC_TYPE),
      at: millisField(item, 'fillTime'),
    },
  ];
}

/** A trade of a list. */
export function readOkxFill(item: WireObject, contracts: OkxContracts): OrderFill {
  const named = nameOf(item);
  return {
    ...named,
    fillId: identifierField(item, 'tradeId'),
    side: choiceField(item, 'side', SIDE),
    quantity: contracts.ofVenue(named.instrument, sizeField(item, 'fillSz')),
    price: positiveField(item, 'fillPx'),
    fee: { currency: textField(item, 'feeCcy'), amount: decimalField(item, 'fee') },
    liquidity: choiceField(item, 'execType', EXEC_TYPE),
    at: millisField(item, 'ts'),
  };
}

const AMEND_FAILED = '-1';

function readRefusedAmend(item: WireObject): { clientOrderId: string; reason: string }[] {
  if (optionalText(item, 'amendResult') !== AMEND_FAILED) return [];
  const reason = `${optionalText(item, 'code') ?? ''} ${optionalText(item, 'msg') ?? ''}`.trim();
  return [{ clientOrderId: nameOf(item).clientOrderId, reason }];
}

/** Signed contracts of ours; OKX signs them itself in net mode, the only one that is traded in. */
export function readOkxPosition(
  item: WireObject,
  contracts: OkxContracts,
): { readonly instrument: string; readonly quantity: Decimal } {
  const instrument = `${textField(item, 'instId')}@okx`;
  return { instrument, quantity: contracts.ofVenue(instrument, decimalField(item, 'pos')) };
}

export function readOkxList<T>(result: WireValue, read: (item: WireObject) => T): T[] {
  return asArray(result, 'data').map((item) => read(asObject(item, 'data')));
}
