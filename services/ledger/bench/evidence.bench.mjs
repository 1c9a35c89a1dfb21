// Tamper evidence on the real path: commits into the ledger and its signed tree beside a bare SHA-256 of the same bytes in the same run.
// A ledger verified: libs/adapter-postgres/bench. Proofs at ten million leaves: libs/audit/bench.
import { createHash, hash as oneShot } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { Registry } = require('prom-client');
const either = (...names) => {
  for (const name of names.slice(0, -1))
    try {
      return require(name);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  return require(names.at(-1));
};
const SAMPLE = '../../../libs/adapter-postgres/dist/sample';
const { createLedgerWriter } = require('../../../libs/adapter-postgres/dist/index.js');
const { LedgerCluster } = either(`${SAMPLE}/ledger-cluster.test-support.js`, `${SAMPLE}/ledger-cluster.js`);
const { sampleJournal } = either(`${SAMPLE}/sample-journal.test-support.js`, `${SAMPLE}/sample-journal.js`);
const { LedgerTrail } = require('../dist/audit/ledger-trail.js');
const { createAuditMetrics } = require('../dist/audit/audit-metrics.js');

const bare = oneShot
  ? (bytes) => oneShot('sha256', bytes, 'latin1')
  : (bytes) => createHash('sha256').update(bytes).digest('latin1');
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function seconds(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** The commit, its leaf and its share of the nodes: what has to be hashed for it whatever the program. */
function hashAll(list) {
  const leaf = new Uint8Array(110).fill(7);
  const node = new Uint8Array(65).fill(1);
  for (const { bytes } of list) {
    bare(bytes);
    bare(leaf);
    bare(node);
  }
}

/** The writer of that build takes one stretch at a time. */
const isBefore = process.env.EK_BENCH_TREE !== undefined;
const silent = { info() {}, warn() {}, error() {} };

async function appendRows(cluster, journal, rounds) {
  const [withTree, peer] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const database = await cluster.database();
    const pool = database.pool();
    const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
    const trail = await LedgerTrail.open({
      pool,
      key: { folder, origin: 'bench.example/log' },
      witnesses: [],
      witnessTimeoutMs: 1_000,
      metrics: createAuditMetrics(new Registry()),
      log: silent,
    });
    trail.start();
    const writer = createLedgerWriter(pool, { epoch: '1', signedRootAt: trail.signedRootAt });
    withTree.push(
      await seconds(async () => {
        let before;
        for (let from = 0; from < journal.length; from += 500) {
          const appended = writer.append(journal.slice(from, from + 500));
          if (isBefore) await appended;
          await before;
          before = appended;
          trail.wake();
        }
        await before;
        await trail.stop();
      }),
    );
    await writer.close();
    await pool.end();
    rmSync(folder, { recursive: true, force: true });
    peer.push(await seconds(() => hashAll(journal)));
    process.stderr.write(`evidence bench: append round ${round + 1} done\n`);
  }
  const [ours, theirs] = [median(withTree), median(peer)];
  const checkpoints = Math.floor(journal.length / 256);
  return {
    metric: 'commits into ledger, tree, tiles and signed checkpoints',
    value: Math.round(journal.length / ours),
    unit: 'commits/s',
    before: true,
    against: `bare SHA-256 of commits, leaves and nodes: ${Math.round(journal.length / theirs)}/s`,
    ratio: Number((theirs / ours).toFixed(4)),
    note: `${journal.length} commits, ${checkpoints} checkpoints; checks, read models, double entry, fsync on`,
  };
}

export default async function ({ quick }) {
  const journal = sampleJournal({ seed: 'evidence', steps: quick ? 800 : 4000, books: ['one', 'two'] });
  const rounds = quick ? 1 : 3;
  const cluster = await LedgerCluster.start('disk');
  try {
    return {
      name: 'evidence',
      rows: [await appendRows(cluster, journal, rounds)],
    };
  } finally {
    await cluster.stop();
  }
}
