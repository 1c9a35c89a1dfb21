import { createLedgerWriter } from '../ledger/ledger-writer';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { parseInstant } from '@evenkeel/kernel';
import { ReadModels } from './read-models';

let cluster: LedgerCluster;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
});
afterAll(() => cluster.stop());

const journal = sampleJournal({ seed: 'reading', steps: 120, books: ['alpha', 'beta'] });

function events(type: string, book?: string): { seq: number; payload: Record<string, unknown> }[] {
  return journal.flatMap(({ seq, sealed }) =>
    sealed.commit.events
      .filter(({ event }) => event.type === type && (book === undefined || sealed.commit.book === book))
      .map(({ event }) => ({ seq, payload: event.payload as unknown as Record<string, unknown> })),
  );
}

describe('the read models, read through Prisma', () => {
  it('show what the log says, filtered and in order', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append(journal);
    await writer.close();
    const models = new ReadModels(pool);

    const fills = events('OrderFilled', 'alpha');
    const read = await models.fills({ epoch: '1', book: 'alpha' });
    expect(
      read.map(({ seq, fillId, quantity, price, fee }) => ({ seq, fillId, quantity, price, fee })),
    ).toEqual(
      fills.map(({ seq, payload }) => ({
        seq,
        fillId: payload['fillId'],
        quantity: payload['quantity'],
        price: payload['price'],
        fee: (payload['fee'] as { amount: string }).amount,
      })),
    );
    const applied = events('FillApplied', 'alpha').at(-1);
    const positions = await models.positions({ epoch: '1', book: 'alpha' });
    expect(positions.find(({ instrument }) => instrument === 'BTC-PERPETUAL@deribit')).toMatchObject({
      quantity: applied?.payload['positionAfter'],
      averagePrice: applied?.payload['averagePriceAfter'],
      changedSeq: applied?.seq,
    });
    expect(positions.filter(({ instrument }) => instrument.startsWith('BTC-30JAN26'))).toHaveLength(4);

    const intended = [...events('OrderIntended'), ...events('OrderRefused')];
    expect((await models.orders({ epoch: '1' })).map(({ clientOrderId }) => clientOrderId).sort()).toEqual(
      intended.map(({ payload }) => payload['clientOrderId'] as string).sort(),
    );
    expect(await models.orders({ epoch: '1', status: 'REJECTED' })).toHaveLength(
      events('OrderRejected').length,
    );
    for (const order of await models.orders({ epoch: '1', status: 'FILLED' }))
      expect(order.filled).toBe(order.quantity);

    const snapshots = events('RiskSnapshotTaken', 'beta');
    expect((await models.pnl({ epoch: '1', book: 'beta', limit: 5 })).map(({ seq }) => seq)).toEqual(
      snapshots.slice(-5).map(({ seq }) => seq),
    );
    const noon = parseInstant('2026-01-05T12:00:00Z');
    const halves = [await models.pnl({ epoch: '1', to: noon }), await models.pnl({ epoch: '1', from: noon })];
    expect(halves.flat()).toHaveLength(events('RiskSnapshotTaken').length);
    const kill = (await models.incidents({ epoch: '1' })).find(({ type }) => type === 'KillEngaged');
    expect(kill?.severity).toBe('act');
    const halted = (await models.halts({ epoch: '1' })).map(({ kind, subject }) => `${kind} ${subject}`);
    const engaged = new Set(events('KillEngaged').map(({ payload }) => `kill ${String(payload['scope'])}`));
    for (const released of events('KillReleased'))
      engaged.delete(`kill ${String(released.payload['scope'])}`);
    expect(halted.filter((text) => text.startsWith('kill '))).toEqual([...engaged]);
    expect(await models.count('orders', { epoch: '1' })).toBe(intended.length);
    expect(await models.count('pnl', { epoch: '1', book: 'beta', limit: 5 })).toBe(snapshots.length);
    expect(kill?.reasons).toEqual(['desk', 'drill "one"\tof\\two\n']);
    expect(await models.fills({ epoch: 'another' })).toEqual([]);
    await models.close();
  });
});
