// A ledger in Postgres verified: rows, chain, tree, leaves, authors, `decoded`, double entry, read models, beside reading the same rows bare
// (binary COPY of every column, thrown away) in the same run, alternating. Running decisions again is a row of its own elsewhere.
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
const { verifyLedger } = require('../dist/audit/verify-ledger.js');
const { READ_TABLE_LIST, READ_VERSION } = require('../dist/read/tables.js');
const { Client } = require('pg');
const { to: copyTo } = require('pg-copy-streams');
const { pipeline } = require('node:stream/promises');
const { Writable } = require('node:stream');

const BATCH = 500;
const READ_TABLES = READ_TABLE_LIST.map(({ name }) => `${READ_VERSION}.${name}`);

async function timed(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function readBare(client, tables) {
  for (const table of tables)
    await pipeline(
      client.query(copyTo(`COPY (SELECT * FROM ${table}) TO STDOUT (FORMAT binary)`)),
      new Writable({ write: (_part, _encoding, done) => done() }),
    );
}

export default async function ({ quick }) {
  const journal = sampleJournal({
    seed: 'verify',
    steps: quick ? 3000 : 12000,
    legs: 4,
    books: ['one', 'two'],
  });
  const cluster = await LedgerCluster.start('disk');
  const [log, all, bareLog, bareAll] = [[], [], [], []];
  try {
    const database = await cluster.database();
    const pool = database.pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    for (let from = 0; from < journal.length; from += BATCH)
      await writer.append(journal.slice(from, from + BATCH));
    await writer.close();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('VACUUM ANALYZE');
    const verify = (readModels) =>
      timed(async () => {
        const report = await verifyLedger(pool, { readModels });
        if (report.status !== 'clean' || report.commits !== journal.length)
          throw new Error('a clean ledger diverges');
      });
    // The first round warms all sides up and is not counted.
    for (let round = 0; round <= 3; round += 1) {
      const seconds = [
        await verify(true),
        await timed(() => readBare(client, ['ledger.commit_log', ...READ_TABLES])),
        await verify(false),
        await timed(() => readBare(client, ['ledger.commit_log'])),
      ];
      if (round > 0) [all, bareAll, log, bareLog].forEach((list, at) => list.push(seconds[at]));
      process.stderr.write(`verify bench: round ${round} done\n`);
    }
    await client.end();
    await pool.end();
  } finally {
    await cluster.stop();
  }
  const perMillion = (seconds) => (seconds / journal.length) * 1e6;
  const row = (metric, ours, peer, against, note, aims) => ({
    metric,
    value: perMillion(median(ours)),
    unit: 's per million commits',
    lessIsBetter: true,
    against: `${against}: ${perMillion(median(peer)).toFixed(1)} s`,
    ratio: median(ours.map((seconds, round) => peer[round] / seconds)),
    aims,
    before: true,
    note,
  });
  return {
    name: 'verify',
    rows: [
      row(
        'verify a ledger in Postgres',
        all,
        bareAll,
        'binary COPY of every row of the ledger and its read models',
        `${journal.length} commits; chain, tree, leaves, authors, decoded, double entry, read models; each of every row`,
        { value: { max: 30 }, ratio: { min: 0.5 } },
      ),
      row(
        'the same without the read models',
        log,
        bareLog,
        'binary COPY of the rows of commit_log',
        'chain, tree, leaves, authors, decoded',
      ),
    ],
  };
}
