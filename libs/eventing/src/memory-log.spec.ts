import { commitOf, decisionDraft, describeEventLog } from '@evenkeel/testkit';
import { MemoryEventLog } from './memory-log';

describeEventLog('memory', () => Promise.resolve(new MemoryEventLog('memory')));

it('numbers go on, and what was let go is no longer there', async () => {
  const log = new MemoryEventLog('memory');
  const sealed = (commitId: string, previous: number) => {
    const commit = { ...commitOf(decisionDraft('book', commitId, '2026-01-05T00:00:00Z')), commitId };
    return log.appendNow({ commit, bytes: new Uint8Array(0), hash: new Uint8Array(0) }, previous).seq;
  };
  expect(sealed('a', 0)).toBe(1);
  log.release();
  expect(sealed('b', 1)).toBe(2);
  expect(log.all.map(({ seq }) => seq)).toEqual([2]);
  expect(await log.lastSeq()).toBe(2);
  const read: number[] = [];
  for await (const { seq } of log.read({ fromSeq: 1 })) read.push(seq);
  expect(read).toEqual([2]);
  expect(() => sealed('c', 1)).toThrow('is at 2, not 1');
});
