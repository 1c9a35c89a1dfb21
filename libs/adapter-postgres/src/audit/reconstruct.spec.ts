import type { Pool } from 'pg';
import { parseInstant, required } from '@evenkeel/kernel';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import type { LedgerDatabase } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { listDecisions } from '../read/read-models';
import { reconstruct } from './reconstruct';
import { reconstructionText } from '@evenkeel/reconstruction';

const journal = sampleJournal({ seed: 'reconstruct', steps: 150, books: ['alpha', 'beta'] });

let cluster: LedgerCluster;
let database: LedgerDatabase;
let pool: Pool;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
  database = await cluster.database();
  pool = database.pool();
  const writer = createLedgerWriter(pool, { epoch: '1' });
  await writer.append(journal);
  await writer.close();
});
afterAll(() => cluster.stop());

describe('listing decisions', () => {
  it('finds them by book, outcome, reason, instrument and time, in order', async () => {
    const all = await listDecisions(pool, { epoch: '1', limit: 1000 });
    const recorded = journal.filter(({ sealed }) => /^Hedge/.test(sealed.commit.events[0]?.event.type ?? ''));
    expect(all.map(({ seq }) => seq)).toEqual(recorded.map(({ seq }) => seq));
    const filtered = await listDecisions(pool, {
      epoch: '1',
      book: 'beta',
      outcome: 'DECLINED',
      reason: 'ORDER_IN_FLIGHT',
    });
    expect(filtered.length).toBeGreaterThan(0);
    expect(filtered).toEqual(all.filter((row) => row.book === 'beta' && row.outcome === 'DECLINED'));
    const hedged = await listDecisions(pool, {
      epoch: '1',
      instrument: 'BTC-PERPETUAL@deribit',
      limit: 3,
    });
    expect(hedged).toEqual(all.filter((row) => row.outcome === 'HEDGED').slice(-3));
    const middle = required(all[10], 'an eleventh decision').at;
    expect(await listDecisions(pool, { epoch: '1', from: parseInstant(middle), limit: 1000 })).toEqual(
      all.filter((row) => row.at >= middle),
    );
    expect(await listDecisions(pool, { epoch: '1', to: parseInstant(middle) })).toEqual(
      all.filter((row) => row.at < middle),
    );
    expect(await listDecisions(pool, { epoch: '1', reason: 'NEVER_HEARD_OF' })).toEqual([]);
  });
});

describe('reconstructing a decision', () => {
  async function filledDecision(): Promise<string> {
    const all = await listDecisions(pool, { epoch: '1', outcome: 'HEDGED', limit: 1000 });
    const partial = all.find((decision) => decision.orders.some((order) => order.status === 'FILLED'));
    return required(partial, 'a decision with a filled order').decisionId;
  }

  it('tells the whole chain from marks to the next snapshot', async () => {
    const id = await filledDecision();
    const story = await reconstruct(pool, id);
    expect(story.problems).toEqual([]);
    expect(story.decision.payload.decisionId).toBe(id);
    expect(story.snapshot?.payload.snapshotId).toBe(story.decision.payload.snapshotId);
    expect(story.snapshot?.payload.marks.length).toBeGreaterThan(0);
    expect(story.policy?.payload.policyHash).toBe(story.decision.payload.policyHash);
    const [order] = story.orders;
    expect(order?.intended?.payload.decisionId).toBe(id);
    expect(order?.steps.map(({ type }) => type)).toEqual(['OrderAcknowledged']);
    expect(order?.fills[0]?.applied?.payload.fillId).toBe(order?.fills[0]?.filled.payload.fillId);
    expect(story.next?.payload.trigger).toBe('fill');
    const seqs = story.commits.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(story.commits.every(({ hashHolds }) => hashHolds)).toBe(true);
    expect(story.next?.commit.seq).toBe(seqs.at(-1));
    // What is told survives JSON.
    expect(JSON.parse(JSON.stringify(story))).toEqual(story);
  });

  it('reads to a person as one story', async () => {
    const text = reconstructionText(await reconstruct(pool, await filledDecision()), { full: true });
    for (const heading of ['What was known', 'The rule', 'The choice', 'What was done', 'What came of it'])
      expect(text).toContain(heading);
    expect(text).toMatch(/^Decision \S+ of book (alpha|beta), /);
    expect(text).toMatch(/What +hedged: (buy|sell)/);
    expect(text).toMatch(/mark BTC-PERPETUAL@deribit \d+/);
    expect(text).toMatch(
      /BTC exposure −?0\.\d+ BTC .*against the band −0\.0500 BTC … 0\.0500 BTC: .* used, outside/,
    );
    expect(text).toMatch(/in the book at seq \d+: position/);
    expect(text).not.toMatch(/undefined|NaN|PROBLEMS|\[object/);
  });

  it('also tells of refusals before and rejections after sending', async () => {
    const all = await listDecisions(pool, { epoch: '1', limit: 1000 });
    for (const status of ['REFUSED', 'REJECTED']) {
      const decision = all.find((row) => row.orders.some((order) => order.status === status));
      const text = reconstructionText(
        await reconstruct(pool, required(decision, `a decision whose order was ${status}`).decisionId),
        { full: true },
      );
      expect(text).toMatch(status === 'REFUSED' ? /refused before it left, .*PRICE_COLLAR/ : /OrderRejected/);
      expect(text).toContain(status === 'REFUSED' ? 'FAILED' : 'VENUE_BUSY');
    }
    const declined = required(
      all.find((row) => row.outcome === 'DECLINED'),
      'a refusal to hedge',
    );
    expect(reconstructionText(await reconstruct(pool, declined.decisionId), { full: true })).toContain(
      'no order came of it',
    );
  });

  it('takes the beginning of an id when it is clear, and says so when it is not', async () => {
    const id = await filledDecision();
    expect((await reconstruct(pool, id.slice(0, 13))).decision.payload.decisionId).toBe(id);
    await expect(reconstruct(pool, '00000000-nowhere')).rejects.toMatchObject({
      code: 'LEDGER.NO_SUCH_DECISION',
    });
    await expect(reconstruct(pool, '')).rejects.toMatchObject({ code: 'LEDGER.NO_SUCH_DECISION' });
    const first = id.slice(0, 1);
    const alike = (await listDecisions(pool, { epoch: '1', limit: 1000 })).filter((row) =>
      row.decisionId.startsWith(first),
    );
    if (alike.length > 1)
      await expect(reconstruct(pool, first)).rejects.toMatchObject({ code: 'LEDGER.AMBIGUOUS_DECISION' });
  });

  it('names bytes that were changed', async () => {
    const id = await filledDecision();
    const { snapshot } = await reconstruct(pool, id);
    const seq = required(snapshot, 'a snapshot').commit.seq;
    await database.asOwner(`UPDATE ledger.commit_log SET hash = sha256(hash) WHERE seq = $1`, [seq], true);
    const story = await reconstruct(pool, id);
    expect(story.problems).toEqual([expect.stringContaining(`sequence ${seq} `)]);
    expect(reconstructionText(story, { full: true })).toContain('BYTES CHANGED');
  });
});
