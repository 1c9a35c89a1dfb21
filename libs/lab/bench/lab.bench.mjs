// Events of the lab per second: market instants and commits through all cores in one process, next to folding the same
// journal's bytes (decode alone) in the same run.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);

// What a host loads; the build before has no such package.
try {
  require('@evenkeel/platform');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
}

export default async function bench({ quick }) {
  const { runInProcess } = require('@evenkeel/lab');
  const { decodeCommit } = require('@evenkeel/contracts');
  const { demonstrationMarket } = require('@evenkeel/market');
  const { tape, book } = demonstrationMarket('bench', quick ? 2 : 14);
  const once = () => {
    const started = process.hrtime.bigint();
    const run = runInProcess({ tape, books: [{ file: book, source: 'bench' }] });
    return { run, seconds: Number(process.hrtime.bigint() - started) / 1e9 };
  };
  once();
  const rounds = Array.from({ length: quick ? 1 : 3 }, once).sort((a, b) => a.seconds - b.seconds);
  const { run, seconds } = rounds[Math.floor(rounds.length / 2)];
  const events = run.instants + run.journal.all.length;
  const started = process.hrtime.bigint();
  for (const { bytes } of run.journal.all) decodeCommit(bytes);
  const decodeSeconds = Number(process.hrtime.bigint() - started) / 1e9;
  return {
    name: 'lab',
    rows: [
      {
        metric: 'lab events (instants and commits)',
        value: events / seconds,
        unit: 'events/s',
        against: 'decoding the same commits',
        ratio: run.journal.all.length / seconds / (run.journal.all.length / decodeSeconds),
        before: true,
        aims: { ratio: { min: 1 }, before: { min: 12 } },
        note: `${run.instants} instants, ${run.journal.all.length} commits, 1 book of ${book.positions.length} positions`,
      },
    ],
  };
}
