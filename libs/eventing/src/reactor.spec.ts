import { decodeCommit, sealCommit } from '@evenkeel/contracts';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft, describeEventLog } from '@evenkeel/testkit';
import type { SealedCommit } from './commit';
import { MemoryEventLog } from './memory-log';
import type { Cause } from './reactor';
import { Reactor, causeOfCommit } from './reactor';

describeEventLog('memory', () => Promise.resolve(new MemoryEventLog('memory')));

const clock = { receivedTime: 0n, decidedTime: 0n, source: 'test', maxErrorNs: 0n };
const newReactor = () =>
  new Reactor(createToyCore('b'), {
    epoch: '1',
    producer: TEST_PRODUCER,
    seal: sealCommit,
    hostClock: () => clock,
  });

function causeOf(id: string): Cause {
  const sealed = sealCommit(commitOf(decisionDraft('b', id, '2026-01-01T00:00:00Z'), { cause: id }));
  return causeOfCommit('journal', { ...sealed, seq: 1, subject: '' });
}

function react(reactor: ReturnType<typeof newReactor>, cause: Cause, from = 0): SealedCommit[] {
  const out: SealedCommit[] = [];
  for (;;) {
    const step = reactor.decide(cause);
    if (step.commits.length === 0) return out;
    for (const sealed of step.commits) {
      reactor.fold(sealed, from + out.length + 1);
      out.push(sealed);
    }
  }
}

describe('Reactor', () => {
  it('chains what a core decides and gives the same commits again from the same input', () => {
    const [one, two] = [newReactor(), newReactor()];
    const cause = causeOf('d1');
    one.observe(cause);
    two.observe(cause);
    const first = react(one, cause);
    expect(first.map((sealed) => sealed.commit.commitId)).toEqual(
      react(two, cause).map((sealed) => sealed.commit.commitId),
    );
    expect(first).toHaveLength(2);
    expect(one.state.acknowledged).toEqual(['d1-1', 'd1-2']);
  });

  it('goes on where a crash cut it off: replayed commits are folded, only the rest is decided anew', () => {
    const whole = newReactor();
    const cause = causeOf('d1');
    whole.observe(cause);
    const [first, second] = react(whole, cause);
    if (first === undefined || second === undefined) throw new Error('the toy decides twice');
    const revived = newReactor();
    revived.observe(cause);
    revived.fold(first, 1);
    const rest = react(revived, cause, 1);
    expect(rest.map((sealed) => sealed.commit.commitId)).toEqual([second.commit.commitId]);
    expect(Buffer.from(rest[0]?.bytes ?? []).equals(Buffer.from(second.bytes))).toBe(true);
  });

  it('deciding again on a settled input yields nothing', () => {
    const reactor = newReactor();
    const cause = causeOf('d1');
    reactor.observe(cause);
    react(reactor, cause);
    expect(reactor.decide(cause).commits).toEqual([]);
  });

  it('reads its own bytes back', () => {
    const reactor = newReactor();
    const cause = causeOf('d1');
    reactor.observe(cause);
    for (const sealed of react(reactor, cause)) expect(decodeCommit(sealed.bytes)).toEqual(sealed.commit);
  });
});
