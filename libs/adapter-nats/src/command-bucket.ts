import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, StoredMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ControlCommand } from '@evenkeel/governance';
import { OperationalError } from '@evenkeel/kernel';
import { BucketKeys, isBehind } from './bucket-keys';
import { encodeCommand, waitingCommand } from './control-commands';
import type { WaitingCommand } from './control-commands';
import { loadStreamDefinitions } from './streams';

const COMMANDS_MAX = 200;
/** A mark that a command was settled, after which nothing is left of it. */
const SETTLED_TTL = '1h';

/**
 * The EK_COMMANDS bucket: what people ask of execution, under a key for each. It is tidied by those who may write to it, and
 * therefore no bucket for latches.
 */
export class CommandBucket {
  private constructor(
    private readonly js: JetStreamClient,
    private readonly keys: BucketKeys,
  ) {}

  static async open(connection: NatsConnection): Promise<CommandBucket> {
    const { streams } = await jetstreamManager(connection, { checkAPI: false });
    const keys = new BucketKeys(streams, loadStreamDefinitions().commandBucket.name);
    return new CommandBucket(jetstream(connection, { timeout: 5_000 }), keys);
  }

  /** Puts a person's command where the service that carries it out will find it. Throws `INPUT.INVALID` for one that is none. */
  async writeCommand(command: ControlCommand): Promise<void> {
    const text = encodeCommand(command);
    if ((await this.readCommands()).length >= COMMANDS_MAX)
      throw new OperationalError({
        code: 'NATS.COMMANDS_WAITING',
        message: `${COMMANDS_MAX} commands wait for execution already: is it running?`,
      });
    if ((await this.keys.newest(command.id)) !== undefined) return;
    await this.js.publish(this.keys.subjectOf(command.id), text, { expect: { lastSubjectSequence: 0 } });
  }

  /** Commands that nobody has carried out yet, oldest first. One that is none is among them, with what is wrong. */
  async readCommands(): Promise<readonly WaitingCommand[]> {
    const { keys } = await this.keys.under('>');
    const entries = await Promise.all(keys.map(async (key) => [key, await this.keys.newest(key)] as const));
    return entries
      .flatMap(([key, entry]) => (entry === undefined || isMark(entry) ? [] : [waitingCommand(key, entry)]))
      .sort((a, b) => a.revision - b.revision);
  }

  /** The command is on the journal, or was turned down for good. */
  async settleCommand({ key, revision }: WaitingCommand): Promise<void> {
    const mark = headers();
    mark.set('KV-Operation', 'PURGE');
    mark.set('Nats-Rollup', 'sub');
    mark.set('Nats-TTL', SETTLED_TTL);
    const expect = { lastSubjectSequence: revision };
    await this.js.publish(this.keys.subjectOf(key), '', { headers: mark, expect }).catch((error: unknown) => {
      // Another process has settled it.
      if (!isBehind(error)) throw error;
    });
  }
}

function isMark(entry: StoredMsg): boolean {
  return entry.header.get('KV-Operation') !== '';
}
