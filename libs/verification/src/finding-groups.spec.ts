import { groupFindings } from './finding-groups';

describe('what a verification found', () => {
  it('has its first cause apart from its follow-ups, which are counted by kind', () => {
    const finding = (code: string, seq: number) => ({ epoch: '2', seq, code, message: `${code} ${seq}` });
    const follow = Array.from({ length: 900 }, (_, n) => finding('LEDGER.VERSION_GAP', 60 + n));
    const found = groupFindings([finding('AUDIT.ROOT_DIFFERS', 0), ...follow, finding('LEDGER.GAP', 42)]);
    expect(found?.first).toMatchObject({ code: 'LEDGER.GAP', seq: 42 });
    expect(found?.others.map(({ code, count, first, last }) => [code, count, first.seq, last.seq])).toEqual([
      ['AUDIT.ROOT_DIFFERS', 1, 0, 0],
      ['LEDGER.VERSION_GAP', 900, 60, 959],
    ]);
    expect(groupFindings([])).toBeUndefined();
  });

  it.each([
    ['a deleted row', 'AUDIT.SEQUENCE_GAP', 'LEDGER.DECISION_DIVERGES', 41],
    ['changed bytes', 'AUDIT.HASH_MISMATCH', 'LEDGER.DECISION_DIVERGES', 42],
    ['changed bytes under a read model', 'AUDIT.HASH_MISMATCH', 'LEDGER.PROJECTION_DIFFERS', 1],
  ])('%s comes before what was worked out from the rows', (_what, cause, derived, seq) => {
    const file = { epoch: '', seq: 0, code: 'AUDIT.CHECKPOINTS_MISSING', message: '', where: 'checkpoint 3' };
    const row = { epoch: '2', seq: 42, code: cause, message: '' };
    const found = groupFindings([file, { ...row, code: derived, seq }, row]);
    expect(found?.first).toBe(row);
  });
});
