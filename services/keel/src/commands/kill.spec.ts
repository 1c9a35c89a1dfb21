import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../stack/home';

describe('keel kill', () => {
  const home = mkdtempSync(join(tmpdir(), 'evenkeel-kill-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('stops what it can although there is no key to ask the processes themselves with, and says both', () => {
    const { PATH = '' } = process.env;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        'services/keel/bin/keel.js',
        'kill',
        '--by',
        'nobody',
        '--direct',
        'http://127.0.0.1:1',
        '--reason',
        'x',
      ],
      { cwd: REPOSITORY, env: { PATH, EK_HOME: home, NODE_ENV: 'production' }, encoding: 'utf8' },
    );
    expect(stdout).toMatch(/^firm is stopped \(file latch; NATS could not be told\)/);
    expect(stderr).toMatch(/WARNING: nothing is known to run in/);
    expect(stderr).toMatch(/the processes themselves were not asked: .*\n.*there is no key of nobody here/);
    expect(readdirSync(join(home, 'kill'))).toHaveLength(1);
    expect(status).toBe(2);
  });
});
