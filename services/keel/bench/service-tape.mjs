// The frozen market through the real services over servers of its own, for the benches that measure them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFrozenMarket } from './frozen-market.mjs';
import { measuredTree, requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const keel = join(measuredTree, 'services', 'keel', 'dist');

/** A home with NATS and Postgres of its own, for as long as `work` takes. `durability`: what an acknowledgement survives. */
export async function withStack(work, durability) {
  const { homeOf } = require(join(keel, 'stack', 'home.js'));
  const { startStack } = require(join(keel, 'stack', 'stack.js'));
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
  const home = homeOf({ EK_HOME: dir });
  const environment = durability === undefined ? {} : { EK_DURABILITY: durability };
  const stack = await startStack({ home, say: () => undefined, environment });
  try {
    return await work(stack, home);
  } finally {
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** How the bench looks at the streams; the build before had no identities. */
export const accessTo = (stack) => stack.access?.('observer') ?? stack.natsUrl;

/** Tells the whole instants on the market stream; the build before put them together from parts. */
function instantReader() {
  const { CLOCK_SUBJECT, InstantAssembler, decodeInstant } = require('@evenkeel/contracts');
  if (decodeInstant !== undefined)
    return (subject, data) => (subject === CLOCK_SUBJECT ? decodeInstant(data).instant : undefined);
  const assembler = new InstantAssembler();
  return (subject, data) => assembler.add(subject, data)?.instant;
}

/** Runs so many days with so many books, as fast as they settle; returns what lies on the two streams, in order. */
export async function runTape(stack, home, { days, books = 1 }) {
  const { ServiceRun } = require(join(keel, 'run', 'service-run.js'));
  const { ProgressLine } = require(join(keel, 'run', 'progress-line.js'));
  const { loadRunInputs } = require(join(keel, 'run', 'inputs.js'));
  const { connectNats, currentEpoch, readToEnd } = require('@evenkeel/adapter-nats');
  const { decodeCommit } = require('@evenkeel/contracts');
  const { jetstream } = require('@nats-io/jetstream');
  const inputs = loadRunInputs(writeFrozenMarket(join(home.dir, 'frozen'), { days, books }));
  const progress = new ProgressLine(true);
  await new ServiceRun({ home, stack, inputs, progress, speed: 0, venue: {}, logLevel: 'warn' }).run();
  const connection = await connectNats(accessTo(stack), 'bench');
  const epoch = await currentEpoch(connection);
  const js = jetstream(connection);
  const instants = new Map();
  const readInstant = instantReader();
  for await (const { subject, data, timestampNanos } of readToEnd(
    js,
    epoch.marketStream,
    epoch.marketFromSeq,
  )) {
    const instant = readInstant(subject, data);
    if (instant !== undefined) instants.set(instant.eventTime, timestampNanos);
  }
  const commits = [];
  for await (const { data, timestampNanos } of readToEnd(js, epoch.journalStream, 1))
    commits.push({ commit: decodeCommit(data), storedAt: timestampNanos });
  await connection.close();
  return { instants, commits };
}
