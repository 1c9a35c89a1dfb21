import { JetStreamApiError } from '@nats-io/jetstream';
import type { StoredMsg, StreamAPI } from '@nats-io/jetstream';

const WRONG_LAST_SEQUENCE = 10071;

/**
 * The keys of a bucket that is polled. It is read by asking the leader for single messages: listing keys would leave a consumer on
 * the server each time, and a direct get may be answered by a follower that lags.
 */
export class BucketKeys {
  private readonly stream: string;

  constructor(
    private readonly streams: StreamAPI,
    private readonly bucket: string,
  ) {
    this.stream = `KV_${bucket}`;
  }

  async under(filter: string): Promise<{ readonly created: string; readonly keys: readonly string[] }> {
    const { created, state } = await this.streams.info(this.stream, {
      subjects_filter: this.subjectOf(filter),
    });
    const prefix = this.subjectOf('');
    return {
      created,
      keys: Object.keys(state.subjects ?? {})
        .sort()
        .map((subject) => subject.slice(prefix.length)),
    };
  }

  /** The newest message of a key as the leader has it, marks of deletion included. */
  async newest(key: string): Promise<StoredMsg | undefined> {
    return (await this.streams.getMessage(this.stream, { last_by_subj: this.subjectOf(key) })) ?? undefined;
  }

  subjectOf(key: string): string {
    return `$KV.${this.bucket}.${key}`;
  }
}

/** Somebody else has changed the key since it was read. */
export function isBehind(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === WRONG_LAST_SEQUENCE;
}
