import { loosens } from '@evenkeel/governance';
import type { RequiredOf } from '@evenkeel/governance';
import { useApprovedControl, useApprovedRelease } from './approved-change';
import type { ApprovalDesk } from './approved-change';

describe('what a person may do alone', () => {
  const desk = (required: RequiredOf): ApprovalDesk => ({
    required: () => Promise.resolve(required),
    withStore: () => Promise.reject(new Error('nothing is looked up')),
    now: () => '2026-01-05T00:00:00Z',
  });

  it('is everything while no second person is required', async () => {
    expect(await useApprovedRelease(desk('nothing'), 'firm', ['e-1'], undefined)).toEqual({
      engagements: ['e-1'],
    });
    expect(
      await useApprovedControl(desk('nothing'), 'b', { kind: 'override-grant' }, undefined),
    ).toBeUndefined();
  });

  it('is only to tighten where one is, and the refusal says what to propose', async () => {
    const strict = desk('loosening');
    expect(await useApprovedControl(strict, 'b', { kind: 'override-revoke' }, undefined)).toBeUndefined();
    const set = { kind: 'restriction-set', restricted: true } as const;
    expect(await useApprovedControl(strict, 'b', set, undefined)).toBeUndefined();
    await expect(useApprovedControl(strict, 'b', { ...set, restricted: false }, undefined)).rejects.toThrow(
      '{"kind":"restriction-set","restricted":false}',
    );
    await expect(useApprovedRelease(strict, 'firm', ['e-1'], undefined)).rejects.toMatchObject({
      code: 'GOVERNANCE.NOT_APPROVED',
    });
  });

  it.each(['override-grant', 'throttle-reset', 'venue-resume'] as const)('does not include %s', (kind) => {
    expect(loosens({ kind })).toBe(true);
  });
});
