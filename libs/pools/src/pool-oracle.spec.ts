import { RESERVED, nextObservation, observe } from './observations';
import type { Observation, ObservationRing } from './observations';

/** The contract's test oracle: a ring that is told time, tick and liquidity. Source of the figures: v3-core, test/Oracle.spec.ts. */
class Oracle {
  private readonly entries: Observation[] = [];
  private index = 0;
  private cardinality = 1;

  constructor(
    private liquidity: bigint,
    private tick: number,
    private time: number,
    private readonly cardinalityNext: number,
  ) {
    this.entries.push({ time, tickCumulative: 0, secondsPerLiquidity: 0n, initialized: true });
    while (this.entries.length < cardinalityNext) this.entries.push(RESERVED);
  }

  advance(seconds: number): this {
    this.time += seconds;
    return this;
  }

  update(seconds: number, tick: number, liquidity: bigint): this {
    this.advance(seconds);
    const written = nextObservation(this.ring(), this.cardinalityNext, this.now());
    if (written !== undefined) {
      [this.index, this.cardinality] = [written.index, written.cardinality];
      this.entries[written.index] = written.observation;
    }
    [this.tick, this.liquidity] = [tick, liquidity];
    return this;
  }

  /** Cumulative tick and seconds per liquidity. */
  at(secondsAgo: number): [number, bigint] {
    const { tickCumulative, secondsPerLiquidity } = observe(this.ring(), this.now(), secondsAgo);
    return [tickCumulative, secondsPerLiquidity];
  }

  get shape(): readonly number[] {
    return [this.index, this.cardinality, this.cardinalityNext];
  }

  private now() {
    return { time: this.time, tick: this.tick, liquidity: this.liquidity };
  }

  private ring(): ObservationRing {
    return { at: (index) => this.entries[index], index: this.index, cardinality: this.cardinality };
  }
}

const MOST = (1n << 128n) - 1n;

describe('the ring of observations has the published values', () => {
  it('between two observations, at the least and the most liquidity', () => {
    const most = new Oracle(MOST, 0, 0, 2).update(13, 0, 0n);
    expect([0, 6, 12, 13].map((ago) => most.at(ago)[1])).toEqual([13n, 7n, 1n, 0n]);
    for (const liquidity of [0n, 1n]) {
      const least = new Oracle(liquidity, 0, 0, 2).update(13, 0, MOST);
      expect([0, 6, 12, 13].map((ago) => least.at(ago)[1])).toEqual([
        13n << 128n,
        7n << 128n,
        1n << 128n,
        0n,
      ]);
    }
  });

  it('with one observation', () => {
    const one = new Oracle(4n, 2, 5, 1).advance(3);
    expect(one.at(3)).toEqual([0, 0n]);
    expect(one.at(1)).toEqual([4, 170141183460469231731687303715884105728n]);
    expect(one.at(0)).toEqual([6, 255211775190703847597530955573826158592n]);
    expect(() => one.at(4)).toThrow(expect.objectContaining({ code: 'POOL.OBSERVATION_TOO_OLD' }));
  });

  it('with two, in order and round the end of the ring', () => {
    const two = new Oracle(5n, -5, 5, 2).update(4, 1, 2n);
    expect(two.at(0)).toEqual([-20, 272225893536750770770699685945414569164n]);
    two.advance(7);
    expect(two.at(0)).toEqual([-13, 1463214177760035392892510811956603309260n]);
    expect(two.at(11)).toEqual([0, 0n]);
    expect(two.at(9)).toEqual([-10, 136112946768375385385349842972707284582n]);
    const round = new Oracle(5n, -5, 5, 2).update(4, 1, 2n).update(3, -5, 4n);
    expect(round.at(0)).toEqual([-17, 782649443918158465965761597093066886348n]);
    round.advance(7);
    expect(round.at(0)).toEqual([-52, 1378143586029800777026667160098661256396n]);
    expect(round.at(10)).toEqual([-20, 272225893536750770770699685945414569164n]);
    expect(round.at(9)).toEqual([-19, 442367076997220002502386989661298674892n]);
  });

  it('with five places and seven writes', () => {
    const five = new Oracle(5n, -5, 5, 5)
      .update(3, 1, 2n)
      .update(2, -6, 4n)
      .update(4, -2, 4n)
      .update(1, -2, 9n)
      .update(3, 4, 2n)
      .update(6, 6, 7n);
    expect(five.shape).toEqual([1, 5, 5]);
    expect(five.at(0)).toEqual([-21, 2104079302127802832415199655953100107502n]);
    expect(five.at(3)).toEqual([-33, 1593655751746395137220137744805447790318n]);
    expect(five.at(14)).toEqual([-13, 544451787073501541541399371890829138329n]);
    expect(() => five.at(15)).toThrow(expect.objectContaining({ code: 'POOL.OBSERVATION_TOO_OLD' }));
    five.advance(5);
    expect(five.at(0)).toEqual([9, 2347138135642758877746181518404363115684n]);
    expect(five.at(8)).toEqual([-33, 1593655751746395137220137744805447790318n]);
  });

  it('at several times', () => {
    const many = new Oracle(1n << 15n, 2, 5, 4).update(13, 6, 1n << 12n).advance(5);
    expect([0, 3, 8, 13, 15, 18].map((ago) => many.at(ago))).toEqual([
      [56, 550383467004691728624232610897330176n],
      [38, 301153217795020002454768787094765568n],
      [20, 103845937170696552570609926584401920n],
      [10, 51922968585348276285304963292200960n],
      [6, 31153781151208965771182977975320576n],
      [0, 0n],
    ]);
  });
});
