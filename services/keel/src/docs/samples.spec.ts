import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { REPOSITORY } from '../stack/home';

const SAMPLES = join(REPOSITORY, 'samples');
const BYTES_MAX = 300_000;

function files(folder = ''): string[] {
  return readdirSync(join(SAMPLES, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

describe('the samples', () => {
  it('are what their tool writes', () => {
    const tool = pathToFileURL(join(REPOSITORY, 'tools', 'samples.mjs')).href;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { samples } from '${tool}'; process.stdout.write(JSON.stringify(samples()))`,
      ],
      { encoding: 'utf8', maxBuffer: 64_000_000 },
    );
    expect(stderr).toBe('');
    const written = JSON.parse(stdout) as Record<string, string>;
    const textOf = (path: string): string => {
      const bytes = readFileSync(join(SAMPLES, path));
      return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    };
    for (const [path, text] of Object.entries(written))
      expect([path, textOf(path) === text]).toEqual([path, true]);
  });

  it('are small, and each is named in their page', () => {
    const page = readFileSync(join(SAMPLES, 'README.md'), 'utf8');
    const patterns = [...page.matchAll(/`([\w*./-]+)`/g)].map(
      ([, name = '']) =>
        new RegExp(
          `^${name.replaceAll('.', '\\.').replace('*', '[a-z]+')}${name.endsWith('/') ? '.*' : ''}$`,
        ),
    );
    const unnamed = files().filter(
      (path) => path !== 'README.md' && !patterns.some((pattern) => pattern.test(path)),
    );
    expect(unnamed).toEqual([]);
    expect(files().reduce((sum, path) => sum + statSync(join(SAMPLES, path)).size, 0)).toBeLessThan(
      BYTES_MAX,
    );
  });
});
