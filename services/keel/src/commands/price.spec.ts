import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../stack/home';

const dir = mkdtempSync(join(tmpdir(), 'evenkeel-price-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const out = join(dir, 'out.json');

function keel(
  content: string,
  ...args: readonly string[]
): { status: number | null; stdout: string; stderr: string } {
  const input = join(dir, 'input.csv');
  writeFileSync(input, content);
  const command = [join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js'), 'price', ...args, '--in', input];
  return spawnSync(process.execPath, command, { encoding: 'utf8' });
}

/** A smile at one volatility as the market quotes it: at-the-money mids of Black's formula, flat in strike to two digits. */
const SMILE = [
  '80,put,2.2456,2.2856',
  '90,put,5.2521,5.2921',
  '95,put,7.3813,7.4213',
  '100,call,9.9276,9.9676',
  '105,call,7.8688,7.9088',
  '110,call,6.1704,6.2104',
  '120,call,3.6859,3.7259',
];
/** The same at a fifth of it, twice as far away: total variance falls. */
const LATER = [
  '80,put,0.2891,0.3291',
  '90,put,1.7524,1.7924',
  '95,put,3.3332,3.3732',
  '100,call,5.6172,5.6572',
  '105,call,3.598,3.638',
  '110,call,2.1912,2.2312',
  '120,call,0.7004,0.7404',
];
const header = 'expiry,years,strike,type,bid,ask,forward';
const table = (...rows: readonly string[]): string => [header, ...rows].join('\n');
const near = SMILE.map((row) => `A,0.25,${row},100`);
const far = LATER.map((row) => `B,0.5,${row},100`);

describe('keel price fit', () => {
  it('fits, and names what it was told of the unit', () => {
    const { status, stdout } = keel(table(...near), 'fit', '--unit', 'quote');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      unit: { unit: 'quote', from: 'stated' },
      slices: [{ converged: true }],
    });
  });

  it.each<[string, string, readonly string[], RegExp]>([
    [
      'rows wider than the header',
      table(...near.map((row) => `${row},000`)),
      [],
      /input\.csv:2: has 8 columns, the header has 7/,
    ],
    [
      'one wide row among good ones',
      table(...near, 'A,0.25,130,call,2.1,2.2,100,000'),
      ['--unit', 'quote'],
      /input\.csv:9: has 8 columns, the header has 7/,
    ],
    ['dollars read as coin', table(...near), [], /prices above 1 coin: is the unit quote\?/],
    ['no row', table(), [], /holds no quote/],
    ['a unit that is none', table(...near), ['--unit', 'USD'], /unit.*coin or quote/],
    ['a column that nobody reads', table(...near).replace('forward', 'fwd'), ['--unit', 'quote'], /fwd/],
    [
      'no forward and no parity',
      table(...near)
        .replaceAll(',100\n', ',\n')
        .replace(/,100$/, ','),
      ['--unit', 'quote'],
      /forward of A is needed/,
    ],
  ])('ends with 2 and writes nothing for %s', (_, content, flags, message) => {
    const { status, stdout, stderr } = keel(content, 'fit', '--out', out, ...flags);
    expect(stderr).toMatch(message);
    expect({ status, stdout, written: existsSync(out) }).toEqual({ status: 2, stdout: '', written: false });
  });

  it('ends with 1 where an expiry left its quotes, and names both', () => {
    const { status, stdout, stderr } = keel(table(...near, ...far), 'fit', '--unit', 'quote');
    expect(status).toBe(1);
    expect(stderr).toMatch(/total variance falls from A to B/);
    expect(JSON.parse(stdout)).toMatchObject({ arbitrage: { after: [] } });
  });

  it('fits what it can, and names by line what it could not read', () => {
    const { status, stderr } = keel(table(...near, 'A,0.25,130,call,3,2,100'), 'fit', '--unit', 'quote');
    expect(status).toBe(0);
    expect(stderr).toMatch(/input\.csv:9: bid 3 is above ask 2/);
  });
});

describe('keel price', () => {
  const file = (...inputs: readonly object[]): string =>
    JSON.stringify({ model: 'european', cases: inputs.map((given, id) => ({ id: `${id}`, inputs: given })) });
  const put = { type: 'put', S: 100, K: 110, T: 1, rate: 0.08, sigma: 0.2 };

  it('counts what it refused, and ends with 1', () => {
    const some = keel(file(put, { ...put, barrier: 70 }));
    expect(some.status).toBe(1);
    expect(some.stderr).toMatch(/1 of 2 cases were refused, the first 1: barrier is not used by european/);
    expect(keel(file({ ...put, barrier: 70 })).status).toBe(1);
    expect(keel(file(put))).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    ['a negative time', { ...put, T: -0.01 }, /T must not be negative/],
    ['a volatility in per cent', { ...put, sigma: 55 }, /sigma 55 looks like per cent/],
  ])('refuses %s', (_, inputs, message) => {
    expect(keel(file(inputs))).toMatchObject({ status: 1, stderr: expect.stringMatching(message) as string });
  });
});
