import type { VenueOrder } from '@evenkeel/execution';
import { randomBytes } from 'node:crypto';
import type { AccountOrder, VenueReport } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, failure, type Instant, type Nanoseconds, type Random, type Result } from '@evenkeel/kernel';

import {
  hasAccessToken,
  readOrders,
  readOwnTrades,
  readBalance,
  readPlaced,
  readPositions,
  readPrivateMessage,
  type DeribitOrder,
  type DeribitPosition,
} from './private-messages';
import { createVenueConnection, readPart, splitInstrumentId } from '@evenkeel/venue-wire';
import type {
  BackoffRule,
  ConnectionFact,
  Credentials,
  VenueConnection,
  WireValue,
} from '@evenkeel/venue-wire';
import type { Parting, Sent, VenueNote } from '@evenkeel/venues';
import { openOrderOf, readAccount } from './account';
import { OrderReports, nameOf } from './order-reports';
import { TRADING_PROTOCOL, rpc } from './protocol';
import { deribitAuth } from './signing';

export interface DeribitTradingOptions {
  readonly credentials: Credentials;
  readonly specifications: readonly InstrumentSpec[];
  readonly clock: () => Instant;
  readonly random: Random;
  readonly onReport: (report: VenueReport, at: Instant) => void;
  readonly onFact: (fact: ConnectionFact) => void;
  /** What else belongs on the record of the account. */
  readonly onNote?: (note: VenueNote) => void;
  readonly onReady?: () => void;
  readonly url?: string;
  /** Silence after a request for this long leaves its outcome open. */
  readonly requestTimeoutNs?: Nanoseconds;
  readonly backoff?: BackoffRule;
  readonly tickMs?: number;
  /** The exchange takes back what this connection placed when it ends without a word; unless switched off. */
  readonly cancelOnDisconnect?: boolean;
}

/** Orders, cancels and questions at Deribit. Every outcome is a report; what is not known is said to be not known. */
export interface DeribitTrading {
  readonly ready: boolean;
  start(): void;
  stop(parting: Parting): Promise<void>;
  submit(order: VenueOrder): void;
  cancel(clientOrderId: string): Sent;
  /** Everything on the account, in every currency, whoever placed it. */
  cancelAll(): Sent;
  query(clientOrderId: string): void;
  /** New terms for a resting order: total contracts and price. */
  amend(clientOrderId: string, instrument: string, quantity: string, limitPrice: string): void;
  /** Asks what the venue holds for the account; answered by one `account` report for the book, incomplete where it could not say. */
  reconcile(requestId: string, book: string): void;
  /** For reconciliation: what the venue says we hold, by instrument name, signed, in contracts. */
  positions(currency: string): Promise<Result<DeribitPosition[]>>;
  openOrders(): Promise<Result<DeribitOrder[]>>;
  /** The same in contracts; undefined where the venue could not say. */
  standing(): Promise<readonly AccountOrder[] | undefined>;
}

const LABEL_MAX = 64;
const LOGOUT_PATIENCE_MS = 1_000;
const RETRY_MS = 1_000;
/** Above the ids that the connection itself uses. */
const FIRST_REQUEST = 1_000_000;
const TIME_IN_FORCE: Readonly<Record<string, string>> = {
  IOC: 'immediate_or_cancel',
  GTC: 'good_til_cancelled',
  POST_ONLY: 'good_til_cancelled',
  FOK: 'fill_or_kill',
};

interface Pending {
  readonly askedAt: Instant;
  readonly answered: (result: WireValue, now: Instant) => void;
  readonly refused: (code: number, reason: string, now: Instant) => void;
  /** The connection went or the time ran out: nobody knows. */
  readonly lost: (reason: string, now: Instant) => void;
}

export function createDeribitTrading(options: DeribitTradingOptions): DeribitTrading {
  return new Trading(options);
}

class Trading implements DeribitTrading {
  /** Orders may leave: what the account does is heard, and what the connection leaves behind is taken care of. */
  ready = false;
  /** Orders may be taken back and asked for. */
  private loggedIn = false;
  private readonly connection: VenueConnection;
  private readonly reports: OrderReports;
  private readonly sizes = new Map<string, Decimal>();
  private readonly currencies: readonly string[];
  private readonly pending = new Map<number, Pending>();
  private nextRequest = FIRST_REQUEST;
  private timer: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private onGone: (() => void) | undefined;

