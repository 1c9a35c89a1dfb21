import { createPathKernel, math, standardNormalQuantile } from '@evenkeel/pricing';
import type { RandomKey } from '@evenkeel/pricing';
import { randomKey } from './counter-random';
import { momentsOf } from './statistics';

/** The 53 bits of a uniform that two published words make. */
const uniformOf = (high: number, low: number): number =>
  ((high >>> 5) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 53;

function drawn(
  kind: 'uniforms' | 'normals',
  key: RandomKey,
  path: number,
  draw: number,
  count: number,
): Float64Array {
  const paths = createPathKernel(count, 1);
  const out = paths.column();
  paths[kind](key, path, draw, out);
  return out.slice(0, count);
}

const uniformAt = (key: RandomKey, path: number, draw: number): number | undefined =>
  drawn('uniforms', key, path, draw, 1)[0];

describe('random numbers of a simulation', () => {
  it('give the known answers published with Threefry-2x32-20', () => {
    expect(uniformAt({ first: 0, second: 0 }, 0, 0)).toBe(uniformOf(0x6b200159, 0x99ba4efe));
    expect(uniformAt({ first: -1, second: -1 }, -1, -1)).toBe(uniformOf(0x1cb996fc, 0xbb002be7));
    expect(uniformAt({ first: 0x13198a2e, second: 0x03707344 }, 0x243f6a88, 0x85a308d3)).toBe(
      uniformOf(0xc4923a9c, 0x483df7a0),
    );
  });

  it('depend on the seed, the path and the draw alone', () => {
    const whole = drawn('uniforms', randomKey('7'), 0, 3, 100);
    expect([...drawn('uniforms', randomKey('7'), 60, 3, 40)]).toEqual([...whole.subarray(60)]);
    // Not a multiple of four paths, as the kernel takes them.
    expect([...drawn('uniforms', randomKey('7'), 61, 3, 37)]).toEqual([...whole.subarray(61, 98)]);
    expect([...drawn('uniforms', randomKey('8'), 60, 3, 40)]).not.toEqual([...whole.subarray(60)]);
  });

  it('are the quantiles of their uniforms, one by one', () => {
    const uniforms = drawn('uniforms', randomKey('q'), 0, 0, 5000);
    expect(drawn('normals', randomKey('q'), 0, 0, 5000)).toEqual(uniforms.map(standardNormalQuantile));
  });

  it('are standard normals: four moments within four standard errors', () => {
    const sample = drawn('normals', randomKey('normals'), 0, 0, 200_000);
    const { mean, std, skewness, excessKurtosis, count } = momentsOf(sample);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(std - 1)).toBeLessThan(4 / Math.sqrt(2 * count));
    expect(Math.abs(skewness)).toBeLessThan(4 * Math.sqrt(6 / count));
    expect(Math.abs(excessKurtosis)).toBeLessThan(4 * Math.sqrt(24 / count));
  });

  it('are not correlated between neighbouring paths or draws', () => {
    const [a, b, c] = [
      [0, 0],
      [1, 0],
      [0, 1],
    ].map(([path, draw]) => drawn('normals', randomKey('pairs'), path ?? 0, draw ?? 0, 100_000)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
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
