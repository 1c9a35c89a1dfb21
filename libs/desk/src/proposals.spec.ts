import { decideGovernance, evolveGovernance, initialGovernance } from '@evenkeel/governance';
import type { GovernanceEvent } from '@evenkeel/governance';
import { parseInstant } from '@evenkeel/kernel';
import { DESK, noteBy } from '../../governance/src/people.test-support';
import { judge, propose } from './proposals';
import type { GovernanceStore } from './proposals';

const NOW = '2026-07-03T10:00:00Z';
const TWO_DAYS_AGO = '2026-07-01T10:00:00Z';
const now = parseInstant(NOW);

/** Governance in memory, opened with the people of the tests. */
function store(): GovernanceStore {
  const opened = decideGovernance(initialGovernance(), {
    type: 'OpenGovernance',
    at: TWO_DAYS_AGO,
    enrolments: DESK,
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  let state = opened.value.reduce(evolveGovernance, initialGovernance());
  return {
    load: () => Promise.resolve(state),
    append: (events: readonly GovernanceEvent[]) => {
      state = events.reduce(evolveGovernance, state);
      return Promise.resolve();
    },
  };
}

const wanted = { kind: 'override', scope: 'btc', content: '{"kind":"venue-resume"}', reason: 'r' } as const;
const sign = (statement: Parameters<typeof noteBy>[1]) => Promise.resolve(noteBy(statement.by, statement));

describe('the time a person gives', () => {
  it('is now: nothing is proposed ahead, to be good for years', async () => {
    const ahead = { ...wanted, by: 'tess', at: '2036-01-01T00:00:00Z' };
    await expect(propose(store(), ahead, sign, now)).rejects.toMatchObject({
      code: 'GOVERNANCE.TIME_DIFFERS',
    });
    const back = { ...wanted, by: 'tess', at: '2026-07-03T09:54:59Z' };
    await expect(propose(store(), back, sign, now)).rejects.toMatchObject({
      code: 'GOVERNANCE.TIME_DIFFERS',
    });
    const { status } = await propose(store(), { ...back, at: '2026-07-03T09:55:00Z' }, sign, now);
    expect(status).toBe('open');
  });

  it('does not bring a proposal back to life: an approval dated back is none', async () => {
    const desk = store();
    const old = { ...wanted, by: 'tess', at: TWO_DAYS_AGO };
    const { proposed } = await propose(desk, old, sign, parseInstant(TWO_DAYS_AGO));
    const { proposalId, contentHash } = proposed;
    const approval = { verb: 'approve', proposalId, contentHash, by: 'rita', reason: '' } as const;
    await expect(judge(desk, { ...approval, at: NOW }, sign, now)).rejects.toMatchObject({
      code: 'GOVERNANCE.PROPOSAL_EXPIRED',
    });
    await expect(judge(desk, { ...approval, at: '2026-07-02T09:00:00Z' }, sign, now)).rejects.toMatchObject({
      code: 'GOVERNANCE.TIME_DIFFERS',
    });
  });

  it('may be of the days before for a book, which is agreed on before there is a journal, but not past its proposal', async () => {
    const desk = store();
    const book = {
      kind: 'book',
      scope: 'btc',
      content: '{}',
      reason: 'r',
      by: 'tess',
      at: TWO_DAYS_AGO,
    } as const;
    const { proposed } = await propose(desk, book, sign, now);
    const { proposalId, contentHash } = proposed;
    const approval = {
      verb: 'approve',
      proposalId,
      contentHash,
      by: 'rita',
      reason: '',
      at: TWO_DAYS_AGO,
    } as const;
    await expect(judge(desk, approval, sign, now)).rejects.toMatchObject({
      code: 'GOVERNANCE.PROPOSAL_EXPIRED',
    });
  });
});

describe('what a person signs', () => {
  it('is what was shown, or nothing', async () => {
    const desk = store();
    const { proposed } = await propose(desk, { ...wanted, by: 'tess', at: NOW }, sign, now);
    const { proposalId } = proposed;
    const other = {
      verb: 'approve',
      proposalId,
      contentHash: '0'.repeat(64),
      by: 'rita',
      reason: '',
      at: NOW,
    } as const;
    await expect(judge(desk, other, sign, now)).rejects.toMatchObject({ code: 'GOVERNANCE.CONTENT_CHANGED' });
  });
});
