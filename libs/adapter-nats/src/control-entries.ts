import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { DirectStreamAPI } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ResolvingPublisher } from './resolving-publisher';

export interface Entry {
  readonly key: string;
  readonly text: string;
  /** Stream sequence of the value; what a change has to follow. */
  readonly revision: number;
}

/** Keys of a bucket that are changed by one writer after another, each following the value it has seen. */
export class ControlEntries {
  private readonly publisher: ResolvingPublisher;
  private readonly stream: string;
  private direct: DirectStreamAPI | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly bucket: string,
  ) {
    this.stream = `KV_${bucket}`;
    this.publisher = new ResolvingPublisher(connection, this.stream);
  }

  /** Every value under the filters, as some replica has it: good for looking, not for deciding. */
  async look(filters: readonly string[]): Promise<Entry[]> {
    this.direct ??= (await jetstreamManager(this.connection, { checkAPI: false })).direct;
    const multi_last = filters.map((filter) => this.subjectOf(filter));
    const found: Entry[] = [];
    try {
      for await (const { subject, seq, data } of await this.direct.getLastMessagesFor(this.stream, {
        multi_last,
      }))
        found.push({ key: subject.slice(this.subjectOf('').length), text: textOf(data), revision: seq });
    } catch (error) {
      if (!isNothingFound(error)) throw error;
    }
    return found;
  }

  /** The value of a key as the leader has it. */
  async read(key: string): Promise<Entry | undefined> {
    const last = await this.publisher.lastOf(this.subjectOf(key));
    return last === null ? undefined : { key, text: textOf(last.data), revision: last.seq };
  }

  /**
   * Puts a value after the one at `revision` (0: as the first); returns its own revision. Throws `ConflictError` where
   * somebody else has changed it. Every value written must be different from every other.
   */
  async change(key: string, text: string, revision: number): Promise<number> {
    const bytes = new TextEncoder().encode(text);
    const publication = { subject: this.subjectOf(key), bytes, id: `${key}:${revision}:${text}` };
    return (await this.publisher.append(publication, revision)).seq;
  }

  private subjectOf(key: string): string {
    return `$KV.${this.bucket}.${key}`;
  }
}

function textOf(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}

function isNothingFound(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.status === 404;
  return error instanceof Error && /no results|not found/i.test(error.message);
}
