import { parseInstant, required } from '@evenkeel/kernel';
import type { Pool } from 'pg';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { EXPORTS, exportRows } from './export-rows';
import type { ExportName, ExportRow } from './export-rows';
import { ReadModels } from './read-models';
import type { ReadFilter } from './read-views';

let cluster: LedgerCluster;
let pool: Pool;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
  pool = (await cluster.database()).pool();
  for (const epoch of ['1', '2']) {
    const writer = createLedgerWriter(pool, { epoch });
    await writer.append(
      sampleJournal({ seed: `export ${epoch}`, epoch, steps: 120, books: ['alpha', 'beta'] }),
    );
    await writer.close();
  }
});
afterAll(() => cluster.stop());

async function exported(
  what: ExportName,
  filters: readonly ReadFilter[],
  batch?: number,
): Promise<ExportRow[]> {
  const rows: ExportRow[] = [];
  for await (const some of exportRows(pool, what, filters, batch)) rows.push(...some);
  return rows;
}

const cells = (
  what: ExportName,
  rows: readonly ExportRow[],
  ...names: readonly string[]
): (string | null | undefined)[][] => {
  const places = names.map((name) => EXPORTS[what].columns.findIndex((column) => column.name === name));
  return rows.map((row) => places.map((place) => row[place]));
};

describe('exported rows', () => {
  it('are those of the read models, whole, in their order, whatever the batch', async () => {
    const models = new ReadModels(pool);
    const fills = await exported('fills', [{ epoch: '1', book: 'alpha' }]);
    expect(fills.length).toBeGreaterThan(5);
    expect(cells('fills', fills, 'seq', 'quantity', 'price', 'fee')).toEqual(
      (await models.fills({ epoch: '1', book: 'alpha' })).map((fill) => [
        String(fill.seq),
        fill.quantity,
        fill.price,
        fill.fee,
      ]),
    );
    for (const batch of [1, 7, fills.length])
      expect(await exported('fills', [{ epoch: '1', book: 'alpha' }], batch)).toEqual(fills);
    const exposure = await exported('exposure', [{ epoch: '1' }]);
    const pnl = await exported('pnl', [{ epoch: '1' }]);
    expect(new Set(exposure.map((row) => row[1])).size).toBe(pnl.length);
    await models.close();
  });

  it('of several epochs come one after the other, of a stretch of time with its beginning and without its end', async () => {
    const all = await exported('pnl', [{ epoch: '1' }, { epoch: '2' }]);
    expect([...new Set(all.map((row) => row[0]))]).toEqual(['1', '2']);
    const times = cells('pnl', all, 'at').map(([at]) => at ?? '');
    const middle = parseInstant(required(times[Math.floor(times.length / 4)], 'a time'));
    const before = await exported('pnl', [{ epoch: '1', to: middle }]);
    const after = await exported('pnl', [{ epoch: '1', from: middle }]);
    expect([...before, ...after]).toEqual(all.filter((row) => row[0] === '1'));
    expect(before.length * after.length).toBeGreaterThan(0);
  });

  it('leave nothing open when their reader stops in the middle', async () => {
    for (let n = 0; n < 20; n += 1) for await (const _ of exportRows(pool, 'pnl', [{ epoch: '1' }], 1)) break;
    expect(pool.idleCount).toBe(pool.totalCount);
    for (const what of Object.keys(EXPORTS) as ExportName[])
      // its own keys
      expect(await exported(what, [{ epoch: '1' }])).toEqual(await exported(what, [{ epoch: '1' }]));
  });
});
