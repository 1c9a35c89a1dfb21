import { createHmac } from 'node:crypto';

import { EndedAtOnce, isRefusal, isSameText } from '@evenkeel/local-exchange';
import type {
  OrderRequest,
  Refusal,
  SimAccounts,
  SimEvent,
  SimExchange,
  SimInstrument,
  SimOrder,
  TimeInForce,
  VenueWords,
  WireAnswer,
  WireRequest,
  WireSession,
} from '@evenkeel/local-exchange';

import { PublicTopics } from './public-topics';
import { categoryOf, executionMessage, orderMessage, positionMessage, walletMessage } from './sim-messages';

type Fields = Record<string, unknown>;

const WINDOW_AHEAD_MS = 1_000;
const PRIVATE = '/v5/private';

/** What Bybit answers where the exchange says no. */
const CODE: Readonly<Record<Refusal, readonly [code: number, message: string]>> = {
  instrument: [10001, 'params error: symbol invalid'],
  amount: [10001, 'Qty invalid'],
  tick: [10001, 'Price invalid'],
  price: [10001, 'Price invalid'],
  'not-found': [110001, 'order not exists or too late to cancel'],
  'not-open': [110001, 'order not exists or too late to cancel'],
  maintenance: [110066, 'Trading is currently not allowed'],
  funds: [110007, 'ab not enough for new order'],
  'post-only': [110001, 'post only'],
  'self-trade': [110001, 'self trade'],
  'fill-or-kill': [110001, 'fill or kill'],
  'reduce-only': [110017, 'current position is zero, cannot fix reduce-only order qty'],
  duplicate: [110072, 'OrderLinkedID is duplicate'],
};

const TIME_IN_FORCE: Readonly<Record<string, TimeInForce>> = {
  GTC: 'good_til_cancelled',
  PostOnly: 'good_til_cancelled',
  IOC: 'immediate_or_cancel',
  FOK: 'fill_or_kill',
};

/** Orders go by ids like those of the venue. */
export const bybitId =
  (kind: number) =>
  (serial: number): string =>
    `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${serial.toString(16).padStart(12, '0')}`;

/** Which products of an account are looked after, and by when a private stream must be back. */
interface Watch {
  readonly windowMs: number;
  until: number | undefined;
}

const DCP_TOPIC = { DERIVATIVES: 'dcp.future', OPTIONS: 'dcp.option' } as const;
type Product = keyof typeof DCP_TOPIC;
const isProduct = (text: unknown): text is Product => text === 'DERIVATIVES' || text === 'OPTIONS';
const isOf = (product: Product, { kind }: SimInstrument): boolean =>
  (kind === 'option') === (product === 'OPTIONS');

/** Bybit's API v5: orders over HTTP, what became of them on `/v5/private`, its market on `/v5/public/…`. */
export class BybitWords implements VenueWords {
  readonly privatePath = PRIVATE;
  readonly feeds = {
    'bybit-linear': '/v5/public/linear',
    'bybit-inverse': '/v5/public/inverse',
    'bybit-option': '/v5/public/option',
  };
  private readonly orders: EndedAtOnce;
  private readonly topics: PublicTopics;
  private readonly sessions = new Set<WireSession>();
  private readonly watches = new Map<string, Map<Product, Watch>>();

  constructor(
    private readonly exchange: SimExchange,
    private readonly accounts: SimAccounts,
    private readonly nowMs: () => number,
  ) {
    this.orders = new EndedAtOnce(exchange, bybitId(9));
    this.topics = new PublicTopics(exchange, nowMs);
  }

  get tooMany(): WireAnswer {
    return this.refused(10006, 'Too many visits!');
  }

  places({ path }: WireRequest): boolean {
    return path === '/v5/order/create';
  }

  perform(request: WireRequest): WireAnswer {
    const { path, parameters } = request;
    if (path === '/v5/market/instruments-info')
      return this.done(this.topics.listing(parameters.get('category') ?? ''));
    if (path === '/v5/market/time') return this.done({ timeSecond: String(Math.floor(this.nowMs() / 1000)) });
    const account = this.accountOf(request);
    if (typeof account !== 'string') return account;
    const given = request.method === 'POST' ? readBody(request.body) : Object.fromEntries(parameters);
    if (given === undefined) return this.refused(10001, 'Request parameter error.');
    return this.performFor(account, request.path, given);
  }

  private performFor(account: string, path: string, given: Fields): WireAnswer {
    switch (path) {
      case '/v5/order/create':
        return this.place(account, given);
      case '/v5/order/amend':
        return this.amend(account, given);
      case '/v5/order/cancel':
        return this.cancel(account, given);
      case '/v5/order/cancel-all':
        this.exchange.cancelAll(account, this.nowMs(), (order) => this.isIn(order.instrument, given));
        return this.done({ list: [], success: '1' });
      case '/v5/order/realtime':
      case '/v5/order/history':
        return this.listed(
          this.ordersFor(account, given).map((order) => orderMessage(this.exchange, order)),
          given,
        );
      case '/v5/execution/list':
        return this.listed(
          (this.exchange.order(account, textOf(given['orderId']))?.trades ?? []).map((trade) =>
            executionMessage(this.exchange, trade),
          ),
          given,
        );
      case '/v5/position/list':
        return this.listed(this.positionsFor(account, given), given);
      case '/v5/account/info':
        return this.done({ unifiedMarginStatus: 5, marginMode: 'REGULAR_MARGIN', dcpStatus: 'ON' });
      case '/v5/account/wallet-balance':
        return this.done({ list: [walletMessage(this.exchange, account)] });
      case '/v5/order/disconnected-cancel-all':
        return this.protect(account, given);
      default:
        return this.refused(10001, `path ${path}`);
    }
  }

