// Records a golden packed risk snapshot: what payload version 2 writes of one, and the hash of what it stands for.
//   node tools/build.mjs && node libs/contracts/golden/record-snapshot.mjs <name>            kept for ever, never over an old file
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error('say what to call it');
const file = join(dirname(fileURLToPath(import.meta.url)), 'snapshots', `${name}.json`);
if (existsSync(file)) throw new Error(`${name} is there already: what was written stays`);
const require = createRequire(import.meta.url);
const { runInProcess } = require('@evenkeel/lab');
const { demonstrationMarket } = require('@evenkeel/market');
const { encodePayload } = require('@evenkeel/contracts');

const { tape, book } = demonstrationMarket('golden snapshot', 2);
const taken = runInProcess({ tape, books: [{ file: book, source: 'golden' }] }).journal.all.flatMap(
  ({ commit }) => commit.events.flatMap(({ event }) => (event.type === 'RiskSnapshotTaken' ? [event] : [])),
);
const event = taken[taken.length >> 1];
const whole = encodePayload(event, 1);
writeFileSync(
  file,
  `${JSON.stringify(
    {
      version: 2,
      kernelHash: event.payload.kernelHash,
      bytes: Buffer.from(encodePayload(event, 2)).toString('base64'),
      // Of the bytes in which version 1 writes the same snapshot.
      sha256: createHash('sha256').update(whole).digest('hex'),
    },
    null,
    2,
  )}\n`,
);
process.stderr.write(`${name}: ${event.payload.legs.length} legs, ${whole.length} bytes written out\n`);
