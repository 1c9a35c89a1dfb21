import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectNats, findNatsServer, openEpoch, startEmbeddedNats } from '@evenkeel/adapter-nats';
import type { EmbeddedNats } from '@evenkeel/adapter-nats';
import { createLedgerWriter, readTreeEpochs, verifyLedger } from '@evenkeel/adapter-postgres';
import { LedgerCluster } from '../../../../libs/adapter-postgres/src/sample/ledger-cluster.test-support';
import { sampleJournal } from '../../../../libs/adapter-postgres/src/sample/sample-journal.test-support';
import { finishEarlierEpochs } from './earlier-epochs';

const TOOLS = join(__dirname, '..', '..', '..', '..', '.evenkeel', 'bin');
const journals = ['1', '2', '3'].map((epoch) => sampleJournal({ seed: `epoch ${epoch}`, steps: 12, epoch }));

describe('epochs that ended while the ledger was down', () => {
  let cluster: LedgerCluster;
  let nats: EmbeddedNats;
  let connection: NatsConnection;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-epochs-'));
    cluster = await LedgerCluster.start();
    nats = await startEmbeddedNats({ binary: findNatsServer(TOOLS, () => undefined), dir });
    connection = await connectNats(nats.url, 'test');
    for (const journal of journals) {
      await openEpoch(connection);
      for (const { subject, bytes } of journal) await jetstream(connection).publish(subject, bytes);
    }
  }, 60_000);
  afterAll(async () => {
    await connection.close();
    await nats.stop();
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const none = (): undefined => undefined;

  it('are finished in their order before the present one is begun', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append((journals[0] ?? []).slice(0, 9));
    await writer.close();
    const { taken, lost } = await finishEarlierEpochs(connection, pool, '3', none);
    const [first = [], second = []] = journals;
    expect({ taken, lost }).toEqual({ taken: first.length - 9 + second.length, lost: [] });
    expect(await readTreeEpochs(pool)).toEqual([
      { epoch: '1', firstIndex: 0, commits: first.length },
      { epoch: '2', firstIndex: first.length, commits: second.length },
    ]);
    expect(await verifyLedger(pool)).toMatchObject({ status: 'clean' });
    expect(await finishEarlierEpochs(connection, pool, '3', none)).toEqual({ taken: 0, lost: [] });
  }, 60_000);

  it('are told when another one has taken their place in the tree', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '2' });
    await writer.append(journals[1] ?? []);
    await writer.close();
    const lastSeq = journals[0]?.length ?? 0;
    expect(await finishEarlierEpochs(connection, pool, '3', none)).toEqual({
      taken: 0,
      lost: [{ epoch: '1', taken: 0, lastSeq }],
    });
  }, 60_000);
});
