import { DeskFold } from '@evenkeel/engine';
import { carriedFacts, planCarry } from './carry-epoch';
import type { CarryPlan, JournalsToCarry, LedgerToCarry } from './carry-epoch';

const ROOT = new Uint8Array(32);
const ledger = (change: Partial<LedgerToCarry> = {}): LedgerToCarry => ({
  epochs: () => Promise.resolve([{ epoch: '3', firstIndex: 100, commits: 20 }]),
  problems: () => Promise.resolve([]),
  signedHead: () => Promise.resolve({ head: { size: 120, root: ROOT }, note: 'a note' }),
  commits: () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
  }),
  ...change,
});
const journals = (lastSeq: number | undefined, speaking: readonly string[] = []): JournalsToCarry => ({
  lastSeq: () => Promise.resolve(lastSeq),
  speaking: () => Promise.resolve(speaking),
});
const now = '2026-07-01T08:00:00Z';

describe('what may be taken out of a ledger', () => {
  it.each<[string, string, LedgerToCarry, JournalsToCarry, { readonly dropAfter?: number }]>([
    ['services still speak', 'EPOCH.IN_USE', ledger(), journals(20, ['risk']), {}],
    ['the journal holds more', 'EPOCH.JOURNAL_AHEAD', ledger(), journals(25), {}],
    ['another number is named', 'EPOCH.JOURNAL_AHEAD', ledger(), journals(25), { dropAfter: 19 }],
    [
      'the ledger contradicts itself',
      'EPOCH.LEDGER_UNSOUND',
      ledger({ problems: () => Promise.resolve(['AUDIT.HASH_MISMATCH at 3/7']) }),
      journals(20),
      {},
    ],
    [
      'nothing is signed',
      'EPOCH.HEAD_UNSIGNED',
      ledger({ signedHead: () => Promise.resolve(undefined) }),
      journals(20),
      {},
    ],
    [
      'its end is not signed',
      'EPOCH.HEAD_UNSIGNED',
      ledger({ signedHead: () => Promise.resolve({ head: { size: 119, root: ROOT }, note: '' }) }),
      journals(20),
      {},
    ],
  ])('is nothing while %s (%s)', async (_why, code, from, beside, told) => {
    await expect(planCarry(from, beside, { now, ...told })).rejects.toMatchObject({ code });
  });

  it.each([undefined, 7, 20, 25])('is its whole end where the journal stands at %s', async (lastSeq) => {
    const request = { now, ...(lastSeq === 25 ? { dropAfter: 20 } : {}) };
    expect(await planCarry(ledger(), journals(lastSeq), request)).toMatchObject({
      fromEpoch: '3',
      lastSequence: 20,
    });
  });

  it('takes effect with two people only, where the installation wants them', () => {
    const plan: CarryPlan = {
      fromEpoch: '3',
      lastSequence: 20,
      lastHash: '',
      signed: { head: { size: 120, root: ROOT }, note: 'a note' },
      at: now,
      desk: { drafts: [], givenUp: [], hash: '' },
      fold: new DeskFold(),
    };
    const order = { by: 'ann', reason: 'lost', now, code: 'x', approvals: [], required: true };
    expect(() => carriedFacts(plan, '4', order)).toThrow(
      expect.objectContaining({ code: 'GOVERNANCE.NOT_APPROVED' }),
    );
    const [first] = carriedFacts(plan, '4', { ...order, required: false });
    expect(first?.events[0]).toMatchObject({
      type: 'EpochCarried',
      payload: { treeSize: '120', carriedBy: 'ann' },
    });
  });
});
