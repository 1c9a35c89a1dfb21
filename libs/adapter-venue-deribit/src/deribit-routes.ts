import { randomBytes } from 'node:crypto';
import type { VenueOrder } from '@evenkeel/execution';
import type { AccountPosition, MoneyAmount } from '@evenkeel/facts';
import { Decimal, type Nanoseconds } from '@evenkeel/kernel';
import { createVenueConnection, readPart, splitInstrumentId } from '@evenkeel/venue-wire';
import type { BackoffRule, ConnectionFact, VenueConnection, WireValue } from '@evenkeel/venue-wire';
import { PendingRequests, answered, mapAnswer, refused, unknown } from '@evenkeel/venue-orders';
import type {
  Amendment,
  Holdings,
  OrderRoutes,
  OrderState,
  Outcome,
  OrderFill,
  Placed,
  RouteOptions,
} from '@evenkeel/venue-orders';
import type { Parting } from '@evenkeel/venues';

import { DeribitWords } from './deribit-words';
import {
  hasAccessToken,
  readBalance,
  readOrders,
  readOwnTrades,
  readPlaced,
  readPositions,
  readPrivateMessage,
} from './private-messages';
import { TRADING_PROTOCOL, rpc } from './protocol';
import { deribitAuth } from './signing';

export interface DeribitRoutesOptions extends RouteOptions {
  readonly url?: string;
  /** Silence after a request for this long leaves its outcome open. */
  readonly requestTimeoutNs?: Nanoseconds;
  readonly backoff?: BackoffRule;
  readonly tickMs?: number;
  /** The exchange takes back what this connection placed when it ends without a word; unless switched off. */
  readonly cancelOnDisconnect?: boolean;
}

type Params = Readonly<Record<string, unknown>>;

const LABEL_MAX = 64;
const LOGOUT_PATIENCE_MS = 1_000;
const RETRY_MS = 1_000;
const REQUEST_PATIENCE_NS = 5_000_000_000n;
/** Above the ids that the connection itself uses. */
const FIRST_REQUEST = 1_000_000;
const TIME_IN_FORCE: Readonly<Record<string, string>> = {
  IOC: 'immediate_or_cancel',
  GTC: 'good_til_cancelled',
  POST_ONLY: 'good_til_cancelled',
  FOK: 'fill_or_kill',
};

/** Deribit's dialect: JSON-RPC over one connection, which logs in by signature and hears of its orders there. */
export class DeribitRoutes implements OrderRoutes {
  readonly venue = 'deribit';
  ready = false;
  private loggedIn = false;
  private readonly connection: VenueConnection;
  private readonly words: DeribitWords;
  private readonly requests: PendingRequests<WireValue>;
  private timer: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private onGone: (() => void) | undefined;

  constructor(private readonly options: DeribitRoutesOptions) {
    this.words = new DeribitWords(options.specifications);
    this.requests = new PendingRequests(
      options.clock,
      options.requestTimeoutNs ?? REQUEST_PATIENCE_NS,
      FIRST_REQUEST,
    );
    this.connection = createVenueConnection({
      protocol: TRADING_PROTOCOL,
      subscriptions: [],
      random: options.random,
      clock: options.clock,
      onEvent: () => undefined,
      onFact: (fact) => this.noteFact(fact),
      onText: (text) => this.read(text),
      ...(options.url === undefined ? {} : { url: options.url }),
      ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
      ...(options.tickMs === undefined ? {} : { tickMs: options.tickMs }),
    });
  }

  get reachable(): boolean {
    return this.loggedIn;
  }

  start(): void {
    this.connection.start();
    this.timer ??= setInterval(() => this.requests.expire(), this.options.tickMs ?? 100);
  }

  async stop(parting: Parting): Promise<void> {
    this.ready = false;
    clearTimeout(this.retry);
    if (parting === 'handed-over') await this.logOut();
    clearInterval(this.timer);
    await this.connection.stop();
    this.requests.lose('STOPPED');
  }

