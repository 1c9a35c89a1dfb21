import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY, homeOf, layOut } from '../stack/home';

const KEEL = join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js');

describe('keel audit verify where there is nothing', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-verify-empty-'));
  const keel = async (home: string, ...words: string[]) => {
    const env = { ...process.env, NATS_URL: '', DATABASE_URL: '', EK_HOME: home };
    const child = spawn(process.execPath, [KEEL, ...words], { env });
    const said = { out: '', err: '' };
    child.stdout.on('data', (text: Buffer) => (said.out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said.err += text.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, ...said };
  };
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('says that there is no home, and makes none', async () => {
    const home = join(dir, 'mistyped');
    const verified = await keel(home, 'audit', 'verify');
    expect(verified).toMatchObject({ code: 2, out: '' });
    expect(verified.err).toMatch(/NOT VERIFIED.*there is no home in .*mistyped: nothing is kept there/s);
    expect(existsSync(home)).toBe(false);
  }, 30_000);

  it('calls an empty ledger not verified', async () => {
    const home = join(dir, 'empty');
    layOut(homeOf({ EK_HOME: home }));
    try {
      const verified = await keel(home, 'audit', 'verify');
      expect(verified).toMatchObject({ code: 2, out: '' });
      expect(verified.err).toMatch(/NOT VERIFIED.*the ledger of .*empty is empty: nothing to verify/s);
    } finally {
      await keel(home, 'down');
    }
  }, 60_000);
});
