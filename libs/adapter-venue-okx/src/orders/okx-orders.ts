import type { VenueOrder } from '@evenkeel/execution';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, failure, success, type Result } from '@evenkeel/kernel';
import { readOutcome, readPages } from '@evenkeel/venue-orders';
import type {
  AccountHoldings,
  Ask,
  CallOutcome,
  HttpCall,
  OrderDialect,
  OrderFill,
  OrderRef,
  OrderState,
  Protection,
  StreamMessage,
} from '@evenkeel/venue-orders';
import { SECOND_NS, chunked, decimalField, identifierField, textField } from '@evenkeel/venue-wire';
import type { Credentials, WireObject, WireValue } from '@evenkeel/venue-wire';

import { readOkxInstrument } from '../instruments';
import { OKX_PROTOCOL } from '../protocol';
import { OkxContracts } from './contracts';
import { clOrdIdOf } from './order-id';
import {
  isContract,
  readOkxAnswer,
  readOkxFill,
  readOkxList,
  readOkxOrder,
  readOkxPosition,
  readOkxStream,
} from './private-messages';
import { CANCELS_MAX, amendCall, cancelCall, cancelManyCall, get, placeCall, protectCall } from './requests';
import { okxHeaders, okxLogin } from './signing';

const ORDER_NOT_FOUND = '51603';
/** The order is over, being taken back, or was never there. */
const GONE = new Set(['51400', '51401', '51402', '51410', '51503', ORDER_NOT_FOUND]);
const PAGE = 100;
/** An order that has not arrived by then is refused: what it was decided on has passed. */
const ORDER_WINDOW_MS = 5_000;
const SPOT_ONLY = '1';

export interface OkxOrdersOptions {
  readonly credentials: Credentials;
  readonly specifications: readonly InstrumentSpec[];
  /** Seconds after which the venue takes back what rests, unless it has been told again not to. */
  readonly disconnectSeconds: number;
  /** Demo trading: nobody's money. */
  readonly demo: boolean;
}

/** Orders at OKX, API v5: swaps, futures and options on cross margin, in net mode. */
export class OkxOrders implements OrderDialect {
  readonly venue = 'okx';
  readonly stream;
  readonly restUrl = 'https://www.okx.com';
  // In two seconds sixty orders, of one contract; ten questions of what is held, which are fewest.
  readonly pace = {
    orders: { capacity: 60, refillNs: SECOND_NS / 30n },
    questions: { capacity: 10, refillNs: SECOND_NS / 5n },
  };
  readonly arrivesWithinMs = ORDER_WINDOW_MS + 1_000;
  readonly subscribe = [JSON.stringify({ op: 'subscribe', args: [{ channel: 'orders', instType: 'ANY' }] })];
  readonly subscriptions = 1;
  private readonly contracts: OkxContracts;

  constructor(private readonly options: OkxOrdersOptions) {
    this.contracts = new OkxContracts(options.specifications);
    const host = options.demo ? 'wspap.okx.com' : 'ws.okx.com';
    this.stream = { ...OKX_PROTOCOL, url: `wss://${host}:8443/ws/v5/private` };
  }

  get protection(): Protection {
    const { disconnectSeconds } = this.options;
    return {
      what: `unless renewed within ${disconnectSeconds} s`,
      arm: [protectCall(disconnectSeconds)],
      everyMs: (disconnectSeconds * 1000) / 3,
      disarm: [protectCall(0)],
    };
  }

  headers(call: HttpCall, nowMs: number): Readonly<Record<string, string>> {
    const places = call.path === '/api/v5/trade/order' || call.path === '/api/v5/trade/amend-order';
    return {
      ...okxHeaders(this.options.credentials, call, nowMs),
      ...(places ? { expTime: String(nowMs + ORDER_WINDOW_MS) } : {}),
      ...(this.options.demo ? { 'x-simulated-trading': '1' } : {}),
    };
  }

  readAnswer(status: number, text: string): CallOutcome {
    return readOkxAnswer(status, text);
  }

  login(nowMs: number): string {
    return okxLogin(this.options.credentials, nowMs);
  }

  readStream(text: string): Result<StreamMessage> {
    return readOkxStream(text, this.contracts);
  }

  /** The account must hold derivatives in net mode, and every contract must be listed, with what it is worth. */
  async prepare(ask: Ask): Promise<Result<void>> {
    const config = readOutcome(await ask(get('/api/v5/account/config', {})), (result) =>
      readOkxList(result, (item) => ({ level: textField(item, 'acctLv'), mode: textField(item, 'posMode') })),
    );
    if (!config.ok) return config;
    const [account] = config.value;
    if (account === undefined || account.mode !== 'net_mode')
      return failure(
        'VENUES.ACCOUNT_MODE',
        `positions are in ${account?.mode ?? 'no mode'}: switch the account to net mode`,
      );
    if (account.level === SPOT_ONLY)
      return failure('VENUES.ACCOUNT_MODE', 'the account is in spot mode and holds no contracts');
    return this.readListings(ask);
  }

  private async readListings(ask: Ask): Promise<Result<void>> {
    const families = new Map(
      this.contracts.all.map(({ instType, family }) => [
        `${instType}/${family}`,
        { instType, instFamily: family },
      ]),
    );
    for (const which of families.values()) {
      const listed = readOutcome(await ask(get('/api/v5/public/instruments', which)), (result) =>
        readOkxList(result, readOkxInstrument),
      );
      if (!listed.ok) return listed;
      for (const instrument of listed.value) this.contracts.listed(instrument);
    }
    return success(undefined);
  }

