import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { rotateFolder } from './log-rotation';

const MAX = 20_000;

describe('the logs of a home', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'evenkeel-logs-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('stay small while a program goes on writing, and three older ones are kept', async () => {
    const log = openSync(join(dir, 'risk.log'), 'a');
    const program = `setInterval(() => process.stdout.write('x'.repeat(999) + '\\n'), 1)`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', log, log] });
    closeSync(log);
    const deadline = Date.now() + 20_000;
    while (!readdirSync(dir).includes('risk.log.3') && Date.now() < deadline) {
      await delay(5);
      rotateFolder(dir, MAX);
    }
    child.kill();
    expect(readdirSync(dir).sort()).toEqual(['risk.log', 'risk.log.1', 'risk.log.2', 'risk.log.3']);
    // It went on where the file ends, not where it had been.
    expect(readFileSync(join(dir, 'risk.log')).includes(0)).toBe(false);
    expect(statSync(join(dir, 'risk.log.1')).size).toBeGreaterThan(MAX);
  });

  it('are only logs: nothing else in the folder is touched', () => {
    writeFileSync(join(dir, 'data'), 'x'.repeat(2 * MAX));
    writeFileSync(join(dir, 'small.log'), 'x');
    rotateFolder(dir, MAX);
    rotateFolder(join(dir, 'none'), MAX);
    expect(readdirSync(dir).sort()).toEqual(['data', 'small.log']);
  });
});
