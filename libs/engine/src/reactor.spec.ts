import { decodeCommit, sealCommit } from '@evenkeel/contracts';
import { causeOfCommit } from '@evenkeel/eventing';
import type { Cause, SealedCommit } from '@evenkeel/eventing';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft } from '@evenkeel/testkit';
import { Reactor } from './reactor';
import { VIRTUAL_CLOCK } from './seal';
import { drive, settle, take } from './settle';

const newReactor = () =>
  new Reactor(createToyCore('b'), {
    epoch: '1',
    producer: TEST_PRODUCER,
    seal: sealCommit,
    hostClock: () => VIRTUAL_CLOCK,
  });

function causeOf(id: string): Cause {
  const sealed = sealCommit(commitOf(decisionDraft('b', id, '2026-01-01T00:00:00Z'), { cause: id }));
  return causeOfCommit('journal', { ...sealed, seq: 1 });
}

type Toy = ReturnType<typeof newReactor>;

/** Settles in memory from sequence `from` + 1 on; what was put on record. */
function record(
  settling: ReturnType<typeof settle<Cause, SealedCommit, string, SealedCommit>>,
  from = 0,
): SealedCommit[] {
  const out: SealedCommit[] = [];
  drive(settling, (task) => {
    if (task.kind === 'perform') return undefined;
    out.push(task.made);
    return { recorded: task.made, seq: from + out.length };
  });
  return out;
}

const react = (reactor: Toy, cause: Cause): SealedCommit[] => record(take(reactor, cause));

describe('Reactor', () => {
  it('chains what a core decides and gives the same commits again from the same input', () => {
    const [one, two] = [newReactor(), newReactor()];
    const cause = causeOf('d1');
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
    const [first, second] = react(whole, cause);
    if (first === undefined || second === undefined) throw new Error('the toy decides twice');
    const revived = newReactor();
    revived.observe(cause);
    revived.fold(first, 1);
    const rest = record(settle(revived, cause), 1);
    expect(rest.map((sealed) => sealed.commit.commitId)).toEqual([second.commit.commitId]);
    expect(Buffer.from(rest[0]?.bytes ?? []).equals(Buffer.from(second.bytes))).toBe(true);
  });

  it('deciding again on a settled input yields nothing', () => {
    const reactor = newReactor();
    const cause = causeOf('d1');
    react(reactor, cause);
    expect(reactor.decide(cause).commits).toEqual([]);
  });

  it('reads its own bytes back', () => {
    const reactor = newReactor();
    const cause = causeOf('d1');
    for (const sealed of react(reactor, cause)) expect(decodeCommit(sealed.bytes)).toEqual(sealed.commit);
  });
});
