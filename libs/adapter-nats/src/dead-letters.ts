import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { EvenkeelError, IntegrityFault } from '@evenkeel/kernel';
import { ResolvingPublisher } from './resolving-publisher';
import { readToEnd } from './stream-reading';
import { loadStreamDefinitions } from './streams';
import { UnreadableMessage, readJson } from './unreadable';
import { z } from 'zod';

/** Points to a message that a service could not process. The message itself stays where it is. */
export interface DeadLetter {
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  /** Error code, documented in docs/errors.md. */
  readonly code: string;
  readonly message: string;
}

const letterSchema = z.object({
  stream: z.string().max(200),
  seq: z.number().int().nonnegative(),
  subject: z.string().max(1_000),
  code: z.string().max(100),
  message: z.string().max(10_000),
});

/** A pointer as it lies in EK_DLQ. */
export interface StoredLetter extends Partial<DeadLetter> {
  /** `ek.dlq.v1.<service>.<pp>`. */
  readonly from: string;
  readonly at: string;
  /** What is wrong with one that is none. */
  readonly problem?: string;
}

/** Every pointer that waits in EK_DLQ, oldest first. */
export async function deadLetters(connection: NatsConnection): Promise<readonly StoredLetter[]> {
  const { name } = loadStreamDefinitions().deadLetters;
  const letters: StoredLetter[] = [];
  for await (const { subject, data, time } of readToEnd(jetstream(connection), name, 1)) {
    const place = { from: subject, at: time.toISOString() };
    try {
      letters.push({ ...place, ...readJson('letter', subject, data, letterSchema) });
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error;
      letters.push({ ...place, problem: error.message });
    }
  }
  return letters;
}

/** How many pointers wait in EK_DLQ. */
export async function deadLetterCount(connection: NatsConnection): Promise<number> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  return (await manager.streams.info(loadStreamDefinitions().deadLetters.name)).state.messages;
}

/** Where a service leaves a pointer before it halts: `ek.dlq.v1.<service>.<pp>`, `market` in place of a partition. */
export class DeadLetters {
  private readonly publisher: ResolvingPublisher;

  constructor(
    connection: NatsConnection,
    private readonly service: string,
  ) {
    this.publisher = new ResolvingPublisher(connection, loadStreamDefinitions().deadLetters.name);
  }

  /** Stores the pointer, once for as long as it is the newest, and gives back the error to halt with. */
  async note(
    place: string,
    message: Pick<DeadLetter, 'stream' | 'seq' | 'subject'>,
    error: unknown,
  ): Promise<unknown> {
    const code = error instanceof EvenkeelError ? error.code : 'BUG.UNEXPECTED';
    const text = error instanceof Error ? error.message : String(error);
    const { stream, seq, subject } = message;
    const letter: DeadLetter = { stream, seq, subject, code, message: text };
    const address = `ek.dlq.v1.${this.service}.${place}`;
    const bytes = new TextEncoder().encode(JSON.stringify(letter));
    try {
      const last = await this.publisher.lastOf(address);
      // A service that is started again meets the same message: one pointer is enough.
      if (last !== null && Buffer.from(last.data).equals(bytes)) return error;
      const id = `${stream}:${seq}:${this.service}:${place}:${code}`;
      await this.publisher.append({ subject: address, bytes, id }, last?.seq ?? 0);
      return error;
    } catch (failure) {
      return new IntegrityFault({
        code,
        message: `${text} (at ${stream} ${seq}; the pointer to it could not be stored: ${String(failure)})`,
        cause: error,
      });
    }
  }
}
