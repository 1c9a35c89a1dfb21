import { LivePool } from './live-pool';
import { manipulationCost } from './manipulation';
import { poolMean } from './mean-tick';
import { gasMoney, swapGas, ticksInReach } from './swap-gas';
import { sqrtRatioAtTick } from './tick-math';

const at = (time: number) => ({ block: time, time, logIndex: 0 });

/** Two tokens of 18 decimals at par; 10,000 of liquidity between −10 % and +10 %. */
function parPool(feePips = 500): LivePool {
  const pool = new LivePool({ feePips, tickSpacing: 10 });
  pool.initialize(at(1), sqrtRatioAtTick(0));
  pool.growObservations(at(1), 100);
  pool.mint(at(1), { owner: 'a', tickLower: -1_000, tickUpper: 1_000 }, 10_000n * 10n ** 18n);
  return pool;
}

const PAR = { value0: 1e-18, value1: 1e-18 };

describe('the cost of manipulation', () => {
  it('is two fees where nobody trades in between', () => {
    const pool = parPool();
    const before = pool.snapshot();
    const cost = manipulationCost(pool, {
      sqrtPrice: sqrtRatioAtTick(500),
      blocks: 5,
      contested: false,
      ...PAR,
    });
    expect(pool.snapshot()).toEqual(before);
    // L·(√1.0001^500 − 1) goes in with its fee, and a fee is paid on the way back.
    const moved = 10_000 * (Math.sqrt(1.0001 ** 500) - 1);
    expect(cost.capital).toBeCloseTo(moved / 0.9995, 6);
    expect(cost.loss / (moved * 2 * 0.0005)).toBeCloseTo(1, 1);
  });

  it('is what arbitrage takes, in every block, where others trade', () => {
    const pool = parPool();
    const push = { sqrtPrice: sqrtRatioAtTick(500), contested: true, ...PAR };
    const once = manipulationCost(pool, { ...push, blocks: 1 });
    // Bought dear from the pool: in at s − 1 with its fee, out at 1 − 1/s, both of the true price 1.
    const s = Math.sqrt(1.0001 ** 500);
    const expected = 10_000 * ((s - 1) / 0.9995 - (1 - 1 / s));
    expect(once.loss).toBeCloseTo(expected, 6);
    const thirty = manipulationCost(pool, { ...push, blocks: 30 });
    // Each further push begins where arbitrage stopped: its fee above the true price.
    expect(thirty.loss / once.loss).toBeGreaterThan(28);
    expect(thirty.loss / once.loss).toBeLessThan(30);
    const down = manipulationCost(pool, { ...push, sqrtPrice: sqrtRatioAtTick(-500), blocks: 1 });
    expect(down.loss / once.loss).toBeCloseTo(1, 1);
  });

  it('buys so many blocks of the mean, no more', () => {
    const pool = parPool();
    const zeroForOne = false;
    pool.swap(at(1_000), { zeroForOne, amount: 10n ** 24n, limit: sqrtRatioAtTick(500) });
    const quiet = poolMean(pool, 1_000, 600);
    expect(quiet.tick).toBe(0);
    expect(Number(quiet.liquidity) / 1e22).toBeCloseTo(1, 15);
    expect(poolMean(pool, 1_012, 600).tick).toBe(10);
    pool.swap(at(1_012), { zeroForOne: true, amount: 10n ** 24n, limit: sqrtRatioAtTick(-1) });
    expect(poolMean(pool, 2_000, 900).tick).toBe(-1);
    expect(poolMean(pool, 1_600, 600).tick).toBe(Math.floor((12 * 500 - 588) / 600));
    expect(() => poolMean(pool, 2_000, 2_000)).toThrow(
      expect.objectContaining({ code: 'POOL.OBSERVATION_TOO_OLD' }),
    );
  });
});

describe('gas of a swap', () => {
  it('allows for the ticks that another trade can put in its way', () => {
    expect(swapGas(90_000, 0)).toEqual({ expected: 120_050, limit: 144_060 });
    expect(swapGas(90_000, 2).limit).toBe(Math.ceil((120_050 + 120_000) * 1.2));
    const pool = parPool();
    pool.mint(at(2), { owner: 'a', tickLower: 20, tickUpper: 40 }, 10n ** 20n);
    pool.mint(at(2), { owner: 'a', tickLower: -40, tickUpper: -30 }, 10n ** 20n);
    const order = { zeroForOne: false, amount: 4n * 10n ** 18n };
    // Some eight ticks upwards, none passed; half a percent up or down puts one of those around in its way.
    expect(ticksInReach(pool, order, 0.005)).toBe(1);
    expect(ticksInReach(pool, order, 0.0001)).toBe(0);
    expect(gasMoney(100_000, 20_000_000_000n, 3_000)).toBeCloseTo(6, 12);
  });
});
