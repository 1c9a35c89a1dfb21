import { math } from '../math';
import { negativeIntervals } from './interval-scan';

describe('the search for negative intervals', () => {
  const grid = [{ centre: 0, width: 1 }];

  it('finds a dip narrower than its points are apart', () => {
    const dip = (k: number): number => ((k - 0.0123) * (k - 0.0123)) / 1e-8 - 1; // negative for 1e-4 to either side
    const [found] = negativeIntervals(dip, grid, math.sinh, 0);
    expect(found?.from).toBeCloseTo(0.0122, 9);
    expect(found?.to).toBeCloseTo(0.0124, 9);
    expect(found?.worstAt).toBeCloseTo(0.0123, 6);
    expect(found?.worst).toBeCloseTo(-1, 6);
  });

  it('names every interval, and whole wings as infinite', () => {
    const found = negativeIntervals((k) => (k + 2) * (k - 1) * (k - 3), grid, math.sinh, 0);
    expect(found.map(({ from, to }) => [from, to])).toEqual([
      [-Infinity, expect.closeTo(-2, 9)],
      [expect.closeTo(1, 9), expect.closeTo(3, 9)],
    ]);
    expect(negativeIntervals((k) => k * k + 1, grid, math.sinh, 0)).toEqual([]);
    expect(negativeIntervals((k) => k * k - 1e-12, grid, math.sinh, 1e-10)).toEqual([]);
  });
});
