import type { AddressInfo } from 'node:net';

import { WebSocketServer, type WebSocket } from 'ws';

import type { TokenBucketRule } from '@evenkeel/venue-wire';
import { MessageLine, SimExchange } from '@evenkeel/local-exchange';
import type {
  ConnectionFaults,
  OpenedExchange,
  SimClient,
  SimEvent,
  SimExchangeOptions,
} from '@evenkeel/local-exchange';
import {
  bookMessage,
  indexMessage,
  orderMessage,
  quoteMessage,
  tickerMessage,
  tradeMessage,
} from './sim-messages';
import { SimSession, notification } from './sim-session';

export interface DeribitSimOptions extends SimExchangeOptions {
  readonly clients: readonly SimClient[];
  /** An account that is opened when somebody first logs in to it. */
  readonly clientOnDemand?: (clientId: string) => SimClient | undefined;
  /** 0: any free one. */
  readonly port?: number;
  /** How often the generated market moves; absent: only when `step` is called. */
  readonly stepMs?: number;
  readonly nowMs?: () => number;
  readonly matchingLimit?: TokenBucketRule;
  /** How long each message to a client is on its way, in milliseconds, in the order sent; called once a message. */
  readonly latencyMs?: () => number;
}

export interface DeribitSim extends OpenedExchange {
  /** Moves the generated market once and tells everybody. */
  step(): void;
  /** Asks every client for a sign of life, as the exchange does when a connection has been quiet. */
  requestTests(): void;
  readonly connections: number;
}

const DEFAULT_LIMIT: TokenBucketRule = { capacity: 20, refillNs: 200_000_000n };

/** Deribit's JSON-RPC over WebSocket on a local port, with a generated market behind it. */
export async function openDeribitSim(options: DeribitSimOptions): Promise<DeribitSim> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: options.port ?? 0, maxPayload: 1024 * 1024 });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  const sim = new Server(server, options);
  return sim;
}

class Server implements DeribitSim {
  readonly exchange: SimExchange;
  readonly connectionFaults: ConnectionFaults = { loseAnswerNext: false, loseOrderNext: false };
  private readonly sessions = new Map<WebSocket, SimSession>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly lines = new Map<WebSocket, MessageLine>();

