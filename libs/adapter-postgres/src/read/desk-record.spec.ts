import { isAnswered, deskAtAGlance, answered, missing } from '@evenkeel/desk';
import type { EventOf, EventType } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import type { LedgerDatabase } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { LedgerDesk } from './desk-record';

const journal = sampleJournal({ seed: 'desk', steps: 160, books: ['alpha', 'beta'] });

function payloads<T extends EventType>(type: T, book: string): EventOf<T>['payload'][] {
  return journal.flatMap(({ sealed: { commit } }) =>
    commit.events.flatMap(({ event }) =>
      event.type === type && commit.book === book ? [event.payload as EventOf<T>['payload']] : [],
    ),
  ); // narrowed by its type
}

describe('the desk by the ledger', () => {
  let cluster: LedgerCluster;
  let database: LedgerDatabase;
  beforeAll(async () => {
    cluster = await LedgerCluster.start();
    database = await cluster.database();
    const writer = createLedgerWriter(database.pool(), { epoch: '1' });
    await writer.append(journal);
    await writer.close();
  }, 60_000);
  afterAll(() => cluster.stop());

  const newest = async () =>
    required(await new LedgerDesk(database.pool('evenkeel_reader')).newest(), 'a desk');

  it('is undefined where nothing is on record', async () => {
    const empty = await cluster.database();
    expect(await new LedgerDesk(empty.pool('evenkeel_reader')).newest()).toBeUndefined();
  });

  it('has the newest snapshot, decision and policy of each book, as they were published', async () => {
    const desk = await newest();
    expect(desk).toMatchObject({ epoch: '1', lastSequence: journal.length });
    expect(desk.books.map(({ opened }) => opened.book)).toEqual(['alpha', 'beta']);
    for (const { opened, policy, snapshot, decision, dayStart } of desk.books) {
      const { book } = opened;
      expect(policy?.set).toEqual(payloads('PolicySet', book).at(-1));
      const snapshots = payloads('RiskSnapshotTaken', book);
      expect(snapshot?.taken).toEqual(snapshots.at(-1));
      const decided = [...payloads('HedgeDecided', book), ...payloads('HedgeDeclined', book)];
      const last = decided
        .map(({ at }) => at)
        .sort()
        .at(-1);
      expect(decision?.decision.at).toBe(last);
      const day = snapshot?.taken.at.slice(0, 10) ?? '';
      expect(dayStart?.hedged).toBe(snapshots.filter(({ at }) => at.slice(0, 10) < day).at(-1)?.pnl.hedged);
    }
  });

  it('has what stands still, with the id that a release names', async () => {
    const { halts } = await newest();
    const engaged = journal.flatMap(({ sealed }) =>
      sealed.commit.events.flatMap(({ event }) => (event.type === 'KillEngaged' ? [event.payload] : [])),
    );
    expect(engaged.length).toBeGreaterThan(0);
    for (const { kind, subject, by, engagement } of halts.filter((halt) => halt.kind === 'kill')) {
      const last = engaged.filter(({ scope }) => scope === subject).at(-1);
      expect({ kind, by, engagement }).toEqual({ kind: 'kill', by: last?.by, engagement: last?.engagement });
    }
  });

  it('has overrides, restrictions by people and by limits, and open proposals; what is over is not there', async () => {
    const row = (table: string, values: string): Promise<unknown> =>
      database.asOwner(`INSERT INTO read_v2.${table} VALUES (${values})`);
    const at = `'2026-01-05T10:00:00Z'`;
    await row(
      'overrides',
      `'1', 'alpha', 'o-1', 'order-quantity', NULL, '20', 'rita', 'roll', ${at}, '2026-01-06T00:00:00Z', NULL, NULL, 5`,
    );
    await row(
      'overrides',
      `'1', 'alpha', 'o-2', 'order-quantity', NULL, NULL, 'rita', 'roll', ${at}, ${at}, ${at}, NULL, 6`,
    );
    await row('restrictions', `'1', 'alpha', 'BTC-PERPETUAL@deribit', true, 'ann', 'review', ${at}, 7`);
    await row('restrictions', `'1', 'beta', 'BTC-PERPETUAL@deribit', false, 'ann', 'over', ${at}, 8`);
    const limits = `'{"restrictedInstruments": ["ETH-PERPETUAL@deribit"]}'`;
    await row(
      'limits',
      `'1', 9, 0, 'beta', 'deribit', ${at}, 'OPENED', 'version-of-the-limits', ${limits}, NULL, '{}'`,
    );
    await row('limits', `'1', 10, 0, 'alpha', 'deribit', ${at}, 'OPENED', 'other', '{}', NULL, '{}'`);
    await row(
      'proposals',
      `'1', 'p-1', 'policy', 'book:alpha', 'hash', 'calmer', 'tess', ${at}, '2027-01-01T00:00:00Z', 'PROPOSED', NULL, NULL, NULL, NULL, 11`,
    );
    await row(
      'proposals',
      `'1', 'p-2', 'policy', 'book:alpha', 'hash', 'no', 'tess', ${at}, '2027-01-01T00:00:00Z', 'REJECTED', 'rita', ${at}, NULL, NULL, 12`,
    );
    const { overrides, restrictions, proposals } = await newest();
    expect(overrides).toMatchObject([{ overrideId: 'o-1', upTo: '20', by: 'rita' }]);
    expect(overrides[0]).not.toHaveProperty('instrument');
    expect(restrictions.map(({ book, instrument, by }) => `${book} ${instrument} ${by}`)).toEqual([
      'alpha BTC-PERPETUAL@deribit ann',
      'beta ETH-PERPETUAL@deribit limits version-of-t',
    ]);
    expect(proposals.map(({ proposalId }) => proposalId)).toEqual(['p-1']);
  });

  it('shows orders that may still trade, given up ones too, and no others', async () => {
    const { books } = await newest();
    const shown = books.flatMap(({ orders }) => orders.map(({ clientOrderId }) => clientOrderId));
    const rows = await database.asOwner(
      `SELECT client_order_id AS id FROM read_v2.orders WHERE status NOT IN ('FILLED', 'CANCELLED', 'REJECTED', 'REFUSED', 'EXPIRED')`,
    );
    expect([...shown].sort()).toEqual(rows.map(({ id }) => String(id)).sort());
    const over = required(
      (
        await database.asOwner(
          `SELECT client_order_id AS id FROM read_v2.orders WHERE status = 'FILLED' LIMIT 1`,
        )
      )[0],
      'a filled order',
    );
    await database.asOwner(
      `UPDATE read_v2.orders SET status = 'EXPIRED', reasons = '{OUTCOME_UNKNOWN}', changed_at = (SELECT max(at) FROM read_v2.pnl) WHERE client_order_id = $1`,
      [over['id']],
    );
    const given = (await newest()).books
      .flatMap(({ orders }) => orders)
      .find(({ status }) => status === 'UNKNOWN');
    expect(given?.clientOrderId).toBe(over['id']);
  });

  it('counts the orders that were refused after the newest decision, by reason', async () => {
    const alpha = async () => required((await newest()).books[0], 'alpha');
    const { decision } = await alpha();
    const after = required(decision, 'a decision').sequence;
    const refuse = (how: string): Promise<unknown> =>
      database.asOwner(
        `UPDATE read_v2.orders SET status = 'REFUSED', reasons = '{RESTRICTED_LIST}', changed_seq = $1
          WHERE client_order_id IN (SELECT client_order_id FROM read_v2.orders WHERE book = 'alpha' ${how})`,
        [how.includes('OFFSET') ? after + 1 : after - 1],
      );
    await refuse('ORDER BY intended_seq LIMIT 2');
    expect((await alpha()).refusals).toEqual([]);
    await refuse('ORDER BY intended_seq OFFSET 1 LIMIT 1');
    expect((await alpha()).refusals).toMatchObject([{ reasons: ['RESTRICTED_LIST'], count: 1 }]);
  });

  it('is enough for a glance where no bus answers', async () => {
    const glance = await deskAtAGlance({
      at: '2026-11-30T14:00:00Z',
      record: answered(new LedgerDesk(database.pool('evenkeel_reader'))),
      bus: missing('away'),
      down: false,
      files: [],
      listenMs: 0,
      within: (answer) => answer,
    });
    expect(isAnswered(glance.books) && glance.books.value.map(({ book }) => book)).toEqual(['alpha', 'beta']);
  });
});
