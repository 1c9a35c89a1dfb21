import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './stack/home';

interface Point {
  readonly point: string;
  readonly tests?: readonly { readonly file: string; readonly names: readonly string[] }[];
}

const POINTS = join(REPOSITORY, 'tools', 'safety.json');

function list(
  points: string,
  ...names: readonly string[]
): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(REPOSITORY, 'tools', 'safety.mjs'), '--list', ...names],
    { encoding: 'utf8', env: { ...process.env, EK_SAFETY_POINTS: points } },
  );
  return { status, said: stdout + stderr };
}

describe('npm run safety', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-safety-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('knows every point of the review, and each test that it names is there', () => {
    const { status, said } = list(POINTS);
    expect({ status, said }).toMatchObject({ status: 0 });
    const named = said.match(/^S\d+[a-z]?/gm) ?? [];
    const numbers = [...new Set(named.map((point) => Number(/\d+/.exec(point)?.[0])))];
    expect(numbers).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
    expect(named.filter((point) => /^S3/.test(point))).toEqual(
      [...'abcdefgh'].map((letter) => `S3${letter}`),
    );
  });

  it('knows every reported case by its name, and each test that it names is there', () => {
    const { status, said } = list(join(REPOSITORY, 'tools', 'cases.json'));
    expect({ status, said }).toMatchObject({ status: 0 });
    expect(new Set(said.match(/^[a-z][a-z-]+(?= )/gm))).toHaveProperty('size', 26);
    expect(said).not.toContain('OPEN');
  });

  it.each([
    [
      'a test that nobody has',
      (point: Point) => ({ ...point, tests: [{ ...point.tests?.[0], names: ['no such'] }] }),
    ],
    [
      'a spec that nobody has',
      (point: Point) => ({ ...point, tests: [{ file: 'x.spec.ts', names: ['x'] }] }),
    ],
    ['no test, and does not say so', ({ point }: Point) => ({ point, was: 'x' })],
  ])('finds a point that names %s', (_what, change) => {
    const { points, ...rest } = JSON.parse(readFileSync(POINTS, 'utf8')) as { points: Point[] }; // held by the test above
    const file = join(dir, 'planted.json');
    writeFileSync(
      file,
      JSON.stringify({ ...rest, points: points.map((one, at) => (at === 0 ? change(one) : one)) }),
    );
    expect(list(file)).toMatchObject({ status: 2, said: expect.stringContaining('S1a') as string });
  });

  it('names a point that nobody has made', () => {
    expect(list(POINTS, 'S99')).toMatchObject({
      status: 2,
      said: expect.stringContaining('no point S99') as string,
    });
  });
});
