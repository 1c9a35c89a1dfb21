// Generates the Prisma client into src/generated/ when the schema or Prisma changed. Works offline: `generate` never
// calls the schema engine, it only wants one to exist.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const schema = join(root, 'infra/postgres/prisma/schema.prisma');
const output = join(here, 'src/generated/prisma');
const stampFile = join(here, 'src/generated/.prisma-stamp');
const require = createRequire(import.meta.url);

export default async function build() {
  const manifest = require.resolve('prisma/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const stamp = createHash('sha256').update(version).update(readFileSync(schema)).digest('hex');
  if (
    existsSync(join(output, 'client.ts')) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp
  )
    return [];
  rmSync(output, { recursive: true, force: true });
  try {
    execFileSync(
      process.execPath,
      [join(dirname(manifest), 'build/index.js'), 'generate', '--schema', schema],
      {
        cwd: root,
        stdio: 'pipe',
        env: {
          ...process.env,
          PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
          PRISMA_HIDE_UPDATE_MESSAGE: '1',
          CHECKPOINT_DISABLE: '1',
        },
      },
    );
  } catch (error) {
    throw new Error(`The Prisma client could not be generated:\n${error.stdout}\n${error.stderr}`);
  }
  writeFileSync(stampFile, stamp);
  return ['Prisma client'];
}
