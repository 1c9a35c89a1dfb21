import { ROOT } from './json-scan';
import { readScan } from './scanned-fields';
import { WireKey } from './wire-key';

describe('keys by number', () => {
  const asked = new WireKey('asked');
  const read = (text: string): unknown =>
    readScan(text, (scan) => [scan.valueAt(scan.field(ROOT, asked)), scan.valueAt(ROOT)]);
  const expected = (text: string): unknown => {
    const value = JSON.parse(text) as Record<string, unknown>;
    return { ok: true, value: [value['asked'], value] };
  };

  it.each([
    ['more than are numbered', (index: number) => `key ${index}`],
    [
      'alike in length, first, middle and last letter',
      (index: number) => `a${10_000 + index}m${10_000 + index}z`,
    ],
    ['too long to be numbered', (index: number) => `${'k'.repeat(70)}${index}`],
  ])('reads messages of keys that are %s as JSON.parse does', (_, keyOf) => {
    const texts = Array.from({ length: 600 }, (_text, message) => {
      const keys = Array.from({ length: 10 }, (_key, index) => keyOf(message * 10 + index));
      // The last of twins counts.
      const fields = [...keys, 'asked', ...keys.slice(3, 5)].map((key, value) => `"${key}":${value}`);
      return `{${fields.join(',')}}`;
    });
    for (const text of texts) expect(read(text)).toEqual(expected(text));
  });

  it('tells keys apart of which the one expected is the beginning, or goes on', () => {
    const texts = [
      '{"a":1,"asked":2}',
      '{"a":1,"ask":2}',
      '{"a":1,"asked ":2}',
      '{"a":1,"\\u0061sked":2}',
      '{"":1,"asked":2}',
    ];
    for (const text of [...texts, ...texts]) expect(read(text)).toEqual(expected(text));
    for (const text of ['{"a":1,"asked', '{"a":1,"asked"', '{"":1,""":2}'])
      expect(read(text)).toMatchObject({ failure: { code: 'VENUES.JSON_INVALID' } });
  });
});
