import fc from 'fast-check';
import type { PartitionStep } from '@evenkeel/contracts';
import { formatInstant } from '@evenkeel/kernel';
import type { GivenInstant } from './event-time';
import { PartitionGate } from './partition-gate';
import type { MarketEntry } from './partition-gate';

const timeOf = (number: number): bigint => BigInt(number) * 1_000n;
const nothing = { marks: [], fundings: [], deliveries: [], wakes: [] };

function instant(number: number, granted: readonly string[] = [], seq = number): MarketEntry {
  const given = {
    instant: { number, eventTime: formatInstant(timeOf(number)), ...nothing },
    seq,
    traceparent: '',
  };
  return { kind: 'instant', given, granted };
}
const step = (one: PartitionStep, seq = 99): MarketEntry => ({
  kind: 'step',
  step: one,
  seq,
  traceparent: '',
});
const upTo = (number: number, partition = '03'): MarketEntry =>
  step({ kind: 'market', partition, upTo: number });
const wake = (after: number, at: bigint, partition = '03'): MarketEntry =>
  step({ kind: 'wake', partition, after, at: formatInstant(at), wakes: ['execution'] });

const names = (given: Iterable<GivenInstant>): string[] =>
  [...given].map(({ instant: { number, wakes } }) => (wakes.length === 0 ? `m${number}` : `w${number}`));

function gateWith(...entries: readonly MarketEntry[]): PartitionGate {
  const gate = new PartitionGate('03');
  for (const entry of entries) gate.offer(entry);
  return gate;
}

describe('the gate of a partition', () => {
  it('keeps the market back until the partition is given it, and takes its wake-ups in between', () => {
    const gate = gateWith(instant(1, ['03', '04']), instant(2, ['04']), instant(3, ['04']));
    expect(names(gate.given())).toEqual(['m1']);
    for (const entry of [wake(1, 1_500n), wake(1, 1_501n, '04'), wake(1, 1_501n), upTo(2)]) gate.offer(entry);
    expect(names(gate.given())).toEqual(['w1', 'w1', 'm2']);
    expect(gate.next()).toBeUndefined();
  });

  it('goes on where the market begins anew after a loss, and only there', () => {
    const begins = (number: number): MarketEntry =>
      ({ ...instant(number, ['03']), begins: true }) as MarketEntry; // an instant
    const gate = gateWith(
      instant(1, ['03']),
      instant(2, ['03']),
      begins(50),
      wake(50, 50_500n),
      instant(51, ['03']),
    );
    expect(names(gate.given())).toEqual(['m1', 'm2', 'm50', 'w50', 'm51']);
    const woken = gateWith(
      instant(1, ['03']),
      { ...instant(50), begins: true } as MarketEntry,
      wake(49, 49_500n),
      upTo(50),
    ); // an instant
    expect(names(woken.given())).toEqual(['m1', 'w49', 'm50']);
    const undeclared = gateWith(instant(1, ['03']), instant(50, ['03']));
    expect(names(undeclared.given())).toEqual(['m1']);
    const restarted = new PartitionGate('03', { eventTime: 20_000n, market: { number: 20, seq: 20 } });
    for (const entry of [instant(1, ['03']), begins(50), upTo(50)]) restarted.offer(entry);
    expect(names(restarted.given())).toEqual(['m50']);
  });

  it('takes what comes twice once, and waits for an instant whose step came first', () => {
    const gate = gateWith(upTo(1), upTo(1));
    expect(gate.next()).toBeUndefined();
    gate.offer(instant(1));
    expect(names(gate.given())).toEqual(['m1']);
    for (const entry of [wake(1, 1_500n), wake(1, 1_500n), instant(1, ['03'])]) gate.offer(entry);
    expect(names(gate.given())).toEqual(['w1']);
  });

  it('is given several at once where it was not waited for', () => {
    expect(names(gateWith(instant(1, ['03']), instant(2), instant(3), upTo(3)).given())).toEqual([
      'm1',
      'm2',
      'm3',
    ]);
  });

  it('places what it is given by the message that gave it, so that places only go forward', () => {
    const gate = gateWith(instant(1, ['03'], 10), instant(2, [], 20), instant(3, [], 30));
    gate.offer(
      step({ kind: 'wake', partition: '03', after: 1, at: formatInstant(1_500n), wakes: ['execution'] }, 40),
    );
    gate.offer(step({ kind: 'market', partition: '03', upTo: 2 }, 50));
    expect([...gate.given()].map(({ seq }) => seq)).toEqual([10, 40, 50]);
  });

  it('begins where the stream begins: what it has forgotten was taken in an earlier life', () => {
    expect(names(gateWith(instant(7, ['03']), wake(7, 7_500n)).given())).toEqual(['m7', 'w7']);
  });

  it('stops at a wake-up that follows an instant it has not taken', () => {
    const gate = gateWith(instant(1, ['03']), instant(2), wake(2, 2_500n));
    expect(names([gate.next()].flatMap((given) => given ?? []))).toEqual(['m1']);
    expect(() => gate.next()).toThrow(/has taken market instant 1, and is woken after 2/);
  });

  it('gives the same in the same order wherever reading is cut, with anything said twice', () => {
    const story: MarketEntry[] = [];
    for (let number = 1; number <= 6; number += 1) {
      story.push(instant(number, number % 2 === 0 ? ['03'] : []));
      if (number % 2 === 1) story.push(upTo(number));
      story.push(wake(number, timeOf(number) + 1n), wake(number, timeOf(number) + 2n));
    }
    const whole = names(gateWith(...story).given());
    expect(whole).toHaveLength(18);
    fc.assert(
      fc.property(fc.array(fc.nat(story.length - 1)), fc.array(fc.boolean()), (repeats, takes) => {
        const gate = new PartitionGate('03');
        const got: string[] = [];
        story.forEach((entry, index) => {
          gate.offer(entry);
          for (const earlier of repeats) if (earlier <= index) gate.offer(story[earlier] ?? entry);
          if (takes[index] === true) got.push(...names(gate.given()));
        });
        got.push(...names(gate.given()));
        return got.join() === whole.join();
      }),
    );
  });
});
