import type { VenueOrder } from '@evenkeel/execution';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { failure, success, type Result } from '@evenkeel/kernel';
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
import {
  SECOND_NS,
  arrayField,
  asArray,
  asObject,
  decimalField,
  identifierField,
  integerField,
  textField,
} from '@evenkeel/venue-wire';
import type { Credentials, WireValue } from '@evenkeel/venue-wire';

import { BYBIT_LINEAR_PROTOCOL } from '../protocol';
import { BybitContracts, type Category } from './contracts';
import {
  readBybitAnswer,
  readBybitFill,
  readBybitOrder,
  readBybitPage,
  readBybitPosition,
  readBybitStream,
} from './private-messages';
import { amendCall, cancelAllCall, cancelCall, get, placeCall, protectCall } from './requests';
import { RECV_WINDOW_MS, bybitHeaders, bybitLogin } from './signing';

/** A kind of contract, as lists are asked for. */
interface Market {
  readonly category: Category;
  readonly settleCoin?: string;
}

/** Everything but spot that can rest or be held on an account, whoever placed it. */
const MARKETS: readonly Market[] = [
  { category: 'linear', settleCoin: 'USDT' },
  { category: 'linear', settleCoin: 'USDC' },
  { category: 'inverse' },
  { category: 'option' },
];

/** The order does not exist or is over: taken back, filled, or never there. */
const GONE = new Set(['110001', '110008', '110010']);
/** Unified accounts; inverse contracts are part of them since version 2. */
const UNIFIED_SINCE = 3;
const INVERSE_UNIFIED_SINCE = 5;

export interface BybitOrdersOptions {
  readonly credentials: Credentials;
  readonly specifications: readonly InstrumentSpec[];
  /** Seconds without a private stream after which the venue takes back what rests. */
  readonly disconnectSeconds: number;
}

/** Orders at Bybit, API v5: linear and inverse contracts and options of a unified account in one-way mode. */
export class BybitOrders implements OrderDialect {
  readonly venue = 'bybit';
  readonly stream = { ...BYBIT_LINEAR_PROTOCOL, url: 'wss://stream.bybit.com/v5/private' };
  readonly restUrl = 'https://api.bybit.com';
  // For one account: ten orders a second, fifty questions.
  readonly pace = {
    orders: { capacity: 10, refillNs: SECOND_NS / 10n },
    questions: { capacity: 50, refillNs: SECOND_NS / 50n },
  };
  readonly arrivesWithinMs = RECV_WINDOW_MS + 1_000;
  readonly subscribe: readonly string[];
  readonly subscriptions = 1;
  private readonly contracts: BybitContracts;

  constructor(private readonly options: BybitOrdersOptions) {
    this.contracts = new BybitContracts(options.specifications);
    const dcp = this.products.map((product) => (product === 'OPTIONS' ? 'dcp.option' : 'dcp.future'));
    this.subscribe = [JSON.stringify({ op: 'subscribe', args: ['order', 'execution', ...dcp] })];
  }

  private get products(): readonly ('DERIVATIVES' | 'OPTIONS')[] {
    const categories = new Set(this.contracts.all.map(({ category }) => category));
    const derivatives = categories.has('linear') || categories.has('inverse');
    return [
      ...(derivatives ? (['DERIVATIVES'] as const) : []),
      ...(categories.has('option') ? (['OPTIONS'] as const) : []),
    ];
  }

  get protection(): Protection {
    const { disconnectSeconds } = this.options;
    return {
      what: `${disconnectSeconds} s without a private stream`,
      arm: this.products.map((product) => protectCall(product, disconnectSeconds)),
    };
  }

  headers(call: HttpCall, nowMs: number): Readonly<Record<string, string>> {
    return bybitHeaders(this.options.credentials, call, nowMs);
  }

  readAnswer(status: number, text: string): CallOutcome {
    return readBybitAnswer(status, text);
  }

  login(nowMs: number): string {
    return bybitLogin(this.options.credentials, nowMs);
  }

  readStream(text: string): Result<StreamMessage> {
    return readBybitStream(text, this.contracts);
  }

  /** The account must be a unified one, and every contract of it in one-way mode. */
  async prepare(ask: Ask): Promise<Result<void>> {
    const status = readOutcome(await ask(get('/v5/account/info', {})), (result) =>
      integerField(asObject(result, 'result'), 'unifiedMarginStatus'),
    );
    if (!status.ok) return status;
    const inverse = this.contracts.all.some(({ category }) => category === 'inverse');
    if (status.value < (inverse ? INVERSE_UNIFIED_SINCE : UNIFIED_SINCE))
      return failure(
        'VENUES.ACCOUNT_MODE',
        `unifiedMarginStatus ${status.value} does not hold every contract that is traded`,
      );
    for (const { category, symbol } of this.contracts.all) {
      if (category === 'option') continue;
      const call = get('/v5/position/list', { category, symbol });
      const mode = readOutcome(await ask(call), (result) =>
        readBybitPage(result, (item) => [readBybitPosition(item, this.contracts, category)]),
      );
      if (!mode.ok) return mode;
    }
    return success(undefined);
  }

  place(order: VenueOrder): HttpCall | string {
    return placeCall(order, this.contracts.get(order.instrument));
  }

