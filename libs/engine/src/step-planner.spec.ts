import { formatInstant } from '@evenkeel/kernel';
import type { Coming } from './event-time';
import { SettlementBoard } from './settlement';
import { StepPlanner } from './step-planner';

const timeOf = (number: number): bigint => BigInt(number) * 1_000n;
const nothing = { marks: [], fundings: [], deliveries: [], wakes: [] };

function desk(...partitions: readonly string[]) {
  const board = new SettlementBoard();
  const planner = new StepPlanner(partitions, board);
  return {
    planner,
    publish(number: number, granted: readonly string[] = []): void {
      const eventTime = formatInstant(timeOf(number));
      const given = { instant: { number, eventTime, ...nothing }, seq: 0, traceparent: '' };
      planner.note({ kind: 'instant', given, granted });
    },
    /** Everybody has settled what the partition was given; `wake`: what execution asks for. */
    settle(partition: string, wake?: bigint): void {
      const at = planner.givenAt(partition);
      const report = { seen: 1, appended: 1, ...(at === undefined ? {} : { at }) };
      for (const service of ['risk', 'strategy', 'execution'])
        board.note({
          service,
          partitions: {
            [partition]: {
              ...report,
              ...(wake === undefined || service !== 'execution' ? {} : { nextWake: formatInstant(wake) }),
            },
          },
        });
    },
    plan: (coming: Coming, more: object = {}) => planner.plan(partitions, { coming, ...more }),
  };
}

describe('the plan of steps', () => {
  it('waits for a partition that has not settled, and for no other on its account', () => {
    const { publish, settle, plan } = desk('03', '04');
    for (const partition of ['03', '04']) settle(partition);
    expect(plan(timeOf(1))).toEqual({ steps: [], ready: ['03', '04'], resting: [] });
    publish(1, ['03', '04']);
    settle('04');
    expect(plan(timeOf(2)).ready).toEqual(['04']);
    publish(2, ['04']);
    settle('04', timeOf(2) + 5n);
    expect(plan(timeOf(3)).steps).toEqual([
      { kind: 'wake', partition: '04', after: 2, at: formatInstant(timeOf(2) + 5n), wakes: ['execution'] },
    ]);
    settle('03');
    expect(plan(timeOf(3)).steps).toContainEqual({ kind: 'market', partition: '03', upTo: 2 });
  });

  it('wakes a partition before it gives it the market that came meanwhile', () => {
    const { publish, settle, plan } = desk('03');
    publish(1, ['03']);
    publish(2);
    settle('03', 1_400n);
    expect(plan(timeOf(3)).steps).toMatchObject([{ kind: 'wake', after: 1, at: formatInstant(1_400n) }]);
  });

  it('gives everything published to a partition that is not waited for any longer', () => {
    const { publish, plan } = desk('03');
    publish(1, ['03']);
    for (const number of [2, 3, 4]) publish(number);
    expect(plan('unknown').steps).toEqual([]);
    const impatientWith = new Set(['03']);
    expect(plan('unknown', { impatientWith }).steps).toEqual([{ kind: 'market', partition: '03', upTo: 4 }]);
  });

  it('does not let wake-ups without end keep a partition from the market, nor wake it early', () => {
    const { publish, settle, plan } = desk('03');
    publish(1, ['03']);
    settle('03', 1_400n);
    expect(plan('unknown', { dueBy: 1_399n })).toMatchObject({ steps: [], ready: ['03'] });
    publish(2);
    expect(plan('unknown', { dueBy: 1_500n }).steps).toMatchObject([{ kind: 'wake' }]);
    const marketFirst = new Set(['03']);
    expect(plan('unknown', { dueBy: 1_500n, marketFirst }).steps).toMatchObject([
      { kind: 'market', upTo: 2 },
    ]);
  });

  it('ends each partition by itself: wake-ups during the market do not count, those after its end do', () => {
    const { planner, publish, settle, plan } = desk('03', '04');
    publish(1, ['03', '04']);
    settle('04');
    // More wake-ups during the market than are allowed after it.
    for (let wakes = 1; wakes <= 10_050; wakes += 1)
      planner.note(
        {
          kind: 'step',
          step: {
            kind: 'wake',
            partition: '03',
            after: 1,
            at: formatInstant(timeOf(1) + BigInt(wakes)),
            wakes: [],
          },
          seq: 0,
          traceparent: '',
        },
        10n ** 9n,
      );
    settle('03', timeOf(1) + 20_000n);
    expect(plan('ended')).toMatchObject({ steps: [{ kind: 'wake', partition: '03' }], resting: ['04'] });
    for (let wakes = 1; wakes <= 10_000; wakes += 1) {
      settle('03', timeOf(1) + 20_000n + BigInt(wakes));
      const [next] = plan('ended').steps;
      if (next === undefined) throw new Error(`nothing after ${wakes} wake-ups`);
      planner.note({ kind: 'step', step: next, seq: 0, traceparent: '' }, 'ended');
    }
    settle('03', timeOf(1) + 90_000n);
    expect(plan('ended')).toEqual({ steps: [], ready: [], resting: ['03', '04'] });
    expect(planner.clock('03').isRestless).toBe(true);
    expect(planner.clock('04').isRestless).toBe(false);
  });
});
