import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { fairPowerPerpDailyFunding, fairPowerPerpRatio, powerPerpFunding } from './power-perp';

describe('a squared perpetual', () => {
  itWithSharedData('validation/squeeth_power_perp.json')('has the published funding', () => {
    const file = join(sharedDir() ?? '', 'validation/squeeth_power_perp.json');
    // The table's own shape.
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: PowerCase[] };
    expect(cases).toHaveLength(7);
    for (const { inputs, expected } of cases) {
      if (inputs.impliedVol !== undefined) {
        expect(fairPowerPerpRatio(inputs.impliedVol) / (expected['markOverIndex'] ?? 0)).toBeCloseTo(1, 9);
        expect(fairPowerPerpDailyFunding(inputs.impliedVol) / (expected['dailyFunding'] ?? 0)).toBeCloseTo(
          1,
          9,
        );
        continue;
      }
      const { index, mark, multiplier } = powerPerpFunding({
        price: inputs.ethPrice ?? 0,
        scale: inputs.oracleScale ?? 0,
        perpPrice: inputs.wSqueethPriceEth ?? 0,
        normalisation: inputs.normFactorBefore ?? 0,
        elapsedSeconds: inputs.elapsedSeconds ?? 0,
        periodSeconds: inputs.fundingPeriodSeconds ?? 0,
        bounds: inputs.markBounds ?? [0, 0],
      });
      expect(index / (expected['index'] ?? 0)).toBeCloseTo(1, 12);
      expect(mark / (expected['markUsed'] ?? 0)).toBeCloseTo(1, 12);
      expect(Math.abs(multiplier / (expected['multiplier'] ?? 0) - 1)).toBeLessThan(1e-12);
    }
  });
});

interface PowerCase {
  readonly inputs: {
    readonly impliedVol?: number;
    readonly ethPrice?: number;
    readonly oracleScale?: number;
    readonly wSqueethPriceEth?: number;
    readonly normFactorBefore?: number;
    readonly elapsedSeconds?: number;
    readonly fundingPeriodSeconds?: number;
    readonly markBounds?: readonly [number, number];
  };
  readonly expected: Readonly<Record<string, number>>;
}
