import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Comparison } from '@evenkeel/lab';
import { main } from '../main';

const root = mkdtempSync(join(tmpdir(), 'keel-compare-'));
const policies = join(root, 'policies');

async function keel(...words: string[]): Promise<{ text: string; code: number; complaint: string }> {
  const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  process.exitCode = 0;
  try {
    await main(['node', 'keel', ...words]);
    const said = (spy: typeof out): string => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
    return { text: said(out), code: Number(process.exitCode), complaint: said(err) };
  } finally {
    out.mockRestore();
    err.mockRestore();
    process.exitCode = 0;
  }
}

const write = (folder: string, name: string, value: unknown): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(value));
};

beforeAll(() => {
  write(policies, 'wide', { kind: 'delta-band', band: '0.5' });
  write(policies, 'narrow', { kind: 'delta-band', band: '0.05' });
  write(policies, 'fitted', {
    policy: { kind: 'delta-band', band: '0.05' },
    fit: { band: ['0.05', '0.5'] },
  });
});

afterAll(() => rmSync(root, { recursive: true }));

describe('keel lab compare', () => {
  it('weighs a folder of policies over the same hours and leaves table, page and charts', async () => {
    const out = join(root, 'out');
    const { text, code } = await keel(
      ...['lab', 'compare', '--policies', policies, '--out', out, '--days', '2', '--workers', '1', '--json'],
    );
    expect(code).toBe(0);
    const { books } = JSON.parse(text) as Comparison; // what the command prints with --json
    expect(books).toHaveLength(1);
    const rows = books[0]?.rows ?? [];
    expect(rows.map(({ policy }) => policy)).toEqual(['fitted', 'narrow', 'wide']);
    const [, narrow, wide] = rows;
    expect(wide?.costPerDay.value).toBeLessThan(narrow?.costPerDay.value ?? 0);
    expect(new Set(rows.map(({ hours }) => hours)).size).toBe(1);
    expect(books[0]?.fits[0]?.folds).toHaveLength(3);
    for (const file of ['comparison.json', 'comparison.md', 'index.html', 'frontier-demonstration.svg'])
      expect(existsSync(join(out, file))).toBe(true);
    expect(JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8'))).toEqual(JSON.parse(text));
  });

  it('prints a command that makes the same again, and a table that a terminal holds', async () => {
    const out = join(root, 'again');
    const first = await keel(
      'lab',
      'compare',
      '--policies',
      policies,
      '--out',
      out,
      '--days',
      '2',
      '--workers',
      '1',
    );
    expect(first.text).toMatch(/^ {2}policy +score\/day/m);
    expect(first.text).not.toContain('|');
    expect(first.text).toMatch(
      /demonstration: judged over \d+ hours; the first \d+ of each market are left out, as fitted policies learnt from them/,
    );
    const made = readFileSync(join(out, 'comparison.json'), 'utf8');
    const { command } = JSON.parse(made) as Comparison; // written by the command itself
    rmSync(out, { recursive: true });
    const again = await keel(...command.replace('npx keel ', '').split(' '), '--workers', '1');
    expect(again.code).toBe(0);
    expect(readFileSync(join(out, 'comparison.json'), 'utf8')).toBe(made);
  });

  it('weighs policies under a stress alone where told to, and refuses that without one', async () => {
    const scenario = join(root, 'fall.json');
    writeFileSync(
      scenario,
      JSON.stringify({
        scenario: 'fall',
        description: 'A fall of a tenth within an hour.',
        market: { seed: 'fall', days: 1 },
        shocks: [
          {
            kind: 'price-path',
            points: [
              { at: 'PT6H', factor: 1 },
              { at: 'PT7H', factor: 0.9 },
            ],
          },
        ],
        expect: [],
      }),
    );
    const words = [
      'lab',
      'compare',
      '--policies',
      policies,
      '--days',
      '1',
      '--workers',
      '1',
      '--stress-only',
    ];
    const out = join(root, 'stressed');
    const { text } = await keel(...words, '--out', out, '--scenario', scenario, '--json');
    const { command, markets } = JSON.parse(text) as Comparison; // what the command prints with --json
    expect(markets).toEqual(['generated-evenkeel under fall']);
    expect(command).toContain('--stress-only');
    const refused = await keel(...words, '--out', join(root, 'none'));
    expect(refused.code).toBe(2);
    expect(refused.complaint).toMatch(/--stress-only[^]*--scenario/);
  });

  it('refuses a place it cannot write to before anything is run', async () => {
    const taken = join(root, 'taken');
    writeFileSync(taken, 'x');
    const refused = await keel('lab', 'compare', '--policies', policies, '--out', taken);
    expect(refused.code).toBe(2);
    expect(refused.complaint).toMatch(/taken[^]*no folder/);
    expect(refused.complaint).not.toContain('runs');
  });

  it.each([
    ['a policy that does not exist', { kind: 'hope' }, /bad\.json[^]*kind/],
    [
      'a grid that holds no list',
      { policy: { kind: 'time', interval: 'PT1H' }, fit: { interval: 'PT1H' } },
      /fit\.interval/,
    ],
    [
      'a value of a grid that the policy refuses',
      { policy: { kind: 'delta-band', band: '1' }, fit: { band: ['-1'] } },
      /band/,
    ],
  ])('names %s, exits 2 and writes nothing', async (_, value, complaint) => {
    const folder = mkdtempSync(join(root, 'bad-'));
    write(folder, 'bad', value);
    const out = join(folder, 'out');
    const result = await keel('lab', 'compare', '--policies', folder, '--out', out);
    expect(result.code).toBe(2);
    expect(result.complaint).toMatch(complaint);
    expect(existsSync(out)).toBe(false);
  });
});

describe('keel lab scenario', () => {
  it('runs a built-in stress by name and says what held', async () => {
    const { text, code } = await keel('lab', 'scenario', 'weekend-gap');
    expect(code).toBe(0);
    expect(text).toMatch(/^held {2}weekend-gap/);
    expect(text).toContain('✓ nothing is traded on a HALTED price');
  });

  it('exits 1 when an expectation does not hold', async () => {
    const file = join(root, 'hopeless.json');
    writeFileSync(
      file,
      JSON.stringify({
        scenario: 'hopeless',
        description: 'A band that is asked for less than it can do.',
        market: { seed: 'hopeless', days: 1 },
        shocks: [{ kind: 'price-path', points: [{ at: 'PT6H', factor: 1.05 }] }],
        expect: [{ kind: 'variance-ratio', max: 1e-9 }],
      }),
    );
    const { text, code } = await keel('lab', 'scenario', file);
    expect(code).toBe(1);
    expect(text).toMatch(/^FAILED/);
  });
});
