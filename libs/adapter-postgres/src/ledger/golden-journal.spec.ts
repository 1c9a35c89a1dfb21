import { postingsOf } from '@evenkeel/accounting';
import { decodeCommit } from '@evenkeel/contracts';
import { subjectOf } from '@evenkeel/eventing';
import { toHex } from '@evenkeel/kernel';
import { readGoldenJournal } from '@evenkeel/testkit';
import { verifyLedger } from '../audit/verify-ledger';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
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
