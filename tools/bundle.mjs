// Bundles each program into one file of its own code, and the packages that they use into another for all of them: Node opens two
// files instead of two thousand, at a third of the processor time, and seven processes start whenever a desk does.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { hashOfFile, replaceFile } from './file-hashes.mjs';
import { root } from './root.mjs';

const require = createRequire(import.meta.url);
/** What is started as a process: where its code begins, and the file that starts it; the bundle lies beside that. */
const PROGRAMS = [
  ...['price-ingest', 'risk', 'strategy', 'execution', 'ledger'].map((service) => ({
    service,
    entry: 'main.js',
    file: 'service.js',
  })),
  { service: 'keel', entry: 'main.js', file: 'keel.js' },
  { service: 'keel', entry: join('stack', 'keeper-main.js'), file: 'keeper.js' },
];
/**
 * Packages that stay where they are: few files each, large, and used by few. With them the file of packages would have 15 MB, and to
 * read and scan it was a third of a service's start.
 */
const APART = /^(@prisma\/client|apache-arrow|echarts)(\/|$)/;
/** What packages ask for where it is there, and is not. */
const ABSENT = [
  '@grpc/*',
  '@nestjs/websockets',
  'amqp-connection-manager',
  'amqplib',
  'bufferutil',
  'cache-manager',
  'class-transformer',
  'class-validator',
  'ioredis',
  'kafkajs',
  'mqtt',
  'nats',
  'pg-native',
  'utf-8-validate',
];
const COMMON = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'error', write: false };

const distOf = (service) => join(root, 'services', service, 'dist');
const startOf = ({ service, file }) => join(distOf(service), file);
const bundleOf = ({ service, file }) => join(distOf(service), `${basename(file, '.js')}.bundle.js`);
/** Beside what runs the bundles. */
const packagesFile = join(root, 'libs', 'platform', 'dist', 'packages.js');
const START = (bundle) =>
  `module.exports = require('../../../libs/platform/dist/run-bundle.js').runBundle(require('node:path').join(__dirname, '${bundle}'));\n`;
const ofPackages = `${packagesFile}.stamp`;
const ofPrograms = join(root, 'services', 'keel', 'dist', '.bundles');

/** Our files find data by where they lie once they are compiled. Every program's folder is as deep as any other's. */
const whereTheyLay = {
  name: 'where-they-lay',
  setup(build) {
    const ours = /[\\/](libs|services)[\\/][^\\/]+[\\/](dist[\\/].*\.js|src[\\/].*\.ts)$/;
    build.onLoad({ filter: ours }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!/\b__(dirname|filename)\b/.test(text)) return undefined;
      const place = (to) => `require("node:path").join(__dirname, ${JSON.stringify(to)})`;
      const from = distOf('any');
      const compiled = relative(root, path).replace(
        /^(\w+[\\/][^\\/]+[\\/])src([\\/].*)\.ts$/,
        '$1dist$2.js',
      );
      const lay = join(root, compiled);
      const contents = text.replace(/\b__(dirname|filename)\b/g, (_, what) =>
        place(relative(from, what === 'dirname' ? dirname(lay) : lay)),
      );
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

/** Packages of others stay outside, and are noted in `used`. */
const packagesApart = (used) => ({
  name: 'packages-apart',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || path.startsWith('@evenkeel/')) return undefined;
      if (!path.startsWith('node:') && !APART.test(path)) used.add(path);
      return { path, external: true };
    });
  },
});

function hashOf(...parts) {
  const hash = createHash('sha256').update(readFileSync(new URL(import.meta.url)));
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

const isNow = (stamp, now) => existsSync(stamp) && readFileSync(stamp, 'utf8') === now;

/** Makes the bundles where anything that was compiled, or is installed, has changed since. `stamps`: of what was compiled. */
export async function bundle(stamps) {
  const lock = hashOfFile(join(root, 'package-lock.json'));
  const now = hashOf(lock, ...stamps);
  const files = PROGRAMS.flatMap((program) => [startOf(program), bundleOf(program)]);
  if (isNow(ofPrograms, now) && [packagesFile, ...files].every((file) => existsSync(file))) return;
  const used = new Set();
  const made = [
    // A service uses all of its code, and calls into it are quickest where it is one piece.
    ...(await bundled(({ service }) => service !== 'keel', used, {})),
    // Of a command's code only what it uses is run: the compiled files say so (tools/build.mjs).
    ...(await bundled(({ service }) => service === 'keel', used, { tsconfigRaw: '{}' })),
  ];
  await bundlePackages([...used].sort(), lock);
  for (const { path, contents } of made) replaceFile(path, contents);
  for (const program of PROGRAMS)
    replaceFile(startOf(program), START(`${basename(program.file, '.js')}.bundle.js`));
  writeFileSync(ofPrograms, now);
}

async function bundled(among, used, options) {
  const { outputFiles } = await require('esbuild').build({
    ...COMMON,
    ...options,
    entryPoints: PROGRAMS.filter(among).map(({ service, entry, file }) => ({
      in: join(distOf(service), entry),
      out: join(service, 'dist', `${basename(file, '.js')}.bundle`),
    })),
    outdir: join(root, 'services'),
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [packagesApart(used), whereTheyLay],
  });
  return outputFiles;
}

/** They change when something is installed, or asked for that was not. */
async function bundlePackages(names, lock) {
  const now = hashOf(lock, JSON.stringify(names));
  if (isNow(ofPackages, now) && existsSync(packagesFile)) return;
  const { build } = require('esbuild');
  const entries = names.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`);
  const { outputFiles } = await build({
    ...COMMON,
    stdin: {
      contents: `module.exports = { __proto__: null, ${entries.join(', ')} };`,
      resolveDir: join(root, 'libs', 'host'),
    },
    external: ABSENT,
    // Read and scanned at every start: comments and spaces are two fifths of it.
    minifyWhitespace: true,
    legalComments: 'none',
    lineLimit: 120,
    outfile: packagesFile,
  });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  writeFileSync(ofPackages, now);
}
