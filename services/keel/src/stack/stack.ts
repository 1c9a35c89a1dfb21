import type { BusAccess, BusIdentity, Durability, EmbeddedNats } from '@evenkeel/adapter-nats';
import { SURVIVES } from '@evenkeel/adapter-nats';
import { checkExternalPostgres, migrate } from '@evenkeel/adapter-postgres';
import type { LedgerServer } from '@evenkeel/adapter-postgres';
import { OperationalError, required } from '@evenkeel/kernel';
import { externalBus, homeBus } from './bus';
import { EmbeddedServers } from './embedded-servers';
import { embeddedDurability, settings } from './environment';
import type { Settings } from './environment';
import { layOut } from './home';
import type { Home } from './home';
import type { ServerName } from './keeper-protocol';
import { rotateLogs } from './log-rotation';
import { leaseOn, serversOf, serversToStart } from './stack-lease';
import type { Granted } from './stack-lease';

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
  /** Lets go of it; what this process itself has started, it stops. */
  stop(): Promise<void>;
}

/** A stack whose servers this very process has started: for tests of faults. */
export interface StackInProcess extends Stack {
  readonly nats: () => EmbeddedNats | undefined;
  readonly postgres: () => LedgerServer | undefined;
}

/** A stack that the keeper of the home keeps up for us. */
export interface LeasedStack extends Stack {
  /** Rejects when it is gone and does not come back. */
  readonly lost: Promise<never>;
}

export interface StackOptions {
  readonly home: Home;
  readonly say: (line: string) => void;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * What `NATS_URL` and `DATABASE_URL` name, with the schema brought up to date, and for the rest the servers of this home: those that
 * are up, or started for this.
 */
export async function openStack({
  home,
  say,
  environment = process.env,
}: StackOptions): Promise<LeasedStack> {
  layOut(home);
  const given = settings(environment);
  const wanted = serversToStart(given);
  await prepareExternal(given.databaseUrl);
  const granted: Granted = wanted.length === 0 ? { ok: true } : await serversOf(home, wanted);
  const durability = granted.nats?.durability ?? given.durability;
  if (durability !== undefined) say(SURVIVES[durability]);
  const hold = new StackHold(home, wanted, granted, say);
  return {
    ...addresses(home, given, environment, granted.nats?.url, granted.postgres),
    durability,
    lost: hold.lost,
    stop: () => hold.release(),
  };
}

/** Keeps the lease: where the keeper is gone, another one is started, and finds data and ports where they were. */
class StackHold {
  private released = false;
  private reject = (_reason: Error): void => undefined;
  readonly lost = new Promise<never>((_resolve, reject) => (this.reject = reject));

  constructor(
    private readonly home: Home,
    private readonly wanted: readonly ServerName[],
    private readonly granted: Granted,
    private readonly say: (line: string) => void,
  ) {
    this.lost.catch(() => undefined);
    if (wanted.length > 0) void this.keep().catch((error: Error) => this.reject(error));
  }

  async release(): Promise<void> {
    this.released = true;
    if (this.wanted.length > 0) (await leaseOn(this.home)).release();
  }

  private async keep(): Promise<void> {
    while (!this.released) {
      await (
        await leaseOn(this.home)
      ).closed;
      if (this.released) return;
      this.say('the keeper of NATS and Postgres ended; starting it again');
      const again = await serversOf(this.home, this.wanted);
      const { nats, postgres } = this.granted;
      if (again.nats?.url !== nats?.url || again.postgres?.url !== postgres?.url)
        throw new OperationalError({
          code: 'KEEL.STACK_MOVED',
          message:
            'NATS and Postgres were started again, but not at the addresses they had: somebody took a port meanwhile',
        });
    }
  }
}

/** Starts what is not given by `NATS_URL` and `DATABASE_URL` in this process; brings streams and the database schema up to date. */
export async function startStack({
  home,
  say,
  environment = process.env,
}: StackOptions): Promise<StackInProcess> {
  layOut(home);
  const given = settings(environment);
  const wanted = serversToStart(given);
  const servers = new EmbeddedServers(home, say);
  const ours = embeddedDurability(given);
  const [natsStart, postgresStart] = await Promise.allSettled([
    wanted.includes('nats') ? servers.nats(ours) : undefined,
    wanted.includes('postgres') ? servers.postgres() : prepareExternal(given.databaseUrl),
  ]);
  // Half a stack is no stack: whatever did start is stopped again before the reason is told.
  for (const start of [natsStart, postgresStart])
    if (start.status === 'rejected') {
      await servers.stop();
      throw start.reason;
    }
  const started = natsStart.status === 'fulfilled' ? natsStart.value : undefined;
  const durability = started === undefined ? given.durability : ours;
  if (durability !== undefined) say(SURVIVES[durability]);
  const stopRotating = rotateLogs([home.logs, home.nats, home.postgres]);
  return {
    ...addresses(home, given, environment, started?.url, servers.postgresNow),
    durability,
    nats: () => servers.natsNow,
    postgres: () => servers.postgresNow,
    stop: () => {
      stopRotating();
      return servers.stop();
    },
  };
}

async function prepareExternal(databaseUrl: string | undefined): Promise<void> {
  if (databaseUrl === undefined) return;
  await checkExternalPostgres(databaseUrl);
  await migrate(databaseUrl);
}

type Addresses = Pick<Stack, 'natsUrl' | 'busKeys' | 'databaseUrl' | 'ledgerUrl' | 'access'>;

function addresses(
  home: Home,
  given: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  ourNats: string | undefined,
  ourPostgres: { readonly url: string; readonly writerUrl: string } | undefined,
): Addresses {
  const natsUrl = required(ourNats ?? given.natsUrl, 'a NATS server');
  const databaseUrl = required(ourPostgres?.url ?? given.databaseUrl, 'a database');
  return {
    natsUrl,
    ...(ourNats === undefined ? {} : { busKeys: home.bus }),
    access: (identity) =>
      ourNats === undefined
        ? externalBus(natsUrl, identity, environment)
        : homeBus(home.bus, natsUrl, identity),
    databaseUrl,
    ledgerUrl: ourPostgres?.writerUrl ?? given.ledgerUrl ?? databaseUrl,
  };
}
