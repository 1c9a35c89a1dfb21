import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ResolvingPublisher } from './resolving-publisher';
import type { PublishPatience } from './resolving-publisher';

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

  constructor(
    private readonly connection: NatsConnection,
    private readonly bucket: string,
    patience: PublishPatience = {},
  ) {
    this.stream = `KV_${bucket}`;
    this.publisher = new ResolvingPublisher(connection, this.stream, patience);
  }

  /** Every value under the filters, one after another as the leader has them: good for looking, not for deciding. */
  async look(filters: readonly string[]): Promise<Entry[]> {
    const { streams } = await jetstreamManager(this.connection, { checkAPI: false });
    const infos = await Promise.all(
      filters.map((filter) => streams.info(this.stream, { subjects_filter: this.subjectOf(filter) })),
    );
    const keys = infos
      .flatMap(({ state }) => Object.keys(state.subjects ?? {}))
      .map((subject) => subject.slice(this.subjectOf('').length));
    const entries = await Promise.all(keys.map((key) => this.read(key)));
    return entries.filter((entry) => entry !== undefined);
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
