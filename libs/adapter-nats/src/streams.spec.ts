import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StorageType, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { nanos } from '@nats-io/nats-core';
import { connectNats } from './connection';
import { ControlBucket } from './control';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { differences, replicas } from './stream-settings';
import { currentEpoch, openEpoch } from './epochs';
import { ensureStreams, loadStreamDefinitions } from './streams';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const definitions = loadStreamDefinitions();

describe('streams are data', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let manager: JetStreamManager;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-streams-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
    manager = await jetstreamManager(connection);
  });

  afterEach(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const configOf = async (name: string) => (await manager.streams.info(name)).config;

  it('every stream and bucket is created as infra/nats/streams.json says', async () => {
    const { journalStream } = await openEpoch(connection);
    await ControlBucket.create(connection);
    const { journal, market, audit, deadLetters, controlBucket, commandBucket } = definitions;
    for (const [name, settings] of [
      [journalStream, journal],
      [market.name, market],
      [audit.name, audit],
      [deadLetters.name, deadLetters],
      [`KV_${controlBucket.name}`, controlBucket],
      [`KV_${commandBucket.name}`, commandBucket],
    ] as const)
      expect([name, differences(await configOf(name), settings, 1)]).toEqual([name, []]);
  });

  it('what an earlier build left with other settings is brought to them', async () => {
    const { market, audit, controlBucket } = definitions;
    await manager.streams.add({ name: market.name, subjects: market.subjects, max_age: nanos(3_600_000) });
    await manager.streams.add({ name: audit.name, subjects: audit.subjects });
    await new Kvm(connection).create(controlBucket.name, { history: 1 });
    await ensureStreams(connection);
    await ControlBucket.create(connection);
    expect(differences(await configOf(market.name), market, 1)).toEqual([]);
    expect(differences(await configOf(audit.name), audit, 1)).toEqual([]);
    expect((await configOf(`KV_${controlBucket.name}`)).max_msgs_per_subject).toBe(controlBucket.history);
  });

  it('what cannot be changed is named, and nothing is written into it', async () => {
    const { market } = definitions;
    await manager.streams.add({ name: market.name, subjects: market.subjects, storage: StorageType.Memory });
    await expect(openEpoch(connection)).rejects.toMatchObject({
      code: 'NATS.STREAM_DIFFERS',
      message: expect.stringMatching(/EK_MARKET .*storage is memory, not file/) as string,
    });
  });

  it('a journal that could forget is refused by every service', async () => {
    const { journal } = definitions;
    await manager.streams.add({ name: `${journal.namePrefix}1`, subjects: journal.subjects });
    await expect(currentEpoch(connection)).rejects.toMatchObject({
      code: 'NATS.STREAM_DIFFERS',
      message: expect.stringMatching(/discard is old, not new; deny_delete is false/) as string,
    });
  });

  it('replicas are one, three or five, and more than asked for is fine', async () => {
    const { journalStream } = await openEpoch(connection);
    const config = await configOf(journalStream);
    expect(differences({ ...config, num_replicas: 3 }, definitions.journal, 1)).toEqual([]);
    expect(differences(config, definitions.journal, 3)).toEqual(['num_replicas is 1, not 3']);
    process.env['EK_NATS_REPLICAS'] = 'three';
    try {
      expect(replicas).toThrow(/EK_NATS_REPLICAS: must be 1, 3 or 5, not "three"/);
    } finally {
      delete process.env['EK_NATS_REPLICAS'];
    }
  });
});