  constructor(private readonly options: DeribitTradingOptions) {
    for (const spec of options.specifications) {
      // Options are listed one coin a contract, futures by their contract size in USD.
      this.sizes.set(splitInstrumentId(spec.id)[0], Decimal.parse(spec.contractSize));
    }
    this.currencies = [...new Set(options.specifications.map((spec) => spec.settlement))];
    this.reports = new OrderReports(this.sizes, options.onReport);
    this.connection = createVenueConnection({
      protocol: TRADING_PROTOCOL,
      subscriptions: [],
      random: options.random,
      clock: options.clock,
      onEvent: () => undefined,
      onFact: (fact) => this.noteFact(fact),
      onText: (text, now) => this.read(text, now),
      ...(options.url === undefined ? {} : { url: options.url }),
      ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
      ...(options.tickMs === undefined ? {} : { tickMs: options.tickMs }),
    });
  }

  start(): void {
    this.connection.start();
    this.timer ??= setInterval(() => this.expire(), this.options.tickMs ?? 100);
  }

  async stop(parting: Parting): Promise<void> {
    this.ready = false;
    clearTimeout(this.retry);
    if (parting === 'handed-over') await this.logOut();
    clearInterval(this.timer);
    await this.connection.stop();
    this.lose('STOPPED');
  }

  submit(order: VenueOrder): void {
    const { clientOrderId } = order;
    const refuse = (reason: string): void =>
      this.options.onReport({ kind: 'rejected', clientOrderId, reason }, this.options.clock());
    // Nothing has left the house: that is certain, so it is a refusal and not an open outcome.
    if (!this.ready) return refuse('VENUE_NOT_CONNECTED');
    if (clientOrderId.length > LABEL_MAX) return refuse('LABEL_TOO_LONG');
    const [name] = splitInstrumentId(order.instrument);
    const size = this.sizes.get(name);
    const timeInForce = TIME_IN_FORCE[order.timeInForce];
    if (size === undefined || timeInForce === undefined) return refuse('ORDER_NOT_SUPPORTED');
    const params = {
      instrument_name: name,
      amount: Decimal.parse(order.quantity).times(size).toNumber(),
      type: 'limit',
      price: Decimal.parse(order.limitPrice).toNumber(),
      label: clientOrderId,
      time_in_force: timeInForce,
      ...(order.timeInForce === 'POST_ONLY' ? { post_only: true, reject_post_only: true } : {}),
    };
    this.ask(`private/${order.side}`, params, {
      answered: (result, now) => this.placed(clientOrderId, result, now),
      refused: (code, reason) => refuse(`${code} ${reason}`),
      lost: (reason, now) => this.options.onReport({ kind: 'no-answer', clientOrderId, reason }, now),
    });
  }

  cancel(clientOrderId: string): Sent {
    return this.takeBack('private/cancel_by_label', { label: clientOrderId });
  }

  cancelAll(): Sent {
    return this.takeBack('private/cancel_all', {});
  }

  /** Refused or lost, the orders are as they were; their end, when it comes, is reported by itself. */
  private takeBack(method: string, params: Readonly<Record<string, unknown>>): Sent {
    if (!this.loggedIn) return 'not-connected';
    const none = (): void => undefined;
    this.ask(method, params, {
      answered: none,
      refused: (code, reason) => this.trouble('CANCEL_REFUSED', `${method}: ${code} ${reason}`),
      lost: none,
    });
    return 'sent';
  }

  /** A goodbye: orders of a connection that says it are left alone. The exchange closes the connection. */
  private async logOut(): Promise<void> {
    if (!this.loggedIn) return;
    const gone = new Promise<void>((resolve) => (this.onGone = resolve));
    const none = (): void => undefined;
    this.ask('private/logout', { invalidate_token: true }, { answered: none, refused: none, lost: none });
    const late = setTimeout(() => this.onGone?.(), LOGOUT_PATIENCE_MS);
    await gone;
    clearTimeout(late);
  }

  query(clientOrderId: string): void {
    const unknown = (reason: string, now: Instant): void =>
      this.options.onReport({ kind: 'no-answer', clientOrderId, reason }, now);
    if (!this.ready) return unknown('VENUE_NOT_CONNECTED', this.options.clock());
    this.queryIn(clientOrderId, this.currencies, unknown);
  }

