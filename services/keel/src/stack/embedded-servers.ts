import { connectNats, ensureStreams, findNatsServer, startEmbeddedNats } from '@evenkeel/adapter-nats';
import type { EmbeddedNats } from '@evenkeel/adapter-nats';
import { startLedgerServer } from '@evenkeel/adapter-postgres';
import type { LedgerServer } from '@evenkeel/adapter-postgres';
import type { Home } from './home';
import type { EmbeddedDurability } from './keeper-protocol';
import { watched } from './watched-server';
import type { Watched } from './watched-server';

/** The NATS server and the PostgreSQL of a home, each started when it is first wanted. */
export class EmbeddedServers {
  private watchedNats: Watched<EmbeddedNats> | undefined;
  private watchedPostgres: Watched<LedgerServer> | undefined;
  private natsStart: Promise<Watched<EmbeddedNats>> | undefined;
  private postgresStart: Promise<Watched<LedgerServer>> | undefined;

  constructor(
    private readonly home: Home,
    private readonly say: (line: string) => void,
    /** A server that was up is down for good. */
    private readonly lost: (reason: Error) => void = () => undefined,
  ) {}

  get natsNow(): EmbeddedNats | undefined {
    return this.watchedNats?.current();
  }

  get postgresNow(): LedgerServer | undefined {
    return this.watchedPostgres?.current();
  }

  /** With streams and buckets as they should be: the operator's part. */
  async nats(durability: EmbeddedDurability): Promise<EmbeddedNats> {
    this.natsStart ??= this.startNats(durability);
    try {
      this.watchedNats = await this.natsStart;
    } catch (error) {
      this.natsStart = undefined;
      throw error;
    }
    return this.watchedNats.current();
  }

  /** With its schema up to date. */
  async postgres(): Promise<LedgerServer> {
    this.postgresStart ??= this.startPostgres();
    try {
      this.watchedPostgres = await this.postgresStart;
    } catch (error) {
      this.postgresStart = undefined;
      throw error;
    }
    return this.watchedPostgres.current();
  }

  async stopNats(): Promise<void> {
    await stopped(this.natsStart);
    this.natsStart = undefined;
  }

  async stop(): Promise<void> {
    await Promise.all([this.stopNats(), stopped(this.postgresStart)]);
    this.postgresStart = undefined;
  }

  private startPostgres(): Promise<Watched<LedgerServer>> {
    const start = (port?: number): Promise<LedgerServer> =>
      startLedgerServer({ dir: this.home.postgres, ...(port === undefined ? {} : { port }) });
    return watched('postgres', start, this.say, this.lost);
  }

  private async startNats(durability: EmbeddedDurability): Promise<Watched<EmbeddedNats>> {
    const { home, say } = this;
    const binary = findNatsServer(home.tools, say);
    const server = await watched(
      'nats-server',
      (port) =>
        startEmbeddedNats({
          binary,
          dir: home.nats,
          durability,
          identityDir: home.bus,
          ...(port === undefined ? {} : { port }),
        }),
      say,
      this.lost,
    );
    try {
      const connection = await connectNats(server.current().access('operator'), 'keel');
      await ensureStreams(connection).finally(() => connection.close());
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }
}

function stopped<T>(start: Promise<Watched<T>> | undefined): Promise<void> | undefined {
  return start?.then(
    (server) => server.stop(),
    () => undefined, // it never was up
  );
}