  place(order: VenueOrder): HttpCall | string {
    return placeCall(order, this.contracts);
  }

  readPlaced(result: WireValue): string {
    const [placed] = readOkxList(result, (item) => identifierField(item, 'ordId'));
    return placed ?? '';
  }

  amend(ref: OrderRef, quantity: string, limitPrice: string): HttpCall | string {
    return amendCall(ref, this.contracts, quantity, limitPrice);
  }

  cancel(ref: OrderRef): HttpCall {
    return cancelCall(ref);
  }

  isGone(code: string): boolean {
    return GONE.has(code);
  }

  async cancelAll(ask: Ask): Promise<Result<void>> {
    const open = await this.openOrders(ask);
    if (!open.ok) return open;
    for (const part of chunked(open.value, CANCELS_MAX)) {
      const outcome = await ask(cancelManyCall(part));
      if (outcome.outcome === 'refused' && GONE.has(outcome.code)) continue;
      const done = readOutcome(outcome, () => undefined);
      if (!done.ok) return done;
    }
    return success(undefined);
  }

  /** OKX finds an order by our id and its contract: where that is not known each is asked until one knows it. */
  async find(
    ask: Ask,
    { clientOrderId, instrument }: { readonly clientOrderId: string; readonly instrument?: string },
  ): Promise<Result<OrderState | undefined>> {
    const clOrdId = clOrdIdOf(clientOrderId);
    const known = instrument === undefined ? undefined : this.contracts.get(instrument);
    for (const { instId } of known === undefined ? this.contracts.all : [known]) {
      const outcome = await ask(
        get('/api/v5/trade/order', {
          instId,
          ...(clOrdId === undefined ? { ordId: clientOrderId } : { clOrdId }),
        }),
      );
      if (outcome.outcome === 'refused' && outcome.code === ORDER_NOT_FOUND) continue;
      const found = readOutcome(outcome, (result) =>
        readOkxList(result, (item) => readOkxOrder(item, this.contracts)),
      );
      if (!found.ok) return found;
      const [order] = found.value;
      if (order !== undefined) return success(order);
    }
    return success(undefined);
  }

  /** The last three days answer at once; what is older, or not there yet, is in the history. */
  async fills(ask: Ask, { venueOrderId, filled, instrument }: OrderState): Promise<Result<OrderFill[]>> {
    const instType = this.contracts.get(instrument)?.instType;
    const which = { ordId: venueOrderId, instType };
    const recent = await this.fillsIn(ask, '/api/v5/trade/fills', which);
    if (!recent.ok) return recent;
    const sum = recent.value.reduce((total, { quantity }) => total.plus(quantity), Decimal.ZERO);
    return sum.lessThan(filled) ? this.fillsIn(ask, '/api/v5/trade/fills-history', which) : recent;
  }

  private fillsIn(
    ask: Ask,
    path: string,
    which: Readonly<Record<string, string | undefined>>,
  ): Promise<Result<OrderFill[]>> {
    return this.pagesOf(ask, path, which, 'billId', (item) => readOkxFill(item, this.contracts));
  }

  async openOrders(ask: Ask): Promise<Result<OrderState[]>> {
    const open = await this.pagesOf(ask, '/api/v5/trade/orders-pending', {}, 'ordId', (item) =>
      isContract(item) ? [readOkxOrder(item, this.contracts)] : [],
    );
    return open.ok ? success(open.value.flat()) : open;
  }

  async holdings(ask: Ask): Promise<Result<AccountHoldings>> {
    const held = readOutcome(await ask(get('/api/v5/account/positions', {})), (result) =>
      readOkxList(result, (item) => (isContract(item) ? [readOkxPosition(item, this.contracts)] : [])),
    );
    if (!held.ok) return held;
    const positions = held.value
      .flat()
      .filter(({ quantity }) => !quantity.isZero())
      .map(({ instrument, quantity }) => ({ instrument, quantity: quantity.toString() }));
    const balances = readOutcome(await ask(get('/api/v5/account/balance', {})), (result) =>
      this.readBalances(result),
    );
    return balances.ok ? success({ positions, balances: balances.value }) : balances;
  }

  /** Cash of what the contracts are paid in, without unrealised profit; a coin that is not listed is not there. */
  private readBalances(result: WireValue): AccountHoldings['balances'] {
    const details = readOkxList(result, (account) =>
      readOkxList(account['details'] ?? null, (coin) => coin),
    ).flat();
    const amounts = new Map(details.map((coin) => [textField(coin, 'ccy'), decimalField(coin, 'cashBal')]));
    const currencies = new Set(this.contracts.all.map(({ settlement }) => settlement));
    return [...currencies].map((currency) => ({ currency, amount: amounts.get(currency) ?? '0' }));
  }

  /** A page that is full may have one after it, which begins behind its last item. */
  private pagesOf<T>(
    ask: Ask,
    path: string,
    which: Readonly<Record<string, string | undefined>>,
    mark: 'billId' | 'ordId',
    read: (item: WireObject) => T,
  ): Promise<Result<T[]>> {
    return readPages(
      ask,
      (after) => get(path, { ...which, limit: String(PAGE), after }),
      (result) => {
        const items = readOkxList(result, (item) => ({
          read: read(item),
          mark: identifierField(item, mark),
        }));
        const after = items.length < PAGE ? undefined : items.at(-1)?.mark;
        return { items: items.map((item) => item.read), after };
      },
    );
  }
}
