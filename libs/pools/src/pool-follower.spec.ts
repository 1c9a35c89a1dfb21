import { createRandom } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import { LivePool } from './live-pool';
import type { LogPlace, PoolEvent } from './pool-event';
import { PoolFollower } from './pool-follower';
import { TERMS, amountUpTo, pick, randomLimit, randomRange } from './random-pool.test-support';
import { sqrtRatioAtTick } from './tick-math';

/** A pool that is traded and the logs it tells: the logs say no more than the contract's do. */
class TradedPool {
  readonly pool: LivePool;

  constructor(private readonly random: Random) {
    this.pool = new LivePool(pick(random, TERMS));
  }

  open(place: LogPlace): PoolEvent {
    const sqrtPrice = sqrtRatioAtTick(this.random.integer(20_000) - 10_000);
    this.pool.initialize(place, sqrtPrice);
    return { ...place, kind: 'initialize', sqrtPrice, tick: this.pool.slot.tick };
  }

  act(place: LogPlace): PoolEvent {
    const { random, pool } = this;
    const at = random.integer(20);
    if (pool.snapshot().ticks.length < 4 || at < 4) {
      const owned = { owner: pick(random, ['a', 'b']), ...randomRange(random, pool.terms, pool.slot.tick) };
      return { ...place, kind: 'mint', ...owned, ...pool.mint(place, owned, owned.liquidity) };
    }
    if (at < 7) return this.burnOrCollect(place);
    if (at === 7) {
      const [feeProtocol0, feeProtocol1] = [pick(random, [0, 4, 10]), pick(random, [0, 5])];
      pool.setFeeProtocol(place, feeProtocol0, feeProtocol1);
      return { ...place, kind: 'setFeeProtocol', feeProtocol0, feeProtocol1 };
    }
    if (at === 8) {
      const cardinalityNext = pool.slot.cardinalityNext + random.integer(4);
      pool.growObservations(place, cardinalityNext);
      return { ...place, kind: 'increaseObservationCardinality', cardinalityNext };
    }
    if (at === 9 && pool.slot.liquidity > 0n) {
      const [paid0, paid1] = [amountUpTo(random, 12), random.integer(2) === 0 ? 0n : amountUpTo(random, 9)];
      pool.flash(place, paid0, paid1);
      return { ...place, kind: 'flash', paid0, paid1 };
    }
    return this.swap(place);
  }

  private burnOrCollect(place: LogPlace): PoolEvent {
    const { random, pool } = this;
    const [key = '', position] = pick(random, Object.entries(pool.snapshot().positions));
    const [owner = '', low, high] = key.split(':');
    const range = { owner, tickLower: Number(low), tickUpper: Number(high) };
    if (position.liquidity === 0n || random.integer(3) === 0) {
      const paid = pool.collect(place, range, amountUpTo(random, 30), 1n << 127n);
      return { ...place, kind: 'collect', ...range, ...paid };
    }
    const liquidity = pick(random, [0n, position.liquidity / 3n, position.liquidity]);
    return { ...place, kind: 'burn', ...range, liquidity, ...pool.burn(place, range, liquidity) };
  }

  private swap(place: LogPlace): PoolEvent {
    const { random, pool } = this;
    const zeroForOne = Math.abs(pool.slot.tick) > 800_000 ? pool.slot.tick > 0 : random.integer(2) === 0;
    const amount = amountUpTo(random, 24) * (random.integer(2) === 0 ? 1n : -1n);
    // Far swaps would leave every range behind; most are held near.
    const limit = randomLimit(random, pool, zeroForOne);
    const near = sqrtRatioAtTick(
      Math.max(-887_272, Math.min(887_272, pool.slot.tick + (zeroForOne ? -900 : 900))),
    );
    const bound = zeroForOne === limit > near || random.integer(20) === 0 ? limit : near;
    const { amount0, amount1 } = pool.swap(place, { zeroForOne, amount, limit: bound });
    const { sqrtPrice, liquidity, tick } = pool.slot;
    return { ...place, kind: 'swap', amount0, amount1, sqrtPrice, liquidity, tick };
  }
}

describe('a pool followed by its logs', () => {
  it.each([1, 2, 3, 4, 5, 6])('is equal after every block, through reorganisations: seed %d', (number) => {
    const random = createRandom(`follow-${number}`);
    const chain = new TradedPool(random);
    const follower = new PoolFollower(chain.pool.terms);
    const origin = { block: 1, time: 1_000, logIndex: 0 };
    follower.apply(chain.open(origin));
    let time = 1_000;
    let undone = 0;
    const states = [follower.pool.snapshot()];
    for (let turn = 0; turn < 150; turn += 1) {
      const block = states.length + 1;
      time += random.integer(4) * 6;
      const count = random.integer(5);
      for (let logIndex = 0; logIndex < count; logIndex += 1)
        follower.apply(chain.act({ block, time, logIndex: logIndex * 3 }));
      const state = follower.pool.snapshot();
      expect({ number, block, ...state }).toEqual({ number, block, ...chain.pool.snapshot() });
      states.push(state);
      if (random.integer(6) !== 0) continue;
      const depth = 1 + random.integer(Math.min(12, states.length - 1));
      states.length -= depth;
      follower.undoAbove(states.length);
      chain.pool.undo.undoAbove(states.length);
      time = Math.max(1_000, follower.last?.time ?? 0);
      expect(follower.pool.snapshot()).toEqual(states.at(-1));
      undone += depth;
    }
    expect(undone).toBeGreaterThan(20);
  });
});
