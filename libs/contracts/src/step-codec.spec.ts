import { decodeSteps, encodeSteps } from './step-codec';
import type { PartitionStep } from './step-codec';

const wake: PartitionStep = {
  kind: 'wake',
  partition: '08',
  after: 1,
  at: '2026-01-01T00:01:30Z',
  wakes: ['execution'],
};
const market: PartitionStep = { kind: 'market', partition: '07', upTo: 2 };
const published = (...steps: PartitionStep[]) => ({ steps, traceparent: 'trace' });

describe('the steps of a moment', () => {
  it('are read as they were written, and differ between epochs', () => {
    expect(decodeSteps(encodeSteps(published(market, wake), '7'))).toEqual(published(market, wake));
    expect(encodeSteps(published(market), '7')).not.toEqual(encodeSteps(published(market), '8'));
  });

  it.each([
    ['none', []],
    ['two for one partition', [market, { ...wake, partition: '07' }]],
    ['one of no partition', [{ ...market, partition: 'journal' }]],
    ['one at no time', [{ ...wake, at: 'soon' }]],
    ['one for more services than there are', [{ ...wake, wakes: Array.from({ length: 17 }, String) }]],
  ] as const)('are none where there are %s', (_, steps) => {
    expect(() => decodeSteps(encodeSteps(published(...steps), '7'))).toThrow(
      expect.objectContaining({ code: 'CONTRACTS.UNDECODABLE' }),
    );
  });
});
