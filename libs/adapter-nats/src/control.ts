import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import { jetstreamManager } from '@nats-io/jetstream';
import type { StoredMsg, StreamAPI } from '@nats-io/jetstream';
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

/**
 * The EK_CONTROL bucket: latches that must not queue behind the journal. It is polled, so it is read by asking the leader
 * for single messages: listing keys would leave a consumer on the server each time, and a direct get may be answered by a
 * follower that lags.
 */
export class ControlBucket {
  private constructor(
    private readonly bucket: KV,
    private readonly streams: StreamAPI,
    private readonly name: string,
  ) {}

  static async open(connection: NatsConnection): Promise<ControlBucket> {
    const { name, history } = loadStreamDefinitions().controlBucket;
    const bucket = await new Kvm(connection).create(name, { history });
    const { streams } = await jetstreamManager(connection, { checkAPI: false });
    return new ControlBucket(bucket, streams, name);
  }

  async writeLatch(latch: KillLatch): Promise<void> {
    await this.bucket.put(`kill.${escapeScope(latch.scope)}`, JSON.stringify(latch));
  }

  /** Every latch there is. Throws when the bucket cannot be read: the caller fails closed. */
  async readLatches(): Promise<KillLatch[]> {
    const { state } = await this.streams.info(this.streamName, { subjects_filter: this.subjectOf('kill.>') });
    const entries = await Promise.all(
      Object.keys(state.subjects ?? {})
        .sort()
        .map((subject) => this.newest(subject)),
    );
    return entries.flatMap((entry) => (entry === undefined ? [] : [entry.json<KillLatch>()]));
  }

  private get streamName(): string {
    return `KV_${this.name}`;
  }

  private subjectOf(key: string): string {
    return `$KV.${this.name}.${key}`;
  }

  /** The value under a subject as the leader has it; undefined where there is none, or it was deleted. */
  private async newest(subject: string): Promise<StoredMsg | undefined> {
    const message = await this.streams.getMessage(this.streamName, { last_by_subj: subject });
    if (message === null || message.header.get('KV-Operation') !== '') return undefined;
    return message;
  }

  /** Puts a person's command where the service that carries it out will find it. */
  async writeCommand(command: ControlCommand): Promise<void> {
    await this.changeCommands((waiting) => [...waiting, command]);
  }

  /** Commands that nobody has carried out yet, oldest first. */
  async readCommands(): Promise<ControlCommand[]> {
    return commandsIn(await this.newest(this.subjectOf(COMMANDS)));
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
      const entry = await this.newest(this.subjectOf(COMMANDS));
      const text = JSON.stringify(change(commandsIn(entry)));
      try {
        if (entry === undefined) await this.bucket.create(COMMANDS, text);
        else await this.bucket.update(COMMANDS, text, entry.seq);
        return;
      } catch (error) {
        if (attempt === CHANGES_MAX) throw error;
      }
    }
  }
}

/** The one key under which commands wait. */
const COMMANDS = 'commands';
const CHANGES_MAX = 10;

function commandsIn(entry: StoredMsg | undefined): ControlCommand[] {
  return entry?.json<ControlCommand[]>() ?? [];
}

/** Scopes such as `book:btc` as one key token. */
function escapeScope(scope: string): string {
  return scope.replace(/[^A-Za-z0-9_=-]/g, (character) => `=${character.charCodeAt(0).toString(16)}`);
}
