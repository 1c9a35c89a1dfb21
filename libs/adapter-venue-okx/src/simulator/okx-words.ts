import { createHmac } from 'node:crypto';

import { EndedAtOnce, isRefusal, isSameText } from '@evenkeel/local-exchange';
import type {
  OrderRequest,
  Refusal,
  SimAccounts,
  SimEvent,
  SimExchange,
  SimOrder,
  TimeInForce,
  VenueWords,
  WireAnswer,
  WireRequest,
  WireSession,
} from '@evenkeel/local-exchange';

import {
  balanceMessage,
  bookMessage,
  fillMessage,
  instTypeOf,
  familyOf,
  instrumentMessage,
  markMessages,
  orderMessage,
  positionMessage,
  tickerMessage,
  tradeMessage,
} from './sim-messages';

type Fields = Record<string, unknown>;

/** What every client of the exchange gives besides its key. */
export const PASSPHRASE = 'a passphrase of ours';
const WINDOW_MS = 30_000;

/** What OKX answers where the exchange says no. */
const CODE: Readonly<Record<Refusal, readonly [code: string, message: string]>> = {
  instrument: ['51001', 'Instrument ID does not exist'],
  amount: ['51121', 'Order quantity must be a multiple of the lot size.'],
  tick: ['51119', 'Price is not a multiple of the tick size.'],
  price: ['51000', 'Parameter px error'],
  'not-found': ['51603', 'Order does not exist'],
  'not-open': ['51400', 'Cancellation failed as the order has been filled, canceled or does not exist.'],
  maintenance: ['51022', 'Contract suspended.'],
  funds: ['51008', 'Order failed. Insufficient margin in account'],
  'post-only': ['51000', 'post only'],
  'self-trade': ['51000', 'self trade'],
  'fill-or-kill': ['51000', 'fill or kill'],
  'reduce-only': ['51169', 'Order failed because you don’t have any positions in this direction'],
  duplicate: ['51016', 'Client order ID already exists.'],
};

const TIME_IN_FORCE: Readonly<Record<string, TimeInForce>> = {
  limit: 'good_til_cancelled',
  post_only: 'good_til_cancelled',
  ioc: 'immediate_or_cancel',
  fok: 'fill_or_kill',
};

/** Ids are long numbers. */
export const okxId =
  (kind: number) =>
  (serial: number): string =>
    `${kind}${String(serial).padStart(17, '0')}`;

/** OKX's API v5: orders over HTTP, what became of them on `/ws/v5/private`, its market on `/ws/v5/public`. */
export class OkxWords implements VenueWords {
  readonly tooMany: WireAnswer = { status: 429, body: { code: '50011', data: [], msg: 'Too Many Requests' } };
  readonly privatePath = '/ws/v5/private';
  readonly feeds = { okx: '/ws/v5/public' };
  private readonly orders: EndedAtOnce;
  private readonly sessions = new Set<WireSession>();
  /** When everything of an account is taken back, unless it is put off. */
  private readonly deadlines = new Map<string, number>();

  constructor(
    private readonly exchange: SimExchange,
    private readonly accounts: SimAccounts,
    private readonly nowMs: () => number,
  ) {
    this.orders = new EndedAtOnce(exchange, okxId(9));
  }

  places({ path }: WireRequest): boolean {
    return path === '/api/v5/trade/order';
  }

  perform(request: WireRequest): WireAnswer {
    const { path, parameters, method } = request;
    if (path === '/api/v5/public/instruments') return done(this.listing(Object.fromEntries(parameters)));
    const account = this.accountOf(request);
    if (typeof account !== 'string') return account;
    const given = method === 'POST' ? readJson(request.body) : Object.fromEntries(parameters);
    if (given === undefined) return refused('50002', 'JSON syntax error');
    const late = Number(request.headers['exptime'] ?? Infinity) < this.nowMs();
    if (late) return refused('51149', 'Order timed out. Please try again.');
    if (Array.isArray(given)) return this.cancelMany(account, given);
    return method === 'POST' ? this.change(account, path, given) : this.tellOf(account, path, given);
  }

  private change(account: string, path: string, given: Fields): WireAnswer {
    switch (path) {
      case '/api/v5/trade/order':
        return this.place(account, given);
      case '/api/v5/trade/amend-order':
        return this.amend(account, given);
      case '/api/v5/trade/cancel-order':
        return one(this.cancel(account, given));
      case '/api/v5/trade/cancel-all-after':
        return this.putOff(account, Number(given['timeOut']));
      default:
        return refused('50000', `path ${path}`);
    }
  }

