import type { WebSocket } from 'ws';

import { bookChecksum } from '@evenkeel/venue-wire';
import type { DecimalText, VenueProtocol } from '@evenkeel/venue-wire';
import {
  BINANCE_COIN_M_PROTOCOL,
  BINANCE_SPOT_PROTOCOL,
  BINANCE_USD_M_PROTOCOL,
} from '@evenkeel/adapter-venue-binance';
import { BYBIT_LINEAR_PROTOCOL } from '@evenkeel/adapter-venue-bybit';
import { DERIBIT_PROTOCOL } from '@evenkeel/adapter-venue-deribit';
import { HYPERLIQUID_PROTOCOL } from '@evenkeel/adapter-venue-hyperliquid';
import { OKX_PROTOCOL } from '@evenkeel/adapter-venue-okx';
import type { BookChange, LocalVenue, ServerBook, VenueScript } from './local-venue';

/** Milliseconds of now, as the exchange stamps its messages. */
const now = (): number => Date.now();

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string, venue: LocalVenue): Fields {
  try {
    return JSON.parse(text) as Fields; // checked field by field where it is used
  } catch {
    venue.violation(`not JSON: ${text}`);
    return {};
  }
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

const DERIBIT_CHANNEL = 'book.BTC-PERPETUAL.100ms';

function deribitLevels(levels: readonly (readonly [string, string])[], snapshot: boolean): unknown[] {
  return levels.map(([price, size]) => [
    snapshot ? 'new' : size === '0' ? 'delete' : 'change',
    Number(price),
    Number(size),
  ]);
}

export const DERIBIT_SCRIPT: VenueScript = {
  name: 'deribit',
  protocol: DERIBIT_PROTOCOL,
  symbol: 'BTC-PERPETUAL',
  sequenced: true,
  onMessage(text, venue, socket) {
    const { id, method, params } = parsed(text, venue) as { id?: number; method?: string; params?: Fields };
    const answer = (result: unknown): void =>
      socket.send(
        JSON.stringify({ jsonrpc: '2.0', id, result, usIn: 1, usOut: 2, usDiff: 1, testnet: true }),
      );
    if (method === 'public/set_heartbeat')
      return Number(params?.['interval']) >= 10 ? answer('ok') : venue.violation(text);
    if (method === 'public/test') return answer({ version: '1.2.26' });
    if (method === 'public/unsubscribe') {
      venue.subscribed.delete(socket);
      return answer(params?.['channels']);
    }
    if (method === 'public/subscribe') {
      answer(params?.['channels']);
      if (list(params?.['channels']).includes(DERIBIT_CHANNEL)) venue.subscribeBook(socket);
      return;
    }
    venue.violation(text);
  },
  snapshot: (book) =>
    deribitPush(
      book.sequence,
      undefined,
      deribitLevels(book.levels('bids'), true),
      deribitLevels(book.levels('asks'), true),
    ),
  change: (_book, change) =>
    deribitPush(
      change.sequence,
      change.previous,
      deribitLevels(change.bids, false),
      deribitLevels(change.asks, false),
    ),
  throttle: '{"jsonrpc":"2.0","id":1,"error":{"message":"too_many_requests","code":10028}}',
  nonsense:
    '{"jsonrpc":"2.0","method":"subscription","params":{"channel":"platform_state","data":{"locked":true}}}',
};

function deribitPush(
  sequence: number,
  previous: number | undefined,
  bids: unknown[],
  asks: unknown[],
): string {
  const data = {
    type: previous === undefined ? 'snapshot' : 'change',
    timestamp: now(),
    instrument_name: 'BTC-PERPETUAL',
    change_id: sequence,
    ...(previous === undefined ? {} : { prev_change_id: previous }),
    bids,
    asks,
  };
  return JSON.stringify({
    jsonrpc: '2.0',
    method: 'subscription',
    params: { channel: DERIBIT_CHANNEL, data },
  });
}

function binanceScript(name: string, protocol: VenueProtocol, path: string, symbol = 'BTCUSDT'): VenueScript {
  const futures = path !== '/api/v3/depth';
  const stream = `${symbol.toLowerCase()}@depth@100ms`;
  return {
    name,
    protocol,
    symbol,
    sequenced: true,
    onMessage(text, venue, socket) {
      const { id, method, params } = parsed(text, venue) as {
        id?: number;
        method?: string;
        params?: unknown;
      };
      if (typeof id !== 'number') return venue.violation(text);
      if (method === 'LIST_SUBSCRIPTIONS') return socket.send(JSON.stringify({ result: [stream], id }));
      if (method !== 'SUBSCRIBE' && method !== 'UNSUBSCRIBE') return venue.violation(text);
      socket.send(JSON.stringify({ result: null, id }));
      if (method === 'UNSUBSCRIBE') venue.subscribed.delete(socket);
      else if (list(params).includes(stream)) venue.subscribeBook(socket);
    },
    snapshot: () => undefined,
    change: (_book, change) =>
      JSON.stringify({
        stream,
        data: {
          e: 'depthUpdate',
          E: now(),
          ...(futures ? { T: now(), pu: change.previous } : {}),
          s: symbol,
          U: change.sequence,
          u: change.sequence,
          b: change.bids,
          a: change.asks,
        },
      }),
    restSnapshot: (book, url) =>
      url.pathname === path && url.searchParams.get('symbol') === symbol
        ? JSON.stringify({
            lastUpdateId: book.sequence,
            bids: book.levels('bids'),
            asks: book.levels('asks'),
          })
        : undefined,
    throttle: '{"error":{"code":-1003,"msg":"Too many requests."},"id":9}',
    nonsense: '{"stream":"btcusdt@unknown","data":{"e":"somethingNew","E":1,"s":"BTCUSDT"}}',
  };
}

export const BINANCE_USD_M_SCRIPT = binanceScript('binance-usd-m', BINANCE_USD_M_PROTOCOL, '/fapi/v1/depth');
export const BINANCE_SPOT_SCRIPT = binanceScript('binance-spot', BINANCE_SPOT_PROTOCOL, '/api/v3/depth');
export const BINANCE_COIN_M_SCRIPT = binanceScript(
  'binance-coin-m',
  BINANCE_COIN_M_PROTOCOL,
  '/dapi/v1/depth',
  'BTCUSD_PERP',
);

export const BYBIT_SCRIPT: VenueScript = {
  name: 'bybit',
  protocol: BYBIT_LINEAR_PROTOCOL,
  symbol: 'BTCUSDT',
  sequenced: true,
  onMessage(text, venue, socket) {
    const { op, req_id: id, args } = parsed(text, venue);
    const answer = (detail: string): void =>
      socket.send(JSON.stringify({ success: true, ret_msg: detail, conn_id: 'local', req_id: id, op }));
    if (op === 'ping') return answer('pong');
    if (op !== 'subscribe' && op !== 'unsubscribe') return venue.violation(text);
    answer('');
    if (op === 'unsubscribe') venue.subscribed.delete(socket);
    else if (list(args).includes('orderbook.50.BTCUSDT')) venue.subscribeBook(socket);
  },
  snapshot: (book) => bybitPush('snapshot', book.sequence, book.levels('bids'), book.levels('asks')),
  change: (_book, change) => bybitPush('delta', change.sequence, change.bids, change.asks),
  throttle:
    '{"success":false,"ret_msg":"Too many visits. Exceeded the API Rate Limit.","conn_id":"local","op":"subscribe"}',
  nonsense: '{"topic":"weather.BTCUSDT","type":"snapshot","ts":1,"data":{}}',
};

function bybitPush(
  type: string,
  sequence: number,
  bids: BookChange['bids'],
  asks: BookChange['asks'],
): string {
  const data = { s: 'BTCUSDT', b: bids, a: asks, u: sequence, seq: sequence * 7 };
  return JSON.stringify({ topic: 'orderbook.50.BTCUSDT', type, ts: now(), data, cts: now() });
}

export const OKX_SCRIPT: VenueScript = {
  name: 'okx',
  protocol: OKX_PROTOCOL,
  symbol: 'BTC-USDT-SWAP',
  sequenced: true,
  onMessage(text, venue, socket) {
    if (text === 'ping') return socket.send('pong');
    const { id, op, args } = parsed(text, venue) as { id?: string; op?: string; args?: Fields[] };
    if (op !== 'subscribe' && op !== 'unsubscribe') return venue.violation(text);
    for (const arg of args ?? []) {
      socket.send(JSON.stringify({ id, event: op, arg, connId: 'local' }));
      if (arg['channel'] !== 'books') continue;
      if (op === 'unsubscribe') venue.subscribed.delete(socket);
      else venue.subscribeBook(socket);
    }
  },
  snapshot: (book) => okxPush(book, 'snapshot', -1, book.sequence, book.levels('bids'), book.levels('asks')),
  change: (book, change) =>
    okxPush(book, 'update', change.previous, change.sequence, change.bids, change.asks),
  throttle: '{"event":"error","code":"60014","msg":"Requests too frequent","connId":"local"}',
  nonsense: '{"arg":{"channel":"weather","instId":"BTC-USDT-SWAP"},"data":[{}]}',
};

function okxPush(
  book: ServerBook,
  action: string,
  previous: number,
  sequence: number,
  bids: BookChange['bids'],
  asks: BookChange['asks'],
): string {
  const four = (levels: BookChange['bids']): string[][] =>
    levels.map(([price, size]) => [price, size, '0', size === '0' ? '0' : '1']);
  const levels = (side: 'bids' | 'asks'): { price: DecimalText; size: DecimalText }[] =>
    book
      .levels(side)
      .slice(0, 25)
      .map(([price, size]) => ({ price: price as DecimalText, size: size as DecimalText })); // canonical by construction
  const data = {
    asks: four(asks),
    bids: four(bids),
    ts: String(now()),
    checksum: bookChecksum(levels('bids'), levels('asks')),
    seqId: sequence,
    prevSeqId: previous,
  };
  return JSON.stringify({ arg: { channel: 'books', instId: 'BTC-USDT-SWAP' }, action, data: [data] });
}

export const HYPERLIQUID_SCRIPT: VenueScript = {
  name: 'hyperliquid',
  protocol: HYPERLIQUID_PROTOCOL,
  symbol: 'BTC',
  sequenced: false,
  onMessage(text, venue, socket: WebSocket) {
    const { method, subscription } = parsed(text, venue) as { method?: string; subscription?: Fields };
    if (method === 'ping') return socket.send('{"channel":"pong"}');
    if ((method !== 'subscribe' && method !== 'unsubscribe') || subscription?.['coin'] !== 'BTC')
      return venue.violation(text);
    socket.send(JSON.stringify({ channel: 'subscriptionResponse', data: { method, subscription } }));
    if (subscription['type'] !== 'l2Book') return;
    if (method === 'unsubscribe') venue.subscribed.delete(socket);
    else venue.subscribeBook(socket);
  },
  snapshot: (book) => hyperliquidPush(book),
  change: (book) => hyperliquidPush(book),
  throttle: '{"channel":"error","data":"Too many requests: rate limited"}',
  nonsense: '{"channel":"weather","data":{}}',
};

function hyperliquidPush(book: ServerBook): string {
  const side = (name: 'bids' | 'asks'): unknown[] => book.levels(name).map(([px, sz]) => ({ px, sz, n: 1 }));
  return JSON.stringify({
    channel: 'l2Book',
    data: { coin: 'BTC', time: now(), levels: [side('bids'), side('asks')] },
  });
}
