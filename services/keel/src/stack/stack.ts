import { mkdirSync } from 'node:fs';
import {
  SURVIVES,
  connectNats,
  ensureStreams,
  findNatsServer,
  startEmbeddedNats,
} from '@evenkeel/adapter-nats';
import type { BusAccess, BusIdentity, Durability, EmbeddedNats } from '@evenkeel/adapter-nats';
import { checkExternalPostgres, migrate, startLedgerServer } from '@evenkeel/adapter-postgres';
import type { LedgerServer } from '@evenkeel/adapter-postgres';
import { externalBus } from './bus';
import { settings } from './environment';
import type { Home } from './home';
import { rotateLogs } from './log-rotation';

/** NATS and Postgres, ours or somebody's. */
export interface Stack {
  readonly natsUrl: string;
  /** Where credentials for it lie; absent where it is somebody else's. */
  readonly busKeys?: string;
  /** The ledger's database by its owner's login. */
  readonly databaseUrl: string;
  /** The same by the login that the ledger service writes with. */
  readonly ledgerUrl: string;
  /** What an acknowledgement survives: how the embedded server syncs, or what is stated of somebody else's. */
  readonly durability: Durability | undefined;
  /** How an identity reaches NATS. */
  access(identity: BusIdentity): BusAccess;
  /** Restarts embedded servers that die until `stop`. */
  stop(): Promise<void>;
  /** Embedded servers, for fault tests; absent when external. */
  readonly nats: () => EmbeddedNats | undefined;
  readonly postgres: () => LedgerServer | undefined;
}

export interface StackOptions {
  readonly home: Home;
  readonly say: (line: string) => void;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Starts what is not given by `NATS_URL` and `DATABASE_URL`; brings streams and the database schema up to date. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { home, say, environment = process.env } = options;
  for (const dir of [home.nats, home.postgres, home.logs, home.kill, home.runs])
    mkdirSync(dir, { recursive: true });
  const { durability: stated, natsUrl, databaseUrl, ledgerUrl } = settings(environment);
  // Our own server is one: it syncs, or it does not.
  const durability = natsUrl === undefined && stated !== 'unsynced' ? 'synced' : stated;
  const started = await Promise.allSettled([
    natsOf(home, say, natsUrl, durability),
    postgresOf(home, say, databaseUrl),
  ]);
  const [natsStart, postgresStart] = started;
  const stopAll = async (): Promise<void> => {
    await Promise.all(
      started.map((start) => (start.status === 'fulfilled' ? start.value.stop() : undefined)),
    );
  };
  // Half a stack is no stack: whatever did start is stopped again before the reason is told.
  if (natsStart.status === 'rejected' || postgresStart.status === 'rejected') {
    await stopAll();
    throw natsStart.status === 'rejected'
      ? natsStart.reason
      : (postgresStart as PromiseRejectedResult).reason; // the other one was rejected
  }
  const [nats, postgres] = [natsStart.value, postgresStart.value];
  try {
    await streamsOn(nats.server());
  } catch (error) {
    await stopAll();
    throw error;
  }
  if (durability !== undefined) say(SURVIVES[durability]);
  const stopRotating = rotateLogs([home.logs, home.nats, home.postgres]);
  const ours = nats.server() !== undefined;
  return {
    durability,
    natsUrl: nats.url,
    ...(ours ? { busKeys: home.bus } : {}),
    access: (identity) => nats.server()?.access(identity) ?? externalBus(nats.url, identity, environment),
    databaseUrl: postgres.url,
    ledgerUrl: postgres.server()?.writerUrl ?? ledgerUrl ?? postgres.url,
    nats: nats.server,
    postgres: postgres.server,
    stop: () => {
      stopRotating();
      return stopAll();
    },
  };
}

/** The operator's part: no service makes a stream. On somebody else's server `keel epoch open` does it. */
async function streamsOn(server: EmbeddedNats | undefined): Promise<void> {
  if (server === undefined) return;
  const connection = await connectNats(server.access('operator'), 'keel');
  try {
    await ensureStreams(connection);
  } finally {
    await connection.close();
  }
}

interface Server<T> {
  readonly url: string;
  readonly server: () => T | undefined;
  stop(): Promise<void>;
}

const external = <T>(url: string): Server<T> => ({
  url,
  server: () => undefined,
  stop: () => Promise.resolve(),
});

async function natsOf(
  home: Home,
  say: (line: string) => void,
  url: string | undefined,
  durability: Durability | undefined,
): Promise<Server<EmbeddedNats>> {
  if (url !== undefined) return external(url);
  const binary = findNatsServer(home.tools, say);
  return watched(
    'nats-server',
    (port) =>
      startEmbeddedNats({
        binary,
        dir: home.nats,
        ...(durability === 'unsynced' ? { durability } : {}),
        identityDir: home.bus,
        ...(port === undefined ? {} : { port }),
      }),
    say,
  );
}

async function postgresOf(
  home: Home,
  say: (line: string) => void,
  url: string | undefined,
): Promise<Server<LedgerServer>> {
  if (url !== undefined) {
    await checkExternalPostgres(url);
    await migrate(url);
    return external(url);
  }
  return watched(
    'postgres',
    (port) => startLedgerServer({ dir: home.postgres, ...(port === undefined ? {} : { port }) }),
    say,
  );
}

interface Startable {
  readonly url: string;
  readonly port: number;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** Keeps an embedded server up on its first port until it is told to stop. */
async function watched<T extends Startable>(
  name: string,
  start: (port: number | undefined) => Promise<T>,
  say: (line: string) => void,
): Promise<Server<T>> {
  let stopping = false;
  let current = await start(undefined);
  let restarting: Promise<void> = Promise.resolve();
  const watch = (server: T): void => {
    void server.exited.then(() => {
      if (stopping) return;
      say(`${name} ended unexpectedly; starting it again`);
      restarting = start(server.port).then(
        (again) => {
          current = again;
          watch(again);
        },
        (error: unknown) =>
          say(
            `${name} could not be started again: ${error instanceof Error ? error.message : String(error)}`,
          ),
      );
    });
  };
  watch(current);
  return {
    url: current.url,
    server: () => current,
    async stop() {
      stopping = true;
      await restarting;
      await current.stop();
    },
  };
}
