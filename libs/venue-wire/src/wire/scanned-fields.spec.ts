import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { readMessage } from './fields';
import { ROOT } from './json-scan';
import { readScan } from './scanned-fields';
import { WireKey } from './wire-key';
import { NumberLexeme } from './wire-value';

const keys = (count: number, keyOf: (index: number) => string): string =>
  `{${Array.from({ length: count }, (_, index) => `"${keyOf(index)}":0`).join(',')}}`;

/** Least processor milliseconds of several. */
function costOf(text: string): number {
  const costs = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    expect(readScan(text, () => true)).toEqual({ ok: true, value: true });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...costs);
}

describe('a scan of what a peer may send', () => {
  it.each([
    ['keys', (index: number) => `K${index.toString(36)}`],
    ['keys of digits that an engine would hash alike', (index: number) => String(index * 4096)],
    ['escaped keys', (index: number) => `\\u0041${index}`],
    ['the same key', () => 'a'],
    ['the same escaped key', () => '\\u0041'],
  ])('costs as much as its length: %s', (_, keyOf) => {
    costOf(keys(2000, keyOf));
    // Sixteen times the keys: quadratic it would be 256 times.
    expect(costOf(keys(32_000, keyOf))).toBeLessThan(80 * costOf(keys(2000, keyOf)) + 20);
  });

  it('takes the last of keys that come again among many, escaped or not', () => {
    const many = Array.from({ length: 100 }, (_, index) => `"k${index}":${index}`);
    const again = ['"k3":"x"', '"\\u006b3":"y"', '"k99":"z"', '"k\\u0037":"w"'];
    const text = `{"b":{${many.join(',')}},${[...many, ...again].join(',')},"k3":"last"}`;
    const native = JSON.parse(text) as Record<string, unknown>;
    for (const name of ['b', 'k0', 'k3', 'k7', 'k99', 'k100']) {
      const key = new WireKey(name);
      expect(readScan(text, (scan) => scan.valueAt(scan.field(ROOT, key)))).toEqual({
        ok: true,
        value: native[name],
      });
    }
    expect(readMessage(text, (root) => root)).toEqual({ ok: true, value: native });
  });

  it('reads a long text with escapes, and refuses one that does not end', () => {
    for (const [written, read] of [
      [`\\n${'a'.repeat(9_000_000)}`, `\n${'a'.repeat(9_000_000)}`],
      ['\\n'.repeat(4_000_000), '\n'.repeat(4_000_000)],
    ]) {
      const found = readScan(`"${written}"`, (scan) => scan.valueAt(ROOT));
      expect(found.ok && found.value === read).toBe(true);
      expect(readScan(`"${written}`, () => true)).toMatchObject({ failure: { code: 'VENUES.JSON_INVALID' } });
    }
  });

  it.each(['\\x', '\\u12g4', '\\u123', '\\', '\\u', '\\n\n', '\\u00:0', '\\u00`0', '\\u00@0'])(
    'refuses the escape %s as JSON.parse does',
    (written) => {
      expect(() => JSON.parse(`"${written}"`) as unknown).toThrow();
      expect(readScan(`"${written}"`, () => true)).toMatchObject({ ok: false });
    },
  );

  it('says what nobody foresaw as its result', () => {
    const failing = (): never => {
      throw new RangeError('too much');
    };
    const failed = {
      ok: false,
      failure: { code: 'VENUES.MESSAGE_UNREADABLE', message: 'RangeError: too much' },
    };
    expect(readScan('{}', failing)).toEqual(failed);
    expect(readMessage('{}', failing)).toEqual(failed);
    expect(readScan('{}', () => 1)).toEqual({ ok: true, value: 1 });
  });

  it('reads an integer of millions of digits as none', () => {
    const text = `-${'9'.repeat(15_000_000)}`;
    expect(readScan(text, (scan) => scan.integerAt(ROOT, 'p'))).toMatchObject({
      failure: { code: 'VENUES.FIELD_INVALID' },
    });
  });
});

describe('what is kept of a message', () => {
  const key = new WireKey('p');
  const heap = (): number => {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    return process.memoryUsage().heapUsed;
  };
  const literalOf = (value: unknown): unknown => (value instanceof NumberLexeme ? value.text : value);

  it.each<[string, (text: string) => unknown]>([
    ['a decimal', (text) => readScan(text, (scan) => scan.decimalField(ROOT, key))],
    ['an identifier', (text) => readScan(text, (scan) => scan.identifierField(ROOT, key))],
    ['a long number', (text) => readScan(text, (scan) => literalOf(scan.valueAt(scan.field(ROOT, key))))],
  ])('does not hold the message: %s', (_, read) => {
    const before = heap();
    const kept = Array.from({ length: 100 }, (_unused, index) =>
      read(Buffer.from(`{"p":0.${1e15 + index}1,"pad":"${'x'.repeat(100_000)}"}`).toString('latin1')),
    );
    // The messages are 10 MB together.
    expect(heap() - before).toBeLessThan(3e6);
    expect(kept).toContainEqual({ ok: true, value: '0.10000000000000991' });
  });
});