  private place(account: string, given: Fields): WireAnswer {
    const timeInForce = TIME_IN_FORCE[textOf(given['timeInForce'] ?? 'GTC')];
    const name = textOf(given['symbol']);
    if (timeInForce === undefined || !this.isIn(name, given)) return this.no('instrument');
    const request: OrderRequest = {
      instrument: name,
      direction: given['side'] === 'Buy' ? 'buy' : 'sell',
      amount: textOf(given['qty']),
      type: given['orderType'] === 'Market' ? 'market' : 'limit',
      ...(given['price'] === undefined ? {} : { price: textOf(given['price']) }),
      label: textOf(given['orderLinkId']),
      timeInForce,
      postOnly: given['timeInForce'] === 'PostOnly',
      rejectPostOnly: true,
      reduceOnly: given['reduceOnly'] === true,
    };
    const placed = this.orders.place(account, request, this.nowMs());
    if (isRefusal(placed)) return this.no(placed);
    if ('why' in placed) this.tellOwn(account, 'order', orderMessage(this.exchange, placed));
    return this.done({ orderId: placed.orderId, orderLinkId: placed.label });
  }

  private amend(account: string, given: Fields): WireAnswer {
    const order = this.openOrder(account, given);
    if (order === undefined) return this.no('not-found');
    const change = { amount: textOf(given['qty']), price: textOf(given['price']) };
    const edited = this.exchange.edit(account, order.orderId, change, this.nowMs());
    return isRefusal(edited)
      ? this.no(edited)
      : this.done({ orderId: order.orderId, orderLinkId: order.label });
  }

  private cancel(account: string, given: Fields): WireAnswer {
    const order = this.openOrder(account, given);
    if (order === undefined) return this.no('not-found');
    const cancelled = this.exchange.cancel(account, order.orderId, this.nowMs());
    return isRefusal(cancelled)
      ? this.no(cancelled)
      : this.done({ orderId: order.orderId, orderLinkId: order.label });
  }

  private openOrder(account: string, given: Fields): SimOrder | undefined {
    return this.ordersFor(account, given).find(({ state }) => state === 'open');
  }

  /** By id also what is over; otherwise what is open. */
  private ordersFor(account: string, given: Fields): readonly SimOrder[] {
    const label = textOf(given['orderLinkId']);
    const orderId = textOf(given['orderId']);
    const own = this.exchange.ordersOf(account).filter(({ instrument }) => this.isIn(instrument, given));
    if (label !== '')
      return [
        ...own.filter((order) => order.label === label),
        ...this.orders.ofLabel(account, label),
      ].reverse();
    if (orderId !== '') return own.filter((order) => order.orderId === orderId);
    return own.filter(({ state }) => state === 'open');
  }

  private positionsFor(account: string, given: Fields): Fields[] {
    const named = given['symbol'] !== undefined;
    return this.exchange.instruments
      .filter(({ name }) => this.isIn(name, given))
      .map((instrument) => positionMessage(this.exchange, account, instrument))
      .filter(({ size }) => named || size !== '0');
  }

  private isIn(name: string, { category, settleCoin, symbol }: Fields): boolean {
    const instrument = this.exchange.listing(name)?.instrument;
    return (
      instrument !== undefined &&
      categoryOf(instrument) === category &&
      (settleCoin === undefined || instrument.settlement === settleCoin) &&
      (symbol === undefined || name === symbol)
    );
  }

  /** A page of a list; the mark of the next is its place. */
  private listed(items: readonly Fields[], { cursor, limit, category }: Fields): WireAnswer {
    const from = Number(cursor ?? 0);
    const to = from + Number(limit ?? 20);
    const nextPageCursor = to < items.length ? String(to) : '';
    return this.done({ category, list: items.slice(from, to), nextPageCursor });
  }

  private protect(account: string, { product, timeWindow }: Fields): WireAnswer {
    const seconds = Number(timeWindow);
    if (!isProduct(product) || !(seconds >= 3 && seconds <= 300)) return this.refused(10001, 'timeWindow');
    const own = this.watches.get(account) ?? new Map<Product, Watch>();
    own.set(product, { windowMs: seconds * 1000, until: undefined });
    this.watches.set(account, own);
    return this.done({});
  }

