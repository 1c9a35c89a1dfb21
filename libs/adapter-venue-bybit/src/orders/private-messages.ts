import { Decimal, type Result } from '@evenkeel/kernel';
import type { CallOutcome, OrderFill, OrderState, StreamMessage } from '@evenkeel/venue-orders';
import {
  WireFault,
  arrayField,
  asObject,
  booleanField,
  choiceField,
  decimalField,
  field,
  identifierField,
  integerField,
  isObject,
  millisField,
  optionalDecimal,
  optionalText,
  positiveField,
  readMessage,
  sizeField,
  textField,
} from '@evenkeel/venue-wire';
import type { WireObject, WireValue } from '@evenkeel/venue-wire';

import type { BybitContract, BybitContracts, Category } from './contracts';

const SIDE = { Buy: 'buy', Sell: 'sell' } as const;
const CATEGORY = { linear: 'linear', inverse: 'inverse', option: 'option' } as const;

/** Too many requests: of the account, of the address, of the service. */
const TOO_MANY = new Set([429, 10006, 10018, 10429]);
/**
 * The service timed out, fell over or restarts; or the id has been taken, by this very order when it was sent before. What the venue
 * made of it is to be asked.
 */
const OUTCOME_OPEN = new Set([10000, 10016, 10019, 110072, 170007, 170141, 170146, 170147]);

/** What became of a call, by HTTP status and `retCode`. */
export function readBybitAnswer(status: number, text: string): CallOutcome {
  if (status === 403 || status === 429) return { outcome: 'too-many', reason: `HTTP ${status}` };
  if (status >= 500) return { outcome: 'unknown', reason: `HTTP ${status}` };
  const read = readMessage(text, (root): CallOutcome => {
    const message = asObject(root, 'message');
    const code = integerField(message, 'retCode');
    const reason = optionalText(message, 'retMsg') ?? '';
    if (code === 0) return { outcome: 'answered', result: field(message, 'result') ?? null };
    if (TOO_MANY.has(code)) return { outcome: 'too-many', reason: `${code} ${reason}` };
    if (OUTCOME_OPEN.has(code)) return { outcome: 'unknown', reason: `${code} ${reason}` };
    return { outcome: 'refused', code: String(code), reason };
  });
  if (read.ok) return read.value;
  if (status !== 200) return { outcome: 'refused', code: `HTTP ${status}`, reason: '' };
  return { outcome: 'unknown', reason: read.failure.code };
}

/** A message of the private stream; `other` for what is not of logins, orders or trades. */
export function readBybitStream(text: string, contracts: BybitContracts): Result<StreamMessage> {
  return readMessage(text, (root): StreamMessage => {
    const message = asObject(root, 'message');
    const topic = optionalText(message, 'topic');
    if (topic === undefined) return readControl(message);
    const items = arrayField(message, 'data').map((item) => asObject(item, 'data'));
    if (topic === 'order')
      return account(
        items.filter(isContract).map((item) => readBybitOrder(item, contracts)),
        [],
      );
    if (topic === 'execution')
      return account(
        [],
        items.flatMap((item) => readFillOfAny(item, contracts)),
      );
    return { message: 'other' };
  });
}

function account(orders: readonly OrderState[], fills: readonly OrderFill[]): StreamMessage {
  return { message: 'account', orders, fills, amendsRefused: [] };
}

function readControl(message: WireObject): StreamMessage {
  const op = optionalText(message, 'op');
  if (op !== 'auth' && op !== 'subscribe') return { message: 'other' };
  if (!booleanField(message, 'success'))
    return { message: 'refused', reason: `${op}: ${optionalText(message, 'ret_msg') ?? ''}` };
  return { message: op === 'auth' ? 'logged-in' : 'subscribed' };
}

/** Spot orders on the account are none of a book's. */
const isContract = (item: WireObject): boolean => textField(item, 'category') in CATEGORY;

const contractOf = (item: WireObject, contracts: BybitContracts, category?: Category): BybitContract =>
  contracts.named(category ?? choiceField(item, 'category', CATEGORY), textField(item, 'symbol'));

const STATE: Readonly<Record<string, 'open' | 'filled' | 'cancelled' | 'rejected'>> = {
  New: 'open',
  PartiallyFilled: 'open',
  Untriggered: 'open',
  Triggered: 'open',
  Filled: 'filled',
  Cancelled: 'cancelled',
  PartiallyFilledCanceled: 'cancelled',
  Deactivated: 'cancelled',
  Rejected: 'rejected',
};

const IMMEDIATE = new Set(['IOC', 'FOK']);

