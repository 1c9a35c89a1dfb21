import { sampleJournal } from '../sample/sample-journal.test-support';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import type { LedgerDatabase } from '../sample/ledger-cluster.test-support';
import { verifyLedger } from '../audit/verify-ledger';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { decodedShown } from '../ledger/ledger-commit';
import { COMPARED_AS_BYTES } from './compared-rows';

const journal = sampleJournal({ seed: 'compared', steps: 120, books: ['alpha', 'beta'], everyEvent: true });

let cluster: LedgerCluster;
let original: LedgerDatabase;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
  original = await cluster.database();
  const pool = original.pool();
  const writer = createLedgerWriter(pool, { epoch: '1' });
  await writer.append(journal);
  await writer.close();
  await pool.end();
});
afterAll(() => cluster.stop());

async function verified(sql: string): Promise<Awaited<ReturnType<typeof verifyLedger>>> {
  const database = await cluster.database(original);
  await database.asOwner(sql, [], true);
  return verifyLedger(database.pool());
}

describe('read models that are compared as bytes', () => {
  it('are those with rows that are only added, in the order of the log', async () => {
    expect(COMPARED_AS_BYTES.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['pnl', 'exposures', 'order_events', 'position_changes', 'incidents']),
    );
    for (const { name } of COMPARED_AS_BYTES) {
      const rows = await original.asOwner(`SELECT count(*)::int AS n FROM read_v2.${name}`);
      expect([name, rows]).not.toEqual([name, [{ n: 0 }]]);
    }
    expect(await verified('SELECT 1')).toMatchObject({ status: 'clean', readModels: 'equal' });
  });

  it.each(COMPARED_AS_BYTES.map(({ name, columns }) => [name, columns] as const))(
    'name the commit of a row of %s that was changed, taken out or put in',
    async (name, columns) => {
      const table = `read_v2.${name}`;
      const [first] = await original.asOwner(`SELECT min(seq)::int AS seq FROM ${table}`);
      const column =
        columns.find(([, type]) => type === 'timestamptz' || type === 'double precision')?.[0] ?? '';
      const other = column === 'spot' ? 'spot * 1.0000000001' : `${column} + interval '1 microsecond'`;
      const of = `WHERE seq = ${String(first?.['seq'])}`;
      const copied = columns.map(([known]) => (known === 'seq' ? 'seq + 1000000' : `"${known}"`)).join(', ');
      const abroad = columns.map(([known]) => (known === 'epoch' ? `'other'` : `"${known}"`)).join(', ');
      for (const [sql, epoch, seq] of [
        [`UPDATE ${table} SET ${column} = ${other} ${of}`, '1', first?.['seq']],
        [`DELETE FROM ${table} ${of}`, '1', first?.['seq']],
        [
          `INSERT INTO ${table} SELECT ${copied} FROM ${table} ${of}`,
          '1',
          Number(first?.['seq']) + 1_000_000,
        ],
        [`INSERT INTO ${table} SELECT ${abroad} FROM ${table} ${of}`, 'other', first?.['seq']],
      ] as const) {
        const report = await verified(sql);
        expect(report).toMatchObject({ status: 'divergent', readModels: 'different' });
        expect(report.findings).toMatchObject([{ epoch, seq, code: 'LEDGER.PROJECTION_DIFFERS' }]);
        expect(report.findings[0]?.message).toContain(table);
      }
    },
    120_000,
  );
});

describe('the text of the decoded column', () => {
  it('is foretold to the letter, so that no row has to be read as JSON', async () => {
    const rows = await original.asOwner('SELECT decoded::text AS text FROM ledger.commit_log ORDER BY seq');
    expect(rows.map(({ text }) => text)).toEqual(journal.map(({ sealed }) => decodedShown(sealed.commit)));
  });
});
