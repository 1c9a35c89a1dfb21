import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { Objm } from '@nats-io/obj';
import type { ObjectStore } from '@nats-io/obj';
import { byAge, snapshotNamed, snapshotText } from '@evenkeel/eventing';
import type { SnapshotName, SnapshotStore } from '@evenkeel/eventing';
import { OperationalError } from '@evenkeel/kernel';
import { readToEnd, untilAnswered } from './stream-reading';
import { snapshotBucketOf } from './streams';

/** What a writer that died left half-written is taken away when it is older than any write lasts. */
const ORPHAN_AGE_MS = 10 * 60_000;
const NO_MESSAGE_FOUND = 10037;
const PUT_TIMEOUT_MS = 10_000;

/** A service's snapshots in an object store of its own. Its size and the age of what lies in it are bounded by the server. */
export class SnapshotBucket implements SnapshotStore {
  private readonly js: JetStreamClient;

  private constructor(
    connection: NatsConnection,
    private readonly bucket: ObjectStore,
    private readonly manager: JetStreamManager,
    private readonly name: string,
  ) {
    this.js = jetstream(connection);
  }

  /** Opens the bucket of a service, which an operator has made. */
  static async open(connection: NatsConnection, service: string): Promise<SnapshotBucket> {
    const name = snapshotBucketOf(service);
    const bucket = await new Objm(connection).open(name);
    return new SnapshotBucket(connection, bucket, await jetstreamManager(connection), name);
  }

  async put(name: SnapshotName, bytes: Uint8Array): Promise<void> {
    await this.bucket.putBlob({ name: snapshotText(name) }, bytes, { timeout: PUT_TIMEOUT_MS });
  }

  async list(service: string, partition: string): Promise<readonly SnapshotName[]> {
    const names = (await this.texts()).map(snapshotNamed);
    return names
      .filter((name): name is SnapshotName => name?.service === service && name.partition === partition)
      .sort(byAge);
  }

  /** Reads the chunks itself: the client waits for ever for an object whose chunks are gone. */
  async get(name: SnapshotName): Promise<Uint8Array | undefined> {
    const info = await this.infoOf(snapshotText(name));
    if (info === undefined) return undefined;
    const bytes = new Uint8Array(info.size);
    let length = 0;
    for await (const { data } of readToEnd(this.js, this.stream, 1, this.chunksOf(info.nuid))) {
      if (length + data.length > info.size) break;
      bytes.set(data, length);
      length += data.length;
    }
    if (length === info.size) return bytes;
    throw new OperationalError({
      code: 'NATS.SNAPSHOT_INCOMPLETE',
      message: `the object store holds ${length} of the ${info.size} bytes of ${snapshotText(name)}`,
    });
  }

  /** Takes away every trace; the client's own way of deleting leaves a marker for ever. */
  async remove(name: SnapshotName): Promise<void> {
    const text = snapshotText(name);
    const info = await this.infoOf(text);
    await this.manager.streams.purge(this.stream, { filter: this.entryOf(text) });
    if (info !== undefined)
      await this.manager.streams.purge(this.stream, { filter: this.chunksOf(info.nuid) });
  }

  /** Takes away what writers that died have left half-written; returns how many such there were. */
  async sweep(nowMs: number): Promise<number> {
    const whole = new Set<string>();
    for (const text of await this.texts()) {
      const info = await this.infoOf(text);
      if (info !== undefined) whole.add(info.nuid);
    }
    let swept = 0;
    for (const subject of await this.subjects(this.chunksOf('*'))) {
      if (whole.has(subject.slice(this.chunksOf('').length))) continue;
      const last = await this.manager.streams.getMessage(this.stream, { last_by_subj: subject });
      if (last === null || nowMs - last.time.getTime() < ORPHAN_AGE_MS) continue;
      await this.manager.streams.purge(this.stream, { filter: subject });
      swept += 1;
    }
    return swept;
  }

  private get stream(): string {
    return `OBJ_${this.name}`;
  }

  private chunksOf(nuid: string): string {
    return `$O.${this.name}.C.${nuid}`;
  }

  private entryOf(text: string): string {
    return `${this.entries}${Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`;
  }

  private get entries(): string {
    return `$O.${this.name}.M.`;
  }

  /** Every name in the bucket, asked of the stream itself: the client's listing leaves a consumer on the server. */
  private async texts(): Promise<string[]> {
    return (await this.subjects(`${this.entries}>`)).map((subject) =>
      Buffer.from(subject.slice(this.entries.length), 'base64url').toString(),
    );
  }

  private async subjects(filter: string): Promise<string[]> {
    const info: StreamInfo = await untilAnswered(() =>
      this.manager.streams.info(this.stream, { subjects_filter: filter }),
    );
    return Object.keys(info.state.subjects ?? {});
  }

  private async infoOf(text: string): Promise<{ readonly nuid: string; readonly size: number } | undefined> {
    try {
      return (await this.bucket.info(text)) ?? undefined;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_MESSAGE_FOUND) return undefined;
      throw error;
    }
  }
}
