import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
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

  /** Calls back for every change until the returned function is called. */
  async watchLatches(onLatch: (latch: KillLatch) => void): Promise<() => void> {
    const watch = await this.bucket.watch({ key: 'kill.>' });
    void (async () => {
      for await (const entry of watch) if (entry.operation === 'PUT') onLatch(entry.json<KillLatch>());
    })();
    return () => watch.stop();
  }
}

/** Scopes such as `book:btc` as one key token. */
function escapeScope(scope: string): string {
  return scope.replace(/[^A-Za-z0-9_=-]/g, (character) => `=${character.charCodeAt(0).toString(16)}`);
}
