import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { Objm } from '@nats-io/obj';
import { describeSnapshotStore } from '@evenkeel/testkit';
import { connectNats } from './connection';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { SnapshotBucket } from './snapshot-bucket';
import { ensureStreams } from './streams';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const STREAM = 'OBJ_EK_SNAPSHOTS_risk';

let dir: string;
let server: EmbeddedNats;
let connection: NatsConnection;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'evenkeel-snapshots-'));
  server = await startEmbeddedNats({ binary, dir });
  connection = await connectNats(server.url, 'test');
  await ensureStreams(connection);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

describeSnapshotStore('The object store', () => SnapshotBucket.open(connection, 'risk'));

describe('the bucket of snapshots', () => {
  const name = { service: 'risk', partition: '15', codeHash: 'ff', epoch: '1', seq: 1 };

  it('is bounded in size and age, also when it was made otherwise', async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(STREAM);
    await new Objm(connection).create('EK_SNAPSHOTS_risk', {});
    await ensureStreams(connection);
    const { config } = await manager.streams.info(STREAM);
    expect(config.max_bytes).toBeGreaterThan(0);
    expect(config.max_age).toBeGreaterThan(0);
  });

  it('leaves no consumer, no marker and no chunk behind', async () => {
    const bucket = await SnapshotBucket.open(connection, 'risk');
    const manager = await jetstreamManager(connection);
    const before = await manager.streams.info(STREAM);
    for (let round = 0; round < 5; round += 1) {
      await bucket.put(name, new Uint8Array(300_000));
      await bucket.list('risk', '15');
      await bucket.remove(name);
    }
    const after = await manager.streams.info(STREAM);
    expect(after.state.messages).toBe(before.state.messages);
    expect(after.state.consumer_count).toBe(before.state.consumer_count);
  });

  it('says that a snapshot is incomplete instead of waiting for its chunks', async () => {
    const bucket = await SnapshotBucket.open(connection, 'risk');
    const manager = await jetstreamManager(connection);
    await bucket.put(name, new Uint8Array(300_000));
    await manager.streams.purge(STREAM, { filter: '$O.EK_SNAPSHOTS_risk.C.*' });
    await expect(bucket.get(name)).rejects.toMatchObject({ code: 'NATS.SNAPSHOT_INCOMPLETE' });
  });

  it('does not list what a writer that died left half-written, and sweeps it once it is old', async () => {
    const bucket = await SnapshotBucket.open(connection, 'risk');
    await bucket.put({ ...name, seq: 2 }, new Uint8Array(200_000));
    await jetstream(connection).publish('$O.EK_SNAPSHOTS_risk.C.HALFWRITTEN', new Uint8Array(1_000));
    expect(await bucket.sweep(Date.now())).toBe(0);
    expect(await bucket.sweep(Date.now() + 3_600_000)).toBe(1);
    expect(await bucket.get({ ...name, seq: 2 })).toHaveLength(200_000);
  });
});
