import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';
import { Decimal } from './decimal';
import { fnv1a32, sha256, toHex, utf8 } from './hashing';
import { partitionOf, uuidV5 } from './ids';
import { formatInstant, parseDuration, parseInstant, tryParseInstant } from './instant';
import { createRandom } from './random';

const decimalText = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }))
  .map(([units, scale]) => Decimal.ofUnits(units, scale));

describe('Decimal', () => {
  it('round-trips through its string and keeps equal numbers equal', () => {
    fc.assert(
      fc.property(decimalText, (value) => {
        expect(Decimal.parse(value.toString()).equals(value)).toBe(true);
        expect(
          Decimal.parse(`${value.toString()}${value.toString().includes('.') ? '000' : '.000'}`).toString(),
        ).toBe(value.toString());
      }),
    );
  });
  it('obeys the ring laws exactly', () => {
    fc.assert(
      fc.property(decimalText, decimalText, decimalText, (a, b, c) => {
        expect(a.plus(b).times(c).toString()).toBe(a.times(c).plus(b.times(c)).toString());
        expect(a.minus(b).plus(b).toString()).toBe(a.toString());
      }),
    );
  });
  it.each([
    ['2.5', 'half-even', '2'],
    ['3.5', 'half-even', '4'],
    ['-2.5', 'half-up', '-3'],
    ['-2.1', 'floor', '-3'],
    ['-2.1', 'ceil', '-2'],
    ['-2.9', 'down', '-2'],
    ['2.1', 'up', '3'],
  ] as const)('rounds %s %s to %s', (text, rounding, expected) => {
    expect(Decimal.parse(text).round(0, rounding).toString()).toBe(expected);
  });
  it('has the units, the text and the double of any text of digits, few or many', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 19 }).map((list) => list.join(''));
    fc.assert(
      fc.property(
        fc.constantFrom('', '-', '+'),
        digits,
        fc.constantFrom('', '.'),
        digits,
        (sign, a, point, b) => {
          const text = `${sign}${a}${point}${b}`;
          const read = Decimal.tryParse(text);
          expect(read === undefined).toBe(a + b === '');
          if (read === undefined) return;
          const scale = point === '' ? 0 : b.length;
          const units = BigInt(a + b) * (sign === '-' ? -1n : 1n);
          expect([read.units, read.scale]).toEqual([units, scale]);
          expect(read.toNumber()).toBe(Number(text) + 0);
          const [whole, fraction = ''] =
            `${(units < 0n ? -units : units).toString().padStart(scale + 1, '0')}`
              .replace(new RegExp(`(\\d{${scale}})$`), '.$1')
              .split('.');
          const shown = fraction.replace(/0+$/, '');
          expect(read.toString()).toBe(`${units < 0n ? '-' : ''}${whole}${shown === '' ? '' : `.${shown}`}`);
        },
      ),
      { numRuns: 2000 },
    );
  });
  it('rounds a double as its shortest text is rounded, halves and their neighbours too', () => {
    const scale = fc.integer({ min: 0, max: 24 });
    const nearHalf = fc
      .tuple(fc.integer(), scale, fc.constantFrom(0, 1e-3, -1e-3, 0.12, -0.12, 0.13, -0.13, 1e-12))
      .map(([units, digits, off]): [number, number] => [(units + 0.5 + off) / 10 ** digits, digits]);
    const any = fc.tuple(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), scale);
    fc.assert(
      fc.property(fc.oneof(nearHalf, any), ([value, digits]) => {
        const written = Decimal.parse(String(value)).round(digits, 'half-even');
        expect(Decimal.ofNumber(value, digits).toString()).toBe(written.toString());
      }),
      { numRuns: 5000 },
    );
  });
  it('reads exponents as they come out of spreadsheets and refuses the rest', () => {
    expect(Decimal.parse('9.172e-05').toString()).toBe('0.00009172');
    for (const bad of ['', '.', 'abc', '1,5', 'NaN', '--1', '1e', '0x1'])
      expect(Decimal.tryParse(bad)).toBeUndefined();
  });
});

