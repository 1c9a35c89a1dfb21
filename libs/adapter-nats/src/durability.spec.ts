import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectNats } from './connection';
import { durabilityOf, requireDurable } from './durability';
import { freePort, startEmbeddedNats } from './server/embedded-nats';
import type { EmbeddedNats, EmbeddedNatsOptions } from './server/embedded-nats';
import { startNatsCluster } from './server/nats-cluster.test-support';
import { findNatsServer } from './server/nats-server-binary';
import { openEpoch } from './epochs';
import type { Epoch } from './epochs';

const REAL = ['deribit'];
const dir = mkdtempSync(join(tmpdir(), 'evenkeel-durability-'));
const binary = findNatsServer(join(__dirname, '../../../.evenkeel/bin'), () => undefined);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('what an acknowledgement survives', () => {
  let server: EmbeddedNats;
  let monitorUrl: string;
  let connection: NatsConnection;
  let epoch: Epoch;

  const open = async (name: string, options: Partial<EmbeddedNatsOptions>): Promise<void> => {
    const port = await freePort();
    monitorUrl = `http://127.0.0.1:${port}`;
    const settings = [`http: "127.0.0.1:${port}"`];
    server = await startEmbeddedNats({ binary, dir: join(dir, name), settings, ...options });
    connection = await connectNats(server.url, 'spec');
    epoch = await openEpoch(connection);
  };
  afterEach(async () => {
    await connection.close();
    await server.stop();
  });

  it('is a power cut, with the server that we start ourselves', async () => {
    await open('synced', {});
    const found = await durabilityOf(connection, epoch, { monitorUrl });
    expect(found.durability).toBe('synced');
    expect(() => requireDurable(found, REAL)).not.toThrow();
  });

  it('is not a power cut where the server is told not to sync, whatever is stated', async () => {
    await open('unsynced', { durability: 'unsynced' });
    const found = await durabilityOf(connection, epoch, { monitorUrl });
    expect(found.durability).toBe('unsynced');
    expect(() => requireDurable(found, REAL)).toThrow(
      expect.objectContaining({ code: 'NATS.NOT_DURABLE', message: expect.stringContaining('deribit') }),
    );
    expect(() => requireDurable(found, [])).not.toThrow();
    await expect(durabilityOf(connection, epoch, { stated: 'synced', monitorUrl })).rejects.toMatchObject({
      code: 'NATS.NOT_DURABLE',
    });
    await expect(durabilityOf(connection, epoch, { stated: 'replicated' })).rejects.toMatchObject({
      code: 'NATS.NOT_DURABLE',
    });
  });

  it('is nothing that anybody may rely on where nobody says so', async () => {
    await open('silent', {});
    expect(await durabilityOf(connection, epoch)).toMatchObject({ durability: 'unsynced' });
    expect(await durabilityOf(connection, epoch, { stated: 'synced' })).toMatchObject({
      durability: 'synced',
    });
    await expect(
      durabilityOf(connection, epoch, { stated: 'synced', monitorUrl: 'http://127.0.0.1:1' }),
    ).rejects.toMatchObject({ code: 'NATS.NOT_DURABLE' });
  });
});

it('is one server of three where the journal has three replicas', async () => {
  const cluster = await startNatsCluster(binary, join(dir, 'cluster'));
  const connection = await connectNats(cluster.url, 'spec');
  try {
    const epoch = await openEpoch(connection, 1, 3);
    expect(await durabilityOf(connection, epoch)).toMatchObject({ durability: 'replicated' });
  } finally {
    await connection.close();
    await cluster.stop();
  }
});
