import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';
import type { PackFolder } from '@evenkeel/reconstruction';

/** A pack in an empty folder of its own. Throws `INPUT.INVALID` where something is there already. */
export function openPackFolder(dir: string): PackFolder {
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new InvalidInputError('the command', [{ path: '--out', message: `${dir} is not empty` }]);
  makeFolder(dir);
  const files = new Map<string, number>();
  const opened = (name: string): number => {
    const known = files.get(name) ?? openSync(join(dir, name), 'a');
    files.set(name, known);
    return known;
  };
  return {
    append: (name, text) => void writeSync(opened(name), text),
    close() {
      for (const file of files.values()) closeSync(file);
      return Object.fromEntries([...files.keys()].sort().map((name) => [name, fingerprint(join(dir, name))]));
    },
    writeManifest: (text) => writeFileSync(join(dir, 'manifest.json'), text),
  };
}

function fingerprint(path: string): { readonly sha256: string; readonly bytes: number } {
  const bytes = readFileSync(path);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}
