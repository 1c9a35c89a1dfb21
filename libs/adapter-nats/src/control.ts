import { Kvm } from '@nats-io/kv';
import type { KV, KvEntry } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { canonicalJson } from '@evenkeel/kernel';
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
  /** The proposal that a second person approved. */
  readonly proposalId?: string;
}

/** What a command asks for, whoever gives it and whenever. */
export type WantedControl = Omit<ControlCommand, 'id' | 'book' | 'by' | 'reason' | 'at' | 'proposalId'>;

/** What two people sign for a command: canonical JSON of what it asks for. */
export function controlContent(asked: WantedControl | ControlCommand): string {
  const of = new Set(['id', 'book', 'by', 'reason', 'at', 'proposalId']);
  return canonicalJson(Object.fromEntries(Object.entries(asked).filter(([name]) => !of.has(name))));
}

/** Whether a command lets more happen than before; what only tightens needs no second person. */
export function loosens({ kind, restricted }: WantedControl): boolean {
  if (kind === 'restriction-set') return restricted === false;
  return kind !== 'override-revoke';
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
    await this.changeCommands((waiting) => [...waiting, command]);
  }

  /** Commands that nobody has carried out yet, oldest first. One read of one key: listing keys costs the server a consumer. */
  async readCommands(): Promise<ControlCommand[]> {
    return commandsIn(await this.bucket.get(COMMANDS));
  }

  /** The command is on the journal, or was turned down for good. */
  async settleCommand(id: string): Promise<void> {
    await this.changeCommands((waiting) => waiting.filter((command) => command.id !== id));
  }

  /** Changes the list where nobody else did meanwhile; otherwise reads it again. */
  private async changeCommands(
    change: (waiting: readonly ControlCommand[]) => readonly ControlCommand[],
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const entry = await this.bucket.get(COMMANDS);
      const text = JSON.stringify(change(commandsIn(entry)));
      try {
        if (entry === null) await this.bucket.create(COMMANDS, text);
        else await this.bucket.update(COMMANDS, text, entry.revision);
        return;
      } catch (error) {
        if (attempt === CHANGES_MAX) throw error;
      }
    }
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

/** The one key under which commands wait. */
const COMMANDS = 'commands';
const CHANGES_MAX = 10;

function commandsIn(entry: KvEntry | null): ControlCommand[] {
  return entry?.operation === 'PUT' ? entry.json<ControlCommand[]>() : [];
}

/** Scopes such as `book:btc` as one key token. */
function escapeScope(scope: string): string {
  return scope.replace(/[^A-Za-z0-9_=-]/g, (character) => `=${character.charCodeAt(0).toString(16)}`);
}