  /** Deribit finds labels by settlement currency: each is asked until one knows the order. */
  private queryIn(
    clientOrderId: string,
    [currency, ...rest]: readonly string[],
    unknown: (reason: string, now: Instant) => void,
  ): void {
    if (currency === undefined) {
      this.options.onReport({ kind: 'not-found', clientOrderId }, this.options.clock());
      return;
    }
    this.ask(
      'private/get_order_state_by_label',
      { currency, label: clientOrderId },
      {
        answered: (result, now) => {
          const orders = readPart(result, readOrders);
          if (!orders.ok) return unknown(orders.failure.code, now);
          const [order] = orders.value;
          if (order === undefined) return this.queryIn(clientOrderId, rest, unknown);
          this.reports.forget(clientOrderId);
          this.fetchTrades(order);
        },
        refused: (code, reason, now) => unknown(`${code} ${reason}`, now),
        lost: unknown,
      },
    );
  }

  amend(clientOrderId: string, instrument: string, quantity: string, limitPrice: string): void {
    const [name] = splitInstrumentId(instrument);
    const size = this.sizes.get(name);
    const refuse = (reason: string, now: Instant): void =>
      this.options.onReport({ kind: 'amend-rejected', clientOrderId, reason }, now);
    if (!this.ready) return refuse('VENUE_NOT_CONNECTED', this.options.clock());
    if (size === undefined) return refuse('ORDER_NOT_SUPPORTED', this.options.clock());
    const params = {
      label: clientOrderId,
      instrument_name: name,
      amount: Decimal.parse(quantity).times(size).toNumber(),
      price: Decimal.parse(limitPrice).toNumber(),
    };
    this.ask('private/edit_by_label', params, {
      answered: (result, now) => {
        this.options.onReport({ kind: 'amended', clientOrderId, quantity, limitPrice }, now);
        this.placed(clientOrderId, result, now);
      },
      refused: (code, reason, now) => refuse(`${code} ${reason}`, now),
      // Nobody knows whether the change took: the order itself is asked for.
      lost: () => this.query(clientOrderId),
    });
  }

  reconcile(requestId: string, book: string): void {
    void readAccount({
      book,
      requestId,
      currencies: this.currencies,
      sizes: this.sizes,
      positions: (currency) => this.positions(currency),
      openOrders: () => this.openOrders(),
      balance: (currency) => this.request('private/get_account_summary', { currency }, readBalance),
    }).then((report) => this.options.onReport(report, this.options.clock()));
  }

  positions(currency: string): Promise<Result<DeribitPosition[]>> {
    return this.request('private/get_positions', { currency }, (result) =>
      readPositions(result).map(({ instrument, size }) => {
        const contracts = Decimal.parse(size)
          .dividedBy(this.sizes.get(instrument) ?? Decimal.ONE, 12, 'half-even')
          .toString();
        return { instrument, size: contracts as DeribitPosition['size'] }; // canonical, as Decimal writes it
      }),
    );
  }

  openOrders(): Promise<Result<DeribitOrder[]>> {
    return this.request('private/get_open_orders', {}, readOrders);
  }

  async standing(): Promise<readonly AccountOrder[] | undefined> {
    const listed = await this.openOrders();
    return listed.ok ? listed.value.map((order) => openOrderOf(order, this.sizes)) : undefined;
  }

  private request<T>(
    method: string,
    params: Readonly<Record<string, unknown>>,
    read: (result: WireValue) => T,
  ): Promise<Result<T>> {
    if (!this.loggedIn)
      return Promise.resolve(failure('VENUES.NOT_CONNECTED', `${method}: no connection to Deribit`));
    return new Promise((resolve) =>
      this.ask(method, params, {
        answered: (result) => resolve(readPart(result, read)),
        refused: (code, reason) => resolve(failure('VENUES.REQUEST_REFUSED', `${method}: ${code} ${reason}`)),
        lost: (reason) => resolve(failure('VENUES.NO_ANSWER', `${method}: ${reason}`)),
      }),
    );
  }

  private ask(
    method: string,
    params: Readonly<Record<string, unknown>>,
    outcome: Omit<Pending, 'askedAt'>,
  ): void {
    const id = this.nextRequest;
    this.nextRequest += 1;
    this.pending.set(id, { askedAt: this.options.clock(), ...outcome });
    this.connection.send(rpc(id, method, params));
  }

  private noteFact(fact: ConnectionFact): void {
    if (fact.fact === 'connected') this.logIn();
    if (fact.fact === 'disconnected') {
      this.ready = false;
      this.loggedIn = false;
      clearTimeout(this.retry);
      this.lose('CONNECTION_LOST');
      this.onGone?.();
    }
    this.options.onFact(fact);
  }

