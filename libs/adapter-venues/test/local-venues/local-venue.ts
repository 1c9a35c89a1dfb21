import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createRandom, type Random } from '@evenkeel/kernel';
import { WebSocketServer, type WebSocket } from 'ws';

import type { VenueProtocol } from '@evenkeel/venue-wire';
import { Signal } from '@evenkeel/testkit';

/** A book of whole cents and lots with a sequence number, as the exchange keeps it. */
export class ServerBook {
  sequence = 1000;
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  private readonly random: Random;

  constructor(seed: string) {
    this.random = createRandom(seed);
    for (let step = 1; step <= 20; step += 1) {
      this.bids.set(10_000 - step, 1 + this.random.integer(9));
      this.asks.set(10_000 + step, 1 + this.random.integer(9));
    }
  }

  /** Changes one level on a side, never so that the book crosses; returns what changed. */
  change(): BookChange {
    const previous = this.sequence;
    this.sequence += 1;
    const bid = this.random.next() < 0.5;
    const price = bid ? 9_980 + this.random.integer(20) : 10_001 + this.random.integer(20);
    const size = this.random.integer(4);
    const side = bid ? this.bids : this.asks;
    if (size === 0 && side.size > 1) side.delete(price);
    else side.set(price, size + 1);
    const changed: readonly [string, string] = [textOf(price), String(side.get(price) ?? 0)];
    return { previous, sequence: this.sequence, bids: bid ? [changed] : [], asks: bid ? [] : [changed] };
  }

  levels(side: 'bids' | 'asks'): [string, string][] {
    const sign = side === 'bids' ? -1 : 1;
    return [...this[side]]
      .sort((a, b) => sign * (a[0] - b[0]))
      .map(([price, size]) => [textOf(price), String(size)]);
  }
}

function textOf(price: number): string {
  return String(price / 100);
}

export interface BookChange {
  readonly previous: number;
  readonly sequence: number;
  readonly bids: readonly (readonly [string, string])[];
  readonly asks: readonly (readonly [string, string])[];
}

/** How one venue talks: what the local server says for it. */
export interface VenueScript {
  readonly name: string;
  readonly protocol: VenueProtocol;
  readonly symbol: string;
  /** The venue has sequence numbers, so that a missing change can be noticed. */
  readonly sequenced: boolean;
  /** Answers a client's message; what is not valid for the venue is a violation. */
  onMessage(text: string, venue: LocalVenue, socket: WebSocket): void;
  snapshot(book: ServerBook): string | undefined;
  change(book: ServerBook, change: BookChange): string;
  restSnapshot?(book: ServerBook, url: URL): string | undefined;
  readonly throttle: string;
  /** Valid JSON that means nothing on this venue. */
  readonly nonsense: string;
}

/** A local server that speaks one venue's protocol over a real socket, with the accidents of real ones on demand. */
export class LocalVenue {
  readonly book: ServerBook;
  readonly signal = new Signal();
  readonly violations: string[] = [];
  readonly received: string[] = [];
  connections = 0;
  pongs = 0;
  /** Answers nothing and sends nothing, while TCP stays up. */
  mute = false;
  /** REST answers 429 while positive. */
  refuseSnapshots = 0;
  snapshotsServed = 0;
  readonly subscribed = new Set<WebSocket>();
  private readonly http: Server;
  private readonly sockets: WebSocketServer;

  private constructor(readonly script: VenueScript) {
    this.book = new ServerBook(script.name);
    this.http = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://local');
      if (this.refuseSnapshots > 0) {
        this.refuseSnapshots -= 1;
        response.writeHead(429, { 'retry-after': '0.05' }).end('{"code":-1003,"msg":"Too many requests."}');
        return;
      }
      const body = script.restSnapshot?.(this.book, url);
      if (body !== undefined) this.snapshotsServed += 1;
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    this.sockets = new WebSocketServer({ server: this.http });
    this.sockets.on('connection', (socket) => this.welcome(socket));
  }

  static async open(script: VenueScript): Promise<LocalVenue> {
    const venue = new LocalVenue(script);
    await new Promise<void>((resolve) => venue.http.listen(0, '127.0.0.1', resolve));
    return venue;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port; // listening on TCP
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    await new Promise<void>((resolve) => this.sockets.close(() => this.http.close(() => resolve())));
  }

  private welcome(socket: WebSocket): void {
    this.connections += 1;
    socket.on('message', (data) => {
      const text = (data as Buffer).toString('utf8'); // `ws` hands over a Buffer unless told otherwise
      this.received.push(text);
      if (!this.mute) this.script.onMessage(text, this, socket);
      this.signal.notify();
    });
    socket.on('pong', () => {
      this.pongs += 1;
      this.signal.notify();
    });
    socket.on('close', () => {
      this.subscribed.delete(socket);
      this.signal.notify();
    });
    this.signal.notify();
  }

  violation(text: string): void {
    this.violations.push(text);
  }

  /** A subscription to the book has been accepted: from now on this client gets it. */
  subscribeBook(socket: WebSocket): void {
    this.subscribed.add(socket);
    const snapshot = this.script.snapshot(this.book);
    if (snapshot !== undefined) socket.send(snapshot);
  }

  /** Changes the book and tells everybody who subscribed; `lost`: tells nobody, as if the message had been dropped. */
  change(lost = false): void {
    const change = this.book.change();
    if (lost || this.mute) return;
    for (const socket of this.subscribed) socket.send(this.script.change(this.book, change));
  }

  say(text: string): void {
    for (const socket of this.sockets.clients) socket.send(text);
  }

  ping(): void {
    for (const socket of this.sockets.clients) socket.ping();
  }

  /** Cuts every connection without a goodbye. */
  cut(): void {
    for (const socket of this.sockets.clients) socket.terminate();
  }
}
