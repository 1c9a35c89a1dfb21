import type { VenueOrder } from '@evenkeel/execution';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Recent, failure, success, type Result } from '@evenkeel/kernel';
import { readOutcome } from '@evenkeel/venue-orders';
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
  StreamAddress,
  StreamMessage,
} from '@evenkeel/venue-orders';
import { SECOND_NS, asArray, asObject, identifierField } from '@evenkeel/venue-wire';
import type { Credentials, VenueProtocol, WireValue } from '@evenkeel/venue-wire';

import { BINANCE_USD_M_PROTOCOL } from '../protocol';
import { BinanceContracts, type FuturesMarket } from './contracts';
import {
  readBalance,
  readBinanceAnswer,
  readBinanceStream,
  readHedgeMode,
  readListenKey,
  readOrder,
  readPosition,
  readServerTime,
  readSide,
  readTrade,
} from './private-messages';
import { callOf, orderTerms, unitsOf } from './requests';
import { signedCall } from './signing';

export interface BinanceOrdersOptions {
  readonly market: FuturesMarket;
  readonly credentials: Credentials;
  readonly specifications: readonly InstrumentSpec[];
  /** What rests is taken back when nobody has spoken for so long. */
  readonly countdownMs: number;
}

/** How long a call may be on its way: what arrives later Binance refuses. */
const RECV_WINDOW_MS = 5_000;
/** Binance takes moments that are so far ahead of its clock. */
const AHEAD_MS = 1_000;
const ORDERS_KEPT = 10_000;
const KEY_EVERY_MS = 5 * 60_000;
const NO_SUCH_ORDER = '-2013';
/** Cancelled, filled or never there. */
const GONE: ReadonlySet<string> = new Set(['-2011', NO_SUCH_ORDER]);
/** Asked by anybody, or by whoever has the key. */
const UNSIGNED = /\/(time|listenKey)$/;
const CLOCK_APART = '-1021';

/** A private stream: the server pings every three minutes, and there is nothing to ask for on it. */
const { ping: _, ...streamRules } = BINANCE_USD_M_PROTOCOL;
const SILENCE_NS = 400n * SECOND_NS;

/**
 * Orders of one of Binance's futures markets, in one-way mode. Calls are signed with their own time, which follows Binance's clock. The
 * answer to an order says only that it was taken; the stream says what became of it.
 */
export class BinanceOrders implements OrderDialect {
  readonly venue = 'binance';
  readonly stream: VenueProtocol;
  readonly restUrl: string;
  readonly pace = {
    orders: { capacity: 100, refillNs: SECOND_NS / 20n },
    questions: { capacity: 60, refillNs: SECOND_NS / 10n },
  };
  readonly protection: Protection;
  readonly arrivesWithinMs = RECV_WINDOW_MS + AHEAD_MS;
  readonly subscribe: readonly string[] = [];
  readonly subscriptions = 0;
  readonly address: StreamAddress;
  private readonly contracts: BinanceContracts;
  private readonly sides = new Recent<string>(ORDERS_KEPT);
  /** Binance's clock less ours. */
  private offsetMs = 0;
  private askedAtMs = 0;
  /** A call was refused because the clocks are apart. */
  private isOutOfStep = false;

  constructor(private readonly options: BinanceOrdersOptions) {
    const { market, specifications } = options;
    this.contracts = new BinanceContracts(market, specifications);
    this.stream = { ...streamRules, url: market.streamUrl, silenceNs: SILENCE_NS };
    this.restUrl = market.restUrl;
    this.protection = this.countdown(options.countdownMs);
    const isDue = (): boolean => this.isOutOfStep;
    this.address = {
      path: (ask) => this.streamPath(ask),
      everyMs: KEY_EVERY_MS,
      get isDue() {
        return isDue();
      },
    };
  }

  /** A timer for each symbol, which takes back all that rests there, whoever placed it, unless it is set again before it has run out. */
  private countdown(ms: number): Protection {
    const set = (countdownTime: number): HttpCall[] =>
      this.contracts.all.map(({ symbol }) =>
        this.call('POST', 'countdownCancelAll', { symbol, countdownTime: String(countdownTime) }),
      );
    return {
      what: `countdown of ${ms / 1000} s for each symbol`,
      arm: set(ms),
      everyMs: Math.floor(ms / 4),
      disarm: set(0),
    };
  }

  private call(
    method: HttpCall['method'],
    what: string,
    parameters: Readonly<Record<string, string | undefined>> = {},
    version = 'v1',
  ): HttpCall {
    return callOf(method, `${this.options.market.api}/${version}/${what}`, parameters);
  }

  headers(): Readonly<Record<string, string>> {
    return { 'X-MBX-APIKEY': this.options.credentials.key };
  }

  sign(call: HttpCall, nowMs: number): HttpCall {
    this.askedAtMs = nowMs;
    if (UNSIGNED.test(call.path)) return call;
    return signedCall(this.options.credentials, call, nowMs + this.offsetMs, RECV_WINDOW_MS);
  }

  readAnswer(status: number, text: string): CallOutcome {
    const outcome = readBinanceAnswer(status, text);
    if (outcome.outcome === 'refused' && outcome.code === CLOCK_APART) this.isOutOfStep = true;
    return outcome;
  }

  readStream(text: string): Result<StreamMessage> {
    return readBinanceStream(text, this.contracts);
  }

