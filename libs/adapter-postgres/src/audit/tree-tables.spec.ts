import { MerkleFrontier, formatCheckpoint, nextCheckpointRecord } from '@evenkeel/audit';
import type { CheckpointRecord } from '@evenkeel/audit';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { readLeaves } from '../ledger/ledger-tree';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import type { LedgerDatabase } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { keepSignedCheckpoint } from './checkpoint-table';
import { verifyLedger } from './verify-ledger';

const journal = sampleJournal({ seed: 'tree tables', steps: 20 });

let cluster: LedgerCluster;
let original: LedgerDatabase;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
  original = await cluster.database();
  const pool = original.pool();
  const writer = createLedgerWriter(pool, { epoch: '1' });
  await writer.append(journal);
  await writer.close();
  const client = await pool.connect();
  let last: CheckpointRecord | undefined;
  for (const size of [20, journal.length]) {
    const frontier = new MerkleFrontier();
    for await (const { leafHash } of readLeaves(client, 0, size)) frontier.append(leafHash);
    const head = { size, root: frontier.root() };
    const text = formatCheckpoint({ origin: 'ledger.example/log', extensions: [], ...head });
    last = nextCheckpointRecord(last, `${text}\n— ledger.example/log AAAAAAAA\n`);
    await keepSignedCheckpoint(client, last, head);
  }
  client.release();
  await pool.end();
});
afterAll(() => cluster.stop());

async function verifiedAfter(sql: string): Promise<Awaited<ReturnType<typeof verifyLedger>>> {
  const database = await cluster.database(original);
  await database.asOwner(sql, [], true);
  return verifyLedger(database.pool(), { readModels: false });
}

const CHECKPOINT = 'UPDATE ledger.signed_checkpoint SET';

describe('what the database keeps beside the rows', () => {
  it('is found sound as it was written', async () => {
    expect(await verifiedAfter('SELECT 1')).toMatchObject({ status: 'clean', findings: [] });
  });

  it.each([
    ['a node of the tree', `UPDATE ledger.tree SET nodes[1] = encode(sha256('other'), 'hex')`],
    ['one node more', `UPDATE ledger.tree SET nodes = nodes || encode(sha256('other'), 'hex')`],
    ['the name of an epoch in the tree', `UPDATE ledger.tree_epoch SET epoch = 'other'`],
    ['an epoch in the tree that nothing is of', `INSERT INTO ledger.tree_epoch VALUES ('other', 1000000)`],
    ['an epoch taken out of the tree', 'DELETE FROM ledger.tree_epoch'],
    ['the size of a signed checkpoint', `${CHECKPOINT} size = size - 1 WHERE number = 2`],
    ['the root of a signed checkpoint', `${CHECKPOINT} root = sha256(root) WHERE number = 1`],
    ['a note that is none', `${CHECKPOINT} note = 'nothing' WHERE number = 1`],
  ])('is told where it was changed: %s', async (_name, sql) => {
    const report = await verifiedAfter(sql);
    expect(report.status).toBe('divergent');
    expect(new Set(report.findings.map(({ code }) => code))).toEqual(new Set(['LEDGER.TREE_MISMATCH']));
  });
});
