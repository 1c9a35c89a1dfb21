import { Decimal, Recent, type Result } from '@evenkeel/kernel';
import type { CallOutcome, OrderFill, OrderState, StreamMessage } from '@evenkeel/venue-orders';
import {
  arrayField,
  asArray,
  asObject,
  booleanField,
  choiceField,
  copyOf,
  decimalField,
  field,
  identifierField,
  isObject,
  millisField,
  objectField,
  optionalText,
  positiveField,
  readMessage,
  sizeField,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type { WireObject, WireValue } from '@evenkeel/venue-wire';

import { clientOrderIdOf, idOf } from './contracts';

const SIDE = { B: 'buy', A: 'sell' } as const;

/**
 * What its refusals mean. The venue gives words and no codes, so these are ours: the first whose words occur. What it has no
 * words for here is refused all the same.
 */
const REFUSALS: readonly (readonly [code: string, words: RegExp])[] = [
  ['GONE', /never placed, already canceled, or filled/i],
  ['POST_ONLY', /post only order would have immediately matched/i],
  ['MARGIN', /insufficient margin|must deposit/i],
  ['REDUCE_ONLY', /reduce only/i],
  ['MINIMUM_VALUE', /minimum value/i],
  ['PRICE', /tick size|invalid price|price.*(away|far) from/i],
  ['SIZE', /invalid size/i],
  ['SIGNER', /user or api wallet/i],
  ['NONCE', /nonce/i],
];
/** Taken, and ended without a trade; or taken before under the same id. What became of it is to be asked. */
const OUTCOME_OPEN = /could not immediately match|cloid.*(already|duplicate)|duplicate cloid/i;
const TOO_MANY = /too many (cumulative )?requests|rate limit/i;

export const GONE = 'GONE';

const codeOf = (words: string): string => REFUSALS.find(([, known]) => known.test(words))?.[0] ?? 'REFUSED';

function said(words: string): CallOutcome {
  if (TOO_MANY.test(words)) return { outcome: 'too-many', reason: words };
  if (OUTCOME_OPEN.test(words)) return { outcome: 'unknown', reason: words };
  return { outcome: 'refused', code: codeOf(words), reason: words };
}

/** What became of a call: of an action its `response`, of a question the whole answer. */
export function readHyperliquidAnswer(status: number, text: string): CallOutcome {
  if (status === 429) return { outcome: 'too-many', reason: 'HTTP 429' };
  if (status >= 500) return { outcome: 'unknown', reason: `HTTP ${status}` };
  // Words without braces: it could not make out what was asked.
  if (status !== 200) return { outcome: 'refused', code: `HTTP ${status}`, reason: copyOf(text, 0, 200) };
  const read = readMessage(text, (root): CallOutcome => {
    if (!isObject(root)) return { outcome: 'answered', result: root };
    const verdict = field(root, 'status');
    if (verdict === 'err') return said(textField(root, 'response'));
    if (verdict !== 'ok') return { outcome: 'answered', result: root };
    const response = objectField(root, 'response');
    const [error] = errorsOf(response);
    return error === undefined ? { outcome: 'answered', result: response } : said(error);
  });
  return read.ok ? read.value : { outcome: 'unknown', reason: read.failure.code };
}

/** What was said of each order of an action; those that are gone come last, for any other is worse. */
function errorsOf(response: WireObject): readonly string[] {
  const statuses = statusesOf(response);
  const errors = statuses.flatMap((item) => (isObject(item) ? [optionalText(item, 'error')] : []));
  const words = errors.filter((error) => error !== undefined);
  return words.sort((a, b) => Number(codeOf(a) === GONE) - Number(codeOf(b) === GONE));
}

function statusesOf(response: WireObject): readonly WireValue[] {
  const data = field(response, 'data');
  if (!isObject(data)) return [];
  return field(data, 'statuses') === undefined ? [] : arrayField(data, 'statuses');
}

/** The venue's own id of an order that it has taken. */
export function readTaken(result: WireValue): string {
  const [status] = statusesOf(asObject(result, 'response'));
  const how = asObject(status, 'statuses');
  const taken = field(how, 'resting') ?? field(how, 'filled');
  return identifierField(asObject(taken, 'statuses'), 'oid');
}

type State = OrderState['state'];
const STATE: Readonly<Record<string, State>> = {
  open: 'open',
  triggered: 'open',
  filled: 'filled',
  canceled: 'cancelled',
  scheduledCancel: 'cancelled',
  iocCancelRejected: 'remainder',
  marketOrderNoLiquidityRejected: 'remainder',
  rejected: 'rejected',
};

/** The venue has many words for an end, and adds some. */
function stateOf(status: string): State {
  const known = STATE[status];
  if (known !== undefined) return known;
  if (/(Canceled|Cancel)$/.test(status)) return 'cancelled';
  if (status.endsWith('Rejected')) return 'rejected';
  return unsupported(`Hyperliquid order status ${status}`);
}

/** An order, as the stream, its list and the answer to a question state it; `status` stands beside it. */
export function readOrder(item: WireObject, status: string, immediate: (id: string) => boolean): OrderState {
  const venueOrderId = identifierField(item, 'oid');
  const clientOrderId = clientOrderIdOf(item) ?? venueOrderId;
  const quantity = Decimal.parse(sizeField(item, 'origSz'));
  const stated = stateOf(status);
  const left = Decimal.parse(sizeField(item, 'sz'));
  const filled = stated === 'rejected' || stated === 'remainder' ? Decimal.ZERO : quantity.minus(left);
  const ended = stated === 'cancelled' || (stated === 'filled' && !left.isZero());
  const isRemainder = ended && (immediate(clientOrderId) || optionalText(item, 'tif') === 'Ioc');
  const state = isRemainder ? 'remainder' : stated;
  return {
    clientOrderId,
    venueOrderId,
    instrument: idOf(textField(item, 'coin')),
    state,
    reason: status === 'canceled' ? 'REQUESTED' : status,
    quantity,
    filled,
    price: decimalField(item, 'limitPx'),
  };
}

/** A fill; our id is not always told with it, but the venue's is. */
export interface ReadFill extends Omit<OrderFill, 'clientOrderId'> {
  readonly clientOrderId: string | undefined;
}

/** Spot on the account is none of a book's contracts. */
export const isContract = (item: WireObject): boolean =>
  idOf(textField(item, 'coin')).endsWith('-PERP@hyperliquid');

export function readFills(items: WireValue): readonly ReadFill[] {
  const all = asArray(items, 'fills').map((item) => asObject(item, 'fills'));
  return all.filter(isContract).map(readFill);
}

/** The fee holds that of a builder. */
function readFill(item: WireObject): ReadFill {
  const paid = Decimal.parse(decimalField(item, 'fee'));
  return {
    clientOrderId: clientOrderIdOf(item),
    venueOrderId: identifierField(item, 'oid'),
    instrument: idOf(textField(item, 'coin')),
    fillId: identifierField(item, 'tid'),
    side: choiceField(item, 'side', SIDE),
    quantity: Decimal.parse(sizeField(item, 'sz')),
    price: positiveField(item, 'px'),
    fee: { currency: textField(item, 'feeToken'), amount: paid.negated().toString() },
    liquidity: booleanField(item, 'crossed') ? 'taker' : 'maker',
    at: millisField(item, 'time'),
  };
}

const HELD_MAX = 1_000;

/** What the streams of an account say. */
export class AccountStream {
  /** Our ids by the venue's. */
  private readonly ids = new Recent<string>(HELD_MAX * 10);
  /** Fills that came before anything was said of their order. */
  private readonly early = new Recent<readonly ReadFill[]>(HELD_MAX);
  private readonly confirmed = new Set<string>();

  constructor(private readonly immediate: (clientOrderId: string) => boolean) {}

  /** Both streams are heard. */
  get heard(): boolean {
    return this.confirmed.size === 2;
  }

  /** A connection has begun, on which nothing has been heard. */
  reset(): void {
    this.confirmed.clear();
  }

  read(text: string): Result<StreamMessage> {
    return readMessage(text, (root): StreamMessage => {
      const message = asObject(root, 'message');
      switch (optionalText(message, 'channel')) {
        case 'subscriptionResponse':
          return this.confirm(objectField(objectField(message, 'data'), 'subscription'));
        case 'orderUpdates':
          return this.orders(arrayField(message, 'data'));
        case 'userFills':
          return this.fills(objectField(message, 'data'));
        default:
          return { message: 'other' };
      }
    });
  }

  private confirm(subscription: WireObject): StreamMessage {
    this.confirmed.add(textField(subscription, 'type'));
    return { message: 'other' };
  }

  private orders(items: readonly WireValue[]): StreamMessage {
    const orders = items.flatMap((item) => {
      const update = asObject(item, 'data');
      const order = objectField(update, 'order');
      return isContract(order) ? [readOrder(order, textField(update, 'status'), this.immediate)] : [];
    });
    const fills = orders.flatMap(({ venueOrderId, clientOrderId }) => {
      this.ids.set(venueOrderId, clientOrderId);
      const held = this.early.get(venueOrderId) ?? [];
      this.early.delete(venueOrderId);
      return held.map((fill) => ({ ...fill, clientOrderId }));
    });
    return { message: 'account', orders, fills, amendsRefused: [] };
  }

  /** What had happened before is told first and is no news: what was missed is asked for. */
  private fills(data: WireObject): StreamMessage {
    const isOld = field(data, 'isSnapshot') === true;
    const told = isOld ? [] : readFills(field(data, 'fills') ?? null);
    const fills = told.flatMap((fill): OrderFill[] => {
      const clientOrderId = fill.clientOrderId ?? this.ids.get(fill.venueOrderId);
      if (clientOrderId !== undefined) return [{ ...fill, clientOrderId }];
      this.early.set(fill.venueOrderId, [...(this.early.get(fill.venueOrderId) ?? []), fill]);
      return [];
    });
    return { message: 'account', orders: [], fills, amendsRefused: [] };
  }
}
