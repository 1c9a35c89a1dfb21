import fc from 'fast-check';
import { isKillScope } from './kill-switch';
import { encodeLatchFile, latchFileName, latchOfFile } from './latch-file';

const ID = '6f0c1f0e-0000-4000-8000-000000000001';
const stop = { engagement: ID, by: 'Ada', reason: 'drill', at: '2026-01-01T00:00:00Z' };

describe('a file of the kill folder', () => {
  it.each(['firm', 'book:btc-100%', 'instrument:BTC-23JAN26-0.5-C@deribit', 'book:ü/~x'])(
    'of %s says what it stops, and who stopped it',
    (scope) => {
      const file = latchOfFile(latchFileName(scope, ID), encodeLatchFile(stop), 's');
      expect(file).toEqual({ scope, engagement: stop });
    },
  );

  it('stops the same when it was written half, or cannot be read', () => {
    for (const content of ['', '{"engaged":tr', 'null', '[]', undefined])
      expect(latchOfFile(latchFileName('book:b', ID), content, 's')).toMatchObject({
        scope: 'book:b',
        engagement: { engagement: ID },
        problem: 'no content of a latch',
      });
  });

  it.each([
    ['firm.json', 'firm', false],
    ['book%3Abtc.json', 'book:btc', false],
    ['FIRM.json', 'firm', true],
    ['firm.JSON', 'firm', true],
    ['firm', 'firm', true],
    ['book:btc-100%.json', 'book:btc-100%', true],
    ['Book%3abtc.json', 'book:btc', true],
    ['book%3Abtc', 'book:btc', true],
    ['book%3Abtc.json.swp', 'firm', true],
    ['%', 'firm', true],
    ['.DS_Store', 'firm', true],
    ['everything.json', 'firm', true],
    ['', 'firm', true],
  ])('made by hand as "%s" stops %s', (name, scope, isOdd) => {
    const file = latchOfFile(name, encodeLatchFile(stop), 's');
    expect([file.scope, file.problem !== undefined]).toEqual([scope, isOdd]);
  });

  it('that says it is not engaged lies there all the same', () => {
    const content = JSON.stringify({ ...stop, engaged: false });
    expect(latchOfFile('firm.json', content, 's').scope).toBe('firm');
  });

  it('without an id of its own is one stop while it stays as it is, and another when it is put there again', () => {
    const idOf = (stamp: string): string => latchOfFile('firm.json', '', stamp).engagement.engagement;
    expect(idOf('1')).toBe(idOf('1'));
    expect(idOf('1')).not.toBe(idOf('2'));
  });

  it('always stops something, whatever its name and content', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (name, content) => {
        const { scope, engagement } = latchOfFile(name, content, 's');
        expect(isKillScope(scope)).toBe(true);
        expect(engagement.engagement).toMatch(/^[0-9a-f-]{36}$/);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
