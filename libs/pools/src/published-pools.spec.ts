import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { constantProductOut } from './constant-product';
import { MAX_UINT256 } from './fixed-point';
import { amountsOfLiquidity, liquidityForAmounts, mintAmounts } from './liquidity-amounts';
import { LivePool } from './live-pool';
import type { SwapPlan } from './live-pool';
import { amount0Between, amount1Between, sqrtPriceAfterInput, sqrtPriceAfterOutput } from './sqrt-price-math';
import { swapStep } from './swap-step';
import { encodeSqrtRatio, priceOfSqrtRatio, sqrtRatioAtTick, tickAtSqrtRatio } from './tick-math';

type Fields = Readonly<Record<string, unknown>>;

function casesOf(
  name: string,
): readonly { readonly id: string; readonly inputs: Fields; readonly expected: Fields }[] {
  const file = join(sharedDir() ?? '', `validation/${name}.json`);
  // The tables' own shape.
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as {
    cases: { id: string; inputs: Fields; expected: Fields }[];
  };
  expect(cases.length).toBeGreaterThan(0);
  return cases;
}

const NAMED: Readonly<Record<string, bigint>> = { MAX_UINT256, MAX_INT256: MAX_UINT256 >> 1n };
const big = (value: unknown): bigint => NAMED[String(value)] ?? BigInt(String(value));
const table = (name: string) => itWithSharedData(`validation/${name}.json`);

describe('the published pool tables, to the last unit', () => {
  table('uniswap_v3_tickmath')('ticks and square roots of prices', () => {
    const five = (value: number): string => String(Number(value.toPrecision(5)));
    for (const { id, inputs, expected } of casesOf('uniswap_v3_tickmath')) {
      const fn = String(inputs['fn']);
      const tick = Number(inputs['tick']);
      const found =
        fn === 'getSqrtRatioAtTick'
          ? { sqrtPriceX96: String(sqrtRatioAtTick(tick)) }
          : fn === 'getTickAtSqrtRatio'
            ? { tick: tickAtSqrtRatio(big(inputs['sqrtPriceX96'])) }
            : fn === 'encodeSqrtRatioX96'
              ? { sqrtPriceX96: String(encodeSqrtRatio(big(inputs['amount1']), big(inputs['amount0']))) }
              : fn.startsWith('tickToPrice, token0 18 dec, token1 6 dec')
                ? { price_5sf: five(priceOfSqrtRatio(sqrtRatioAtTick(tick)) * 1e12) }
                : fn.startsWith('tickToPrice')
                  ? { price_5sf: five(priceOfSqrtRatio(sqrtRatioAtTick(tick))) }
                  : fn.startsWith('priceToClosestTick 6/18')
                    ? { tick: tickAtSqrtRatio(encodeSqrtRatio(101n * 10n ** 6n, 100n * 10n ** 18n)) }
                    : { tick: tickAtSqrtRatio(encodeSqrtRatio(1n, 1800n)) };
      expect({ id, ...found }).toEqual({ id, ...expected });
    }
  });

  table('uniswap_v3_swap_math')('single steps', () => {
    for (const { id, inputs: i, expected } of casesOf('uniswap_v3_swap_math')) {
      const [p, liquidity] = [big(i['sqrtP'] ?? 0), big(i['liquidity'])];
      const zeroForOne = i['zeroForOne'] === true;
      const text = (found: Record<string, bigint>): Fields =>
        Object.fromEntries(Object.entries(found).map(([key, value]) => [key, String(value)]));
      const between = [big(i['sqrtA'] ?? 0), big(i['sqrtB'] ?? 0), liquidity, i['roundUp'] === true] as const;
      const run = (): Fields => {
        switch (i['fn']) {
          case 'getNextSqrtPriceFromInput':
            return text({ sqrtQ: sqrtPriceAfterInput(p, liquidity, big(i['amount']), zeroForOne) });
          case 'getNextSqrtPriceFromOutput':
            return text({ sqrtQ: sqrtPriceAfterOutput(p, liquidity, big(i['amount']), zeroForOne) });
          case 'getAmount0Delta':
            return text({ amount: amount0Between(...between) });
          case 'getAmount1Delta':
            return text({ amount: amount1Between(...between) });
          default: {
            const step = swapStep(
              p,
              big(i['sqrtTarget']),
              liquidity,
              big(i['amountRemaining']),
              big(i['feePips']),
            );
            const { amountIn, amountOut, fee, sqrtPrice } = step;
            return text({ amountIn, amountOut, feeAmount: fee, sqrtQ: sqrtPrice });
          }
        }
      };
      expect({ id, ...run() }).toEqual({ id, ...expected });
    }
  });

  table('uniswap_v3_max_liquidity_for_amounts')('liquidity from amounts', () => {
    for (const { id, inputs: i, expected } of casesOf('uniswap_v3_max_liquidity_for_amounts')) {
      const liquidity = liquidityForAmounts(
        big(i['sqrtP']),
        big(i['sqrtA']),
        big(i['sqrtB']),
        big(i['amount0']),
        big(i['amount1']),
        i['useFullPrecision'] === true ? 'full' : 'router',
      );
      expect({ id, liquidity: String(liquidity) }).toEqual({ id, ...expected });
    }
  });

  table('uniswap_v3_position_amounts')('amounts of a position', () => {
    for (const { id, inputs: i, expected } of casesOf('uniswap_v3_position_amounts')) {
      const { amount0, amount1 } = amountsOfLiquidity(
        big(i['sqrtPriceX96']),
        sqrtRatioAtTick(Number(i['tickLower'])),
        sqrtRatioAtTick(Number(i['tickUpper'])),
        big(i['liquidity']),
      );
      expect({ id, amount0: String(amount0), amount1: String(amount1) }).toMatchObject({ id, ...expected });
    }
  });

  table('uniswap_v2_swaps')('constant product', () => {
    for (const { id, inputs: i, expected } of casesOf('uniswap_v2_swaps')) {
      const out = constantProductOut(big(i['amountIn']), big(i['reserveIn']), big(i['reserveOut']));
      expect({ id, amountOut: String(out) }).toEqual({ id, ...expected });
    }
  });

  table('uniswap_v3_pool_swaps')('whole pools: amounts, ticks, balances, fees', () => {
    for (const { id, inputs, expected } of casesOf('uniswap_v3_pool_swaps')) {
      const { poolPriceBefore, poolPriceAfter, executionPrice, ...exact } = expected;
      const { priceBefore, priceAfter, price, ...found } = poolCase(inputs);
      expect({ id, ...found }).toEqual({ id, ...exact });
      // Printed to five significant figures.
      for (const [printed, value] of [
        [poolPriceBefore, priceBefore],
        [poolPriceAfter, priceAfter],
        [executionPrice, price],
      ])
        if (typeof value === 'number' && Number.isFinite(Number(printed)))
          expect(Math.abs(value / Number(printed) - 1)).toBeLessThanOrEqual(1e-4);
    }
  });
});