  private logIn(): void {
    const nowMs = Number(this.options.clock() / 1_000_000n);
    const nonce = randomBytes(16).toString('hex');
    const failed = (reason: string): void => this.trouble('LOGIN', reason);
    this.ask('public/auth', deribitAuth(this.options.credentials, nowMs, nonce), {
      answered: (result) =>
        hasAccessToken(result) ? this.prepare() : failed('no access token in the answer'),
      refused: (code, reason) => failed(`${code} ${reason}`),
      lost: () => undefined,
    });
  }

  private prepare(): void {
    this.loggedIn = true;
    if (this.options.cancelOnDisconnect === false) {
      this.protectionNote('off by setting');
      return this.watchOwnOrders();
    }
    this.must('private/enable_cancel_on_disconnect', { scope: 'connection' }, () => {
      this.protectionNote('on, scope connection');
      this.watchOwnOrders();
    });
  }

  private watchOwnOrders(): void {
    this.must('private/subscribe', { channels: ['user.changes.any.any.raw'] }, () => {
      this.ready = true;
      this.options.onReady?.();
    });
  }

  /** Something without which no order may leave: asked for again until the exchange grants it. */
  private must(method: string, params: Readonly<Record<string, unknown>>, granted: () => void): void {
    const again = (reason: string): void => {
      if (!this.loggedIn) return;
      this.trouble('NOT_READY', `${method}: ${reason}`);
      this.retry = setTimeout(() => {
        if (this.loggedIn) this.must(method, params, granted);
      }, RETRY_MS);
    };
    this.ask(method, params, {
      answered: granted,
      refused: (code, reason) => again(`${code} ${reason}`),
      lost: again,
    });
  }

  private trouble(code: string, detail: string): void {
    this.options.onFact({ fact: 'venue-error', at: this.options.clock(), code, detail });
  }

  private protectionNote(detail: string): void {
    this.options.onNote?.({ what: 'cancel-on-disconnect', instrument: '', detail });
  }

  private read(text: string, now: Instant): boolean {
    const read = readPrivateMessage(text);
    // What can't be read is left to the connection, which puts it on record.
    if (!read.ok || read.value.message === 'other') return false;
    const message = read.value;
    if (message.message === 'changes') {
      for (const trade of message.trades) this.reports.trade(trade, now);
      for (const order of message.orders) this.settle(order, now);
      return true;
    }
    const pending = this.pending.get(message.id);
    if (pending === undefined) return false;
    this.pending.delete(message.id);
    if (message.message === 'answer') pending.answered(message.result, now);
    else pending.refused(message.code, message.reason, now);
    // A refusal is also for the connection: it may be told to send less.
    return message.message === 'answer';
  }

  private placed(clientOrderId: string, result: WireValue, now: Instant): void {
    const placed = readPart(result, readPlaced);
    if (!placed.ok) {
      this.options.onReport({ kind: 'no-answer', clientOrderId, reason: placed.failure.code }, now);
      return;
    }
    for (const trade of placed.value.trades) this.reports.trade(trade, now);
    this.settle(placed.value.order, now);
  }

  private settle(order: DeribitOrder, now: Instant): void {
    if (this.reports.order(order, now) === 'missing-trades') this.fetchTrades(order);
  }

  private fetchTrades(order: DeribitOrder): void {
    const unknown = (reason: string, now: Instant): void =>
      this.options.onReport({ kind: 'no-answer', clientOrderId: nameOf(order), reason }, now);
    this.ask(
      'private/get_user_trades_by_order',
      { order_id: order.orderId, sorting: 'asc' },
      {
        answered: (result, now) => {
          const trades = readPart(result, readOwnTrades);
          if (!trades.ok) return unknown(trades.failure.code, now);
          for (const trade of trades.value) this.reports.trade(trade, now);
          // Still missing some: the venue's own books are behind; ask again rather than guess.
          if (this.reports.order(order, now) === 'missing-trades') unknown('TRADES_INCOMPLETE', now);
        },
        refused: (code, reason, now) => unknown(`${code} ${reason}`, now),
        lost: unknown,
      },
    );
  }

  private expire(): void {
    const now = this.options.clock();
    const patience = this.options.requestTimeoutNs ?? 5_000_000_000n;
    for (const [id, pending] of this.pending) {
      if (now - pending.askedAt <= patience) continue;
      this.pending.delete(id);
      pending.lost('TIMEOUT', now);
    }
  }

  private lose(reason: string): void {
    const now = this.options.clock();
    const all = [...this.pending.values()];
    this.pending.clear();
    for (const pending of all) pending.lost(reason, now);
  }
}