/** An order of the stream, or of a list that names its category once. */
export function readBybitOrder(item: WireObject, contracts: BybitContracts, category?: Category): OrderState {
  const contract = contractOf(item, contracts, category);
  const venueOrderId = identifierField(item, 'orderId');
  const filled = ofUnits(optionalDecimal(item, 'cumExecQty') ?? '0', contract);
  const said = optionalText(item, 'rejectReason') ?? 'EC_NoError';
  const cancelled = choiceField(item, 'orderStatus', STATE);
  const state =
    cancelled !== 'cancelled'
      ? cancelled
      : said === 'EC_PostOnlyWillTakeLiquidity'
        ? 'rejected'
        : IMMEDIATE.has(optionalText(item, 'timeInForce') ?? '')
          ? 'remainder'
          : 'cancelled';
  return {
    clientOrderId: optionalText(item, 'orderLinkId') ?? venueOrderId,
    venueOrderId,
    instrument: contract.id,
    state,
    reason: state === 'rejected' ? (said === 'EC_NoError' ? 'VENUE_REJECTED' : said) : 'REQUESTED',
    quantity: ofUnits(sizeField(item, 'qty'), contract),
    filled,
    price: optionalDecimal(item, 'price') ?? '0',
  };
}

/** Trades of any sort change what is held; funding and settlement do not, and an expiry is booked by its own fact. */
const TRADES = new Set(['Trade', 'AdlTrade', 'BustTrade', 'BlockTrade', 'MovePosition']);

function readFillOfAny(item: WireObject, contracts: BybitContracts): OrderFill[] {
  return isContract(item) ? readBybitFill(item, contracts) : [];
}

/** Nothing for what is no trade. */
export function readBybitFill(item: WireObject, contracts: BybitContracts, category?: Category): OrderFill[] {
  if (!TRADES.has(textField(item, 'execType'))) return [];
  const contract = contractOf(item, contracts, category);
  const venueOrderId = identifierField(item, 'orderId');
  return [
    {
      clientOrderId: optionalText(item, 'orderLinkId') ?? venueOrderId,
      venueOrderId,
      instrument: contract.id,
      fillId: identifierField(item, 'execId'),
      side: choiceField(item, 'side', SIDE),
      quantity: ofUnits(sizeField(item, 'execQty'), contract),
      price: positiveField(item, 'execPrice'),
      fee: feeOf(item, contract),
      liquidity: booleanField(item, 'isMaker') ? 'maker' : 'taker',
      at: millisField(item, 'execTime'),
    },
  ];
}

/** Bybit states what is paid as positive. Taxes on the fee stand beside it and are paid in the same coin. */
function feeOf(item: WireObject, contract: BybitContract): OrderFill['fee'] {
  const currency = optionalText(item, 'feeCurrency') ?? contract.settlement;
  if (currency === '')
    throw new WireFault('VENUES.FIELD_INVALID', 'feeCurrency: is not said, nor known of the contract');
  const extra = field(item, 'extraFees');
  let paid = Decimal.parse(optionalDecimal(item, 'execFee') ?? '0');
  for (const part of Array.isArray(extra) ? extra : []) {
    const tax = asObject(part, 'extraFees');
    if (textField(tax, 'feeCoin') !== currency)
      throw new WireFault(
        'VENUES.FIELD_INVALID',
        'extraFees: is paid in another coin than the fee',
        'extraFees',
      );
    paid = paid.plus(Decimal.parse(decimalField(tax, 'fee')));
  }
  return { currency, amount: paid.negated().toString() };
}

/** Signed contracts of ours. A position of hedge mode is refused: two of them would be one of ours. */
export function readBybitPosition(
  item: WireObject,
  contracts: BybitContracts,
  category: Category,
): { readonly instrument: string; readonly quantity: Decimal } {
  if (integerField(item, 'positionIdx') !== 0)
    throw new WireFault(
      'VENUES.ACCOUNT_MODE',
      `${textField(item, 'symbol')} is in hedge mode: switch it to one-way mode`,
    );
  const contract = contractOf(item, contracts, category);
  const size = ofUnits(sizeField(item, 'size'), contract);
  if (size.isZero()) return { instrument: contract.id, quantity: size };
  const side = choiceField(item, 'side', SIDE);
  return { instrument: contract.id, quantity: side === 'buy' ? size : size.negated() };
}

const ofUnits = (text: string, { unit }: BybitContract): Decimal => Decimal.parse(text).dividedBy(unit, 12);

/** A page of a list, and the mark that asks for the next. */
export function readBybitPage<T>(
  result: WireValue,
  read: (item: WireObject) => readonly T[],
): { readonly items: readonly T[]; readonly after: string | undefined } {
  const page = asObject(result, 'result');
  const items = arrayField(page, 'list').flatMap((item) => read(asObject(item, 'list')));
  return { items, after: isObject(page) ? optionalText(page, 'nextPageCursor') : undefined };
}
