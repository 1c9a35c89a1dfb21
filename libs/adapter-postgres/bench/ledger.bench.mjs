// Journal to Postgres: the whole ledger append (checks, commit_log, read models, checkpoint) beside a raw COPY of the
// same, already encoded rows into a table of the same shape, in the same run, on the same server, alternating.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { sampleJournal } = require('../dist/sample/sample-journal.test-support.js');
const { LedgerCluster } = require('../dist/sample/ledger-cluster.test-support.js');
const { createLedgerWriter } = require('../dist/ledger/ledger-writer.js');
const { readMessage } = require('../dist/ledger/ledger-commit.js');
const { BinaryCopy } = require('../dist/ledger/copy-binary.js');
const { writeCommitRow, COMMIT_LOG_COLUMNS } = require('../dist/ledger/commit-log-copy.js');
const { from: copyFrom } = require('pg-copy-streams');
const { pipeline } = require('node:stream/promises');
const { Readable } = require('node:stream');

const BATCH = 500;

function batches(messages) {
  const out = [];
  for (let from = 0; from < messages.length; from += BATCH) out.push(messages.slice(from, from + BATCH));
  return out;
}

function encoded(batch) {
  const copy = new BinaryCopy(4 * 1024 * 1024);
  for (const message of batch) writeCommitRow(copy, readMessage('1', message));
  copy.end();
  return copy.take();
}

async function timed(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

export default async function ({ quick }) {
  const journal = sampleJournal({
    seed: 'bench',
    steps: quick ? 1500 : 6000,
    legs: 4,
    books: ['one', 'two'],
  });
  const parts = batches(journal);
  const buffers = parts.map(encoded);
  const cluster = await LedgerCluster.start('disk');
  const full = [];
  const raw = [];
  const bare = [];
  try {
    const columns = COMMIT_LOG_COLUMNS.join(', ');
    const copyAll = async (pool, table) => {
      const client = await pool.connect();
      try {
        for (const buffer of buffers) {
          await client.query('BEGIN');
          await pipeline(
            Readable.from([buffer]),
            client.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN (FORMAT binary)`)),
          );
          await client.query('COMMIT');
        }
      } finally {
        client.release();
      }
    };
    // The first round warms both sides up and is not counted.
    for (let round = 0; round <= (quick ? 3 : 5); round += 1) {
      const database = await cluster.database();
      await database.asOwner('CREATE TABLE raw_copy (LIKE ledger.commit_log INCLUDING ALL)');
      await database.asOwner(
        'CREATE TABLE bare_copy (LIKE ledger.commit_log); ALTER TABLE bare_copy ADD PRIMARY KEY (epoch, seq)',
      );
      await database.asOwner('GRANT ALL ON raw_copy, bare_copy TO evenkeel_ledger');
      const pool = database.pool();
      raw.push(await timed(() => copyAll(pool, 'raw_copy')));
      const writer = createLedgerWriter(pool, { epoch: '1' });
      full.push(
        await timed(async () => {
          for (const part of parts) await writer.append(part);
        }),
      );
      await writer.close();
      bare.push(await timed(() => copyAll(pool, 'bare_copy')));
      if (round === 0) for (const times of [raw, full, bare]) times.length = 0;
      process.stderr.write(`ledger bench: round ${round} done\n`);
    }
  } finally {
    await cluster.stop();
  }
  const rate = (seconds) => journal.length / seconds;
  const ratioTo = (peer) => median(full.map((seconds, round) => peer[round] / seconds));
  const bytes = journal.reduce((total, message) => total + message.bytes.length, 0);
  return {
    name: 'ledger',
    rows: [
      {
        metric: `ledger append, batches of ${BATCH}`,
        value: Math.round(rate(median(full))),
        unit: 'commits/s',
        against: `raw COPY of the same rows, same indexes: ${Math.round(rate(median(raw)))}/s`,
        ratio: ratioTo(raw),
        aim: '≥ 0.5',
        met: ratioTo(raw) >= 0.5,
        note: `${journal.length} commits, ${Math.round(bytes / journal.length)} bytes each; decode, checks, read models, double entry, checkpoint; fsync on`,
      },
      {
        metric: `ledger append, batches of ${BATCH}`,
        value: Math.round(rate(median(full))),
        unit: 'commits/s',
        against: `raw COPY of the same rows, primary key only: ${Math.round(rate(median(bare)))}/s`,
        ratio: ratioTo(bare),
        aim: '≥ 0.5',
        met: ratioTo(bare) >= 0.5,
      },
    ],
  };
}
