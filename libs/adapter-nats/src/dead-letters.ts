import type { NatsConnection } from '@nats-io/nats-core';
import { EvenkeelError, IntegrityFault } from '@evenkeel/kernel';
import { ResolvingPublisher } from './resolving-publisher';
import { loadStreamDefinitions } from './streams';

/** Points to a message that a service could not process. The message itself stays where it is. */
export interface DeadLetter {
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  /** Error code, documented in docs/errors.md. */
  readonly code: string;
  readonly message: string;
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
