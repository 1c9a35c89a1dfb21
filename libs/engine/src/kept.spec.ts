import { sealCommit } from '@evenkeel/contracts';
import { causeOfCommit } from '@evenkeel/eventing';
import type { Cause, SealedCommit } from '@evenkeel/eventing';
import { KEPT_MAX } from '@evenkeel/facts';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft } from '@evenkeel/testkit';
import { checkKept } from './kept';
import { Reactor } from './reactor';
import { VIRTUAL_CLOCK } from './seal';
import { drive, take } from './settle';

it('lets a partition keep as much as it may, and nothing more, by name', () => {
  expect(() => checkKept({ ...KEPT_MAX })).not.toThrow();
  for (const [what, max] of Object.entries(KEPT_MAX))
    expect(() => checkKept({ ...KEPT_MAX, [what]: max + 1 })).toThrow(
      expect.objectContaining({
        code: 'ENGINE.KEPT_TOO_MANY',
        message: expect.stringContaining(what) as string,
      }),
    );
});

describe('the chain of an aggregate that a core has let go of', () => {
  const causeOf = (id: string): Cause => {
    const sealed = sealCommit(commitOf(decisionDraft('b', id, '2026-01-01T00:00:00Z'), { cause: id }));
    return causeOfCommit('journal', { ...sealed, seq: 1 });
  };
  const toy = createToyCore('b');
  let gone: SealedCommit['commit']['aggregate'][] = [];
  const reactor = new Reactor(
    { ...toy, retired: () => gone },
    { epoch: '1', producer: TEST_PRODUCER, seal: sealCommit, hostClock: () => VIRTUAL_CLOCK },
  );
  const react = (id: string): SealedCommit[] => {
    const made: SealedCommit[] = [];
    drive(take(reactor, causeOf(id)), (task) => {
      if (task.kind === 'perform') return undefined;
      made.push(task.made);
      return { recorded: task.made, seq: made.length };
    });
    return made;
  };

  it('is forgotten, so that a commit after all would have to be its first, which the journal refuses', () => {
    const [first] = react('d1');
    if (first === undefined) throw new Error('the toy decides');
    const before = reactor.kept().heads ?? 0;
    gone = [first.commit.aggregate];
    reactor.observe(causeOf('d2'));
    expect(reactor.kept().heads).toBe(before - 1);
    expect(reactor.lastSeqOf(first.commit)).toBe(0);
  });
});
