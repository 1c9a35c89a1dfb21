import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUNNER = join(__dirname, '..', 'dist', 'run-bundle.js');

describe('a bundle and what is kept of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bundle-'));
  const bundle = join(folder, 'one.bundle.js');
  const kept = join(folder, 'one.code');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (word: string): void =>
    writeFileSync(
      bundle,
      `exports.said = '${word}'; console.log(require('node:path').basename('/${word}'));\n`,
    );

  /** One life of the program; `lastsMs` beyond two seconds is worth keeping. */
  async function life(lastsMs: number): Promise<string> {
    const script = `require(${JSON.stringify(RUNNER)}).runBundle(${JSON.stringify(bundle)}); setTimeout(() => {}, ${lastsMs})`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (said += part));
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    return said.trim();
  }

  it('is kept by a life that lasts, and never taken for another bundle or when it is damaged', async () => {
    write('first');
    expect(await life(0)).toBe('first');
    expect(() => statSync(kept)).toThrow('ENOENT');
    expect(await life(2_100)).toBe('first');
    const made = statSync(kept);
    expect(await life(2_100)).toBe('first');
    // Taken as it is: nothing was compiled that would be kept again.
    expect(statSync(kept).ino).toBe(made.ino);

    const damaged = readFileSync(kept);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 9) ^ 1, damaged.length - 9);
    writeFileSync(kept, damaged);
    expect(await life(2_100)).toBe('first');
    expect(readFileSync(kept).equals(damaged)).toBe(false);

    // What is in the way of it ends no program, and is no reason not to start.
    rmSync(kept);
    mkdirSync(kept);
    expect(await life(2_100)).toBe('first');
    expect(readdirSync(folder).filter((name) => /\.code\.\d/.test(name))).toEqual([]);
    rmSync(kept, { recursive: true });

    write('other'); // as long as before, which is all that the engine would look at
    expect(await life(0)).toBe('other');
  }, 30_000);
});
