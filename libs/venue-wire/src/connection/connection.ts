import type { Instant } from '@evenkeel/kernel';
import { WebSocket } from 'ws';

import type { SequencedBook } from '../book/sequenced-book';
import type { ClockOffsetEstimate } from '../clock/clock-offset';
import type { MarketEvent } from '../events/venue-event';
import { MESSAGE_CHARACTERS_MAX } from '../wire/fields';
import { ConnectionCore, type ConnectionOptions, type ConnectionPhase } from './connection-core';
import type { ConnectionEffect, ConnectionFact, ConnectionInput } from './connection-messages';
import { askHttp } from './http-request';

export interface VenueConnectionOptions extends ConnectionOptions {
  readonly clock: () => Instant;
  readonly onEvent: (event: MarketEvent, receivedTime: Instant) => void;
  readonly onFact: (fact: ConnectionFact) => void;
  /** Looks at every message first; true: it is dealt with and the core need not see it. */
  readonly onText?: (text: string, now: Instant) => boolean;
  /** How often time is told to the core. */
  readonly tickMs?: number;
  readonly restUrl?: string;
  readonly requestTimeoutMs?: number;
}

export interface VenueConnection {
  readonly phase: ConnectionPhase;
  readonly clockOffset: ClockOffsetEstimate | undefined;
  book(symbol: string, depth?: 'full' | 'top'): SequencedBook | undefined;
  start(): void;
  /** Sends a message within the venue's rate limit; dropped when there is no connection. */
  send(text: string): void;
  /** Gives the connection up and makes another. */
  renew(): void;
  /** Closes for good; resolves when the socket and the timer are gone. */
  stop(): Promise<void>;
}

/** The IO edge of a connection: carries out what the core wants and tells it what happened. Decides nothing. */
export function createVenueConnection(options: VenueConnectionOptions): VenueConnection {
  return new Connection(options);
}

class Connection implements VenueConnection {
  private readonly core: ConnectionCore;
  private readonly aborter = new AbortController();
  private socket: WebSocket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private finished: (() => void) | undefined;

  constructor(private readonly options: VenueConnectionOptions) {
    this.core = new ConnectionCore(options);
  }

  get phase(): ConnectionPhase {
    return this.core.phase;
  }

  get clockOffset(): ClockOffsetEstimate | undefined {
    return this.core.clockOffset;
  }

  book(symbol: string, depth: 'full' | 'top' = 'full'): SequencedBook | undefined {
    return this.core.book(symbol, depth);
  }

  start(): void {
    this.timer ??= setInterval(
      () => this.tell({ input: 'time', now: this.now() }),
      this.options.tickMs ?? 100,
    );
    this.tell({ input: 'start', now: this.now() });
  }

  send(text: string): void {
    this.tell({ input: 'send', now: this.now(), text });
  }

  renew(): void {
    this.tell({ input: 'renew', now: this.now() });
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.aborter.abort();
    this.tell({ input: 'stop', now: this.now() });
    if (this.socket === undefined || this.socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      this.finished = resolve;
    });
  }

  private now(): Instant {
    return this.options.clock();
  }

  private tell(input: ConnectionInput): void {
    for (const effect of this.core.react(input)) this.carryOut(effect);
  }

  private carryOut(effect: ConnectionEffect): void {
    switch (effect.effect) {
      case 'connect':
        return this.connect(effect.url);
      case 'disconnect':
        return this.disconnect();
      case 'send':
        // A socket that is going down drops the message; the core learns of it when it has closed.
        if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(effect.text);
        return;
      case 'fetch-snapshot':
        void this.fetchSnapshot(effect.symbol, effect.path);
        return;
      case 'event':
        return this.options.onEvent(effect.event, effect.receivedTime);
      case 'fact':
        return this.options.onFact(effect.fact);
    }
  }

  private connect(url: string): void {
    const socket = new WebSocket(url, {
      maxPayload: MESSAGE_CHARACTERS_MAX,
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
    });
    this.socket = socket;
    // What an old socket still says after a new one has been opened is not about the new one.
    const current = (): boolean => this.socket === socket;
    socket.on('open', () => current() && this.tell({ input: 'opened', now: this.now() }));
    socket.on('ping', () => current() && this.tell({ input: 'alive', now: this.now() }));
    socket.on('pong', () => current() && this.tell({ input: 'alive', now: this.now() }));
    socket.on('message', (data) => {
      if (!current()) return;
      const now = this.now();
      // `ws` hands over a Buffer unless another binary type is set, and none is.
      const text = (data as Buffer).toString('utf8');
      if (this.options.onText?.(text, now) === true) this.tell({ input: 'alive', now });
      else this.tell({ input: 'received', now, text });
    });
    let lastError = '';
    socket.on('error', (error) => {
      lastError = error.message;
    });
    socket.on('close', (code, reason) => {
      if (current())
        this.tell({ input: 'closed', now: this.now(), code, reason: reason.toString('utf8') || lastError });
      if (current()) this.socket = undefined;
      this.finished?.();
    });
  }

  private disconnect(): void {
    // Not a polite close: a peer that has gone silent would never finish the handshake of one.
    this.socket?.terminate();
  }

  private async fetchSnapshot(symbol: string, path: string): Promise<void> {
    const { url, restUrl, protocol } = this.options;
    // A stand-in is asked for whole books where it speaks, never the venue itself.
    const base = restUrl ?? (typeof url === 'string' ? restOf(url) : protocol.restUrl) ?? '';
    const answer = await askHttp({
      url: base + path,
      timeoutMs: this.options.requestTimeoutMs ?? 10_000,
      signal: this.aborter.signal,
    });
    if (this.aborter.signal.aborted) return;
    const now = this.now();
    if (answer.ok) return this.tell({ input: 'snapshot', now, symbol, text: answer.text });
    this.tell({
      input: 'snapshot-failed',
      now,
      symbol,
      reason: answer.reason,
      ...(answer.retryAfterMs === undefined
        ? {}
        : { retryAfterNs: BigInt(Math.round(answer.retryAfterMs * 1e6)) }),
    });
  }
}

/** Where a server that speaks at this address answers calls. */
function restOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol === 'wss:' ? 'https:' : 'http:'}//${host}`;
}