  readPlaced(result: WireValue): string {
    return identifierField(asObject(result, 'result'), 'orderId');
  }

  amend(ref: OrderRef, quantity: string, limitPrice: string): HttpCall | string {
    return amendCall(ref, this.contracts.get(ref.instrument), quantity, limitPrice);
  }

  cancel(ref: OrderRef): HttpCall {
    return cancelCall(ref, this.contracts.of(ref.instrument));
  }

  isGone(code: string): boolean {
    return GONE.has(code);
  }

  async cancelAll(ask: Ask): Promise<Result<void>> {
    for (const market of MARKETS) {
      if (market.category === 'inverse') continue;
      const done = readOutcome(await ask(cancelAllCall(market.category, market)), () => undefined);
      if (!done.ok) return done;
    }
    // Inverse contracts are taken back by symbol.
    const open = await this.pagesOf(ask, '/v5/order/realtime', { category: 'inverse' }, (item) => [
      textField(item, 'symbol'),
    ]);
    if (!open.ok) return open;
    for (const symbol of new Set(open.value)) {
      const done = readOutcome(await ask(cancelAllCall('inverse', { symbol })), () => undefined);
      if (!done.ok) return done;
    }
    return success(undefined);
  }

  /** Orders that are open or ended just now, then the history. */
  async find(
    ask: Ask,
    { clientOrderId, instrument }: { readonly clientOrderId: string; readonly instrument?: string },
  ): Promise<Result<OrderState | undefined>> {
    const contract = instrument === undefined ? undefined : this.contracts.get(instrument);
    const markets: readonly (Market & { readonly symbol?: string })[] =
      contract === undefined ? this.ownMarkets : [{ category: contract.category, symbol: contract.symbol }];
    for (const path of ['/v5/order/realtime', '/v5/order/history'])
      for (const market of markets) {
        const found = readOutcome(await ask(get(path, { ...market, orderLinkId: clientOrderId })), (result) =>
          readBybitPage(result, (item) => [readBybitOrder(item, this.contracts, market.category)]),
        );
        if (!found.ok) return found;
        const [order] = found.value.items;
        if (order !== undefined) return success(order);
      }
    return success(undefined);
  }

  private get ownMarkets(): readonly Market[] {
    const own = this.contracts.all;
    return MARKETS.filter(({ category, settleCoin }) =>
      own.some((one) => one.category === category && (settleCoin ?? one.settlement) === one.settlement),
    );
  }

  fills(ask: Ask, { venueOrderId, instrument }: OrderState): Promise<Result<OrderFill[]>> {
    const { category } = this.contracts.of(instrument);
    const which = { category, orderId: venueOrderId, limit: '100' };
    return this.pagesOf(ask, '/v5/execution/list', which, (item) =>
      readBybitFill(item, this.contracts, category),
    );
  }

  async openOrders(ask: Ask): Promise<Result<OrderState[]>> {
    const all: OrderState[] = [];
    for (const market of MARKETS) {
      const { category } = market;
      const open = await this.pagesOf(ask, '/v5/order/realtime', { ...market, limit: '50' }, (item) => [
        readBybitOrder(item, this.contracts, category),
      ]);
      if (!open.ok) return open;
      all.push(...open.value.filter(({ state }) => state === 'open'));
    }
    return success(all);
  }

  async holdings(ask: Ask): Promise<Result<AccountHoldings>> {
    const positions: { instrument: string; quantity: string }[] = [];
    for (const market of MARKETS) {
      const { category } = market;
      const held = await this.pagesOf(ask, '/v5/position/list', { ...market, limit: '200' }, (item) => [
        readBybitPosition(item, this.contracts, category),
      ]);
      if (!held.ok) return held;
      for (const { instrument, quantity } of held.value)
        if (!quantity.isZero()) positions.push({ instrument, quantity: quantity.toString() });
    }
    const wallet = readOutcome(
      await ask(get('/v5/account/wallet-balance', { accountType: 'UNIFIED' })),
      (result) => this.readBalances(result),
    );
    return wallet.ok ? success({ positions, balances: wallet.value }) : wallet;
  }

  /** Cash of what the contracts are paid in, without unrealised profit; a coin that is not listed is not there. */
  private readBalances(result: WireValue): AccountHoldings['balances'] {
    const [account] = arrayField(asObject(result, 'result'), 'list');
    const coins = asArray(asObject(account, 'list')['coin'], 'coin').map((item) => asObject(item, 'coin'));
    const amounts = new Map(
      coins.map((coin) => [textField(coin, 'coin'), decimalField(coin, 'walletBalance')]),
    );
    const currencies = new Set(this.contracts.all.map(({ settlement }) => settlement));
    return [...currencies].map((currency) => ({ currency, amount: amounts.get(currency) ?? '0' }));
  }

  private pagesOf<T>(
    ask: Ask,
    path: string,
    which: Readonly<Record<string, string | undefined>>,
    read: (item: Parameters<Parameters<typeof readBybitPage>[1]>[0]) => readonly T[],
  ): Promise<Result<T[]>> {
    return readPages(
      ask,
      (cursor) => get(path, { ...which, cursor }),
      (result) => readBybitPage(result, read),
    );
  }
}
