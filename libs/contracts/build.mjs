// Generates messages and codecs from proto/ when the schemas or the generator changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const proto = join(root, 'proto');
const generated = join(here, 'src', 'generated');

function hashOf(dir, hash = createHash('sha256')) {
  for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) hashOf(path, hash);
    else hash.update(entry.name).update(readFileSync(path));
  }
  return hash;
}

export default async function build() {
  const hash = hashOf(proto)
    .update(readFileSync(join(here, 'codecs.mjs')))
    .digest('hex');
  const stamp = join(generated, '.stamp');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return [];
  const bin = join(root, 'node_modules', '.bin');
  execFileSync(join(bin, 'buf'), ['generate'], {
    cwd: proto,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
  });
  const { generateCodecs } = await import('./codecs.mjs');
  generateCodecs(join(bin, 'buf'), proto, generated);
  writeFileSync(stamp, hash);
  return ['protobuf messages and their codecs'];
}