  private tellOf(account: string, path: string, given: Fields): WireAnswer {
    switch (path) {
      case '/api/v5/account/config':
        return done([{ acctLv: '3', posMode: 'net_mode', uid: '1' }]);
      case '/api/v5/account/balance':
        return done([balanceMessage(this.exchange, account)]);
      case '/api/v5/account/positions':
        return done(
          this.exchange.instruments
            .filter((instrument) => this.isIn(instrument.name, given))
            .map((instrument) => positionMessage(this.exchange, account, instrument))
            .filter(({ pos }) => pos !== '0'),
        );
      case '/api/v5/trade/order': {
        const order = this.orderOf(account, given);
        return order === undefined
          ? refused(...CODE['not-found'])
          : done([orderMessage(this.exchange, order)]);
      }
      case '/api/v5/trade/orders-pending':
        return page(
          this.exchange
            .ordersOf(account)
            .filter(({ state, instrument }) => state === 'open' && this.isIn(instrument, given))
            .map((order) => orderMessage(this.exchange, order)),
          'ordId',
          given,
        );
      case '/api/v5/trade/fills':
      case '/api/v5/trade/fills-history':
        return page(
          (this.exchange.order(account, textOf(given['ordId']))?.trades ?? []).map((trade) =>
            fillMessage(this.exchange, trade),
          ),
          'billId',
          given,
        );
      default:
        return refused('50000', `path ${path}`);
    }
  }

  private listing(given: Fields): Fields[] {
    return this.exchange.instruments
      .filter(({ name }) => this.isIn(name, given))
      .map(instrumentMessage)
      .filter(({ instFamily }) => given['instFamily'] === undefined || instFamily === given['instFamily']);
  }

  private isIn(name: string, { instType, instId }: Fields): boolean {
    const instrument = this.exchange.listing(name)?.instrument;
    return (
      instrument !== undefined &&
      (instType === undefined || instTypeOf(instrument) === instType) &&
      (instId === undefined || name === instId)
    );
  }

  private place(account: string, given: Fields): WireAnswer {
    const timeInForce = TIME_IN_FORCE[textOf(given['ordType'])];
    if (timeInForce === undefined || given['tdMode'] !== 'cross')
      return refused('51000', 'Parameter ordType error');
    const request: OrderRequest = {
      instrument: textOf(given['instId']),
      direction: given['side'] === 'buy' ? 'buy' : 'sell',
      amount: textOf(given['sz']),
      type: 'limit',
      price: textOf(given['px']),
      label: textOf(given['clOrdId']),
      timeInForce,
      postOnly: given['ordType'] === 'post_only',
      rejectPostOnly: true,
      reduceOnly: given['reduceOnly'] === true,
    };
    const placed = this.orders.place(account, request, this.nowMs());
    if (isRefusal(placed)) return one(no(placed, request.label));
    if ('why' in placed)
      for (const session of this.sessions)
        if (session.account === account && session.channels.has('orders'))
          session.send(push(orderMessage(this.exchange, placed)));
    return one(taken(placed));
  }

  private amend(account: string, given: Fields): WireAnswer {
    const order = this.orderOf(account, given);
    if (order === undefined || order.state !== 'open') return one({ ...no('not-open', ''), sCode: '51503' });
    const change = { amount: textOf(given['newSz']), price: textOf(given['newPx']) };
    const edited = this.exchange.edit(account, order.orderId, change, this.nowMs());
    return one(isRefusal(edited) ? no(edited, order.label) : taken(order));
  }

  private cancel(account: string, given: Fields): Fields {
    const order = this.orderOf(account, given);
    if (order === undefined) return no('not-open', textOf(given['clOrdId']));
    const cancelled = this.exchange.cancel(account, order.orderId, this.nowMs());
    return isRefusal(cancelled) ? no(cancelled, order.label) : taken(order);
  }

  private cancelMany(account: string, given: readonly unknown[]): WireAnswer {
    const data = given.map((which) => this.cancel(account, which as Fields)); // objects, as the protocol has it
    const bad = data.filter(({ sCode }) => sCode !== '0').length;
    const code = bad === 0 ? '0' : bad === data.length ? '1' : '2';
    return { status: 200, body: { code, data, msg: '' } };
  }

