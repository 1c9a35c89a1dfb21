import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

import { fullBucket, takeTokens } from '@evenkeel/venue-wire';
import type { TokenBucket, TokenBucketRule } from '@evenkeel/venue-wire';
import { isRefusal } from '@evenkeel/local-exchange';
import type {
  OrderRequest,
  Refusal,
  Side,
  SimClient,
  SimExchange,
  SimOrder,
  TimeInForce,
} from '@evenkeel/local-exchange';
import { isSimError, refusalError, type SimError } from './sim-errors';
import {
  bookMessage,
  instrumentMessage,
  orderMessage,
  positionMessage,
  summaryMessage,
  tickerMessage,
  tradeMessage,
} from './sim-messages';

export interface SessionOptions {
  readonly exchange: SimExchange;
  readonly clients: readonly SimClient[];
  /** An account that is opened when somebody first logs in to it. */
  readonly clientOnDemand?: ((clientId: string) => SimClient | undefined) | undefined;
  /** Orders, edits and cancels of one connection. */
  readonly matchingLimit: TokenBucketRule;
  readonly send: (message: unknown) => void;
  readonly nowMs: () => number;
  /** Closes the connection once what is being said has been said. */
  readonly hangUp: () => void;
}

export type Params = Readonly<Record<string, unknown>>;

interface Request {
  readonly id: unknown;
  readonly method: string;
  readonly params: Params;
}

const UNAUTHORIZED: SimError = { code: 13009, message: 'unauthorized' };
const INVALID_CREDENTIALS: SimError = { code: 13004, message: 'invalid_credentials' };
const TOO_MANY: SimError = { code: 10028, message: 'too_many_requests' };
const INVALID_PARAMS: SimError = { code: -32602, message: 'Invalid params' };
const METHOD_NOT_FOUND: SimError = { code: -32601, message: 'Method not found' };
const MATCHING = new Set([
  'private/buy',
  'private/sell',
  'private/cancel',
  'private/cancel_by_label',
  'private/cancel_all',
  'private/edit',
  'private/edit_by_label',
]);
const TIME_IN_FORCE = new Set<string>(['good_til_cancelled', 'immediate_or_cancel', 'fill_or_kill']);

/** One connection to the simulated exchange: JSON-RPC in, answers out; knows who is logged in and what is subscribed. */
export class SimSession {
  account: string | undefined;
  readonly channels = new Set<string>();
  heartbeatMs = 0;
  lastHeardMs: number;
  /** What is taken back when the connection ends without a goodbye. */
  cancelOnDisconnect: 'connection' | 'account' | undefined;
  /** Names the connection as the one that placed an order. */
  readonly id = randomUUID();
  /** Requests answered with `too_many_requests` before the next is served. */
  throttleNext = 0;
  private bucket: TokenBucket;

  constructor(private readonly options: SessionOptions) {
    this.lastHeardMs = options.nowMs();
    this.bucket = fullBucket(options.matchingLimit, BigInt(this.lastHeardMs) * 1_000_000n);
  }

  /** Reads a request; `undefined` for something that is not JSON-RPC, which is answered at once. */
  read(text: string): Request | undefined {
    this.lastHeardMs = this.options.nowMs();
    try {
      const { id, method, params } = JSON.parse(text) as Record<string, unknown>; // each field is checked below
      if (typeof method === 'string') return { id, method, params: (params ?? {}) as Params }; // read field by field
    } catch {
      // Answered below like any other malformed request.
    }
    this.options.send({ jsonrpc: '2.0', error: { code: -32700, message: 'Parse error' } });
    return undefined;
  }

  /** Carries out a request and returns what to answer. */
  perform(request: Request): { readonly result: unknown } | { readonly error: SimError } {
    if (this.throttleNext > 0) {
      this.throttleNext -= 1;
      return { error: TOO_MANY };
    }
    if (request.method.startsWith('private/') && this.account === undefined) return { error: UNAUTHORIZED };
    if (MATCHING.has(request.method)) {
      const grant = takeTokens(
        this.options.matchingLimit,
        this.bucket,
        BigInt(this.options.nowMs()) * 1_000_000n,
      );
      this.bucket = grant.bucket;
      if (!grant.granted) return { error: TOO_MANY };
    }
    const result = request.method.startsWith('private/')
      ? this.performPrivate(request)
      : this.performPublic(request);
    return isError(result) ? { error: result } : { result };
  }