  async place(order: VenueOrder): Promise<Outcome<Placed>> {
    if (order.clientOrderId.length > LABEL_MAX) return refused('LABEL_TOO_LONG');
    const [name] = splitInstrumentId(order.instrument);
    const amount = this.words.amountOf(name, order.quantity);
    const timeInForce = TIME_IN_FORCE[order.timeInForce];
    if (amount === undefined || timeInForce === undefined) return refused('ORDER_NOT_SUPPORTED');
    const params = {
      instrument_name: name,
      amount,
      type: 'limit',
      price: Decimal.parse(order.limitPrice).toNumber(),
      label: order.clientOrderId,
      time_in_force: timeInForce,
      ...(order.timeInForce === 'POST_ONLY' ? { post_only: true, reject_post_only: true } : {}),
    };
    return this.placed(await this.ask(`private/${order.side}`, params));
  }

  async amend({ clientOrderId, instrument, quantity, limitPrice }: Amendment): Promise<Outcome<Placed>> {
    const [name] = splitInstrumentId(instrument);
    const amount = this.words.amountOf(name, quantity);
    if (amount === undefined) return refused('ORDER_NOT_SUPPORTED');
    const price = Decimal.parse(limitPrice).toNumber();
    const params = { label: clientOrderId, instrument_name: name, amount, price };
    return this.placed(await this.ask('private/edit_by_label', params));
  }

  cancel(clientOrderId: string): Promise<Outcome<unknown>> {
    return this.ask('private/cancel_by_label', { label: clientOrderId });
  }

  /** In every currency. */
  cancelAll(): Promise<Outcome<unknown>> {
    return this.ask('private/cancel_all', {});
  }

  /** Deribit finds labels by settlement currency: each is asked until one knows the order. */
  async find(clientOrderId: string): Promise<Outcome<OrderState | undefined>> {
    for (const currency of this.words.currencies) {
      const found = await this.ask('private/get_order_state_by_label', { currency, label: clientOrderId });
      const orders = mapAnswer(found, (result) => part(result, readOrders));
      if (orders.outcome !== 'answered') return orders;
      const [order] = orders.value;
      if (order !== undefined) return answered(this.words.order(order));
    }
    return answered(undefined);
  }

  async tradesOf({ venueOrderId }: OrderState): Promise<Outcome<readonly OrderFill[]>> {
    const params = { order_id: venueOrderId, sorting: 'asc' };
    const trades = await this.ask('private/get_user_trades_by_order', params);
    return mapAnswer(trades, (result) =>
      part(result, (value) => readOwnTrades(value).map((trade) => this.words.trade(trade))),
    );
  }

  async openOrders(): Promise<Outcome<readonly OrderState[]>> {
    const open = await this.ask('private/get_open_orders', {});
    return mapAnswer(open, (result) =>
      part(result, (value) => readOrders(value).map((order) => this.words.order(order))),
    );
  }

  async holdings(): Promise<Holdings> {
    const positions: AccountPosition[] = [];
    const balances: MoneyAmount[] = [];
    let complete = true;
    for (const currency of this.words.currencies) {
      const held = mapAnswer(await this.ask('private/get_positions', { currency }), (result) =>
        part(result, readPositions),
      );
      if (held.outcome === 'answered')
        positions.push(...held.value.map((position) => this.words.position(position)));
      const balance = mapAnswer(await this.ask('private/get_account_summary', { currency }), (result) =>
        part(result, readBalance),
      );
      if (balance.outcome === 'answered') balances.push({ currency, amount: balance.value });
      complete &&= held.outcome === 'answered' && balance.outcome === 'answered';
    }
    return { positions, balances, complete };
  }

  private placed(outcome: Outcome<WireValue>): Outcome<Placed> {
    return mapAnswer(outcome, (result) => {
      const read = part(result, readPlaced);
      // It has been taken, but nobody can read how it stands.
      return mapAnswer(read, ({ order, trades }) =>
        answered({
          order: this.words.order(order),
          trades: trades.map((trade) => this.words.trade(trade)),
        }),
      );
    });
  }

