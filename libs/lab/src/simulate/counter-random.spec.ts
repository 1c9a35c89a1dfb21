import { math } from '@evenkeel/pricing';
import { fillNormals, fillUniforms, randomKey, randomWords } from './counter-random';
import { standardNormalQuantile } from './normal-quantile';
import { momentsOf } from './statistics';

const hex = (words: readonly number[]): string[] => words.map((word) => word.toString(16).padStart(8, '0'));

describe('random numbers of a simulation', () => {
  it('give the known answers published with Threefry-2x32-20', () => {
    expect(hex(randomWords({ first: 0, second: 0 }, 0, 0))).toEqual(['6b200159', '99ba4efe']);
    expect(hex(randomWords({ first: -1, second: -1 }, -1, -1))).toEqual(['1cb996fc', 'bb002be7']);
    expect(hex(randomWords({ first: 0x13198a2e, second: 0x03707344 }, 0x243f6a88, 0x85a308d3))).toEqual([
      'c4923a9c',
      '483df7a0',
    ]);
  });

  it('depend on the seed, the path and the draw alone', () => {
    const whole = new Float64Array(100);
    const part = new Float64Array(40);
    fillUniforms(randomKey('7'), 0, 3, whole, 100);
    fillUniforms(randomKey('7'), 60, 3, part, 40);
    expect([...part]).toEqual([...whole.subarray(60)]);
    fillUniforms(randomKey('8'), 60, 3, part, 40);
    expect([...part]).not.toEqual([...whole.subarray(60)]);
  });

  it('are standard normals: four moments within four standard errors', () => {
    const sample = new Float64Array(200_000);
    fillNormals(randomKey('normals'), 0, 0, sample, sample.length);
    const { mean, std, skewness, excessKurtosis, count } = momentsOf(sample);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(std - 1)).toBeLessThan(4 / Math.sqrt(2 * count));
    expect(Math.abs(skewness)).toBeLessThan(4 * Math.sqrt(6 / count));
    expect(Math.abs(excessKurtosis)).toBeLessThan(4 * Math.sqrt(24 / count));
  });

  it('are not correlated between neighbouring paths or draws', () => {
    const [a, b, c] = [0, 1, 2].map(() => new Float64Array(100_000)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    fillNormals(randomKey('pairs'), 0, 0, a, a.length);
    fillNormals(randomKey('pairs'), 1, 0, b, b.length);
    fillNormals(randomKey('pairs'), 0, 1, c, c.length);
    const correlation = (x: Float64Array, y: Float64Array): number =>
      momentsOf(x.map((value, i) => value * (y[i] ?? 0))).mean;
    expect(Math.abs(correlation(a, b))).toBeLessThan(4 / Math.sqrt(100_000));
    expect(Math.abs(correlation(a, c))).toBeLessThan(4 / Math.sqrt(100_000));
  });

  it('are quantiles equal to the kernel’s to 1e-15 over the whole range of a uniform', () => {
    const smallest = 0.5 / 9_007_199_254_740_992;
    const points = [
      smallest,
      1e-12,
      1e-6,
      0.001,
      0.0749,
      0.0751,
      0.3,
      0.4999,
      0.5,
      0.7,
      0.9251,
      0.999,
      1 - 1e-9,
    ];
    for (const p of points) {
      const exact = math.normInv(p);
      expect(Math.abs(standardNormalQuantile(p) - exact)).toBeLessThanOrEqual(
        1e-15 * (1 + Math.abs(exact)) * 4,
      );
    }
  });
});
