import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentLines } from '../governance/shown-content';
import { keelSays } from './words.test-support';

const dir = mkdtempSync(join(tmpdir(), 'evenkeel-governed-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const home = join(dir, 'home');
const keel = (...words: string[]) => keelSays({ EK_HOME: home }, ...words);
const position = {
  instrument: 'BTC-27MAR26-90000-C@deribit',
  quantity: '-2',
  price: '0.05',
  at: '2026-01-01T00:06:00Z',
};
const hedge = { instruments: ['BTC-PERPETUAL@deribit'], policy: { kind: 'delta-band', band: '0.05' } };
const book = join(dir, 'btc.json');
writeFileSync(book, JSON.stringify({ book: 'btc', numeraire: 'USD', positions: [position], hedge }));

describe('the day of governance, with nothing running', () => {
  it('says at once that two administrators are needed', async () => {
    expect((await keel('identity', 'create', 'ada', '--role', 'administrator')).stderr).toMatch(
      /opens with two administrators; there is one so far/,
    );
    const alone = await keel(
      'propose',
      'book',
      book,
      '--as',
      'ada',
      '--reason',
      'x',
      '--out',
      join(dir, 'x.json'),
    );
    expect([alone.code, alone.stderr]).toEqual([1, expect.stringMatching(/Two administrators are needed/)]);
    expect((await keel('identity', 'create', 'ben', '--role', 'administrator')).stderr).toBe('');
    await keel('identity', 'create', 'tess', '--role', 'trader');
    await keel('identity', 'create', 'rita', '--role', 'risk-officer');
  });

  it('proposes a book without a market, shows what is approved, and says what to type next', async () => {
    const out = join(dir, 'btc.approval.json');
    const proposed = await keel(
      'propose',
      'book',
      book,
      '--as',
      'tess',
      '--reason',
      'new book',
      '--out',
      out,
    );
    expect(proposed.code).toBe(0);
    expect(proposed.stderr).toMatch(/not held against a market: --tape MANIFEST/);
    expect(proposed.stderr).toMatch(new RegExp(`a second person types: keel approve ${out} --as <name>`));
    const seen = await keel('approve', out, '--as', 'rita');
    expect(seen.code).toBe(2);
    expect(seen.stderr).toMatch(
      /approve book of btc:\n {2}book btc, in USD, 1 positions:\n {4}-2 BTC-27MAR26-90000-C@deribit at 0.05/,
    );
    expect(seen.stderr).toMatch(
      /hedged with BTC-PERPETUAL@deribit\n {4}policy: {"band":"0.05","kind":"delta-band"}/,
    );
    const hash = /exactly this, sha256 ([0-9a-f]{64})/.exec(seen.stderr)?.[1] ?? '';
    const approved = await keel('approve', out, '--as', 'rita', '--sha256', hash);
    expect([approved.code, approved.stderr]).toEqual([
      0,
      expect.stringMatching(/now: keel run --book FILE --approval /),
    ]);
    expect(readFileSync(out, 'utf8')).toMatch(/ChangeApproved/);
  });

  it.each([
    ['approve', 'missing.json', '--as', 'rita'],
    ['reject', './nowhere/file', '--as', 'rita'],
    ['proposals', '--file', 'missing.json'],
  ])('%s %s names a file that is not there: exit code 2', async (...words) => {
    const { code, stderr } = await keel(...words);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/there is no file .*(missing\.json|nowhere\/file)/),
    ]);
  });

  it('puts every kind of content in words', () => {
    expect(
      contentLines(
        'override',
        'btc',
        '{"control":"order-quantity","duration":"PT30M","kind":"override-grant","upTo":"20"}',
      ),
    ).toEqual(['book btc: override grant order-quantity up to 20 for PT30M']);
    expect(contentLines('kill-release', 'book:btc', '{"engagements":["e-1"],"release":"book:btc"}')).toEqual([
      'book:btc trades again, as far as only these stops are in force:',
      '  e-1',
    ]);
    expect(contentLines('roles', 'identities', '[{"credentials":[],"identity":"tess","roles":[]}]')).toEqual([
      'tess is no longer enrolled',
    ]);
    expect(contentLines('policy', 'btc', '{"policy":{"kind":"delta-band"},"targetDelta":"0"}')).toEqual([
      'book btc',
      '  policy: {"kind":"delta-band"}',
      '  targetDelta: 0',
    ]);
  });
});