  answer(request: Request, outcome: { readonly result: unknown } | { readonly error: SimError }): void {
    this.options.send({ jsonrpc: '2.0', id: request.id, ...outcome, testnet: true });
    // The whole book follows the answer that it will come.
    if (request.method === 'public/subscribe' && 'result' in outcome) this.sendFirstBooks(request.params);
  }

  private performPublic({ method, params }: Request): unknown {
    const { exchange, nowMs } = this.options;
    switch (method) {
      case 'public/test':
        return { version: 'simulated' };
      case 'public/get_time':
        return nowMs();
      case 'public/set_heartbeat':
        return this.setHeartbeat(params);
      case 'public/auth':
        return this.authenticate(params);
      case 'public/subscribe':
      case 'public/unsubscribe':
        return this.subscribe(params, method === 'public/subscribe', false);
      case 'public/get_instruments':
        return exchange.instruments
          .filter((item) => item.settlement === params['currency'])
          .map(instrumentMessage);
      case 'public/ticker':
        return tickerMessage(exchange, String(params['instrument_name']), nowMs());
      case 'public/get_order_book':
        return {
          ...tickerMessage(exchange, String(params['instrument_name']), nowMs()),
          ...bookPairs(bookMessage(exchange, String(params['instrument_name']), nowMs())),
        };
      default:
        return METHOD_NOT_FOUND;
    }
  }

  private performPrivate({ method, params }: Request): unknown {
    const { exchange, nowMs } = this.options;
    const account = this.account ?? '';
    const label = String(params['label'] ?? '');
    switch (method) {
      case 'private/buy':
      case 'private/sell':
        return this.place(account, method === 'private/buy' ? 'buy' : 'sell', params);
      case 'private/cancel':
        return this.shown(exchange.cancel(account, String(params['order_id']), nowMs()));
      case 'private/edit_by_label': {
        const [open] = exchange.byLabel(account, label).filter((order) => order.state === 'open');
        return open === undefined
          ? refusalError('not-found')
          : this.edit(account, { ...params, order_id: open.orderId });
      }
      case 'private/edit':
        return this.edit(account, params);
      case 'private/cancel_by_label':
        return exchange.cancelAll(account, nowMs(), (order) => order.label === label);
      case 'private/cancel_all':
        return exchange.cancelAll(account, nowMs());
      case 'private/get_order_state_by_label':
        return exchange.byLabel(account, label).map((order) => orderMessage(exchange, order));
      case 'private/get_order_state': {
        const order = exchange.order(account, String(params['order_id']));
        return order === undefined ? refusalError('not-found') : orderMessage(exchange, order);
      }
      case 'private/get_open_orders':
        return exchange
          .ordersOf(account)
          .filter((order) => order.state === 'open')
          .map((order) => orderMessage(exchange, order));
      case 'private/get_user_trades_by_order':
        return (
          exchange
            .order(account, String(params['order_id']))
            ?.trades.map((trade) => tradeMessage(exchange, trade, true)) ?? []
        );
      case 'private/get_positions':
        return exchange.instruments
          .filter((item) => item.settlement === params['currency'])
          .map((item) => positionMessage(exchange, account, item.name));
      case 'private/get_account_summary':
        return summaryMessage(exchange, account, String(params['currency']));
      case 'private/enable_cancel_on_disconnect':
        return this.protect(params);
      case 'private/disable_cancel_on_disconnect':
        this.cancelOnDisconnect = undefined;
        return 'ok';
      case 'private/logout':
        // A goodbye: what rests is left alone.
        this.cancelOnDisconnect = undefined;
        this.options.hangUp();
        return 'ok';
      case 'private/subscribe':
      case 'private/unsubscribe':
        return this.subscribe(params, method === 'private/subscribe', true);
      default:
        return METHOD_NOT_FOUND;
    }
  }

  private protect(params: Params): unknown {
    const scope = params['scope'] ?? 'connection';
    if (scope !== 'connection' && scope !== 'account') return INVALID_PARAMS;
    this.cancelOnDisconnect = scope;
    return 'ok';
  }

  /** What the exchange takes back now that the connection has ended. */
  end(): void {
    const { exchange, nowMs } = this.options;
    if (this.account === undefined || this.cancelOnDisconnect === undefined) return;
    const own = this.cancelOnDisconnect === 'connection';
    exchange.cancelAll(this.account, nowMs(), ({ connection }) => !own || connection === this.id);
  }

  private setHeartbeat(params: Params): unknown {
    const interval = Number(params['interval']);
    if (!(interval >= 10)) return INVALID_PARAMS;
    this.heartbeatMs = interval * 1000;
    return 'ok';
  }

