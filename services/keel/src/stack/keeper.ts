import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { newestMigration } from '@evenkeel/adapter-postgres';
import { processIdentity } from '@evenkeel/config';
import { EvenkeelError, required } from '@evenkeel/kernel';
import { EmbeddedServers } from './embedded-servers';
import type { Home } from './home';
import { forgetKeeperRecord, requestSchema, writeKeeperRecord } from './keeper-protocol';
import type { EmbeddedDurability, KeeperAnswer, KeeperRecord, KeeperRequest } from './keeper-protocol';
import { rotateLogs } from './log-rotation';

/** So long the servers stay after the last command that used them: the next one finds them up. */
const LINGER_MS = 8_000;
const REQUEST_BYTES_MAX = 4_096;

type Need = Omit<Extract<KeeperRequest, { ask: 'need' }>, 'ask' | 'token'>;

export interface KeeperOptions {
  readonly home: Home;
  readonly pinned: boolean;
  readonly say: (line: string) => void;
  readonly lingerMs?: number;
}

/**
 * Keeps the embedded servers of a home for whoever needs them. Each holder has a connection, and is gone when that is: the system closes
 * it, however the holder ended. Ends when nobody has held it for a while, unless it is pinned.
 */
export class Keeper {
  private readonly servers: EmbeddedServers;
  private readonly listening: Server;
  private readonly token = randomUUID();
  private readonly holders = new Map<Socket, Set<string>>();
  private readonly stopRotating: () => void;
  private durability: EmbeddedDurability | undefined;
  private record: KeeperRecord | undefined;
  private pinned: boolean;
  private linger: NodeJS.Timeout | undefined;
  private ending: Promise<void> | undefined;
  private done = (): void => undefined;
  /** Resolves when everything is stopped. */
  readonly ended = new Promise<void>((resolve) => (this.done = resolve));

  constructor(private readonly options: KeeperOptions) {
    const { home, say, pinned } = options;
    this.pinned = pinned;
    this.servers = new EmbeddedServers(home, say, (reason) => {
      say(`ends: ${reason.message}`);
      void this.end();
    });
    this.listening = createServer((socket) => this.welcome(socket));
    this.stopRotating = rotateLogs([home.logs, home.nats, home.postgres]);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.listening.once('error', reject);
      this.listening.listen(0, '127.0.0.1', resolve);
    });
    const { port } = this.listening.address() as AddressInfo; // it listens on TCP
    const keeper = required(processIdentity(process.pid), 'the identity of this process');
    this.record = { keeper, port, token: this.token, pinned: this.pinned };
    writeKeeperRecord(this.options.home, this.record);
    this.startLinger();
  }

  /** Starts what is missing. */
  async need({ servers: wanted, durability }: Need, holder?: Socket): Promise<KeeperAnswer> {
    // The one that takes longer is started first: what each needs is loaded on the way.
    const [postgres, nats] = await Promise.all([
      wanted.includes('postgres') ? this.postgres() : undefined,
      wanted.includes('nats') ? this.nats(durability, holder) : undefined,
    ]);
    if (holder !== undefined) for (const name of wanted) this.holders.get(holder)?.add(name);
    return {
      ok: true,
      ...(nats === undefined ? {} : { nats }),
      ...(postgres === undefined ? {} : { postgres }),
    };
  }

  /** Stops the servers in order; holders lose them. */
  end(): Promise<void> {
    this.ending ??= this.endOnce();
    return this.ending;
  }

  private async endOnce(): Promise<void> {
    clearTimeout(this.linger);
    this.listening.close();
    forgetKeeperRecord(this.options.home);
    this.stopRotating();
    await this.servers.stop();
    for (const socket of this.holders.keys()) socket.destroy();
    this.done();
  }

  private welcome(socket: Socket): void {
    this.holders.set(socket, new Set());
    clearTimeout(this.linger);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.holders.delete(socket);
      this.startLinger();
    });
    let asked = 0;
    socket.on('data', (bytes) => {
      asked += bytes.length;
      if (asked > REQUEST_BYTES_MAX) socket.destroy();
    });
    createInterface({ input: socket }).on('line', (line) => void this.hear(socket, line));
  }

  private startLinger(): void {
    if (this.pinned || this.holders.size > 0 || this.ending !== undefined) return;
    clearTimeout(this.linger);
    this.linger = setTimeout(() => void this.end(), this.options.lingerMs ?? LINGER_MS);
  }

  private async hear(socket: Socket, line: string): Promise<void> {
    const request = requestOf(line);
    // Whoever cannot read the files of this home has no business here.
    if (request?.token !== this.token) return void socket.destroy();
    const answer = await this.answer(socket, request).catch(refusal);
    if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
  }

  private async answer(socket: Socket, request: KeeperRequest): Promise<KeeperAnswer> {
    if (request.ask === 'need') return this.need(request, socket);
    if (request.ask === 'end') {
      setImmediate(() => void this.end());
      return { ok: true };
    }
    this.pinned = true;
    this.tell({ pinned: true });
    return { ok: true };
  }

  private async nats(
    durability: EmbeddedDurability,
    holder: Socket | undefined,
  ): ReturnType<Keeper['natsNow']> {
    const runs = this.durability;
    if (runs === 'unsynced' && durability === 'synced') {
      const others = [...this.holders].some(([socket, has]) => socket !== holder && has.has('nats'));
      if (others)
        throw new EvenkeelError({
          code: 'KEEL.STACK_UNSYNCED',
          message:
            'the NATS server here acknowledges before it is on the disk (EK_DURABILITY=unsynced), and others use it: wait until they have ended',
        });
      await this.servers.stopNats();
    }
    return this.natsNow(runs === undefined || runs === 'unsynced' ? durability : runs);
  }

  private async natsNow(
    durability: EmbeddedDurability,
  ): Promise<{ readonly url: string; readonly durability: EmbeddedDurability }> {
    this.durability = durability;
    const { url } = await this.servers.nats(durability);
    this.tell({ natsUrl: url, busKeys: this.options.home.bus });
    return { url, durability };
  }

  private async postgres(): Promise<NonNullable<Extract<KeeperAnswer, { ok: true }>['postgres']>> {
    const { url, writerUrl } = await this.servers.postgres();
    this.tell({ databaseUrl: url });
    return { url, writerUrl, schemaVersion: newestMigration() };
  }

  private tell(more: Partial<KeeperRecord>): void {
    this.record = { ...required(this.record, 'what the keeper says since it listens'), ...more };
    if (this.ending === undefined) writeKeeperRecord(this.options.home, this.record);
  }
}

function requestOf(line: string): KeeperRequest | undefined {
  try {
    return requestSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function refusal(error: unknown): KeeperAnswer {
  if (error instanceof EvenkeelError) return { ok: false, code: error.code, message: error.message };
  return {
    ok: false,
    code: 'KEEL.STACK_NOT_UP',
    message: error instanceof Error ? error.message : String(error),
  };
}
