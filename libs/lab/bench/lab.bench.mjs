// Events of the lab a second of processor time: market instants and commits through all cores in one process, beside decoding the
// same journal's bytes in the same run, and beside its floor: the very same commits encoded, chained and hashed, and nothing else.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);

// What a host loads; the build before has no such package.
try {
  require('@evenkeel/platform');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
}

const DAYS = 14;
/** Rounds before the first that counts: with fewer, what is measured is the compiler. */
const WARM = 6;

export default async function bench({ quick }) {
  const { runInProcess } = require('@evenkeel/lab');
  const { decodeCommit, sealCommit } = require('@evenkeel/contracts');
  const { demonstrationMarket } = require('@evenkeel/market');
  const { tape, book } = demonstrationMarket('bench', DAYS);
  const books = [{ file: book, source: 'bench' }];
  const made = [];
  const { journal, instants } = runInProcess({
    tape,
    books,
    onCommit: ({ commit, bytes, hash }) => made.push({ commit, bytes, hash }),
  });
  const commits = made.length > 0 ? made : journal.all; // the build before keeps them all
  const events = instants + commits.length;

  const secondsOf = (work) => {
    const rounds = Array.from({ length: WARM + (quick ? 3 : 9) }, () => {
      const started = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(started);
      return (user + system) / 1e6;
    });
    const measured = rounds.slice(WARM).sort((a, b) => a - b);
    return measured[measured.length >> 1];
  };
  const run = secondsOf(() => runInProcess({ tape, books }));
  const decode = secondsOf(() => commits.forEach(({ bytes }) => decodeCommit(bytes)));
  let sealed = [];
  const seal = secondsOf(() => {
    sealed = commits.map(({ commit }) => sealCommit(commit));
  });
  if (sealed.some(({ hash }, place) => Buffer.compare(hash, commits[place].hash) !== 0))
    throw new Error('the commits that were sealed alone are not those of the run');
  const each = (seconds) => `${((seconds / events) * 1e6).toFixed(1)} µs`;
  const unit = 'events/s';
  return {
    name: 'lab',
    rows: [
      {
        metric: 'lab events (instants and commits)',
        value: events / run,
        unit,
        against: 'decoding the same commits',
        ratio: decode / run,
        before: true,
        aims: { ratio: { min: 1 }, before: { min: 12 } },
        note: `${instants} instants, ${commits.length} commits, 1 book of ${book.positions.length} positions; ${each(run)} an event, of which decoding ${each(decode)}`,
      },
      {
        metric: 'floor: the same commits sealed alone',
        value: events / seal,
        unit,
        against: 'decoding the same commits',
        ratio: decode / seal,
        before: true,
        note: `encoded, chained and hashed, no core asked: ${each(seal)} an event`,
      },
      {
        metric: 'lab events, without their seal',
        value: events / (run - seal),
        unit,
        against: 'sealing the same commits',
        ratio: seal / (run - seal),
        note: `market, cores and exchange: ${each(run - seal)} an event`,
      },
    ],
  };
}