  private orderOf(account: string, { clOrdId, ordId, instId }: Fields): SimOrder | undefined {
    const label = textOf(clOrdId);
    const found =
      label === ''
        ? this.exchange.order(account, textOf(ordId))
        : [...this.exchange.byLabel(account, label), ...this.orders.ofLabel(account, label)].at(-1);
    return found?.instrument === instId ? found : undefined;
  }

  private putOff(account: string, seconds: number): WireAnswer {
    if (seconds !== 0 && !(seconds >= 10 && seconds <= 120))
      return refused('51000', 'Parameter timeOut error');
    const at = this.nowMs() + seconds * 1000;
    if (seconds === 0) this.deadlines.delete(account);
    else this.deadlines.set(account, at);
    return done([{ triggerTime: seconds === 0 ? '0' : String(at), ts: String(this.nowMs()) }]);
  }

  tick(): void {
    const now = this.nowMs();
    for (const [account, at] of this.deadlines) {
      if (now < at) continue;
      this.deadlines.delete(account);
      this.exchange.cancelAll(account, now);
    }
  }

  hear(session: WireSession, text: string): void {
    this.sessions.add(session);
    if (text === 'ping') return session.send('pong');
    const message = readJson(text);
    const wrong = (code: string, msg: string): void =>
      session.send({ event: 'error', code, msg, connId: session.id });
    if (message === undefined || Array.isArray(message)) return wrong('60012', 'Illegal request');
    const args = (Array.isArray(message['args']) ? message['args'] : []) as Fields[]; // objects, as the protocol has it
    const { op } = message;
    if (op === 'login') return this.logIn(session, args[0] ?? {}, wrong);
    if (op !== 'subscribe' && op !== 'unsubscribe') return wrong('60012', 'Illegal request');
    for (const arg of args) {
      const { channel, instId } = arg;
      const own = channel === 'orders';
      if (own && session.account === undefined) {
        wrong('60011', 'Please log in');
        continue;
      }
      const name = own ? 'orders' : `${String(channel)}/${String(instId ?? arg['instFamily'])}`;
      if (op === 'subscribe') session.channels.add(name);
      else session.channels.delete(name);
      session.send({ event: op, arg, connId: session.id });
      if (own || op === 'unsubscribe') continue;
      for (const first of this.first(String(channel), String(instId ?? arg['instFamily'])))
        session.send(first);
    }
  }

  private logIn(session: WireSession, given: Fields, wrong: (code: string, msg: string) => void): void {
    const client = this.clientOf(textOf(given['apiKey']));
    const timestamp = textOf(given['timestamp']);
    const expected =
      client === undefined ? '' : sign(client.clientSecret, `${timestamp}GET/users/self/verify`);
    if (client === undefined) return wrong('60005', 'Invalid apiKey');
    if (given['passphrase'] !== PASSPHRASE) return wrong('60024', 'Wrong passphrase');
    if (Math.abs(Number(timestamp) * 1000 - this.nowMs()) > WINDOW_MS)
      return wrong('60006', 'Timestamp request expired');
    if (!isSameText(expected, textOf(given['sign']))) return wrong('60007', 'Invalid sign');
    session.account = client.clientId;
    session.send({ event: 'login', code: '0', msg: '', connId: session.id });
  }

  private first(channel: string, name: string): readonly unknown[] {
    const message =
      channel === 'books' || channel === 'bbo-tbt'
        ? bookMessage(this.exchange, channel, name, this.nowMs())
        : channel === 'tickers'
          ? tickerMessage(this.exchange, name, this.nowMs())
          : undefined;
    return message === undefined ? this.marks(channel, name) : [message];
  }

  /** What options are marked by: the mark of one, or the volatility of it and the index of its family. */
  private marks(channel: string, name: string): readonly unknown[] {
    return this.exchange.instruments
      .filter(({ kind, name: own }) => kind === 'option' && (own === name || familyOf(own) === name))
      .flatMap((instrument) => markMessages(this.exchange, instrument, this.nowMs()))
      .filter(({ arg }) => arg.channel === channel && (arg.instId ?? arg.instFamily) === name);
  }