interface PoolCase {
  readonly feePips: number;
  readonly tickSpacing: number;
  readonly sqrtPriceX96: string;
  readonly positions: readonly {
    readonly tickLower: number;
    readonly tickUpper: number;
    readonly liquidity: string;
  }[];
}

interface SwapCase {
  readonly zeroForOne: boolean;
  readonly amountSpecified: string | null;
  readonly sqrtPriceLimitX96: string | null;
}

function poolCase(inputs: Fields): Fields {
  // The table's own shape.
  const written = inputs['pool'] as PoolCase;
  const order = inputs['swap'] as SwapCase;
  const positions = written.positions.map((range) => ({ ...range, liquidity: big(range.liquidity) }));
  const pool = new LivePool(written);
  const place = { block: 0, time: 0, logIndex: 0 };
  pool.initialize(place, big(written.sqrtPriceX96));
  const before = pool.slot;
  const held = positions.map((range) => mintAmounts(before.sqrtPrice, range));
  expect(positions.map((range) => pool.mint(place, { owner: '', ...range }, range.liquidity))).toEqual(held);
  const balance0 = held.reduce((sum, { amount0 }) => sum + amount0, 0n);
  const balance1 = held.reduce((sum, { amount1 }) => sum + amount1, 0n);
  const limit = order.sqrtPriceLimitX96 === null ? undefined : big(order.sqrtPriceLimitX96);
  // Swaps to a price ask for more than could ever be paid.
  const amount = order.amountSpecified === null ? (1n << 255n) - 1n : big(order.amountSpecified);
  let outcome: SwapPlan;
  try {
    outcome = pool.swap(place, {
      zeroForOne: order.zeroForOne,
      amount,
      ...(limit === undefined ? {} : { limit }),
    });
  } catch {
    return {
      error: 'SPL',
      poolBalance0: String(balance0),
      poolBalance1: String(balance1),
      tickBefore: before.tick,
    };
  }
  return {
    amount0Before: String(balance0),
    amount1Before: String(balance1),
    amount0Delta: String(outcome.amount0),
    amount1Delta: String(outcome.amount1),
    feeGrowthGlobal0X128Delta: String(pool.slot.feeGrowth0),
    feeGrowthGlobal1X128Delta: String(pool.slot.feeGrowth1),
    tickBefore: before.tick,
    tickAfter: pool.slot.tick,
    priceBefore: priceOfSqrtRatio(before.sqrtPrice),
    priceAfter: priceOfSqrtRatio(pool.slot.sqrtPrice),
    price: -Number(outcome.amount1) / Number(outcome.amount0),
  };
}
