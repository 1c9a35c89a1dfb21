import fc from 'fast-check';
import { UNITS_MAX, columnOf, fromZigzag, readColumn, zigzag } from './column';

const integers = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.integer({ min: -40, max: 40 }),
    fc.integer({ min: -100_000, max: 100_000 }),
    fc.maxSafeInteger().map((value) => Math.trunc(value / 8) + 0),
    fc.constantFrom(UNITS_MAX, -UNITS_MAX, 2 * UNITS_MAX, -2 * UNITS_MAX),
  ),
  { maxLength: 60 },
);
const differencesOf = (values: readonly number[]): number[] =>
  values.map((value, row) => value - (values[row - 1] ?? 0));

describe('a column', () => {
  it('gives its integers back, whatever they are, as values or as differences', () => {
    fc.assert(
      fc.property(integers, (values) => {
        const differences = differencesOf(values);
        const { integers: read, plain } = readColumn(columnOf(values, differences), values.length);
        expect([...read]).toEqual(plain ? values : differences);
      }),
      { seed: 31, numRuns: 3_000 },
    );
  });

  it('is nothing where everything is as foretold, and holds as many as are asked for', () => {
    expect(columnOf([7, 7], [0, 0])).toHaveLength(0);
    const bytes = columnOf([300, -5, 17, 0], [300, -305, 22, -17]);
    for (const rows of [0, 1, 30])
      expect(() => readColumn(bytes, rows)).toThrow(
        expect.objectContaining({ code: 'CONTRACTS.UNDECODABLE' }),
      );
  });

  it('takes no longer than its rows, whatever its bytes claim', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat({ max: 1_000 }), (bytes, rows) => {
        try {
          expect(readColumn(bytes, rows).integers).toHaveLength(rows);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CONTRACTS.UNDECODABLE' });
        }
      }),
      { seed: 32, numRuns: 3_000 },
    );
  });

  it('numbers the integers by size', () => {
    expect([0, -1, 1, -2, 2].map(zigzag)).toEqual([0, 1, 2, 3, 4]);
    expect([0, 1, 2, 3, 4].map(fromZigzag)).toEqual([0, -1, 1, -2, 2]);
  });
});
