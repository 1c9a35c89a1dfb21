import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import { jetstreamManager } from '@nats-io/jetstream';
import type { StoredMsg, StreamAPI } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ControlCommand } from '@evenkeel/governance';
import { OperationalError } from '@evenkeel/kernel';
import { z } from 'zod';
import { bringTo, replicas } from './stream-settings';
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
    const settings = loadStreamDefinitions().controlBucket;
    const { name, history } = settings;
    const bucket = await new Kvm(connection).create(name, { history, replicas: replicas() });
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const { streams } = manager;
    // A bucket that exists is given back as it is, whatever was asked for.
    const { config } = await streams.info(`KV_${name}`);
    await bringTo(manager, config, settings, replicas());
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
    return entries.flatMap((entry) => (entry === undefined ? [] : [latchIn(entry)]));
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
    await this.changeCommands((waiting) => [...waiting, JSON.stringify(command)]);
  }

  /** Commands that nobody has carried out yet, oldest first. One that is none is among them, with what is wrong. */
  async readCommands(): Promise<readonly WaitingCommand[]> {
    return textsIn(await this.newest(this.subjectOf(COMMANDS))).map(waitingCommand);
  }

  /** The command is on the journal, or was turned down for good. */
  async settleCommand({ text }: WaitingCommand): Promise<void> {
    await this.changeCommands((waiting) => waiting.filter((other) => other !== text));
  }

  /** Changes the list where nobody else did meanwhile; otherwise reads it again. */
  private async changeCommands(change: (waiting: readonly string[]) => readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const entry = await this.newest(this.subjectOf(COMMANDS));
      const text = `[${change(textsIn(entry)).join(',')}]`;
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

const commandSchema = z.strictObject({
  id: z.uuid(),
  kind: z.enum(['throttle-reset', 'override-grant', 'override-revoke', 'venue-resume', 'restriction-set']),
  book: z.string().min(1),
  by: z.string().min(1),
  reason: z.string().min(1),
  at: z.iso.datetime({ offset: true }),
  instrument: z.string().optional(),
  venue: z.string().optional(),
  control: z.string().optional(),
  overrideId: z.string().optional(),
  upTo: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional(),
  duration: z.string().optional(),
  acceptsDifferences: z.boolean().optional(),
  restricted: z.boolean().optional(),
  proposalId: z.string().optional(),
});

const latchSchema = z.object({
  scope: z.string().min(1),
  engaged: z.boolean(),
  by: z.string(),
  reason: z.string(),
  at: z.string(),
  proposalId: z.string().optional(),
});

/** A latch as it was written. What is none is an error: whoever reads latches then fails closed. */
function latchIn(entry: StoredMsg): KillLatch {
  const parsed = latchSchema.safeParse(jsonIn(entry));
  if (parsed.success) {
    const { proposalId, ...latch } = parsed.data;
    return { ...latch, ...(proposalId === undefined ? {} : { proposalId }) };
  }
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new OperationalError({
    code: 'NATS.LATCH_UNREADABLE',
    message: `${entry.subject} holds no kill latch (${problems.join('; ')}): ${entry.string()}`,
  });
}

function jsonIn(entry: StoredMsg): unknown {
  try {
    return entry.json<unknown>();
  } catch {
    return entry.string();
  }
}

/** A command that waits: as it was written, and read where it is one. */
export interface WaitingCommand {
  /** Its JSON as it stands in the bucket: what it is settled by. */
  readonly text: string;
  readonly command?: ControlCommand;
  /** What is wrong with one that cannot be read. */
  readonly problem?: string;
}

function waitingCommand(text: string): WaitingCommand {
  const parsed = commandSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return { text, problem: problems.join('; ') };
  }
  // Zod writes `undefined` for a field that is absent; a round trip drops it.
  return { text, command: JSON.parse(JSON.stringify(parsed.data)) as ControlCommand }; // as the schema says
}

/** The JSON of each that waits. What is no list at all is one entry, which no schema knows. */
function textsIn(entry: StoredMsg | undefined): string[] {
  if (entry === undefined) return [];
  try {
    const value = entry.json<unknown>();
    return (Array.isArray(value) ? value : [value]).map((one) => JSON.stringify(one));
  } catch {
    return [JSON.stringify(entry.string())];
  }
}

/** Scopes such as `book:btc` as one key token. */
function escapeScope(scope: string): string {
  return scope.replace(/[^A-Za-z0-9_=-]/g, (character) => `=${character.charCodeAt(0).toString(16)}`);
}