  /** Where no private stream of an account that is looked after has been back in time, what rests is taken back. */
  tick(): void {
    const now = this.nowMs();
    for (const [account, products] of this.watches)
      for (const [product, watch] of products) {
        const alive = [...this.sessions].some(
          (session) => session.account === account && session.channels.has(DCP_TOPIC[product]),
        );
        if (alive) watch.until = undefined;
        else watch.until ??= now + watch.windowMs;
        if (watch.until === undefined || now < watch.until) continue;
        this.exchange.cancelAll(account, now, ({ instrument }) => {
          const listed = this.exchange.listing(instrument)?.instrument;
          return listed !== undefined && isOf(product, listed);
        });
      }
  }

  hear(session: WireSession, text: string): void {
    const message = readBody(text);
    if (message === undefined) return session.send({ success: false, ret_msg: 'error:request', op: '' });
    this.sessions.add(session);
    const { op, req_id: requestId } = message;
    const args = Array.isArray(message['args']) ? message['args'] : [];
    const answer = (success: boolean, more: Fields = {}): void =>
      session.send({ success, ret_msg: '', op, conn_id: session.id, req_id: requestId ?? '', ...more });
    if (op === 'ping')
      return session.send({ op: 'pong', req_id: requestId ?? '', args: [String(this.nowMs())] });
    if (op === 'auth') return this.logIn(session, args, answer);
    if (op !== 'subscribe' && op !== 'unsubscribe') return answer(false, { ret_msg: 'error:op' });
    const isPrivate = session.path === PRIVATE;
    if (isPrivate && session.account === undefined)
      return answer(false, { ret_msg: 'Request not authorized' });
    const topics = args.map(String);
    for (const topic of topics)
      if (op === 'subscribe') session.channels.add(topic);
      else session.channels.delete(topic);
    answer(true);
    if (!isPrivate && op === 'subscribe')
      for (const message of topics.flatMap((topic) => this.topics.first(topic))) session.send(message);
  }

  private logIn(
    session: WireSession,
    args: readonly unknown[],
    answer: (success: boolean, more?: Fields) => void,
  ): void {
    const [key, expires, signature] = args.map(String);
    const client = this.clientOf(key ?? '');
    const expected = client === undefined ? '' : sign(client.clientSecret, `GET/realtime${expires}`);
    const sound =
      client !== undefined && isSameText(expected, signature ?? '') && Number(expires) > this.nowMs();
    if (!sound) return answer(false, { ret_msg: 'Params Error' });
    session.account = client.clientId;
    answer(true);
  }

  tell(event: SimEvent, session: WireSession): readonly unknown[] {
    if (session.path !== PRIVATE) return this.topics.tell(event, session);
    if (event.event === 'order' && event.order.account === session.account && session.channels.has('order'))
      return [this.push('order', orderMessage(this.exchange, event.order))];
    if (
      event.event === 'user-trade' &&
      event.account === session.account &&
      session.channels.has('execution')
    )
      return [this.push('execution', executionMessage(this.exchange, event.trade))];
    return [];
  }

  left(session: WireSession): void {
    this.sessions.delete(session);
  }

  private tellOwn(account: string, topic: string, item: Fields): void {
    for (const session of this.sessions)
      if (session.account === account && session.channels.has(topic)) session.send(this.push(topic, item));
  }

  private push(topic: string, item: Fields): Fields {
    return { id: bybitId(1)(this.nowMs()), topic, creationTime: this.nowMs(), data: [item] };
  }

  private accountOf({ headers, query, body }: WireRequest): string | WireAnswer {
    const key = headers['x-bapi-api-key'] ?? '';
    const at = Number(headers['x-bapi-timestamp']);
    const window = headers['x-bapi-recv-window'] ?? '5000';
    const client = this.clientOf(key);
    if (client === undefined) return this.refused(10003, 'API key is invalid.');
    const expected = sign(
      client.clientSecret,
      `${headers['x-bapi-timestamp']}${key}${window}${body === '' ? query : body}`,
    );
    if (!isSameText(expected, headers['x-bapi-sign'] ?? '')) return this.refused(10004, 'error sign!');
    const now = this.nowMs();
    if (!(at >= now - Number(window) && at < now + WINDOW_AHEAD_MS))
      return this.refused(10002, 'invalid request, please check your server timestamp or recv_window param.');
    return client.clientId;
  }

  private clientOf(key: string) {
    const { clients, clientOnDemand } = this.accounts;
    return clients.find(({ clientId }) => clientId === key) ?? clientOnDemand?.(key);
  }

  private no(refusal: Refusal): WireAnswer {
    return this.refused(...CODE[refusal]);
  }

  private refused(retCode: number, retMsg: string): WireAnswer {
    return { status: 200, body: { retCode, retMsg, result: {}, retExtInfo: {}, time: this.nowMs() } };
  }

  private done(result: unknown): WireAnswer {
    return { status: 200, body: { retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: this.nowMs() } };
  }
}

const sign = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('hex');

const textOf = (value: unknown): string => (value === undefined ? '' : String(value));

function readBody(text: string): Fields | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? (read as Fields) : undefined; // an object, just looked
  } catch {
    return undefined;
  }
}
