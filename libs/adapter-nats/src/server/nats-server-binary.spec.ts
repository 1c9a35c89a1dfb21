import { appendFileSync, chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findNatsServer, isPinnedServer, versionOf } from './nats-server-binary';

const toolsDir = resolve(__dirname, '..', '..', '..', '..', '.evenkeel', 'bin');
const said: string[] = [];
const say = (line: string): void => void said.push(line);

describe('the nats-server that we fetch', () => {
  let dir: string;
  const named = process.env['EK_NATS_SERVER'];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-server-'));
    said.length = 0;
    delete process.env['EK_NATS_SERVER'];
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
    if (named === undefined) delete process.env['EK_NATS_SERVER'];
    else process.env['EK_NATS_SERVER'] = named;
  });

  it('is the pinned build to the byte', () => {
    const found = findNatsServer(toolsDir, say);
    expect(versionOf(found)).toMatch(/^2\.\d+\.\d+$/);
    if (found.startsWith(toolsDir)) expect(isPinnedServer(found)).toBe(true);
  });

  it('does not run with one byte more, although it says its version', () => {
    const good = findNatsServer(toolsDir, say);
    if (!good.startsWith(toolsDir)) return; // this machine brings its own
    const changed = join(dir, 'nats-server');
    copyFileSync(good, changed);
    appendFileSync(changed, 'x');
    chmodSync(changed, 0o755);
    expect(versionOf(changed)).toBe(versionOf(good));
    expect(isPinnedServer(changed)).toBe(false);
  });

  it('is not whatever lies in our folder and says a version', () => {
    const planted = join(dir, 'nats-server');
    writeFileSync(planted, '#!/bin/sh\necho "nats-server: v2.99.0"\n', { mode: 0o755 });
    expect(versionOf(planted)).toBe('2.99.0');
    expect(isPinnedServer(planted)).toBe(false);
  });
});
