import type { EventPayloads } from '@evenkeel/facts';
import { GovernanceRecord } from '@evenkeel/governance';
import { DESK, written } from '../../../../libs/governance/src/people.test-support';
import { requireGoverned } from './approvals';

const AT = '2026-07-01T08:00:00Z';
const PINNED = { EK_ROSTER_HASH: 'ab'.repeat(32) };

type Opening = EventPayloads['GovernanceOpened'];

/** The record of an epoch that was opened so; of one in which nobody is enrolled without an opening. */
function recordOf(opening?: Omit<Opening, 'at'>): GovernanceRecord {
  const record = new GovernanceRecord();
  if (opening === undefined) return record;
  const faults = record.take(written(AT, { type: 'GovernanceOpened', payload: { at: AT, ...opening } }));
  expect(faults).toEqual([]);
  return record;
}

const asked = (record: GovernanceRecord, pinned: object = PINNED): Promise<void> =>
  requireGoverned({ current: () => Promise.resolve(record) }, pinned, ['deribit']);

describe('orders for a real venue', () => {
  const governed = recordOf({ enrolments: DESK, required: 'everything' });

  it('leave from an epoch in which everything needs a second person, by a roster that is pinned', async () => {
    await expect(asked(governed)).resolves.toBeUndefined();
  });

  it('do not leave where nothing says whose signatures count', async () => {
    await expect(asked(governed, {})).rejects.toMatchObject({ code: 'GOVERNANCE.ROSTER_NOT_PINNED' });
  });

  it.each<[string, Omit<Opening, 'at'> | undefined]>([
    ['nobody is enrolled', undefined],
    ['only what loosens needs two', { enrolments: DESK, required: 'loosening' }],
    ['nothing needs two', { enrolments: DESK, required: 'nothing' }],
    ['nothing is said about it, as before it was asked', { enrolments: DESK }],
  ])('do not leave from an epoch in which %s', async (_, opening) => {
    await expect(asked(recordOf(opening))).rejects.toMatchObject({
      code: 'GOVERNANCE.NOT_REQUIRED',
      message: expect.stringContaining('deribit') as string,
    });
  });
});
