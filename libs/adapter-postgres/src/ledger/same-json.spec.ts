import fc from 'fast-check';
import { sameJson } from './same-json';

const SEED = 20260105;

describe('sameJson', () => {
  it('holds for whatever went through JSON, keys in any order', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, shuffled(item)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => sameJson(value, shuffled(JSON.parse(JSON.stringify(value))))),
      { seed: SEED },
    );
    expect(sameJson({ a: undefined, b: Number.NaN, c: -0 }, { b: null, c: 0 })).toBe(true);
  });

  it('does not hold when anything differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [left, right] = [
          JSON.parse(JSON.stringify(a)) as unknown,
          JSON.parse(JSON.stringify(b)) as unknown,
        ];
        const canonical = (value: unknown): string =>
          JSON.stringify(value, (_, item: unknown) =>
            typeof item === 'object' && item !== null && !Array.isArray(item)
              ? Object.fromEntries(Object.entries(item).sort(([x], [y]) => (x < y ? -1 : 1)))
              : item,
          );
        expect(sameJson(left, right)).toBe(canonical(left) === canonical(right));
      }),
      { seed: SEED },
    );
    for (const [a, b] of [
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ a: 1, b: 2 }, { a: 1 }],
      [[1, 2], [1]],
      [[], {}],
      [{}, []],
      [null, {}],
      ['1', 1],
    ]) {
      expect(sameJson(a, b)).toBe(false);
    }
  });
});