  constructor(
    private readonly server: WebSocketServer,
    private readonly options: DeribitSimOptions,
  ) {
    this.exchange = new SimExchange(options);
    server.on('connection', (socket) => this.welcome(socket));
    if (options.stepMs !== undefined) this.timers.push(setInterval(() => this.step(), options.stepMs));
    this.timers.push(setInterval(() => this.watchHeartbeats(), 1000));
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/ws/api/v2`; // listening on TCP
  }

  get feeds(): Readonly<Record<string, string>> {
    return { deribit: this.url };
  }

  get access(): Readonly<Record<string, unknown>> {
    return { url: this.url };
  }

  get connections(): number {
    return this.sessions.size;
  }

  step(): void {
    this.exchange.step(this.nowMs());
    this.publish();
    this.publishIndexes();
  }

  throttle(requests: number): void {
    for (const session of this.sessions.values()) session.throttleNext = requests;
  }

  cut(): void {
    for (const socket of this.sessions.keys()) socket.terminate();
  }

  requestTests(): void {
    for (const socket of this.sessions.keys())
      send(socket, { jsonrpc: '2.0', method: 'heartbeat', params: { type: 'test_request' } });
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    for (const line of this.lines.values()) line.end();
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  nowMs(): number {
    return this.options.nowMs?.() ?? Date.now();
  }

  private welcome(socket: WebSocket): void {
    const session = new SimSession({
      exchange: this.exchange,
      clients: this.options.clients,
      clientOnDemand: this.options.clientOnDemand,
      matchingLimit: this.options.matchingLimit ?? DEFAULT_LIMIT,
      send: (message) => this.deliver(socket, message),
      nowMs: () => this.nowMs(),
      hangUp: () => setImmediate(() => socket.close()),
    });
    this.sessions.set(socket, session);
    // `ws` hands over a Buffer unless another binary type is set, and none is.
    socket.on('message', (data) => this.receive(socket, session, (data as Buffer).toString('utf8')));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.sessions.delete(socket);
      this.lines.get(socket)?.end();
      this.lines.delete(socket);
      session.end();
      this.publish();
    });
  }

  private receive(socket: WebSocket, session: SimSession, text: string): void {
    const request = session.read(text);
    if (request === undefined) return;
    const order = request.method === 'private/buy' || request.method === 'private/sell';
    if (order && this.connectionFaults.loseOrderNext) {
      this.connectionFaults.loseOrderNext = false;
      return socket.terminate();
    }
    const outcome = session.perform(request);
    if (order && this.connectionFaults.loseAnswerNext) {
      this.connectionFaults.loseAnswerNext = false;
      socket.terminate();
      return this.publish();
    }
    session.answer(request, outcome);
    this.publish();
  }

  /** Tells every session what it has subscribed to of what has happened. */
  private publish(): void {
    for (const event of this.exchange.takeEvents()) {
      for (const [socket, session] of this.sessions) {
        for (const channel of session.channels) {
          const data = this.dataFor(event, channel, session.account);
          if (data !== undefined) this.deliver(socket, notification(channel, data));
        }
      }
    }
  }

  private publishIndexes(): void {
    for (const [socket, session] of this.sessions) {
      for (const channel of session.channels) {
        const [kind, name = ''] = channel.split('.');
        if (kind !== 'deribit_price_index') continue;
        const data = indexMessage(this.exchange, name, this.nowMs());
        if (data !== undefined) this.deliver(socket, notification(channel, data));
      }
    }
  }

  private dataFor(event: SimEvent, channel: string, account: string | undefined): unknown {
    const [kind = '', second = '', third = ''] = channel.split('.');
    const { exchange } = this;
    switch (event.event) {
      case 'book': {
        if (second !== event.instrument) return undefined;
        if (kind === 'book') return bookMessage(exchange, event.instrument, this.nowMs(), event);
        if (kind === 'quote') return quoteMessage(exchange, event.instrument, this.nowMs());
        return kind === 'ticker' ? tickerMessage(exchange, event.instrument, this.nowMs()) : undefined;
      }
      case 'ticker':
        return kind === 'ticker' && second === event.instrument
          ? tickerMessage(exchange, event.instrument, this.nowMs())
          : undefined;
      case 'trade':
        return kind === 'trades' && second === event.trade.instrument
          ? [tradeMessage(exchange, event.trade, false)]
          : undefined;
      case 'order':
        if (
          kind === 'user' &&
          second === 'changes' &&
          event.order.account === account &&
          covers(third, event.order.instrument)
        ) {
          return {
            instrument_name: event.order.instrument,
            trades: [],
            positions: [],
            orders: [orderMessage(exchange, event.order)],
          };
        }
        return kind === 'user' &&
          second === 'orders' &&
          event.order.account === account &&
          covers(third, event.order.instrument)
          ? orderMessage(exchange, event.order)
          : undefined;
      case 'user-trade':
        if (
          kind === 'user' &&
          second === 'changes' &&
          event.account === account &&
          covers(third, event.trade.instrument)
        ) {
          return {
            instrument_name: event.trade.instrument,
            trades: [tradeMessage(exchange, event.trade, true)],
            positions: [],
            orders: [],
          };
        }
        return kind === 'user' &&
          second === 'trades' &&
          event.account === account &&
          covers(third, event.trade.instrument)
          ? [tradeMessage(exchange, event.trade, true)]
          : undefined;
    }
  }

  private deliver(socket: WebSocket, message: unknown): void {
    const line = this.lines.get(socket) ?? new MessageLine(() => this.nowMs(), this.options.latencyMs);
    this.lines.set(socket, line);
    line.deliver(() => send(socket, message));
  }

  private watchHeartbeats(): void {
    const now = this.nowMs();
    for (const [socket, session] of this.sessions) {
      if (session.heartbeatMs === 0) continue;
      const quiet = now - session.lastHeardMs;
      if (quiet > 2 * session.heartbeatMs) socket.terminate();
      else if (quiet > session.heartbeatMs)
        send(socket, { jsonrpc: '2.0', method: 'heartbeat', params: { type: 'test_request' } });
    }
  }
}

/** `user.orders.any.any.raw`, or one instrument. */
function covers(selector: string, instrument: string): boolean {
  return selector === 'any' || selector === instrument;
}

function send(socket: WebSocket, message: unknown): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
