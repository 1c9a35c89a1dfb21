import { Decimal } from '@evenkeel/kernel';
import fc from 'fast-check';
import { decodeState, encodeState } from './state-codec';

const back = (value: unknown): unknown => decodeState(encodeState(value));

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(undefined, null, true, false, -0, NaN, Infinity, -Infinity),
    fc.double(),
    fc.maxSafeInteger(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
    fc.tuple(fc.bigInt(), fc.nat(1_000)).map(([units, scale]) => Decimal.ofUnits(units, scale)),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
      tie('value'),
      {
        noNullPrototype: true,
      },
    ),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((entries) => new Set(entries)),
  ),
})).value;

describe('the bytes of a state', () => {
  it('give back what went in, and the same bytes again', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const bytes = encodeState(value);
        const again = decodeState(bytes);
        expect(again).toStrictEqual(value);
        expect(encodeState(again)).toEqual(bytes);
      }),
    );
  });

  it('keep the order of keys, absent against undefined, and the sign of zero', () => {
    const state = back({ b: 1, a: undefined, '10': -0 }) as Record<string, unknown>;
    expect(Object.keys(state)).toEqual(['10', 'b', 'a']);
    expect(Object.is(state['10'], -0)).toBe(true);
  });

  it('keep one object one object, also in a circle', () => {
    const order: Record<string, unknown> = { id: 'x' };
    order['self'] = order;
    const state = back({ all: new Map([['x', order]]), open: [order], seen: new Set([order]) }) as {
      all: Map<string, { self: unknown }>;
      open: unknown[];
      seen: Set<unknown>;
    };
    const found = state.all.get('x');
    expect(state.open[0]).toBe(found);
    expect(state.seen.has(found)).toBe(true);
    expect(found?.self).toBe(found);
  });

  it.each<[string, unknown, RegExp]>([
    ['an instance', { a: [{ when: new Date(0) }] }, /Date at a\.0\.when/],
    ['a subclass of a list', { a: new (class Sorted extends Array {})() }, /Sorted at a/],
    ['a Buffer', { a: Buffer.from('x') }, /Buffer at a/],
    ['no prototype', { a: Object.create(null) as unknown }, /no prototype/],
    ['a function', { a: () => 1 }, /function at a/],
    ['a symbol', Symbol('x'), /symbol at its root/],
    ['a symbol as a key', { [Symbol('x')]: 1 }, /symbol/],
    [
      'an accessor',
      Object.defineProperty({}, 'a', { get: () => 1, enumerable: true }),
      /not plain data at a/,
    ],
    ['a hidden property', Object.defineProperty({}, 'a', { value: 1 }), /not plain data at a/],
    ['a hole', { a: [1, , 3] }, /holes/],
    ['a list with a name', { a: Object.assign([1], { n: 1 }) }, /properties at a/],
    ['a map with a name', { a: Object.assign(new Map(), { n: 1 }) }, /properties of its own at a/],
  ])('refuse %s, and say where', (_, value, message) => {
    expect(() => encodeState(value)).toThrow(message);
  });

  it('are refused when they are cut or altered into nonsense', () => {
    const bytes = encodeState({ a: [1, 2.5, 'ü', 'ж', 10n ** 30n, new Map([[1, new Set([2])]])] });
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => decodeState(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'EVENTING.SNAPSHOT_UNREADABLE' }),
      );
    expect(() => decodeState(Uint8Array.of(99, 0))).toThrow(/unknown tag/);
    expect(() => decodeState(Uint8Array.of(11, 5))).toThrow(/points at/);
    expect(() => decodeState(Uint8Array.of(...bytes, 0))).toThrow(/left over/);
  });
});
