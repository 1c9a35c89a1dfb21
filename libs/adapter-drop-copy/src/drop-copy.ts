import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { DEFAULT_BACKOFF, backoffDelay } from '@evenkeel/venue-wire';
import type { BackoffRule } from '@evenkeel/venue-wire';
import { FixReader } from './fix-message';
import type { FixMessage } from './fix-message';
import { FixSession } from './fix-session';
import type { SequenceNumbers } from './sequence-file';
import { ConnectionOver } from './session-end';
import type { DropCopySettings } from './settings';

export interface DropCopyOptions {
  readonly settings: DropCopySettings;
  readonly password?: string;
  readonly numbers: SequenceNumbers;
  /** Resolves once what an ExecutionReport tells is durable; what it throws stops the session at that message. */
  report(message: FixMessage): Promise<void>;
  note(text: string): void;
  /** Ends the session in order. */
  readonly ended: AbortSignal;
  readonly backoff?: BackoffRule;
}

const NANOS_PER_MS = 1_000_000n;
const TICKS_PER_HEARTBEAT = 10;
const CONNECT_MS = 10_000;

/** Receives until `ended`, over as many connections as that takes. Throws what stops the session until a person has looked. */
export async function receiveDropCopy(options: DropCopyOptions): Promise<void> {
  const { ended, note, backoff = DEFAULT_BACKOFF } = options;
  for (let attempt = 0; !ended.aborted; attempt += 1) {
    const wasOn = await oneConnection(options);
    if (ended.aborted) return;
    if (wasOn) attempt = 0;
    const waitMs = Number(backoffDelay(backoff, attempt, Math.random()) / NANOS_PER_MS);
    note(`connects again in ${waitMs} ms`);
    await delay(waitMs, undefined, { signal: ended }).catch(() => undefined); // it rejects by `ended` alone
  }
}

/** Whether it was logged on. */
async function oneConnection(options: DropCopyOptions): Promise<boolean> {
  const { settings, password, ended, note } = options;
  const socket = opened(settings);
  const incoming = new Incoming(
    socket,
    Math.min(1_000, (settings.heartbeatSeconds * 1_000) / TICKS_PER_HEARTBEAT),
  );
  const session = { current: undefined as FixSession | undefined };
  const hear = (): void => incoming.wake();
  ended.addEventListener('abort', hear);
  try {
    await incoming.connected(settings.tls ? 'secureConnect' : 'connect', ended);
    const fix = new FixSession(settings, password, {
      numbers: options.numbers,
      write: (bytes) => void socket.write(bytes),
      report: options.report,
      note,
      now: () => Date.now(),
    });
    session.current = fix;
    fix.logon();
    const reader = new FixReader();
    for (;;) {
      const bytes = await incoming.next();
      if (bytes !== undefined) for (const message of reader.push(bytes)) await fix.receive(message);
      if (ended.aborted && fix.loggedOn) fix.logout();
      else if (ended.aborted) throw new ConnectionOver('ended before the logon was answered');
      fix.tick();
    }
  } catch (error) {
    if (!(error instanceof ConnectionOver)) {
      if (session.current?.loggedOn === true) session.current.logout('stopped');
      throw error;
    }
    note(`connection over: ${error.message}`);
    return session.current?.loggedOn ?? false;
  } finally {
    ended.removeEventListener('abort', hear);
    // What was written last leaves before the end does.
    socket.end();
    await Promise.race([incoming.closed, delay(CLOSE_MS)]);
    socket.destroy();
  }
}

const CLOSE_MS = 250;

function opened({ host, port, tls }: DropCopySettings): Socket {
  return tls
    ? connectTls({ host, port, servername: host, minVersion: 'TLSv1.2' })
    : connectPlain({ host, port });
}

/** A socket's bytes, one piece at a time; nothing for `tickMs` is an answer too. */
class Incoming {
  private readonly pieces: Buffer[] = [];
  private over: string | undefined;
  private woken = (): void => undefined;
  readonly closed: Promise<void>;

  constructor(
    private readonly socket: Socket,
    private readonly tickMs: number,
  ) {
    socket.on('data', (bytes: Buffer) => {
      this.pieces.push(bytes);
      this.wake();
    });
    socket.on('error', (error: Error) => this.end(error.message));
    socket.on('end', () => this.end('the other side closed it'));
    this.closed = new Promise((resolve) =>
      socket.on('close', () => {
        this.end('closed');
        resolve();
      }),
    );
  }

  wake(): void {
    this.woken();
  }

  async connected(event: 'connect' | 'secureConnect', ended: AbortSignal): Promise<void> {
    let isUp = false;
    this.socket.once(event, () => {
      isUp = true;
      this.wake();
    });
    const fromMs = Date.now();
    while (!isUp) {
      if (this.over !== undefined) throw new ConnectionOver(this.over);
      if (ended.aborted) throw new ConnectionOver('ended');
      if (Date.now() - fromMs >= CONNECT_MS) throw new ConnectionOver('no connection in time');
      await this.pause();
    }
  }

  /** What came before the end is told before it. Throws `ConnectionOver`. */
  async next(): Promise<Buffer | undefined> {
    if (this.pieces.length === 0 && this.over === undefined) await this.pause();
    const piece = this.pieces.shift();
    if (piece === undefined && this.over !== undefined) throw new ConnectionOver(this.over);
    return piece;
  }

  private end(why: string): void {
    this.over ??= why;
    this.wake();
  }

  private async pause(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.woken = resolve;
      timer = setTimeout(resolve, this.tickMs);
    });
    clearTimeout(timer);
  }
}