describe('Instant', () => {
  it('keeps every nanosecond digit it was given', () => {
    expect(formatInstant(parseInstant('2026-01-02T09:18:09.153333Z'))).toBe('2026-01-02T09:18:09.153333Z');
    expect(formatInstant(parseInstant('2026-01-30 08:00:00'))).toBe('2026-01-30T08:00:00Z');
    expect(parseInstant('2026-01-01T02:00:00+02:00')).toBe(parseInstant('2026-01-01T00:00:00Z'));
  });
  it('agrees with the platform calendar over four centuries', () => {
    fc.assert(
      fc.property(fc.integer({ min: -6e12, max: 7e12 }), (ms) => {
        expect(parseInstant(new Date(ms).toISOString())).toBe(BigInt(ms) * 1_000_000n);
      }),
    );
  });
  it('reads back what it writes, to the nanosecond, however often it is asked', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -62_000_000_000n, max: 250_000_000_000n }),
        fc.nat({ max: 3 }),
        (at, places) => {
          const instant =
            at * 1_000_000_000n + (places === 0 ? 0n : (at % 1000n) * 10n ** BigInt(3 * places - 3));
          const text = formatInstant(instant);
          expect(formatInstant(instant)).toBe(text);
          expect([tryParseInstant(text), tryParseInstant(`${text.slice(0, -1)}+00:00`)]).toEqual([
            instant,
            instant,
          ]);
          expect(tryParseInstant(text)).toBe(instant);
        },
      ),
      { numRuns: 2000 },
    );
  });
  it('refuses dates that do not exist', () => {
    const bad = [
      '2026-02-29',
      '2026-13-01',
      '2026-00-01',
      '2026-01-00',
      '2026-01-01T24:00:00Z',
      'yesterday',
      '',
    ];
    const written = [
      '2026-02-29T00:00:00Z',
      '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:61Z',
      '20a6-01-01T00:00:00Z',
    ];
    const fractions = [
      '2026-01-01T00:00:00.Z',
      '2026-01-01T00:00:00.1234567890Z',
      '2026-01-01T00:00:00.1x3Z',
    ];
    for (const text of [...bad, ...written, ...fractions]) expect(tryParseInstant(text)).toBeUndefined();
  });
  it('reads durations', () => {
    expect(parseDuration('PT5M')).toBe(parseDuration('5m'));
    expect(parseDuration('P1DT0.5S')).toBe(86_400_500_000_000n);
    expect(() => parseDuration('5 minutes')).toThrow('is not a duration');
  });
});

describe('ids and hashes', () => {
  it('matches the platform SHA-256 and the published FNV-1a vectors', () => {
    expect(toHex(sha256(utf8('evenkeel ⚖')))).toBe(createHash('sha256').update('evenkeel ⚖').digest('hex'));
    const long = new Uint8Array(8_000_001).fill(0xa5);
    expect(toHex(long) === Buffer.from(long).toString('hex')).toBe(true);
    expect(fnv1a32('')).toBe(0x811c9dc5);
    expect(fnv1a32('foobar')).toBe(0xbf9cf968);
  });
  it('writes UTF-8 as the platform does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        expect(toHex(utf8(text))).toBe(Buffer.from(text).toString('hex'));
        const name = createHash('sha1').update(Buffer.from('6b1c6f3a9a5e5c0c8f0e4b7d2a61c3d9', 'hex'));
        const id = uuidV5(text).replaceAll('-', '');
        expect(id.slice(0, 12)).toBe(name.update(text).digest('hex').slice(0, 12));
      }),
    );
    expect(uuidV5('x'.repeat(5000))).not.toBe(uuidV5('x'.repeat(5001)));
  });
  it('gives well-formed, stable ids and two-digit partitions', () => {
    expect(uuidV5('a')).toBe(uuidV5('a'));
    expect(uuidV5('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(partitionOf('btc-weekly-straddles')).toMatch(/^\d\d$/);
  });
  it('writes canonical JSON with sorted keys', () => {
    expect(canonicalJson({ b: [1, null], a: { d: 'x', c: undefined } })).toBe('{"a":{"d":"x"},"b":[1,null]}');
    expect(() => canonicalJson(Number.NaN)).toThrow('finite');
  });
});

describe('Random', () => {
  it('is a function of its seed, uniform enough, and forks independently', () => {
    const one = createRandom('seed');
    const two = createRandom('seed');
    const draws = Array.from({ length: 20_000 }, () => one.next());
    expect(draws.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => two.next()));
    expect(draws.reduce((total, draw) => total + draw, 0) / draws.length).toBeCloseTo(0.5, 1);
    expect(createRandom('seed').fork('a').next()).not.toBe(createRandom('seed').fork('b').next());
  });
});