  /** Sets our clock by Binance's, looks whether the account is as we trade, and asks for the key of the private stream, or prolongs it. */
  private async streamPath(ask: Ask): Promise<Result<string>> {
    const time = readOutcome(await ask(this.call('GET', 'time')), readServerTime);
    if (!time.ok) return time;
    // What the question took to get there makes us early by as much, which Binance allows for.
    this.offsetMs = time.value - this.askedAtMs;
    this.isOutOfStep = false;
    const hedged = readOutcome(await ask(this.call('GET', 'positionSide/dual')), readHedgeMode);
    if (!hedged.ok) return hedged;
    if (hedged.value)
      return failure('VENUES.ACCOUNT_MODE', 'the account is in hedge mode: set it to one-way mode');
    const key = readOutcome(await ask(this.call('POST', 'listenKey')), readListenKey);
    return key.ok ? success(this.options.market.streamPath(key.value)) : key;
  }

  prepare(): Promise<Result<void>> {
    return Promise.resolve(success(undefined)); // the address has asked for all there is to know
  }

  place(order: VenueOrder): HttpCall | string {
    const terms = orderTerms(order, this.contracts.get(order.instrument));
    if (typeof terms === 'string') return terms;
    this.sides.set(order.clientOrderId, terms['side'] ?? '');
    return this.call('POST', 'order', terms);
  }

  readPlaced(result: WireValue): string {
    return identifierField(asObject(result, 'answer'), 'orderId');
  }

  amend(ref: OrderRef, quantity: string, limitPrice: string): HttpCall | string {
    const contract = this.contracts.get(ref.instrument);
    const side = this.sides.get(ref.clientOrderId);
    if (contract === undefined) return 'ORDER_NOT_SUPPORTED';
    if (side === undefined) return 'ORDER_NOT_KNOWN';
    const terms = { side, quantity: unitsOf(quantity, contract), price: limitPrice };
    return this.call('PUT', 'order', { ...this.named(ref), ...terms });
  }

  cancel(ref: OrderRef): HttpCall {
    return this.call('DELETE', 'order', this.named(ref));
  }

  private named({ clientOrderId, instrument }: OrderRef): Record<string, string> {
    return { symbol: this.contracts.of(instrument).symbol, origClientOrderId: clientOrderId };
  }

  isGone(code: string): boolean {
    return GONE.has(code);
  }

  async cancelAll(ask: Ask): Promise<Result<void>> {
    const open = await this.openOrders(ask);
    if (!open.ok) return open;
    const symbols = new Set([
      ...this.contracts.all.map(({ symbol }) => symbol),
      ...open.value.map(({ instrument }) => this.contracts.of(instrument).symbol),
    ]);
    for (const symbol of symbols) {
      const done = readOutcome(await ask(this.call('DELETE', 'allOpenOrders', { symbol })), () => undefined);
      if (!done.ok) return done;
    }
    return success(undefined);
  }

  /** By our id and the symbol; where that is not known, each symbol of the account is asked until one knows the order. */
  async find(
    ask: Ask,
    { clientOrderId, instrument }: { readonly clientOrderId: string; readonly instrument?: string },
  ): Promise<Result<OrderState | undefined>> {
    const where = instrument === undefined ? this.contracts.all : [this.contracts.of(instrument)];
    for (const { symbol } of where) {
      const outcome = await ask(this.call('GET', 'order', { symbol, origClientOrderId: clientOrderId }));
      if (outcome.outcome === 'refused' && outcome.code === NO_SUCH_ORDER) continue;
      return readOutcome(outcome, (value) => this.readOrder(value));
    }
    return success(undefined);
  }

  private readOrder(value: WireValue): OrderState {
    this.sides.set(...readSide(value));
    return readOrder(value, this.contracts);
  }

  async fills(ask: Ask, order: OrderState): Promise<Result<OrderFill[]>> {
    const { symbol } = this.contracts.of(order.instrument);
    const call = this.call('GET', 'userTrades', { symbol, orderId: order.venueOrderId, limit: '1000' });
    return readOutcome(await ask(call), (value) =>
      asArray(value, 'trades').map((item) => readTrade(item, order, this.contracts)),
    );
  }

  async openOrders(ask: Ask): Promise<Result<OrderState[]>> {
    return readOutcome(await ask(this.call('GET', 'openOrders')), (value) =>
      asArray(value, 'orders').map((item) => this.readOrder(item)),
    );
  }

  async holdings(ask: Ask): Promise<Result<AccountHoldings>> {
    const { accountVersion } = this.options.market;
    const held = readOutcome(await ask(this.call('GET', 'positionRisk', {}, accountVersion)), (value) =>
      asArray(value, 'positions').map((item) => readPosition(item, this.contracts)),
    );
    if (!held.ok) return held;
    const cash = readOutcome(await ask(this.call('GET', 'balance', {}, accountVersion)), (value) =>
      asArray(value, 'balances').map(readBalance),
    );
    if (!cash.ok) return cash;
    const amounts = new Map(cash.value);
    const currencies = new Set(this.contracts.all.map(({ settlement }) => settlement));
    return success({
      positions: held.value
        .filter(({ quantity }) => !quantity.isZero())
        .map(({ instrument, quantity }) => ({ instrument, quantity: quantity.toString() })),
      balances: [...currencies].map((currency) => ({ currency, amount: amounts.get(currency) ?? '0' })),
    });
  }
}
