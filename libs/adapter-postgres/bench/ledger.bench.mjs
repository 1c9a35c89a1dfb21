// Journal to Postgres: the whole ledger append (checks, commit_log, read models, double entry, tree, checkpoint) beside raw COPYs of rows that
// are encoded already, in the same run, on the same server, alternating: of the same rows of all its tables with the same indexes, and of
// commit_log's alone.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const either = (...names) => {
  for (const name of names.slice(0, -1))
    try {
      return require(name);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  return require(names.at(-1));
};
const sample = (name) => either(`../dist/sample/${name}.test-support.js`, `../dist/sample/${name}.js`);
const { sampleJournal } = sample('sample-journal');
const { LedgerCluster } = sample('ledger-cluster');
const { createLedgerWriter } = require('../dist/ledger/ledger-writer.js');
const { READ_TABLE_LIST, READ_VERSION } = require('../dist/read/tables.js');
const { Client } = require('pg');
const { from: copyFrom, to: copyTo } = require('pg-copy-streams');
const { pipeline } = require('node:stream/promises');
const { Readable, Writable } = require('node:stream');

const BATCH = 500;
const isBefore = process.env.EK_BENCH_TREE !== undefined;

async function timed(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The commit that a row of a read model stems from, in SQL. */
function sequenceOf({ columns }) {
  const names = columns.map(([name]) => name);
  const found = ['seq', 'changed_seq', 'opened_seq'].find((name) => names.includes(name));
  return found === undefined ? `split_part(entry_id, '.', 1)::bigint` : `"${found}"`;
}

async function connected(database) {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  return client;
}

/** Every row that the ledger wrote, as COPY takes it, by table and batch. */
async function encodedRows(database, commits) {
  const client = await connected(database);
  const tables = [
    { name: 'raw_commit_log', of: 'ledger.commit_log', seq: 'seq' },
    ...READ_TABLE_LIST.map((table) => ({
      name: `raw_${table.name}`,
      of: `${READ_VERSION}.${table.name}`,
      seq: sequenceOf(table),
    })),
  ];
  for (const table of tables) {
    table.buffers = [];
    for (let from = 0; from < commits; from += BATCH) {
      const parts = [];
      const rows = `SELECT * FROM ${table.of} WHERE ${table.seq} > ${from} AND ${table.seq} <= ${from + BATCH} ORDER BY ${table.seq}`;
      await pipeline(
        client.query(copyTo(`COPY (${rows}) TO STDOUT (FORMAT binary)`)),
        new Writable({ write: (part, _, done) => done(null, void parts.push(part)) }),
      );
      const { rowCount } = await client.query(`SELECT FROM (${rows}) r LIMIT 1`);
      table.buffers.push(rowCount === 0 ? undefined : Buffer.concat(parts));
    }
  }
  await client.end();
  return tables.filter(({ buffers }) => buffers.some((buffer) => buffer !== undefined));
}

/** The same transactions with nothing in them but COPY. */
async function copyAll(database, tables, suffix) {
  const client = await connected(database);
  for (const { name, of } of tables)
    await client.query(`CREATE TABLE ${name}${suffix} (LIKE ${of} INCLUDING ALL)`);
  const seconds = await timed(async () => {
    for (let batch = 0; batch < tables[0].buffers.length; batch += 1) {
      await client.query('BEGIN');
      for (const { name, buffers } of tables)
        if (buffers[batch] !== undefined)
          await pipeline(
            Readable.from([buffers[batch]]),
            client.query(copyFrom(`COPY ${name}${suffix} FROM STDIN (FORMAT binary)`)),
          );
      await client.query('COMMIT');
    }
  });
  await client.end();
  return seconds;
}

async function appendAll(database, parts) {
  const writer = createLedgerWriter(database.pool(), { epoch: '1' });
  await writer.checkpoint();
  const seconds = await timed(async () => {
    let before;
    for (const part of parts) {
      const appended = writer.append(part);
      if (isBefore) await appended;
      await before;
      before = appended;
    }
    await before;
  });
  await writer.close();
  return seconds;
}

export default async function ({ quick }) {
  const journal = sampleJournal({
    seed: 'bench',
    steps: quick ? 1500 : 6000,
    legs: 4,
    books: ['one', 'two'],
  });
  const parts = [];
  for (let from = 0; from < journal.length; from += BATCH) parts.push(journal.slice(from, from + BATCH));
  const cluster = await LedgerCluster.start('disk');
  const [full, raw, log] = [[], [], []];
  let tables;
  try {
    // The first round warms all sides up and is not counted.
    for (let round = 0; round <= (quick ? 3 : 5); round += 1) {
      const database = await cluster.database();
      const seconds = await appendAll(database, parts);
      tables ??= await encodedRows(database, journal.length);
      const all = await copyAll(database, tables, '');
      const alone = await copyAll(database, tables.slice(0, 1), '_alone');
      if (round > 0) {
        full.push(seconds);
        raw.push(all);
        log.push(alone);
      }
      process.stderr.write(`ledger bench: round ${round} done\n`);
    }
  } finally {
    await cluster.stop();
  }
  const rate = (seconds) => Math.round(journal.length / seconds);
  const bytes = journal.reduce((total, message) => total + message.bytes.length, 0);
  const row = (metric, peer, against, note) => {
    const ratio = median(full.map((seconds, round) => peer[round] / seconds));
    return {
      metric,
      value: rate(median(full)),
      unit: 'commits/s',
      against: `${against}: ${rate(median(peer))}/s`,
      ratio,
      aims: { ratio: { min: 0.85 } },
      before: true,
      note,
    };
  };
  return {
    name: 'ledger',
    rows: [
      row(
        'ledger append with checks, tree, read models',
        raw,
        'raw COPY of the same rows of all tables, same indexes',
        `${journal.length} commits, ${Math.round(bytes / journal.length)} bytes each, batches of ${BATCH}; double entry, fsync on`,
      ),
      row(
        'the same beside the rows of commit_log alone',
        log,
        'raw COPY of the rows of commit_log, same indexes',
        'the read models are a part of the work here and none of the peer’s',
      ),
    ],
  };
}
