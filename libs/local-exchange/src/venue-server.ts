import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type WebSocket } from 'ws';

import { MessageLine } from './message-line';
import { SimExchange, type SimExchangeOptions } from './sim-exchange';
import type { SimEvent } from './sim-events';
import type { OpenedExchange } from './local-exchange';
import type { ConnectionFaults } from './sim-script';

/** A call as it came, for signatures are of what came. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly parameters: URLSearchParams;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface WireAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A WebSocket of a client. */
export interface WireSession {
  /** Names the connection. */
  readonly id: string;
  /** Where it was opened. */
  readonly path: string;
  account: string | undefined;
  /** What it has subscribed to. */
  readonly channels: Set<string>;
  send(message: unknown): void;
  hangUp(): void;
}

/** How a venue speaks: what it answers to calls over HTTP, and what it says on its WebSockets. */
export interface VenueWords {
  perform(request: WireRequest): WireAnswer;
  /** Whether a call places an order: accidents befall those. */
  places(request: WireRequest): boolean;
  /** Where its feeds speak, by their names, and where an account is told of its own. */
  readonly feeds: Readonly<Record<string, string>>;
  readonly privatePath: string;
  /** The refusal of a call too many. */
  readonly tooMany: WireAnswer;
  /** A session has begun. */
  opened?(session: WireSession): void;
  hear(session: WireSession, text: string): void;
  /** What a session is told of something that has happened. */
  tell(event: SimEvent, session: WireSession): readonly unknown[];
  /** A session has ended. */
  left(session: WireSession): void;
  /** Time passes. */
  tick(): void;
}

export interface VenueServerOptions extends SimExchangeOptions {
  /** 0: any free one. */
  readonly port?: number;
  /** How often the generated market moves; absent: only when `step` is called. */
  readonly stepMs?: number;
  readonly nowMs?: () => number;
  /** How long each message of a WebSocket is on its way, in milliseconds, in the order sent; called once a message. */
  readonly latencyMs?: () => number;
}

export interface VenueServer extends OpenedExchange {
  readonly connections: number;
  /** Moves the generated market once and tells everybody. */
  step(): void;
}

const TICK_MS = 100;
const BODY_MAX = 1024 * 1024;

/** A venue that takes orders over HTTP and tells of them on WebSockets, on one local port, with a generated market behind it. */
export async function openVenueServer(
  options: VenueServerOptions,
  wordsOf: (exchange: SimExchange, nowMs: () => number) => VenueWords,
): Promise<VenueServer> {
  const http = createServer();
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port ?? 0, '127.0.0.1', () => resolve());
  });
  return new LocalServer(http, options, wordsOf);
}

class LocalServer implements VenueServer {
  readonly exchange: SimExchange;
  readonly connectionFaults: ConnectionFaults = { loseAnswerNext: false, loseOrderNext: false };
  private readonly words: VenueWords;
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: BODY_MAX });
  private readonly sessions = new Map<WebSocket, WireSession>();
  private readonly lines = new Map<WebSocket, MessageLine>();
  private readonly callers = new Set<Socket>();
  private readonly timers: NodeJS.Timeout[] = [];
  private throttleNext = 0;
  private opened = 0;

  constructor(
    private readonly http: Server,
    private readonly options: VenueServerOptions,
    wordsOf: (exchange: SimExchange, nowMs: () => number) => VenueWords,
  ) {
    this.exchange = new SimExchange(options);
    this.words = wordsOf(this.exchange, () => this.nowMs());
    http.on('connection', (socket) => {
      this.callers.add(socket);
      socket.on('close', () => this.callers.delete(socket));
    });
    http.on('request', (request, response) => this.receive(request, response));
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.sockets.handleUpgrade(request, socket, head, (client) => this.welcome(client, request.url ?? '')),
    );
    if (options.stepMs !== undefined) this.timers.push(setInterval(() => this.step(), options.stepMs));
    this.timers.push(setInterval(() => this.tick(), TICK_MS));
  }

  get url(): string {
    return `http://${this.host}`;
  }

  get feeds(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.words.feeds).map(([feed, path]) => [feed, `ws://${this.host}${path}`]),
    );
  }

  get access(): Readonly<Record<string, unknown>> {
    return { url: this.url, streamUrl: `ws://${this.host}${this.words.privatePath}` };
  }

  private get host(): string {
    return `127.0.0.1:${(this.http.address() as AddressInfo).port}`; // listening on TCP
  }

  get connections(): number {
    return this.sessions.size;
  }

  nowMs(): number {
    return this.options.nowMs?.() ?? Date.now();
  }

  step(): void {
    this.exchange.step(this.nowMs());
    this.publish();
  }

  throttle(requests: number): void {
    this.throttleNext = requests;
  }

  cut(): void {
    for (const socket of this.sessions.keys()) socket.terminate();
    for (const socket of this.callers) socket.destroy();
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    for (const line of this.lines.values()) line.end();
    this.cut();
    this.sockets.close();
    await new Promise<void>((resolve) => this.http.close(() => resolve()));
  }

  private tick(): void {
    this.words.tick();
    this.publish();
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BODY_MAX) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () =>
      this.answer(requestOf(request, Buffer.concat(chunks).toString('utf8')), response),
    );
    request.on('error', () => response.destroy());
  }

  private answer(request: WireRequest, response: ServerResponse): void {
    const faults = this.connectionFaults;
    const places = this.words.places(request);
    if (places && faults.loseOrderNext) {
      faults.loseOrderNext = false;
      return void response.destroy();
    }
    if (this.throttleNext > 0) {
      this.throttleNext -= 1;
      return write(response, this.words.tooMany);
    }
    const answer = this.words.perform(request);
    if (places && faults.loseAnswerNext) {
      faults.loseAnswerNext = false;
      response.destroy();
    } else write(response, answer);
    this.publish();
  }

  private welcome(socket: WebSocket, path: string): void {
    this.opened += 1;
    const session: WireSession = {
      id: String(this.opened),
      path,
      account: undefined,
      channels: new Set(),
      send: (message) => this.deliver(socket, message),
      hangUp: () => setImmediate(() => socket.close()),
    };
    this.sessions.set(socket, session);
    this.words.opened?.(session);
    // `ws` hands over a Buffer unless another binary type is set, and none is.
    socket.on('message', (data) => {
      this.words.hear(session, (data as Buffer).toString('utf8'));
      this.publish();
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.sessions.delete(socket);
      this.lines.get(socket)?.end();
      this.lines.delete(socket);
      this.words.left(session);
      this.publish();
    });
  }

  private publish(): void {
    for (const event of this.exchange.takeEvents())
      for (const [socket, session] of this.sessions)
        for (const message of this.words.tell(event, session)) this.deliver(socket, message);
  }

  private deliver(socket: WebSocket, message: unknown): void {
    const line = this.lines.get(socket) ?? new MessageLine(() => this.nowMs(), this.options.latencyMs);
    this.lines.set(socket, line);
    line.deliver(() => {
      if (socket.readyState === socket.OPEN)
        socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    });
  }
}

function requestOf({ method, url, headers }: IncomingMessage, body: string): WireRequest {
  const [path = '', query = ''] = (url ?? '').split('?');
  return {
    method: method ?? 'GET',
    path,
    query,
    parameters: new URLSearchParams(query),
    body,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    ),
  };
}

function write(response: ServerResponse, { status, body }: WireAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
