import { loosens } from '@evenkeel/governance';
import { homeOf } from '../stack/home';
import { useApprovedControl, useApprovedRelease } from './approved-change';

describe('what a person may do alone', () => {
  const home = homeOf({ EK_HOME: '.' });
  afterEach(() => {
    delete process.env['EK_GOVERNANCE'];
  });

  it('is everything while no second person is required', async () => {
    expect(await useApprovedRelease(home, 'firm', undefined)).toBeUndefined();
    expect(await useApprovedControl(home, 'b', { kind: 'override-grant' }, undefined)).toBeUndefined();
  });

  it('is only to tighten where one is, and the refusal says what to propose', async () => {
    process.env['EK_GOVERNANCE'] = 'required';
    expect(await useApprovedControl(home, 'b', { kind: 'override-revoke' }, undefined)).toBeUndefined();
    const set = { kind: 'restriction-set', restricted: true } as const;
    expect(await useApprovedControl(home, 'b', set, undefined)).toBeUndefined();
    await expect(useApprovedControl(home, 'b', { ...set, restricted: false }, undefined)).rejects.toThrow(
      '{"kind":"restriction-set","restricted":false}',
    );
    await expect(useApprovedRelease(home, 'firm', undefined)).rejects.toMatchObject({
      code: 'GOVERNANCE.NOT_APPROVED',
    });
  });

  it.each(['override-grant', 'throttle-reset', 'venue-resume'] as const)('does not include %s', (kind) => {
    expect(loosens({ kind })).toBe(true);
  });
});
