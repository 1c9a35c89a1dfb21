import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KillFolder } from './kill-folder';

const STOP = {
  engagement: '5b0c8a52-6f0e-4c86-9c07-0a2c0f6d9e11',
  by: 'tess',
  reason: 'drill',
  at: '2026-11-30T10:00:00Z',
};

describe('the kill folder', () => {
  let place: string;
  beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'kill-folder-'))));
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  it('is given a latch whole, and nothing else stays behind', () => {
    const path = join(place, 'kill');
    mkdirSync(path);
    new KillFolder(path).keep('book:main', STOP);
    expect(readdirSync(place)).toEqual(['kill']);
    expect(new KillFolder(path).read()).toMatchObject([{ scope: 'book:main', engagement: STOP }]);
  });

  it('is given one on another disk as well', () => {
    const elsewhere = mkdtempSync(
      existsSync('/dev/shm') ? '/dev/shm/kill-folder-' : join(tmpdir(), 'kill-elsewhere-'),
    );
    try {
      const path = join(place, 'kill');
      symlinkSync(elsewhere, path);
      new KillFolder(path).keep('firm', STOP);
      expect(readdirSync(place)).toEqual(['kill']);
      expect(new KillFolder(path).read()).toMatchObject([{ scope: 'firm', engagement: STOP }]);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  it('that is not there takes none, and says so', () => {
    expect(() => new KillFolder(join(place, 'no', 'kill')).keep('firm', STOP)).toThrow(/ENOENT/);
    expect(new KillFolder(join(place, 'kill')).read()).toBe('ENOENT');
  });
});
