import { createRunAttribution, mapTerms, postingsOf } from '@evenkeel/accounting';
import { decodeCommit } from '@evenkeel/contracts';
import { subjectOf, viewOf } from '@evenkeel/eventing';
import { toHex } from '@evenkeel/kernel';
import { readGoldenJournal } from '@evenkeel/testkit';
import { verifyLedger } from '../audit/verify-ledger';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import { ReadModels } from '../read/read-models';
import { readTree } from './ledger-tree';
import { createLedgerWriter } from './ledger-writer';

let cluster: LedgerCluster;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
});
afterAll(() => cluster.stop());

it('a journal that 2dd81a0 wrote is taken over, gives the tree that was signed then, and verifies', async () => {
  const golden = readGoldenJournal('2dd81a0');
  const pool = (await cluster.database()).pool();
  const writer = createLedgerWriter(pool, { epoch: '1', entriesOf: postingsOf });
  await writer.append(
    golden.bytes.map((bytes, at) => {
      const { partition, aggregate } = decodeCommit(bytes);
      return { seq: at + 1, bytes, subject: subjectOf(partition, aggregate) };
    }),
  );
  const { size, root } = await readTree(pool);
  expect({ size, root: toHex(root) }).toEqual(golden.tree);
  const report = await verifyLedger(pool, { entriesOf: postingsOf });
  expect(report.findings).toEqual([]);
  await writer.close();
});

it('explains its P&L in the read models as the run’s report does, across restarts of the ledger', async () => {
  const { bytes } = readGoldenJournal('2dd81a0');
  const attribution = createRunAttribution();
  const messages = bytes.map((message, at) => {
    const commit = decodeCommit(message);
    attribution.add(viewOf(commit));
    return { seq: at + 1, bytes: message, subject: subjectOf(commit.partition, commit.aggregate) };
  });
  const pool = (await cluster.database()).pool();
  const part = Math.ceil(messages.length / 7);
  for (let from = 0; from < messages.length; from += part) {
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append(messages.slice(from, from + part));
    await writer.close();
  }
  const models = new ReadModels(pool);
  const rows = await models.explained({ epoch: '1' });
  await models.close();
  const reported = attribution
    .report()
    .flatMap(({ book, byDay }) =>
      byDay.map(({ day, underlying, total, terms }) => ({ book, day, underlying, total, ...terms })),
    );
  expect(reported).not.toEqual([]);
  const read = rows.map((row) => {
    const { book, day, underlying, total } = row;
    return { book, day, underlying, total, ...mapTerms(row, (amount) => amount) };
  });
  const order = (a: { book: string; day: string }, b: { book: string; day: string }): number =>
    `${a.book} ${a.day}` < `${b.book} ${b.day}` ? -1 : 1;
  expect([...read].sort(order)).toEqual(reported);
});
