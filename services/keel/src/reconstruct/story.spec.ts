import { listDecisions, reconstruct } from '@evenkeel/adapter-postgres';
import { Decimal, formatInstant, required } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { loadRunInputs } from '../run/inputs';
import { stateAsOf, stateText } from './state-as-of';
import { storyPage } from './story-page';
import { surroundingsOf } from './surroundings';
import { asEpoch, ledgerOf } from './test-ledger.test-support';
import type { TestLedger } from './test-ledger.test-support';

describe('what was, told from the ledger', () => {
  const inputs = loadRunInputs({ books: [], seed: 'story', days: 1 });
  const book = required(inputs.books[0], 'the demonstration book').file.book;
  const journal = asEpoch(runInProcess({ tape: inputs.tape, books: inputs.books }).journal.all);
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await ledgerOf(journal);
  }, 120_000);
  afterAll(() => ledger.close());

  it('is the state of a book at any sequence: the positions that its fills add up to', async () => {
    for (const share of [0.1, 0.5, 0.9, 1]) {
      const until = Math.floor(journal.length * share);
      const state = await stateAsOf(ledger.pool, { book, asOf: String(until) });
      const expected = new Map<string, Decimal>();
      for (const { commit } of journal.slice(0, until)) {
        for (const { event } of commit.events) {
          if (event.type !== 'FillApplied' && event.type !== 'PositionAdopted') continue;
          const { instrument, quantity } = event.payload;
          expected.set(
            instrument,
            (expected.get(instrument) ?? Decimal.parse('0')).plus(Decimal.parse(quantity)),
          );
        }
      }
      const open = [...expected].filter(([, quantity]) => !quantity.isZero());
      expect(new Map(state.positions.map((one) => [one.instrument, Number(one.quantity)]))).toEqual(
        new Map(open.map(([instrument, quantity]) => [instrument, Number(quantity.toString())])),
      );
    }
  });

  it('is the same by time as by the last sequence of that time, with an order that was open then', async () => {
    const intent = required(
      journal.find(({ commit }) => commit.events.some(({ event }) => event.type === 'OrderIntended')),
      'an order',
    );
    const asOf = formatInstant(intent.commit.clock.eventTime);
    const byTime = await stateAsOf(ledger.pool, { book, asOf });
    const bySequence = await stateAsOf(ledger.pool, { book, asOf: String(byTime.seq) });
    expect(byTime).toEqual(bySequence);
    expect(byTime.openOrders).toHaveLength(1);
    expect(byTime.policy?.setBy).toBe('human:operator');
    expect(stateText(byTime)).toMatch(/set at boot without a second person/);
    await expect(stateAsOf(ledger.pool, { book: 'nobody', asOf: '1' })).rejects.toMatchObject({
      code: 'LEDGER.NO_SUCH_BOOK',
    });
  });

  it('is one page about a decision that needs nothing else, with its band and its hashes', async () => {
    const [decision] = await listDecisions(ledger.pool, { outcome: 'HEDGED', limit: 1 });
    const { decisionId, seq } = required(decision, 'a hedge');
    const story = await reconstruct(ledger.pool, decisionId);
    const page = storyPage(story, await surroundingsOf(ledger.pool, '1', book, seq));
    expect(page).toContain('class="band"');
    expect(page).toContain(story.decision.commit.hash);
    expect(page).not.toMatch(/<script|https?:\/\/|NaN|undefined/);
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(2);
  });
});
