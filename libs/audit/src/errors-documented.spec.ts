import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(__dirname);
const CODE = /'((?:AUDIT|GOVERNANCE)\.[A-Z_]+)'/g;

/** Every code the sources of this library write, specs aside. */
function codesInSource(): Set<string> {
  const codes = new Set<string>();
  for (const entry of readdirSync(SOURCE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || /\.(spec|test-support)\.ts$/.test(entry.name))
      continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    for (const match of text.matchAll(CODE)) codes.add(match[1] ?? '');
  }
  return codes;
}

describe('errors.md', () => {
  it('explains exactly the codes that can be met', () => {
    const text = readFileSync(join(SOURCE, '../errors.md'), 'utf8');
    const explained = [...text.matchAll(/^## (\S+)$/gm)].map((match) => match[1] ?? '');
    expect([...explained].sort()).toEqual([...codesInSource()].sort());
    expect(new Set(explained).size).toBe(explained.length);
  });
});
