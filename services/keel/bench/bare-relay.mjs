// The peer of the services' benches: as many durable hops and nothing else. Each hop is a process that takes from a durable
// consumer, publishes to the next subject, and acknowledges, on a server with the settings of ours (file storage, synced before
// it is acknowledged), without identities and TLS.
import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const SIZE_BYTES = 500;

async function withRelay(home, hops, work) {
  const { connectNats, findNatsServer, startEmbeddedNats } = require('@evenkeel/adapter-nats');
  const {
    AckPolicy,
    DeliverPolicy,
    StorageType,
    jetstream,
    jetstreamManager,
  } = require('@nats-io/jetstream');
  const binary = findNatsServer(home.tools, () => undefined);
  const server = await startEmbeddedNats({ binary, dir: join(home.dir, 'relay') });
  const connection = await connectNats(server.url, 'bench-relay');
  const children = [];
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'RELAY', subjects: ['relay.>'], storage: StorageType.File });
    for (let hop = 0; hop < hops; hop += 1) {
      await manager.consumers.add('RELAY', {
        durable_name: `hop${hop}`,
        filter_subject: `relay.${hop}`,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
      });
      children.push(await hopProcess(server.url, hop));
    }
    const js = jetstream(connection);
    const consumer = await js.consumers.get('RELAY', { filter_subjects: [`relay.${hops}`] });
    const arrivals = await consumer.consume();
    const iterator = arrivals[Symbol.asyncIterator]();
    const result = await work(js, iterator);
    arrivals.stop(); // `close` would wait for an iteration that has no more to come
    return result;
  } finally {
    for (const child of children) child.disconnect();
    await connection.close();
    await server.stop();
  }
}

function hopProcess(url, hop) {
  return new Promise((resolve) => {
    const child = fork(join(here, 'relay.mjs'), [url, String(hop)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.once('message', () => resolve(child));
  });
}

/** One message at a time through all hops; by message, the times of each hop: stored before it, received in it, stored after it. */
export function relayOneByOne(home, hops, count) {
  const { readToEnd } = require('@evenkeel/adapter-nats');
  return withRelay(home, hops, async (js, arrivals) => {
    for (let index = 0; index < count; index += 1) {
      await js.publish('relay.0', Buffer.alloc(SIZE_BYTES, index & 255), { msgID: `in-${index}` });
      await arrivals.next();
    }
    const byHop = Array.from({ length: hops + 1 }, () => []);
    for await (const { subject, data, timestampNanos } of readToEnd(js, 'RELAY', 1))
      byHop[Number(subject.slice('relay.'.length))].push({
        storedAt: timestampNanos,
        receivedAt: Buffer.from(data).readBigUInt64LE(0),
      });
    return Array.from({ length: count }, (_, index) => byHop.map((messages) => messages[index]));
  });
}

/** Many messages under way at once; how many are stored in a second, of all hops together. */
export function relayPipelined(home, hops, count) {
  const { readToEnd } = require('@evenkeel/adapter-nats');
  const UNDER_WAY = 64;
  return withRelay(home, hops, async (js, arrivals) => {
    let published = 0;
    const publish = () => {
      published += 1;
      return js.publish('relay.0', Buffer.alloc(SIZE_BYTES, 1), { msgID: `in-${published}` });
    };
    await Promise.all(Array.from({ length: UNDER_WAY }, publish));
    for (let arrived = 0; arrived < count; arrived += 1) {
      await arrivals.next();
      if (published < count) void publish();
    }
    const times = [];
    for await (const { timestampNanos } of readToEnd(js, 'RELAY', 1)) times.push(timestampNanos);
    return times.length / (Number(times.at(-1) - times[0]) / 1e9);
  });
}
