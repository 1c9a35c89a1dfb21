import fc from 'fast-check';
import { liquidityOfValue, rangeGreeks } from '@evenkeel/pools';
import type { PoolLeg } from './pool-leg';
import { poolCarry, poolFeeRate } from './pool-leg';
import { recentring } from './recentre';

const ends = { priceLower: 1700, priceUpper: 2000 };
const leg: PoolLeg = {
  instrument: 'WETH-USDC-500@uniswap-v3-polygon',
  underlying: 'ETH',
  range: { ...ends, liquidity: liquidityOfValue(100_000, 1850, ends) },
  feeRate: 0.0005,
  dailyVolumeUsd: 20e6,
  poolLiquidity: 2.4e6,
  gasUsd: 0.5,
};

describe('a pool leg', () => {
  it('reads its fee from its symbol', () => {
    expect(poolFeeRate('WETH-USDC-500@uniswap-v3-polygon')).toBe(0.0005);
    expect(poolFeeRate('BTCUSDT-PERP@binance')).toBeUndefined();
  });

  it('earns and loses nothing far outside of its range', () => {
    const day = 1 / 365;
    const [inside, outside] = [poolCarry(leg, 1850, 0.6, day), poolCarry(leg, 2600, 0.6, day)];
    expect(inside.inRange).toBeGreaterThan(0.99);
    expect(outside.inRange).toBeLessThan(1e-6);
    expect(outside.fees).toBeLessThan(1e-3);
    expect(outside.lvr).toBeLessThan(1e-3);
    // ½σ²P²|Γ|.
    const { gamma } = rangeGreeks(leg.range, 1850);
    expect(inside.lvr / (0.18 * 1850 * 1850 * -gamma * day * inside.inRange)).toBeCloseTo(1, 12);
  });

  it('moved to the middle is worth what it was less what the move cost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1500, max: 2300 }), (spot) => {
        const moved = recentring(leg, spot, 0.6, 1 / 365, 0.0002);
        if (moved === undefined) throw new Error('there is a middle');
        const before = rangeGreeks(leg.range, spot).value;
        const after = rangeGreeks(moved.range, spot).value;
        expect(after + moved.swapCost + moved.gasCost).toBeCloseTo(before, 1);
        expect(moved.range.priceLower * moved.range.priceUpper).toBeCloseTo(spot * spot, 3);
        expect(moved.range.priceUpper / moved.range.priceLower).toBeCloseTo(2000 / 1700, 9);
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  it('is worth moving when the price has left it, and not while it sits in the middle', () => {
    expect(recentring({ ...leg, dailyVolumeUsd: 60e6 }, 2300, 0.4, 7 / 365)?.gain).toBeGreaterThan(0);
    expect(recentring(leg, 1844, 0.4, 7 / 365)?.gain).toBeLessThan(0);
    expect(
      recentring({ ...leg, range: { liquidity: 1, priceLower: 0, priceUpper: Infinity } }, 1, 1, 1),
    ).toBeUndefined();
  });
});
