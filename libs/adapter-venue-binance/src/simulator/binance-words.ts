import { createHmac } from 'node:crypto';

import { isRefusal, isSameText } from '@evenkeel/local-exchange';
import type {
  OrderRequest,
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

import { done, no, refused } from './answers';
import { ListenKeys } from './listen-keys';
import { PublicStreams } from './public-streams';
import { balanceMessage, orderMessage, positionMessage, tradeMessage, updateMessage } from './sim-messages';

const AHEAD_MS = 1_000;
const MARK_EVERY_MS = 1_000;
const CLIENT_ORDER_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

const TIME_IN_FORCE: Readonly<Record<string, TimeInForce>> = {
  GTC: 'good_til_cancelled',
  GTX: 'good_til_cancelled',
  IOC: 'immediate_or_cancel',
  FOK: 'fill_or_kill',
};

type Given = Readonly<Record<string, string>>;

/** Accidents of Binance's own, besides those of every server. */
export interface BinanceFaults {
  /** The next order is taken, and answered with "execution status unknown". */
  statusUnknownNext: boolean;
}

const HIGH_FREQUENCY = /@(depth|bookTicker)/;

/** USD-M tells books and quotes under `/public` and the rest under `/market`; what is asked of the other it acknowledges and never tells. */
function isToldAt(path: string, stream: string): boolean {
  const part = /\/(public|market)\//.exec(path)?.[1];
  return part === undefined || (part === 'public') === HIGH_FREQUENCY.test(stream);
}

/** The futures API, USD-M under `/fapi` and COIN-M under `/dapi`: orders over HTTP, private streams by listen key, the market on `/stream`. */
export class BinanceWords implements VenueWords {
  readonly privatePath = '';
  readonly feeds = {
    'binance-usd-m': '/fapi/public/stream',
    'binance-usd-m-market': '/fapi/market/stream',
    'binance-coin-m': '/dapi/stream',
  };
  readonly faults: BinanceFaults = { statusUnknownNext: false };
  private readonly streams: PublicStreams;
  private readonly keys = new ListenKeys();
  private readonly sessions = new Set<WireSession>();
  /** Orders that have been told as new, with the terms that were told last. */
  private readonly told = new Map<string, string>();
  /** When all that rests of an account and symbol is taken back. */
  private readonly countdowns = new Map<
    string,
    { readonly account: string; readonly symbol: string; readonly at: number }
  >();
  private serial = 0;
  private markedMs = 0;

  constructor(
    private readonly exchange: SimExchange,
    private readonly accounts: SimAccounts,
    private readonly nowMs: () => number,
  ) {
    this.streams = new PublicStreams(exchange, nowMs);
  }

  get tooMany(): WireAnswer {
    return refused(429, -1003, 'Too many requests; current limit is 2400 request weight per 1 MINUTE.');
  }

  places({ method, path }: WireRequest): boolean {
    return method === 'POST' && /^\/[fd]api\/v1\/order$/.test(path);
  }

  perform(request: WireRequest): WireAnswer {
    const [, api, , ...rest] = request.path.split('/');
    if (api !== 'fapi' && api !== 'dapi') return refused(404, -1000, request.path);
    const inverse = api === 'dapi';
    const what = `${request.method} ${rest.join('/')}`;
    if (what === 'GET time') return done({ serverTime: this.nowMs() });
    if (what === 'GET exchangeInfo') return done(this.streams.listing(inverse));
    if (what === 'GET depth') {
      const book = this.streams.book(request.parameters.get('symbol') ?? '');
      return book === undefined ? no('instrument') : done(book);
    }
    const client = this.clientOf(request.headers['x-mbx-apikey'] ?? '');
    if (client === undefined) return refused(401, -2015, 'Invalid API-key, IP, or permissions for action.');
    if (rest[0] === 'listenKey')
      return this.keys.answer(request.method, client.clientId, inverse, this.nowMs());
    const why = this.unsound(request, client.clientSecret);
    if (why !== undefined) return why;
    const answer = this.performFor(client.clientId, what, Object.fromEntries(request.parameters), inverse);
    if (!this.faults.statusUnknownNext || !this.places(request)) return answer;
    this.faults.statusUnknownNext = false;
    return refused(
      503,
      -1007,
      'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
    );
  }

  /** Why a signed call is not served. */
  private unsound({ query, parameters }: WireRequest, secret: string): WireAnswer | undefined {
    const [payload = '', signature = ''] = query.split('&signature=');
    const at = Number(parameters.get('timestamp'));
    const window = Number(parameters.get('recvWindow') ?? 5000);
    const now = this.nowMs();
    if (!(at < now + AHEAD_MS && now - at <= window))
      return refused(400, -1021, 'Timestamp for this request is outside of the recvWindow.');
    const expected = createHmac('sha256', secret).update(payload).digest('hex');
    if (isSameText(expected, signature)) return undefined;
    return refused(400, -1022, 'Signature for this request is not valid.');
  }

  private performFor(account: string, what: string, given: Given, inverse: boolean): WireAnswer {
    const { exchange } = this;
    switch (what) {
      case 'POST order':
        return this.place(account, given, inverse);
      case 'PUT order':
        return this.amend(account, given);
      case 'DELETE order':
        return this.cancel(account, given);
      case 'DELETE allOpenOrders':
        exchange.cancelAll(account, this.nowMs(), ({ instrument }) => instrument === given['symbol']);
        return done({ code: 200, msg: 'The operation of cancel all open order is done.' });
      case 'GET order': {
        const order = this.ordersFor(account, given).at(-1);
        return order === undefined
          ? refused(400, -2013, 'Order does not exist.')
          : done(orderMessage(exchange, order));
      }
      case 'GET openOrders':
        return done(
          this.ordersFor(account, given)
            .filter(({ state, instrument }) => state === 'open' && this.isIn(instrument, inverse))
            .map((order) => orderMessage(exchange, order)),
        );
      case 'GET userTrades':
        return done(
          (exchange.order(account, given['orderId'] ?? '')?.trades ?? []).map((trade) =>
            tradeMessage(exchange, trade),
          ),
        );
      case 'GET positionRisk':
        return done(this.listed(inverse).map((instrument) => positionMessage(exchange, account, instrument)));
      case 'GET balance': {
        const currencies = new Set(this.listed(inverse).map(({ settlement }) => settlement));
        return done([...currencies].map((currency) => balanceMessage(exchange, account, currency)));
      }
      case 'GET positionSide/dual':
        return done({ dualSidePosition: false });
      case 'POST countdownCancelAll':
        return this.countdown(account, given);
      default:
        return refused(404, -1000, what);
    }
  }

  private place(account: string, given: Given, inverse: boolean): WireAnswer {
    const { symbol = '', newClientOrderId: label = this.ownLabel() } = given;
    const timeInForce = TIME_IN_FORCE[given['timeInForce'] ?? ''];
    if (!this.isIn(symbol, inverse)) return no('instrument');
    if (!CLIENT_ORDER_ID.test(label)) return refused(400, -4015, 'Client order id is not valid.');
    if (timeInForce === undefined) return refused(400, -1115, 'Invalid timeInForce.');
    const request: OrderRequest = {
      instrument: symbol,
      direction: given['side'] === 'BUY' ? 'buy' : 'sell',
      amount: given['quantity'] ?? '',
      type: 'limit',
      ...(given['price'] === undefined ? {} : { price: given['price'] }),
      label,
      timeInForce,
      postOnly: given['timeInForce'] === 'GTX',
      rejectPostOnly: true,
      reduceOnly: given['reduceOnly'] === 'true',
    };
    const placed = this.exchange.place(account, request, this.nowMs());
    if (isRefusal(placed)) return no(placed);
    // As it was taken: what became of it is told on the stream.
    return done({ ...orderMessage(this.exchange, placed), status: 'NEW', executedQty: '0' });
  }

  private ownLabel(): string {
    this.serial += 1;
    return `web_${this.serial}`;
  }

  private amend(account: string, given: Given): WireAnswer {
    const order = this.ordersFor(account, given).find(({ state }) => state === 'open');
    if (order === undefined) return refused(400, -2013, 'Order does not exist.');
    const change = { amount: given['quantity'] ?? '', price: given['price'] ?? '' };
    const edited = this.exchange.edit(account, order.orderId, change, this.nowMs());
    return isRefusal(edited) ? no(edited) : done(orderMessage(this.exchange, edited));
  }

  private cancel(account: string, given: Given): WireAnswer {
    const order = this.ordersFor(account, given).find(({ state }) => state === 'open');
    if (order === undefined) return no('not-found');
    const cancelled = this.exchange.cancel(account, order.orderId, this.nowMs());
    return isRefusal(cancelled) ? no(cancelled) : done(orderMessage(this.exchange, cancelled));
  }

  private ordersFor(account: string, { symbol, origClientOrderId, orderId }: Given): readonly SimOrder[] {
    return this.exchange
      .ordersOf(account)
      .filter(
        (order) =>
          (symbol === undefined || order.instrument === symbol) &&
          (origClientOrderId === undefined || order.label === origClientOrderId) &&
          (orderId === undefined || order.orderId === orderId),
      );
  }

  private listed(inverse: boolean): readonly SimInstrument[] {
    return this.exchange.instruments.filter((instrument) => instrument.inverse === inverse);
  }

  private isIn(symbol: string, inverse: boolean): boolean {
    return this.exchange.listing(symbol)?.instrument.inverse === inverse;
  }

  private countdown(account: string, { symbol = '', countdownTime = '0' }: Given): WireAnswer {
    const ms = Number(countdownTime);
    const key = `${account}/${symbol}`;
    if (ms === 0) this.countdowns.delete(key);
    else this.countdowns.set(key, { account, symbol, at: this.nowMs() + ms });
    return done({ symbol, countdownTime });
  }

  /** Ends every key: whoever listens is told so, and nothing more. */
  expireKeys(): void {
    this.keys.expire();
    this.tick();
  }

  tick(): void {
    const now = this.nowMs();
    if (now - this.markedMs >= MARK_EVERY_MS) {
      this.markedMs = now;
      for (const session of this.sessions)
        this.sayStanding(
          session,
          [...session.channels].filter((stream) => stream.includes('@markPrice')),
        );
    }
    for (const session of this.sessions) {
      const key = this.keys.of(session.path);
      if (key === undefined || key.until > now || session.account === undefined) continue;
      session.account = undefined;
      session.send({ e: 'listenKeyExpired', E: now, listenKey: key.name });
    }
    for (const [name, { account, symbol, at }] of this.countdowns) {
      if (now < at) continue;
      this.countdowns.delete(name);
      this.exchange.cancelAll(account, now, ({ instrument }) => instrument === symbol);
    }
  }

  /** A connection with a key that has run out stands, and nothing is ever said on it. */
  opened(session: WireSession): void {
    const key = this.keys.of(session.path);
    if (key !== undefined && key.until > this.nowMs()) session.account = key.account;
    this.sessions.add(session);
  }

  hear(session: WireSession, text: string): void {
    const { method, params, id } = JSON.parse(text) as { method?: string; params?: string[]; id?: number }; // checked below
    for (const stream of Array.isArray(params) ? params.map(String) : []) {
      if (method === 'SUBSCRIBE' && isToldAt(session.path, stream)) session.channels.add(stream);
      if (method === 'UNSUBSCRIBE') session.channels.delete(stream);
    }
    session.send({ result: null, id: id ?? null });
    if (method === 'SUBSCRIBE')
      this.sayStanding(
        session,
        (params ?? []).filter((stream) => session.channels.has(stream)),
      );
  }

  private sayStanding(session: WireSession, streams: Iterable<string>): void {
    for (const stream of streams) for (const message of this.streams.standing(stream)) session.send(message);
  }

  tell(event: SimEvent, session: WireSession): readonly unknown[] {
    const key = this.keys.of(session.path);
    if (key === undefined) return this.streams.tell(event, session);
    if (session.account === undefined) return [];
    if (event.event === 'user-trade' && event.account === session.account) {
      const order = this.exchange.order(event.account, event.trade.orderId);
      if (order === undefined || !this.isIn(order.instrument, key.inverse)) return [];
      return [...this.asNew(order), updateMessage(this.exchange, order, event.trade)];
    }
    if (event.event !== 'order' || event.order.account !== session.account) return [];
    return this.isIn(event.order.instrument, key.inverse) ? this.toldOf(event.order) : [];
  }

  /** What is told of an order besides its trades: that it is new, has other terms, or has ended without them. */
  private toldOf(order: SimOrder): readonly unknown[] {
    const terms = termsOf(order);
    const known = this.told.get(order.orderId);
    const first = this.asNew(order);
    if (order.state === 'cancelled') {
      const what = order.timeInForce === 'good_til_cancelled' ? 'CANCELED' : 'EXPIRED';
      return [...first, updateMessage(this.exchange, order, what)];
    }
    if (known === undefined || known === terms || order.state !== 'open') return first;
    this.told.set(order.orderId, terms);
    return [updateMessage(this.exchange, order, 'AMENDMENT')];
  }

  private asNew(order: SimOrder): readonly unknown[] {
    if (this.told.has(order.orderId)) return [];
    this.told.set(order.orderId, termsOf(order));
    return [updateMessage(this.exchange, order, 'NEW')];
  }

  left(session: WireSession): void {
    this.sessions.delete(session);
  }

  private clientOf(key: string) {
    const { clients, clientOnDemand } = this.accounts;
    return clients.find(({ clientId }) => clientId === key) ?? clientOnDemand?.(key);
  }
}

const termsOf = ({ lots, ticks }: SimOrder): string => `${lots}@${ticks ?? ''}`;
