import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import { partitionOf, toHex } from '@evenkeel/kernel';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { JetStreamEventLog } from './journal';
import { answerLedgerFloor, askLedgerFloor, checkFloor } from './journal-floor';
import type { JournalFloor } from './journal-floor';
import { PartitionHost } from './partition-host';
import { startEmbeddedNats } from './server/embedded-nats';
import type { EmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { currentEpoch, openEpoch } from './epochs';
import type { Epoch } from './epochs';

const binary = findNatsServer(join(__dirname, '../../../.evenkeel/bin'), () => undefined);
const dir = mkdtempSync(join(tmpdir(), 'evenkeel-behind-'));
let server: EmbeddedNats;
let connection: NatsConnection;
let epoch: Epoch;
let journal: JetStreamEventLog;

const start = async (folder: string): Promise<void> => {
  server = await startEmbeddedNats({ binary, dir: join(dir, folder) });
  connection = await connectNats(server.url, 'spec');
};
const stop = async (): Promise<void> => {
  await connection.close();
  await server.stop();
};
const reopen = async (): Promise<void> => {
  epoch = await currentEpoch(connection);
  journal = new JetStreamEventLog(connection, epoch.journalStream);
};
/** Appends a decision of a book of its own. */
async function say(book: string): Promise<JournalFloor> {
  const sealed = sealCommit(
    commitOf(decisionDraft(book, `${book}-d`, '2026-01-01T00:00:00Z'), { epoch: epoch.epoch }),
  );
  const { seq } = await journal.append(sealed, 0);
  return { epoch: epoch.epoch, seq, hash: toHex(sealed.hash) };
}
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('an older copy of the JetStream folder', () => {
  let known: JournalFloor;

  beforeAll(async () => {
    await start('now');
    epoch = await openEpoch(connection);
    await reopen();
    await say('a');
    await stop();
    cpSync(join(dir, 'now'), join(dir, 'older'), { recursive: true });
    await start('now');
    await reopen();
    known = await say('b');
    await checkFloor(journal, epoch.epoch, known, 'execution');
    await stop();
  });
  beforeEach(async () => {
    await start('older');
    await reopen();
  });
  afterEach(stop);

  it('is behind whoever knew more of it', async () => {
    await expect(checkFloor(journal, epoch.epoch, known, 'execution')).rejects.toMatchObject({
      code: 'EVENTING.LOG_BEHIND',
      message: 'EK_JOURNAL_1 ends with 1, but execution knows 2',
    });
  });

  it('is another journal where others have gone on with it since', async () => {
    await say('c');
    await expect(checkFloor(journal, epoch.epoch, known, 'execution')).rejects.toMatchObject({
      code: 'EVENTING.LOG_REWRITTEN',
    });
  });

  it('is behind by whole epochs, and a newer epoch asks nothing of the floor of an older one', async () => {
    const later = { ...known, epoch: '2', seq: 1 };
    await expect(checkFloor(journal, epoch.epoch, later, 'the ledger')).rejects.toMatchObject({
      code: 'EVENTING.LOG_BEHIND',
    });
    const next = await openEpoch(connection);
    await checkFloor(new JetStreamEventLog(connection, next.journalStream), next.epoch, known, 'execution');
  });
});

describe('what the ledger knows', () => {
  beforeAll(() => start('asked'));
  afterAll(stop);

  it('is asked for until it answers', async () => {
    const tries: unknown[] = [];
    const asked = askLedgerFloor(connection, (why) => {
      tries.push(why);
      if (tries.length === 2)
        answerLedgerFloor(connection, () => Promise.resolve({ epoch: '0', seq: 0, hash: '' }));
    });
    expect(await asked).toEqual({ epoch: '0', seq: 0, hash: '' });
    expect(tries).toHaveLength(2);
  });
});

describe('an effect that leaves the house', () => {
  beforeAll(() => start('effects'));
  afterAll(stop);

  it('waits until the disk knows the commit that allows it', async () => {
    epoch = await openEpoch(connection);
    await reopen();
    const order: string[] = [];
    let noted = 0;
    const host = new PartitionHost({
      core: createToyCore('a'),
      partition: partitionOf('a'),
      epoch: epoch.epoch,
      journal,
      marketStream: epoch.marketStream,
      inputs: ['strategy'],
      followsMarket: false,
      producer: TEST_PRODUCER,
      nowNs: () => 0n,
      floor: {
        note: (seq) => (noted = Math.max(noted, seq)),
        secure: async () => {
          await Promise.resolve();
          order.push(`secured ${noted}`);
        },
      },
      needsFloor: (effect) => effect.endsWith('-1'),
      perform: (effect) => {
        order.push(effect);
        return Promise.resolve();
      },
    });
    await host.beginRecovery();
    await host.finishRecovery();
    await say('a');
    for await (const stored of journal.read({})) await host.handleCommit(stored);
    expect(order).toEqual(['secured 2', 'a-d-1', 'a-d-2']);
    expect(noted).toBe(3);
  });
});
