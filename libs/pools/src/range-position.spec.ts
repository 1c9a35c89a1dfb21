import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { liquidityForAmounts } from './liquidity-amounts';
import {
  divergenceLoss,
  liquidityOfAmount0,
  liquidityOfAmount1,
  liquidityOfValue,
  lossVersusRebalancing,
  rangeGreeks,
} from './range-position';
import { encodeSqrtRatio } from './tick-math';

const positions = fc.record({
  liquidity: fc.double({ min: 1, max: 1e6, noNaN: true }),
  priceLower: fc.double({ min: 500, max: 1900, noNaN: true }),
  priceUpper: fc.double({ min: 2000, max: 5000, noNaN: true }),
});
const prices = fc.double({ min: 300, max: 8000, noNaN: true });

function casesOf(
  name: string,
): readonly { readonly inputs: Numbers; readonly expected: Numbers; readonly tolerance: unknown }[] {
  const file = join(sharedDir() ?? '', `validation/${name}.json`);
  // The tables' own shape.
  return (
    JSON.parse(readFileSync(file, 'utf8')) as {
      cases: { inputs: Numbers; expected: Numbers; tolerance: unknown }[];
    }
  ).cases;
}

type Numbers = Readonly<Record<string, number>>;

describe('a range position', () => {
  it('has the Greeks of its value', () => {
    fc.assert(
      fc.property(positions, prices, (position, price) => {
        const h = price * 1e-5;
        const near = (p: number): boolean => Math.abs(price / p - 1) < 1e-4;
        fc.pre(!near(position.priceLower) && !near(position.priceUpper));
        const at = (p: number): number => rangeGreeks(position, p).value;
        const { delta, gamma, value } = rangeGreeks(position, price);
        expect((at(price + h) - at(price - h)) / (2 * h)).toBeCloseTo(
          delta,
          -Math.log10(1e-5 * position.liquidity),
        );
        const curvature = (at(price + h) - 2 * at(price) + at(price - h)) / (h * h);
        expect(Math.abs(curvature - gamma)).toBeLessThan(
          1e-3 * Math.abs(gamma) + ((1e-14 * value) / (h * h)) * 100,
        );
        expect(gamma).toBeLessThanOrEqual(0);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('is all coin below its range and all money above, and worth what it was bought for', () => {
    fc.assert(
      fc.property(positions, prices, (position, price) => {
        const { amount0, amount1, value, gamma } = rangeGreeks(position, price);
        if (price <= position.priceLower) expect([amount1, gamma]).toEqual([0, 0]);
        if (price >= position.priceUpper) {
          expect(amount0).toBe(0);
          expect(gamma).toBe(0);
        }
        expect(liquidityOfValue(value, price, position) / position.liquidity).toBeCloseTo(1, 9);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('of the full range loses σ²/8 of its value a year to rebalancing', () => {
    const full = { liquidity: 7, priceLower: 0, priceUpper: Infinity };
    const { value } = rangeGreeks(full, 1234);
    expect(lossVersusRebalancing(full, 1234, 0.6) / value).toBeCloseTo(0.36 / 8, 12);
    expect(divergenceLoss(4)).toBeCloseTo(-0.2, 12);
  });

  it('loses to rebalancing what a delta hedge of a small move misses', () => {
    const position = { liquidity: 100, priceLower: 1500, priceUpper: 2600 };
    const [price, volatility, years] = [2000, 0.7, 1e-7];
    const { value, delta } = rangeGreeks(position, price);
    const step = price * volatility * Math.sqrt(years);
    const after = [price + step, price - step].map(
      (p) => rangeGreeks(position, p).value - value - delta * (p - price),
    );
    const expected = -lossVersusRebalancing(position, price, volatility) * years;
    expect(((after[0] ?? 0) + (after[1] ?? 0)) / 2 / expected).toBeCloseTo(1, 3);
  });

  itWithSharedData('validation/lvr_cpmm.json')('has the published loss versus rebalancing', () => {
    const [rate, turnover] = casesOf('lvr_cpmm');
    const daily = rate?.inputs['dailyVol'] ?? 0;
    const full = { liquidity: 1, priceLower: 0, priceUpper: Infinity };
    const yearly = lossVersusRebalancing(full, 1, daily * Math.sqrt(365)) / rangeGreeks(full, 1).value;
    expect((yearly / 365) * 1e4).toBeCloseTo(rate?.expected['lvrPerDayBps'] ?? 0, 9);
    expect(Math.abs(yearly - (rate?.expected['lvrPerYear'] ?? 0))).toBeLessThanOrEqual(5e-4);
    const fee = (turnover?.inputs['feeBps'] ?? 0) / 1e4;
    expect(yearly / 365 / fee).toBeCloseTo(turnover?.expected['breakEvenDailyTurnoverOfTvl'] ?? 0, 9);
  });

  itWithSharedData('validation/uniswap_v3_lp_examples_elsts.json')('has the published examples', () => {
    const [one, two, three, four, five] = casesOf('uniswap_v3_lp_examples_elsts');
    const of = (entry: typeof one, name: string): number => entry?.inputs[name] ?? 0;
    const first = { priceLower: of(one, 'pa'), priceUpper: of(one, 'pb') };
    const bought = liquidityOfAmount0(of(one, 'ETH'), of(one, 'P'), first);
    const within = (entry: typeof one, name: string, found: number): void =>
      expect(Math.abs(found - (entry?.expected[name] ?? 0))).toBeLessThanOrEqual(Number(entry?.tolerance));
    within(one, 'USDC', rangeGreeks({ ...first, liquidity: bought }, of(one, 'P')).amount1);
    // The lower end at which two amounts are one liquidity.
    const l = liquidityOfAmount0(of(two, 'ETH'), of(two, 'P'), { priceLower: 0, priceUpper: of(two, 'pb') });
    const root = Math.sqrt(of(two, 'P')) - of(two, 'USDC') / l;
    within(two, 'pa', root * root);
    const range = { priceLower: of(three, 'pa'), priceUpper: of(three, 'pb') };
    const held = Math.min(
      liquidityOfAmount0(of(three, 'ETH'), of(three, 'P0'), range),
      liquidityOfAmount1(of(three, 'USDC'), of(three, 'P0'), range),
    );
    const later = rangeGreeks({ ...range, liquidity: held }, of(three, 'P1'));
    within(three, 'ETH', later.amount0);
    within(three, 'USDC', later.amount1);
    for (const example of [four, five]) {
      const ends = { priceLower: of(example, 'a'), priceUpper: of(example, 'b') };
      const found = Math.min(
        liquidityOfAmount0(of(example, 'x'), of(example, 'P'), ends),
        liquidityOfAmount1(of(example, 'y'), of(example, 'P'), ends),
      );
      within(example, 'liquidity', found);
    }
  });

  it('agrees with the integers of the contract', () => {
    const scale = 10n ** 18n;
    const integer = liquidityForAmounts(
      encodeSqrtRatio(2000n, 1n),
      encodeSqrtRatio(1500n, 1n),
      encodeSqrtRatio(2500n, 1n),
      2n * scale,
      10n ** 30n,
    );
    const real = liquidityOfAmount0(2, 2000, { priceLower: 1500, priceUpper: 2500 });
    expect(Number(integer) / 1e18 / real).toBeCloseTo(1, 12);
  });
});
