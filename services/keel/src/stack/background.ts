import type { BusAccess, BusIdentity } from '@evenkeel/adapter-nats';
import { required } from '@evenkeel/kernel';
import { externalBus, homeBus } from './bus';
import { settings } from './environment';
import type { Home } from './home';
import { keeperRecord } from './keeper-protocol';
import { leaseOnRunning, serversOf } from './stack-lease';
import type { Granted } from './stack-lease';

/** The servers of a home that are up, for whoever looks at them and starts nothing. */
export interface RunningStack {
  /** The keeper. */
  readonly pid: number;
  /** Stays although nobody uses it. */
  readonly pinned: boolean;
  /** Each server is started when it is first needed. */
  readonly natsUrl?: string;
  readonly databaseUrl?: string;
}

/** What the keeper of this home keeps up, if there is one. */
export function runningStack(home: Home): RunningStack | undefined {
  const record = keeperRecord(home);
  if (record === undefined) return undefined;
  const { keeper, pinned, natsUrl, databaseUrl } = record;
  return {
    pid: keeper.pid,
    pinned,
    ...(natsUrl === undefined ? {} : { natsUrl }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  };
}

/**
 * The NATS server that commands talk to, as the one that a command acts for: that of the environment, or the one of this home.
 * Undefined where nothing is up: for whoever only looks.
 */
export async function busOf(home: Home, identity: BusIdentity): Promise<BusAccess | undefined> {
  const external = externalBusOf(identity);
  if (external !== undefined) return external;
  const granted = await (await leaseOnRunning(home))?.need(['nats']);
  return granted === undefined ? undefined : homeBusOf(home, identity, granted);
}

/** The same, started if it is not up. */
export async function requiredBus(home: Home, identity: BusIdentity): Promise<BusAccess> {
  return externalBusOf(identity) ?? homeBusOf(home, identity, await serversOf(home, ['nats']));
}

function externalBusOf(identity: BusIdentity): BusAccess | undefined {
  const url = settings().natsUrl;
  return url === undefined ? undefined : externalBus(url, identity);
}

function homeBusOf(home: Home, identity: BusIdentity, { nats }: Granted): BusAccess {
  return homeBus(home.bus, required(nats, 'the server that was asked for').url, identity);
}
