import { sampleJournal } from '../sample/sample-journal.test-support';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { rebuildReadModels } from './rebuild';
import { READ_TABLE_LIST } from './tables';

let cluster: LedgerCluster;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
});
afterAll(() => cluster.stop());

const journal = sampleJournal({ seed: 'rebuild', steps: 110, books: ['alpha', 'beta'], everyEvent: true });

describe('rebuilding the read models', () => {
  it('gives the same content as taking the journal over did, however it was cut', async () => {
    const hashes = new Set<string>();
    for (const size of [1, 7, 400]) {
      const pool = (await cluster.database()).pool();
      const writer = createLedgerWriter(pool, { epoch: '1' });
      const part = size === 1 ? journal.slice(0, 40) : journal;
      for (let from = 0; from < part.length; from += size) await writer.append(part.slice(from, from + size));
      const report = await rebuildReadModels(pool);
      expect(report.tables.filter((table) => table.hash !== table.before?.hash)).toEqual([]);
      expect(report).toMatchObject({ identical: true, commits: part.length });
      if (size !== 1) {
        hashes.add(JSON.stringify(report.tables.map(({ hash }) => hash)));
        for (const { table, rows } of report.tables) {
          if (table !== 'journal_entries' && table !== 'postings')
            expect([table, rows > 0]).toEqual([table, true]);
        }
      }
      // The writer that was there before goes on in the new tables.
      expect(await writer.append(part.slice(-1))).toBe(part.length);
      await writer.close();
    }
    expect(hashes.size).toBe(1);
  });

  it('gives the same content although the ledger was restarted after every few commits', async () => {
    // Events of a book say its name, which the sample of every event does not.
    const lived = sampleJournal({ seed: 'restarted', steps: 60, books: ['alpha', 'beta'] });
    const pool = (await cluster.database()).pool();
    for (let from = 0; from < lived.length; from += 23) {
      const writer = createLedgerWriter(pool, { epoch: '1' });
      await writer.append(lived.slice(from, from + 23));
      await writer.close();
    }
    const report = await rebuildReadModels(pool);
    expect(report.tables.filter((table) => table.hash !== table.before?.hash)).toEqual([]);
    expect(report).toMatchObject({ identical: true, commits: lived.length });
    expect(report.tables.find(({ table }) => table === 'explained_pnl')?.rows).toBe(2);
  });

  it('repairs a changed row, and says that it was changed', async () => {
    const database = await cluster.database();
    const pool = database.pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append(journal);
    await pool.query(`UPDATE read_v2.orders SET filled = filled + 1 WHERE status = 'FILLED'`);
    const report = await rebuildReadModels(pool);
    expect(report.identical).toBe(false);
    expect(
      report.tables.filter((table) => table.hash !== table.before?.hash).map(({ table }) => table),
    ).toEqual(['orders']);
    expect(await rebuildReadModels(pool)).toMatchObject({ identical: true });
    await writer.close();
  });

  it('is done by the writer before anything else where a new version of them was never filled', async () => {
    const database = await cluster.database();
    const first = createLedgerWriter(database.pool(), { epoch: '1' });
    await first.append(journal.slice(0, -20));
    await first.close();
    const filled = await database.asOwner('SELECT count(*)::int AS orders FROM read_v2.orders');
    const names = READ_TABLE_LIST.map(({ name }) => `read_v2.${name}`).join(', ');
    await database.asOwner(`TRUNCATE ${names}`);
    const pool = database.pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    expect(await writer.checkpoint()).toBe(journal.length - 20);
    expect((await pool.query('SELECT count(*)::int AS orders FROM read_v2.orders')).rows).toEqual(filled);
    await writer.append(journal.slice(-20));
    expect(await rebuildReadModels(pool)).toMatchObject({ identical: true, commits: journal.length });
    await writer.close();
  });

  it('runs while the writer writes, and misses nothing', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append(journal.slice(0, 150));
    const rebuilding = rebuildReadModels(pool);
    for (let from = 150; from < journal.length; from += 20)
      await writer.append(journal.slice(from, from + 20));
    await rebuilding;
    expect(await rebuildReadModels(pool)).toMatchObject({ identical: true, commits: journal.length });
    await writer.close();
  });
});
