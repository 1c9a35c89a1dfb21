import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './folders';

describe('a folder that is made', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-folders-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('comes with those it lies in, each closed to others where that is asked', () => {
    const deep = join(dir, 'a', 'b', 'c');
    makeFolder(deep, 0o700);
    makeFolder(deep);
    for (const level of [join(dir, 'a'), join(dir, 'a', 'b'), deep])
      expect(statSync(level).mode & 0o777).toBe(0o700);
  });

  it('is refused with what the system says where it is a file, or lies below one', () => {
    const file = join(dir, 'file');
    writeFileSync(file, 'x');
    expect(() => makeFolder(file)).toThrow(/EEXIST/);
    expect(() => makeFolder(join(file, 'below', 'it'))).toThrow(/ENOTDIR/);
  });

  // What /proc answers is Linux's; a process of its own, since the fault would be one that never returns.
  (existsSync('/proc/self') ? it : it.skip)('is refused, and not waited for, where none can be made', () => {
    const built = join(__dirname, '..', 'dist', 'index.js');
    const script = `require(${JSON.stringify(built)}).makeFolder('/proc/nohome/claims', 0o700)`;
    const { status, signal, stderr } = spawnSync(process.execPath, ['-e', script], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect(stderr).toMatch(/ENOENT.*mkdir '\/proc\/nohome'/);
    expect({ status, signal }).toEqual({ status: 1, signal: null });
  });
});