  tell(event: SimEvent, session: WireSession): readonly unknown[] {
    if (session.channels.has('orders')) return this.tellOwn(event, session.account);
    const { exchange } = this;
    const now = this.nowMs();
    const says = (channel: string, name: string, message: () => unknown): unknown[] =>
      session.channels.has(`${channel}/${name}`) ? [message()] : [];
    switch (event.event) {
      case 'book':
        return [
          ...['books', 'bbo-tbt'].flatMap((channel) =>
            says(channel, event.instrument, () =>
              bookMessage(exchange, channel, event.instrument, now, event),
            ),
          ),
          ...says('tickers', event.instrument, () => tickerMessage(exchange, event.instrument, now)),
        ];
      case 'ticker': {
        const instrument = exchange.listing(event.instrument)?.instrument;
        return instrument === undefined
          ? []
          : markMessages(exchange, instrument, now).filter(({ arg }) =>
              session.channels.has(`${arg.channel}/${arg.instId ?? arg.instFamily ?? ''}`),
            );
      }
      case 'trade':
        return says('trades', event.trade.instrument, () => tradeMessage(exchange, event.trade));
      default:
        return [];
    }
  }

  /** Each trade is told with its order as it stands; an order that stands as a trade has left it is not told again. */
  private tellOwn(event: SimEvent, account: string | undefined): readonly unknown[] {
    if (event.event === 'user-trade' && event.account === account) {
      const order = this.exchange.order(event.account, event.trade.orderId);
      return order === undefined ? [] : [push(orderMessage(this.exchange, order, event.trade))];
    }
    return event.event === 'order' && event.order.account === account
      ? [push(orderMessage(this.exchange, event.order))]
      : [];
  }

  left(session: WireSession): void {
    this.sessions.delete(session);
  }

  private accountOf({ headers, method, path, query, body }: WireRequest): string | WireAnswer {
    const no = (code: string, msg: string): WireAnswer => ({ status: 401, body: { code, data: [], msg } });
    const client = this.clientOf(headers['ok-access-key'] ?? '');
    const timestamp = headers['ok-access-timestamp'] ?? '';
    if (client === undefined) return no('50111', 'Invalid OK-ACCESS-KEY');
    if (headers['ok-access-passphrase'] !== PASSPHRASE) return no('50105', 'OK-ACCESS-PASSPHRASE incorrect');
    if (!(Math.abs(Date.parse(timestamp) - this.nowMs()) <= WINDOW_MS))
      return no('50102', 'Timestamp request expired');
    const asked = query === '' ? path : `${path}?${query}`;
    const expected = sign(client.clientSecret, `${timestamp}${method}${asked}${body}`);
    return isSameText(expected, headers['ok-access-sign'] ?? '')
      ? client.clientId
      : no('50113', 'Invalid Sign');
  }

  private clientOf(key: string) {
    const { clients, clientOnDemand } = this.accounts;
    return clients.find(({ clientId }) => clientId === key) ?? clientOnDemand?.(key);
  }
}

const sign = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('base64');

const textOf = (value: unknown): string => (value === undefined ? '' : String(value));

const done = (data: unknown): WireAnswer => ({ status: 200, body: { code: '0', data, msg: '' } });
const refused = (code: string, msg: string): WireAnswer => ({ status: 200, body: { code, data: [], msg } });
const one = (item: Fields): WireAnswer => ({
  status: 200,
  body: { code: item['sCode'] === '0' ? '0' : '1', data: [item], msg: '' },
});
const taken = ({ orderId, label }: SimOrder): Fields => ({
  ordId: orderId,
  clOrdId: label,
  sCode: '0',
  sMsg: '',
});
const no = (refusal: Refusal, label: string): Fields => {
  const [sCode, sMsg] = CODE[refusal];
  return { ordId: '', clOrdId: label, sCode, sMsg };
};
const push = (item: Fields): Fields => ({ arg: { channel: 'orders', instType: 'ANY' }, data: [item] });

/** What stands behind a mark, at most so many. */
function page(items: readonly Fields[], mark: string, { after, limit }: Fields): WireAnswer {
  const from = after === undefined ? 0 : items.findIndex((item) => item[mark] === after) + 1;
  return done(items.slice(from, from + Number(limit ?? 100)));
}

function readJson(text: string): Fields | unknown[] | undefined {
  try {
    const read: unknown = JSON.parse(text);
    if (Array.isArray(read)) return read;
    return typeof read === 'object' && read !== null ? (read as Fields) : undefined; // an object, just looked
  } catch {
    return undefined;
  }
}
