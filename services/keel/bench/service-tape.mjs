// The built-in market through the real services over servers of its own, for the benches that measure them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measuredTree, requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const keel = join(measuredTree, 'services', 'keel', 'dist');

/** A home with NATS and Postgres of its own, for as long as `work` takes. */
export async function withStack(work) {
  const { homeOf } = require(join(keel, 'stack', 'home.js'));
  const { startStack } = require(join(keel, 'stack', 'stack.js'));
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
  const home = homeOf({ EK_HOME: dir });
  const stack = await startStack({ home, say: () => undefined, environment: {} });
  try {
    return await work(stack, home);
  } finally {
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Runs so many days with so many books, as fast as they settle; returns what lies on the two streams, in order. */
export async function runTape(stack, home, { days, books = 1 }) {
  const { ServiceRun } = require(join(keel, 'run', 'service-run.js'));
  const { ProgressLine } = require(join(keel, 'run', 'progress-line.js'));
  const { loadRunInputs } = require(join(keel, 'run', 'inputs.js'));
  const { connectNats, currentEpoch, readMarket, readToEnd } = require('@evenkeel/adapter-nats');
  const { decodeCommit } = require('@evenkeel/contracts');
  const { jetstream } = require('@nats-io/jetstream');
  const loaded = loadRunInputs({ books: [], seed: 'bench', days });
  const [one] = loaded.books;
  const inputs = {
    ...loaded,
    books: Array.from({ length: books }, (_, index) => ({
      ...one,
      file: { ...one.file, book: `book-${index}` },
      source: `book ${index}`,
    })),
  };
  const progress = new ProgressLine(true);
  await new ServiceRun({ home, stack, inputs, progress, speed: 0, venue: {}, logLevel: 'warn' }).run();
  const connection = await connectNats(stack.access('observer'), 'bench');
  const epoch = await currentEpoch(connection);
  const js = jetstream(connection);
  const storedAt = new Map();
  for await (const { seq, timestampNanos } of readToEnd(js, epoch.marketStream, epoch.marketFromSeq))
    storedAt.set(seq, timestampNanos);
  const instants = new Map();
  for await (const { entry, seq } of readMarket(connection, epoch))
    if (entry.kind === 'instant') instants.set(entry.given.instant.eventTime, storedAt.get(seq));
  const commits = [];
  for await (const { data, timestampNanos } of readToEnd(js, epoch.journalStream, 1))
    commits.push({ commit: decodeCommit(data), storedAt: timestampNanos });
  await connection.close();
  return { instants, commits, marketMessages: storedAt.size };
}
