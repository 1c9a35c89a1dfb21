// The record run again: decisions alone, the whole chain from mark to order, and on two threads beside one; each beside a bare
// SHA-256 of the same commits, in processor time but for the threads. The build before runs the journal that it wrote itself from the same market: its snapshots have
// another form.
import { createHash, hash as oneShot } from 'node:crypto';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const bare = oneShot
  ? (bytes) => oneShot('sha256', bytes, 'latin1')
  : (bytes) => createHash('sha256').update(bytes).digest('latin1');
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

// What a host loads; the build before has no such package.
try {
  require('@evenkeel/platform');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
}

async function seconds(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** Of the processor: what one core does in a second is no matter of who else is on it. */
function coreSeconds(work) {
  const { user, system } = process.cpuUsage();
  work();
  const after = process.cpuUsage();
  return (after.user + after.system - user - system) / 1e6;
}

const isDecision = ({ commit }) =>
  commit.events.some(({ event }) => event.type === 'HedgeDecided' || event.type === 'HedgeDeclined');

/** Decodes and runs the hedge programs of a journal again; today's build has a replay for every core. */
function programsOf(stored) {
  const { decodeCommit } = require('@evenkeel/contracts');
  const { DecisionReplay } = require('@evenkeel/lab');
  const engine = DecisionReplay === undefined ? require('@evenkeel/engine') : undefined;
  const replay = engine === undefined ? new DecisionReplay() : new engine.CoreReplay(engine.PROGRAM_REPLAY);
  let found = 0;
  for (const { seq, bytes, hash } of stored) {
    const commit = { seq, bytes, hash, commit: decodeCommit(bytes) };
    found += replay.push(engine === undefined ? commit : engine.recordedOf(commit)).length;
  }
  if (found + replay.finish().length > 0) throw new Error('a clean journal diverges');
}

function readAll(stored) {
  const { decodeCommit } = require('@evenkeel/contracts');
  for (const { bytes } of stored) decodeCommit(bytes);
}

function chainOf(stored) {
  const { decodeCommit } = require('@evenkeel/contracts');
  const { PartitionReexecution } = require('@evenkeel/engine');
  const cores = new PartitionReexecution();
  let found = 0;
  for (const { seq, bytes, hash } of stored)
    found += cores.push({ seq, bytes, hash, commit: decodeCommit(bytes) }).length;
  if (found + cores.finish().length > 0) throw new Error('a clean journal diverges');
}

function peerRow(metric, unit, units, ours, stored, peer, rest) {
  return {
    metric,
    unit,
    value: Math.round(units / median(ours)),
    against: `bare SHA-256 of the same commits: ${Math.round(units / median(peer))}/s`,
    ratio: Number((median(peer) / median(ours)).toFixed(4)),
    ...rest,
  };
}

async function threadsRow(journal, epoch, rounds) {
  const { ReexecutionPool } = require('@evenkeel/verification');
  const once = async (threads) => {
    const pool = new ReexecutionPool(threads);
    const run = async (name) => {
      for (const commit of journal) await pool.push({ ...commit, epoch: name });
      if ((await pool.finish()).findings.length > 0) throw new Error('a clean journal diverges');
    };
    // Each thread compiles the code for itself, which a ledger pays once and these few commits would all the time.
    await run('compiling');
    const taken = await seconds(() => run(epoch));
    await pool.close();
    return taken;
  };
  const [one, two] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    one.push(await once(1));
    two.push(await once(2));
  }
  return {
    metric: 're-execution, two threads against one',
    value: Math.round(journal.length / median(two)),
    unit: 'commits/s',
    against: `one thread: ${Math.round(journal.length / median(one))}/s`,
    ratio: Number((median(one) / median(two)).toFixed(3)),
    aims: { ratio: { min: 1.7 } },
    note: `${journal.length} commits of eight books`,
  };
}

export default async function ({ quick }) {
  const { runInProcess } = require('@evenkeel/lab');
  const { demonstrationMarket } = require('@evenkeel/market');
  const market = demonstrationMarket('bench', quick ? 3 : 14);
  // The same rule in both builds, which have different ones in their demonstration.
  const hedge = { ...market.book.hedge, policy: { kind: 'delta-band', band: '0.05' } };
  const bookNamed = (book) => ({ file: { ...market.book, book, hedge }, source: book });
  const stored = runInProcess({ tape: market.tape, books: [bookNamed('one')] }).journal.all;
  const decisions = stored.filter(isDecision).length;
  const isBefore = require('@evenkeel/lab').DecisionReplay !== undefined;
  const [programs, chain, read, peer] = [[], [], [], []];
  const rounds = quick ? 2 : 5;
  // A ledger has a hundred times as many commits: the first rounds, in which code is compiled, are not counted.
  for (let round = quick ? -2 : -4; round < rounds; round += 1) {
    const taken = [
      coreSeconds(() => programsOf(stored)),
      isBefore ? 0 : coreSeconds(() => chainOf(stored)),
      coreSeconds(() => readAll(stored)),
      coreSeconds(() => stored.forEach(({ bytes }) => bare(bytes))),
    ];
    if (round >= 0) [programs, chain, read, peer].forEach((list, at) => list.push(taken[at]));
  }
  const rows = [
    peerRow('decisions run again, one core', 'decisions/s', decisions, programs, stored, peer, {
      before: true,
      aims: { value: { min: 20_000 }, before: { min: 12 } },
      note: `${decisions} decisions among ${stored.length} commits, all of them read`,
    }),
  ];
  rows.push(
    peerRow('the same commits read, and nothing run', 'commits/s', stored.length, read, stored, peer, {
      before: true,
      note: 'what running anything again begins with',
    }),
  );
  if (isBefore) return { name: 'reexecution', rows };
  rows.push(
    peerRow('from mark to order run again, one core', 'commits/s', stored.length, chain, stored, peer, {
      note: 'snapshots, decisions, orders and everything else that the cores said',
    }),
  );
  const names = Array.from({ length: 8 }, (_, at) => `bench-${at}`);
  const many = runInProcess({ tape: market.tape, books: names.map(bookNamed) }).journal.all;
  const { decodeCommit } = require('@evenkeel/contracts');
  const journal = many.map(({ seq, bytes, hash }) => ({ seq, bytes, hash, commit: decodeCommit(bytes) }));
  rows.push(await threadsRow(journal, journal[0].commit.epoch, quick ? 1 : 3));
  return { name: 'reexecution', rows };
}
