import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import type { SealedCommit } from '@evenkeel/eventing';
import { commitOf, decisionDraft } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { JetStreamEventLog } from './journal';
import type { EmbeddedNats } from './server/embedded-nats';
import { MarketPublisher } from './market-log';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import type { Epoch } from './epochs';
import { openEpoch } from './epochs';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));

const draftOf = (book: string) => decisionDraft(book, 'd', '2026-01-01T00:00:00Z');
const sealedOf = (book: string): SealedCommit => sealCommit(commitOf(draftOf(book)));

/** What the server will never accept is an error at once and by name; "did not say" is for what it did not say. */
describe('a definite refusal of the server', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let epoch: Epoch;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-refusals-'));
    server = await startEmbeddedNats({
      binary,
      dir,
      settings: [
        'max_payload: 64KB',
        'authorization { users: [{ user: desk, password: desk, permissions: { publish: { deny: ["ek.evt.v1.*.strategy.hedge-program.forbidden", "ek.mkt.v1.evenkeel.>"] } } }] }',
        'no_auth_user: desk',
      ],
    });
    connection = await connectNats(server.url, 'test');
    epoch = await openEpoch(connection);
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const log = (stream = epoch.journalStream) => new JetStreamEventLog(connection, stream);

  it('names a message that is too large', async () => {
    const large = sealCommit(commitOf({ ...draftOf('large'), limitsVersion: 'x'.repeat(70_000) }));
    await expect(log().append(large, 0)).rejects.toMatchObject({ code: 'NATS.MESSAGE_TOO_LARGE' });
  });

  it('names a stream that is not the one meant', async () => {
    await expect(log('EK_AUDIT').append(sealedOf('astray'), 0)).rejects.toMatchObject({
      code: 'NATS.WRONG_STREAM',
    });
  });

  it('names a missing permission, on the journal and on the market', async () => {
    await expect(log().append(sealedOf('forbidden'), 0)).rejects.toMatchObject({
      code: 'NATS.NOT_PERMITTED',
    });
    const instant = {
      number: 1,
      eventTime: '2026-01-01T00:00:00Z',
      marks: [],
      fundings: [],
      deliveries: [],
      wakes: [],
    };
    await expect(new MarketPublisher(connection, epoch).publish(instant)).rejects.toMatchObject({
      code: 'NATS.NOT_PERMITTED',
    });
  });

  it('names a stream that is full', async () => {
    const manager = await jetstreamManager(connection);
    await log().append(sealedOf('first'), 0);
    const { config, state } = await manager.streams.info(epoch.journalStream);
    await manager.streams.update(epoch.journalStream, { ...config, max_bytes: state.bytes + 10 });
    await expect(log().append(sealedOf('second'), 0)).rejects.toMatchObject({ code: 'NATS.STORAGE_FULL' });
  });
});
