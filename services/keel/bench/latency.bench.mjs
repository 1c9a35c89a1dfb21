// Mark to order through the real services, next to a bare relay of the same number of durable JetStream hops in the same
// run on the same server. Both are measured by the server's own timestamps: from the storing of the market's clock
// message to the storing of the order intent (three hops: risk, strategy, execution).
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measuredTree, requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const keel = join(measuredTree, 'services', 'keel', 'dist');
const HOPS = 3;

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

async function servicesLatencies(stack, home, days) {
  const { ServiceRun } = require(join(keel, 'run', 'service-run.js'));
  const { ProgressLine } = require(join(keel, 'run', 'progress-line.js'));
  const { loadRunInputs } = require(join(keel, 'run', 'inputs.js'));
  const { connectNats, currentEpoch, readToEnd } = require('@evenkeel/adapter-nats');
  const { InstantAssembler, decodeCommit } = require('@evenkeel/contracts');
  const { jetstream } = require('@nats-io/jetstream');
  const inputs = loadRunInputs({ books: [], seed: 'bench', days });
  await new ServiceRun({
    home,
    stack,
    inputs,
    progress: new ProgressLine(true),
    speed: 0,
    venue: {},
    logLevel: 'warn',
  }).run();
  const connection = await connectNats(stack.access('observer'), 'bench');
  const epoch = await currentEpoch(connection);
  const js = jetstream(connection);
  const storedAt = new Map();
  const assembler = new InstantAssembler();
  for await (const message of readToEnd(js, epoch.marketStream, epoch.marketFromSeq)) {
    const whole = assembler.add(message.subject, message.data);
    if (whole !== undefined) storedAt.set(whole.instant.eventTime, message.timestampNanos);
  }
  const latencies = [];
  for await (const message of readToEnd(js, epoch.journalStream, 1)) {
    const commit = decodeCommit(message.data);
    const event = commit.events[0]?.event;
    if (event?.type !== 'OrderIntended') continue;
    const mark = storedAt.get(event.payload.at);
    if (mark !== undefined) latencies.push(Number(message.timestampNanos - mark) / 1000);
  }
  await connection.close();
  // The first half warms the compilers up; the relay's few lines need no such thing.
  return latencies.slice(latencies.length >> 1);
}

async function relayLatencies(home, count) {
  const { connectNats, findNatsServer, readToEnd, startEmbeddedNats } = require('@evenkeel/adapter-nats');
  const {
    AckPolicy,
    DeliverPolicy,
    StorageType,
    jetstream,
    jetstreamManager,
  } = require('@nats-io/jetstream');
  // An open server: the bare relay knows no identities.
  const binary = findNatsServer(home.tools, () => undefined);
  const server = await startEmbeddedNats({ binary, dir: join(home.dir, 'relay') });
  const connection = await connectNats(server.url, 'bench-relay');
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'RELAY', subjects: ['relay.>'], storage: StorageType.File });
  for (let hop = 0; hop < HOPS; hop += 1) {
    await manager.consumers.add('RELAY', {
      durable_name: `hop${hop}`,
      filter_subject: `relay.${hop}`,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
    });
  }
  const children = await Promise.all(
    Array.from(
      { length: HOPS },
      (_, hop) =>
        new Promise((resolve) => {
          const child = fork(join(here, 'relay.mjs'), [server.url, String(hop)], {
            stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          });
          child.once('message', () => resolve(child));
        }),
    ),
  );
  const js = jetstream(connection);
  const consumer = await js.consumers.get('RELAY', { filter_subjects: [`relay.${HOPS}`] });
  const arrivals = await consumer.consume();
  const iterator = arrivals[Symbol.asyncIterator]();
  for (let index = 0; index < count; index += 1) {
    await js.publish('relay.0', Buffer.alloc(500, index & 255), { msgID: `in-${index}` });
    await iterator.next();
  }
  arrivals.stop(); // `close` would wait for an iteration that has no more to come
  const starts = [];
  const latencies = [];
  for await (const message of readToEnd(js, 'RELAY', 1)) {
    if (message.subject === 'relay.0') starts.push(message.timestampNanos);
    else if (message.subject === `relay.${HOPS}`)
      latencies.push(Number(message.timestampNanos - starts[latencies.length]) / 1000);
  }
  for (const child of children) child.disconnect();
  await connection.close();
  await server.stop();
  return latencies;
}

export default async function bench({ quick }) {
  const { homeOf } = require(join(keel, 'stack', 'home.js'));
  const { startStack } = require(join(keel, 'stack', 'stack.js'));
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
  const home = homeOf({ EK_HOME: dir });
  const stack = await startStack({ home, say: () => undefined, environment: {} });
  try {
    const services = await servicesLatencies(stack, home, quick ? 2 : 8);
    const relay = await relayLatencies(home, services.length);
    const row = (metric, share) => {
      const value = quantile(services, share);
      const ratio = value / quantile(relay, share);
      return {
        metric,
        value,
        unit: 'µs',
        against: `bare relay, ${Math.round(quantile(relay, share))} µs`,
        ratio,
        aim: '≤ 3 ×',
        met: ratio <= 3,
        note: `${services.length} orders`,
      };
    };
    return {
      name: 'latency',
      rows: [row('mark to order intent, p50', 0.5), row('mark to order intent, p99', 0.99)],
    };
  } finally {
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
