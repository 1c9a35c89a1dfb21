// Records a golden journal: what this release writes. Run once per released schema version, and never over an old file:
//   node tools/build.mjs && node libs/contracts/golden/record.mjs <name>
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const { runInProcess } = require('@evenkeel/lab');
const { demonstrationMarket } = require('@evenkeel/market');

const name = process.argv[2];
if (name === undefined) throw new Error('say what to call it, such as v1');
const journalFile = join(here, `${name}.journal.br`);
if (existsSync(journalFile)) throw new Error(`${name} is there already: a released history is not rewritten`);

const market = demonstrationMarket('golden', 1);
const run = runInProcess({
  tape: market.tape,
  books: [{ file: market.book, source: 'the demonstration book' }],
  venue: { seed: 'golden', quirks: { rejects: 0.1, lost: 0.05, silent: 0.05, partials: 0.3, splits: 0.2 } },
});
const parts = [];
const types = {};
const whole = createHash('sha256');
for (const { bytes, commit } of run.journal.all) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  parts.push(length, Buffer.from(bytes));
  whole.update(bytes);
  for (const { event } of commit.events) types[event.type] = (types[event.type] ?? 0) + 1;
}
writeFileSync(
  journalFile,
  brotliCompressSync(Buffer.concat(parts), { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } }),
);
const [{ commit }] = run.journal.all;
const described = {
  schemaVersion: commit.schemaVersion,
  stream: run.journal.name,
  commits: run.journal.all.length,
  sha256: whole.digest('hex'),
  decisionDigest: run.decisionDigest,
  kernelHash: commit.producer.kernelHash,
  types: Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1))),
};
writeFileSync(join(here, `${name}.json`), `${JSON.stringify(described, null, 2)}\n`);
process.stderr.write(`${name}: ${described.commits} commits\n`);