  private ask(method: string, params: Params): Promise<Outcome<WireValue>> {
    if (!this.loggedIn) return Promise.resolve(refused('VENUE_NOT_CONNECTED'));
    return this.say(method, params);
  }

  private say(method: string, params: Params): Promise<Outcome<WireValue>> {
    return this.requests.ask((id) => this.connection.send(rpc(id, method, params)));
  }

  private noteFact(fact: ConnectionFact): void {
    if (fact.fact === 'connected') void this.logIn();
    if (fact.fact === 'disconnected') {
      this.ready = false;
      this.loggedIn = false;
      clearTimeout(this.retry);
      this.requests.lose('CONNECTION_LOST');
      this.onGone?.();
    }
    this.options.hearing.onFact(fact);
  }

  private async logIn(): Promise<void> {
    const nowMs = Number(this.options.clock() / 1_000_000n);
    const nonce = randomBytes(16).toString('hex');
    const outcome = await this.say('public/auth', deribitAuth(this.options.credentials, nowMs, nonce));
    if (outcome.outcome === 'refused') return this.trouble('LOGIN', outcome.reason);
    if (outcome.outcome !== 'answered') return;
    if (!hasAccessToken(outcome.value)) return this.trouble('LOGIN', 'no access token in the answer');
    this.loggedIn = true;
    await this.prepare();
  }

  private async prepare(): Promise<void> {
    if (this.options.cancelOnDisconnect === false) this.protectionNote('off by setting');
    else {
      if (!(await this.must('private/enable_cancel_on_disconnect', { scope: 'connection' }))) return;
      this.protectionNote('on, scope connection');
    }
    if (!(await this.must('private/subscribe', { channels: ['user.changes.any.any.raw'] }))) return;
    this.ready = true;
    this.options.hearing.onReady();
  }

  /** Something without which no order may leave: asked for again until the exchange grants it. False where the login is gone. */
  private async must(method: string, params: Params): Promise<boolean> {
    for (;;) {
      const outcome = await this.ask(method, params);
      if (outcome.outcome === 'answered') return true;
      if (!this.loggedIn) return false;
      this.trouble('NOT_READY', `${method}: ${outcome.reason}`);
      await new Promise<void>((resolve) => (this.retry = setTimeout(resolve, RETRY_MS)));
      if (!this.loggedIn) return false;
    }
  }

  /** A goodbye: orders of a connection that says it are left alone. The exchange closes the connection. */
  private async logOut(): Promise<void> {
    if (!this.loggedIn) return;
    const gone = new Promise<void>((resolve) => (this.onGone = resolve));
    void this.ask('private/logout', { invalidate_token: true });
    const late = setTimeout(() => this.onGone?.(), LOGOUT_PATIENCE_MS);
    await gone;
    clearTimeout(late);
  }

  private trouble(code: string, detail: string): void {
    this.options.hearing.onFact({ fact: 'venue-error', at: this.options.clock(), code, detail });
  }

  private protectionNote(detail: string): void {
    this.options.hearing.onNote({ what: 'cancel-on-disconnect', instrument: '', detail });
  }

  private read(text: string): boolean {
    const read = readPrivateMessage(text);
    // What can't be read is left to the connection, which puts it on record.
    if (!read.ok || read.value.message === 'other') return false;
    const message = read.value;
    if (message.message === 'changes') {
      const { hearing, clock } = this.options;
      for (const trade of message.trades) hearing.onTrade(this.words.trade(trade), clock());
      for (const order of message.orders) hearing.onOrder(this.words.order(order), clock());
      return true;
    }
    if (message.message === 'answer') return this.requests.settle(message.id, answered(message.result));
    this.requests.settle(message.id, refused(`${message.code} ${message.reason}`));
    // A refusal is also for the connection: it may be told to send less.
    return false;
  }
}

/** An answer that can't be read says nothing for certain. */
function part<T>(result: WireValue, read: (result: WireValue) => T): Outcome<T> {
  const value = readPart(result, read);
  return value.ok ? answered(value.value) : unknown(value.failure.code);
}
