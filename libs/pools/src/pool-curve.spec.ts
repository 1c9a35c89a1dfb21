import { createRandom } from '@evenkeel/kernel';
import { LivePool } from './live-pool';
import { PoolCurve } from './pool-curve';
import { ORIGIN } from './random-pool.test-support';
import { sqrtRatioAtTick } from './tick-math';

/** USDC (6 decimals) and WETH (18) near 1,900, whichever of them is token0. */
function pair(seed: string, base: 0 | 1): LivePool {
  const random = createRandom(seed);
  const pool = new LivePool({ feePips: 500, tickSpacing: 10 });
  const tick = (base === 0 ? -1 : 1) * (200_800 + random.integer(100));
  pool.initialize(ORIGIN, sqrtRatioAtTick(tick));
  const mint = (low: number, width: number, liquidity: bigint) => {
    const tickLower = Math.round(low / 10) * 10;
    pool.mint(ORIGIN, { owner: 'a', tickLower, tickUpper: tickLower + 10 * width }, liquidity);
  };
  if (random.integer(2) === 0) mint(tick - 20_000, 4_000, 10n ** 17n);
  for (let index = 0; index < 20; index += 1)
    mint(
      tick - 900 + random.integer(1_800),
      1 + random.integer(60),
      BigInt(1 + random.integer(900)) * 10n ** 15n,
    );
  return pool;
}

describe('the curve of a pool', () => {
  it.each([0, 1] as const)('is the integers in doubles, and its own inverse: base token%d', (base) => {
    const random = createRandom(`curve-${base}`);
    let worst = 0;
    let compared = 0;
    for (let round = 0; round < 60; round += 1) {
      const pool = pair(`curve-${base}-${round}`, base);
      const decimals = base === 0 ? { decimals0: 18, decimals1: 6 } : { decimals0: 6, decimals1: 18 };
      for (const side of ['buy', 'sell'] as const) {
        const curve = PoolCurve.of(pool, { base, ...decimals, side, most: 3_000 });
        expect(curve.money(0)).toBe(0);
        for (let turn = 0; turn < 20; turn += 1) {
          const amount = Math.min(curve.most, 3_000) * random.next() ** 3;
          if (amount < 1e-3) continue;
          const units = BigInt(Math.round(amount * 1e6)) * 10n ** 12n;
          const zeroForOne = (base === 0) !== (side === 'buy');
          const { taken, given } = pool.quote({ zeroForOne, amount: side === 'buy' ? -units : units });
          const exact = Number(side === 'buy' ? taken : given) / 1e6;
          const found = curve.money(Number(units) / 1e18);
          worst = Math.max(worst, Math.abs(found - exact) / (exact + 1));
          compared += 1;
          const price = curve.marginal(amount);
          const step = amount * 1e-6;
          const slope = (curve.money(amount + step) - curve.money(amount - step)) / (2 * step);
          expect(price / slope).toBeCloseTo(1, 4);
          expect(curve.amountAt(price) / amount).toBeCloseTo(1, 8);
          expect(side === 'buy' ? price >= curve.marginal(0) : price <= curve.marginal(0)).toBe(true);
        }
        expect(curve.amountAt(side === 'buy' ? 1e9 : 1e-9)).toBeCloseTo(curve.most, 9);
        expect(curve.amountAt(side === 'buy' ? 1 : 1e9)).toBe(0);
      }
    }
    expect(compared).toBeGreaterThan(1_500);
    expect(worst).toBeLessThan(1e-6);
  });
});
