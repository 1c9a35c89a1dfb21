import { required } from '@evenkeel/kernel';
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

it('keeps bytes where it is told to, and reads a commit again when somebody asks', () => {
  const commits = ['a', 'b'].map((commitId) => ({
    ...commitOf(decisionDraft('book', commitId, '2026-01-05T00:00:00Z')),
    commitId,
  }));
  const read: number[] = [];
  const log = new MemoryEventLog('memory', (bytes) => {
    read.push(bytes.length);
    return required(commits[bytes.length - 1], 'a commit of that length');
  });
  const append = (at: number) => {
    const commit = required(commits[at], 'a commit');
    return log.appendNow({ commit, bytes: new Uint8Array(at + 1), hash: new Uint8Array(0) }, at);
  };
  append(0);
  expect(log.at(0).commit).toBe(commits[0]);
  expect(read).toEqual([]);
  log.keepBytes();
  append(1);
  expect(log.all.map(({ commit }) => commit)).toEqual(commits);
  expect(log.all).toHaveLength(2);
  expect(read).toEqual([1]);
  expect(append(1)).toEqual({ seq: 2, duplicate: true });
});
