import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const contracts = join(__dirname, '..');
const installed = existsSync(join(contracts, 'node_modules', '@foundry-rs'));
const FULL = process.env['EK_SOAK'] === '1';
if (!installed) process.stderr.write('skipped: no forge; npm ci --prefix contracts brings it\n');

const run = (...args: string[]): Readonly<Record<string, unknown>> => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(contracts, '..', 'tools', 'contracts.mjs'), ...args, '--json'],
    { encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  process.stdout.write(`${args.join(' ')}: ${stdout}`);
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>; // the command's own shape
};

(installed ? describe : describe.skip)('vault invariants (forge)', () => {
  const calls = FULL ? 200_000 : 4_000;
  it(`hold over ${calls} calls`, () => {
    expect(run('fuzz', '--calls', String(calls))).toMatchObject({ broken: [], calls });
  }, 1_800_000);

  (FULL ? it : it.skip)(
    'find every planted defect',
    () => {
      expect((run('defects', '--calls', '20000')['found'] as unknown[]).length).toBeGreaterThanOrEqual(6);
    },
    1_800_000,
  );
});
