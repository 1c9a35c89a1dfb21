import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { loadStreamDefinitions } from './streams';

/** A kill latch as written to the control bucket. */
export interface KillLatch {
  readonly scope: string;
  readonly engaged: boolean;
  readonly by: string;
  readonly reason: string;
  /** ISO, host time. */
  readonly at: string;
  /** A release: the proposal that a second person approved. */
  readonly proposalId?: string;
}

/** What a person asks of execution for one book. Fields that a kind does not use are absent. */
export interface ControlCommand {
  /** Names the command once and for ever: a UUID. */
  readonly id: string;
  readonly kind: 'throttle-reset' | 'override-grant' | 'override-revoke' | 'venue-resume' | 'restriction-set';
  readonly book: string;
  readonly by: string;
  readonly reason: string;
  /** ISO, host time. */
  readonly at: string;
  readonly instrument?: string;
  readonly venue?: string;
  readonly control?: string;
  readonly overrideId?: string;
  readonly upTo?: string;
  /** ISO 8601 duration of event time. */
  readonly duration?: string;
  readonly acceptsDifferences?: boolean;
  readonly restricted?: boolean;
}

/** The EK_CONTROL bucket: latches that must not queue behind the journal. */
export class ControlBucket {
  private constructor(private readonly bucket: KV) {}

  static async open(connection: NatsConnection): Promise<ControlBucket> {
    const { name, history } = loadStreamDefinitions().controlBucket;
    return new ControlBucket(await new Kvm(connection).create(name, { history }));
  }

  async writeLatch(latch: KillLatch): Promise<void> {
    await this.bucket.put(`kill.${escapeScope(latch.scope)}`, JSON.stringify(latch));
  }

  /** Every latch there is. Throws when the bucket cannot be read: the caller fails closed. */
  async readLatches(): Promise<KillLatch[]> {
    const latches: KillLatch[] = [];
    for await (const key of await this.bucket.keys('kill.>')) {
      const entry = await this.bucket.get(key);
      if (entry !== null) latches.push(entry.json<KillLatch>());
    }
    return latches;
  }

  /** Puts a person's command where the service that carries it out will find it. */
  async writeCommand(command: ControlCommand): Promise<void> {
    await this.bucket.put(`command.${command.id}`, JSON.stringify(command));
  }

  /** Commands that nobody has carried out yet, in the order of their ids. */
  async readCommands(): Promise<ControlCommand[]> {
    const commands: ControlCommand[] = [];
    for await (const key of await this.bucket.keys('command.>')) {
      const entry = await this.bucket.get(key);
      if (entry !== null && entry.operation === 'PUT') commands.push(entry.json<ControlCommand>());
    }
    return commands.sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1));
  }

  /** The command is on the journal, or was turned down for good. */
  async settleCommand(id: string): Promise<void> {
    await this.bucket.delete(`command.${id}`);
  }

  /** Calls back for every change until the returned function is called. */
  async watchLatches(onLatch: (latch: KillLatch) => void): Promise<() => void> {
    const watch = await this.bucket.watch({ key: 'kill.>' });
    void (async () => {
      for await (const entry of watch) if (entry.operation === 'PUT') onLatch(entry.json<KillLatch>());
    })();
    return () => watch.stop();
  }
}

/** Scopes such as `book:btc` as one key token. */
function escapeScope(scope: string): string {
  return scope.replace(/[^A-Za-z0-9_=-]/g, (character) => `=${character.charCodeAt(0).toString(16)}`);
}
