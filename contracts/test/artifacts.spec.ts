import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const tool = (...args: string[]): ReturnType<typeof spawnSync> =>
  spawnSync(process.execPath, [join(__dirname, '..', '..', 'tools', 'contracts.mjs'), ...args], {
    encoding: 'utf8',
  });

describe('compiled contracts', () => {
  it('are those of the sources, settings and compiler beside them', () => {
    const { status, stdout, stderr } = tool('--check', '--json');
    expect([status, stderr]).toEqual([0, '']);
    const { compiled } = JSON.parse(String(stdout)) as { compiled: boolean }; // the command's own shape
    if (!compiled)
      process.stderr.write(
        'only sources compared, not bytes: npm ci --prefix contracts brings the compiler\n',
      );
  }, 60_000);

  it('are not made by a command that does not exist', () => {
    expect(tool('compile').status).toBe(2);
    expect(tool('fuzz', '--calls', 'many').status).toBe(2);
    expect(String(tool('--help').stdout)).toContain('Example:');
  });
});