  private authenticate(params: Params): unknown {
    const { clients, clientOnDemand } = this.options;
    const id = String(params['client_id']);
    const client = clients.find((known) => known.clientId === id) ?? clientOnDemand?.(id);
    if (client === undefined) return INVALID_CREDENTIALS;
    const text = `${String(params['timestamp'])}\n${String(params['nonce'])}\n${String(params['data'] ?? '')}`;
    const expected =
      params['grant_type'] === 'client_signature'
        ? createHmac('sha256', client.clientSecret).update(text).digest('hex')
        : client.clientSecret;
    const given = String(
      params['grant_type'] === 'client_signature' ? params['signature'] : params['client_secret'],
    );
    if (!sameText(expected, given)) return INVALID_CREDENTIALS;
    this.account = client.clientId;
    return {
      access_token: randomUUID(),
      refresh_token: randomUUID(),
      expires_in: 900,
      token_type: 'bearer',
      scope: 'trade:read_write',
    };
  }

  private subscribe(params: Params, add: boolean, own: boolean): unknown {
    const { channels } = params;
    if (!Array.isArray(channels)) return INVALID_PARAMS;
    const accepted = channels.map(String).filter((channel) => own || !channel.startsWith('user.'));
    for (const channel of accepted) {
      // Whoever asks for an instrument may be the first to.
      if (add) this.options.exchange.listing(channel.split('.')[1] ?? '');
      if (add) this.channels.add(channel);
      else this.channels.delete(channel);
    }
    return accepted;
  }

  private sendFirstBooks(params: Params): void {
    const { exchange, nowMs, send } = this.options;
    for (const channel of Array.isArray(params['channels']) ? params['channels'].map(String) : []) {
      const [kind, name = ''] = channel.split('.');
      if (kind === 'book' && exchange.listing(name) !== undefined)
        send(notification(channel, bookMessage(exchange, name, nowMs())));
    }
  }

  private place(account: string, direction: Side, params: Params): unknown {
    const timeInForce = String(params['time_in_force'] ?? 'good_til_cancelled');
    const type = String(params['type'] ?? 'limit');
    if (!TIME_IN_FORCE.has(timeInForce) || (type !== 'limit' && type !== 'market')) return INVALID_PARAMS;
    if (params['amount'] === undefined || String(params['label'] ?? '').length > 64) return INVALID_PARAMS;
    const request: OrderRequest = {
      connection: this.id,
      instrument: String(params['instrument_name']),
      direction,
      amount: String(params['amount']),
      type,
      ...(params['price'] === undefined ? {} : { price: String(params['price']) }),
      label: String(params['label'] ?? ''),
      timeInForce: timeInForce as TimeInForce, // one of the three, just checked
      postOnly: params['post_only'] === true,
      rejectPostOnly: params['reject_post_only'] === true,
      reduceOnly: params['reduce_only'] === true,
    };
    const placed = this.options.exchange.place(account, request, this.options.nowMs());
    if (isRefusal(placed)) return refusalError(placed);
    const { exchange } = this.options;
    return {
      order: orderMessage(exchange, placed),
      trades: placed.trades.map((trade) => tradeMessage(exchange, trade, true)),
    };
  }

  private edit(account: string, params: Params): unknown {
    if (params['amount'] === undefined || params['price'] === undefined) return INVALID_PARAMS;
    const { exchange, nowMs } = this.options;
    const change = { amount: String(params['amount']), price: String(params['price']) };
    const edited = exchange.edit(account, String(params['order_id']), change, nowMs());
    if (isRefusal(edited)) return refusalError(edited);
    return { order: orderMessage(exchange, edited), trades: [] };
  }

  private shown(order: SimOrder | Refusal): unknown {
    return isRefusal(order) ? refusalError(order) : orderMessage(this.options.exchange, order);
  }
}

export function notification(channel: string, data: unknown): unknown {
  return { jsonrpc: '2.0', method: 'subscription', params: { channel, data } };
}

/** The levels of a whole book without the word `new` that the channel puts before each. */
function bookPairs(book: Record<string, unknown>): Record<string, unknown> {
  const pairs = (rows: unknown): unknown =>
    Array.isArray(rows) ? rows.map((row: unknown[]) => row.slice(1)) : [];
  return { change_id: book['change_id'], bids: pairs(book['bids']), asks: pairs(book['asks']) };
}

function isError(value: unknown): value is SimError {
  return typeof value === 'object' && value !== null && isSimError(value);
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
