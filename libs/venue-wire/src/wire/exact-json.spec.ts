import fc from 'fast-check';

import { parseExactJson } from './exact-json';
import { ABSENT, JsonScan, ROOT } from './json-scan';
import { WireKey } from './wire-key';
import { NumberLexeme, type WireValue } from './wire-value';

/** The value with every kept literal turned into the double it denotes: what JSON.parse gives. */
function asDoubles(value: WireValue): unknown {
  if (value instanceof NumberLexeme) return Number(value.text);
  if (Array.isArray(value)) return value.map(asDoubles);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asDoubles(item)]));
  }
  return value;
}

describe('exact JSON', () => {
  it.each(['0.1000000000000000055', '12345678901234567890', '1e400', '1e-400', '-1.5E3'])(
    'keeps %s as written',
    (literal) => {
      const parsed = parseExactJson(`{"a":[1,${literal}]}`);
      const root = parsed.ok ? (parsed.value as { a: WireValue[] }) : { a: [] }; // the shape of the literal above
      expect(root.a[1]).toEqual(new NumberLexeme(literal));
    },
  );

  it('makes a number of a literal that a double gives back', () => {
    expect(parseExactJson('{"p":9598.5,"s":"0x7e5","big":123456789012345}')).toEqual({
      ok: true,
      value: { p: 9598.5, s: '0x7e5', big: 123456789012345 },
    });
  });

  it('accepts and refuses exactly what JSON.parse does, and means the same', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const slow = parseExactJson(text);
        expect(slow.ok).toBe(true);
        if (slow.ok) expect(JSON.stringify(asDoubles(slow.value))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { seed: 7 },
    );
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '"', '}', '1', '.', '\\', '\u0001', 'e'),
        (text, at, patch) => {
          const cut = at % (text.length + 1);
          const broken = text.slice(0, cut) + patch + text.slice(cut + 1);
          let native = true;
          try {
            JSON.parse(broken);
          } catch {
            native = false;
          }
          expect(parseExactJson(broken).ok).toBe(native);
        },
      ),
      { seed: 8, numRuns: 500 },
    );
  });

  it('finds the field that JSON.parse would, whatever its name, however often', () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'ab', 'abc', 'axc', 'e', '\u00e9', '__proto__', ''),
      fc.string(),
    );
    const quoted = fc.oneof(
      name.map((text) => JSON.stringify(text)),
      fc.constantFrom('"\\u0061"', '"a\\u0062"', '"\\n"'),
    );
    const scan = new JsonScan();
    fc.assert(
      fc.property(fc.array(fc.tuple(quoted, fc.json({ maxDepth: 2 }))), name, (fields, wanted) => {
        const text = `{${fields.map(([key, value]) => ` ${key} :${value}\n`).join(',')}}`;
        const native = new Map(Object.entries(JSON.parse(text) as object)).get(wanted) as unknown;
        const key = new WireKey(wanted);
        // One scan for all: what it expects by the message before must not decide what it finds.
        scan.release();
        scan.read(text);
        const slot = scan.field(ROOT, key);
        const found = slot === ABSENT ? undefined : JSON.stringify(asDoubles(scan.value(slot)));
        expect(found).toBe(JSON.stringify(native));
      }),
      { seed: 9, numRuns: 500 },
    );
  });

  it('does not let a message reach a prototype', () => {
    const parsed = parseExactJson('{"__proto__":{"polluted":1}}');
    expect(parsed.ok && Object.getPrototypeOf(parsed.value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses nesting that would exhaust the stack', () => {
    const text = `[12345678901234567890,${'['.repeat(100_000)}`;
    expect(parseExactJson(text)).toMatchObject({ ok: false, failure: { code: 'VENUES.JSON_INVALID' } });
  });
});
