// Recovery of one partition whose epoch has as many commits as instants, from its beginning and from a state snapshot, next to reading the
// same streams bare in the same run. Real server, real codecs, real host; the core counts, so that what is measured is the way of the
// history through the host: reading, decoding, hashing, folding.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const BOOK = 'recovery';
const START = 1_767_225_600_000_000_000n;
const STEP = 250_000_000n;
/** Inputs since the newest snapshot, as the services' default pace leaves them on average. */
const SINCE_SNAPSHOT = 5_000;

export default async function bench({ quick }) {
  const rows = [];
  for (const size of quick ? [10_000, 100_000] : [100_000, 1_000_000]) rows.push(...(await measure(size)));
  return { name: 'recovery', rows };
}

async function measure(size) {
  const nats = require('@evenkeel/adapter-nats');
  const { partitionOf } = require('@evenkeel/kernel');
  const { root } = await import('../../../tools/root.mjs');
  const binary = nats.findNatsServer(join(root, '.evenkeel', 'bin'), () => undefined);
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-recovery-'));
  // What is measured is reading; writing the history need not survive anything.
  const server = await nats.startEmbeddedNats({ binary, dir, durability: 'unsynced' });
  const connection = await nats.connectNats(server.url, 'bench');
  try {
    const epoch = await nats.openEpoch(connection);
    const setting = { nats, connection, epoch, partition: partitionOf(BOOK), size };
    await writeHistory(setting);
    const bare = await timed(() => readBare(setting));
    const fromBeginning = await timed(() => recover(setting));
    const keeper = keeperOf(setting, await nats.SnapshotBucket.open(connection, 'risk'));
    await recover({ ...setting, upTo: size - SINCE_SNAPSHOT, leaveWith: keeper });
    const fromSnapshot = await timed(() => recover({ ...setting, snapshots: keeper }));
    const row = (metric, { seconds, heapMb }) => ({
      metric: `${metric}, ${size.toLocaleString('en')} commits and instants`,
      value: seconds,
      unit: 's',
      against: 'reading the streams bare',
      ratio: seconds / bare.seconds,
      note: `heap at most ${heapMb} MB`,
    });
    return [
      row('streams read bare', bare),
      row('recovery from the beginning', fromBeginning),
      row('recovery from a snapshot', fromSnapshot),
    ];
  } finally {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function timed(work) {
  globalThis.gc?.();
  let heap = 0;
  const sampler = setInterval(() => (heap = Math.max(heap, process.memoryUsage().heapUsed)), 20);
  const started = process.hrtime.bigint();
  await work();
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  clearInterval(sampler);
  return { seconds, heapMb: Math.round(Math.max(heap, process.memoryUsage().heapUsed) / 1_048_576) };
}

/** Says one word to every instant. */
function countingCore() {
  return {
    context: 'execution',
    initial: () => ({ told: 0, said: 0, due: false }),
    observe(state) {
      state.told += 1;
      state.due = true;
      return state;
    },
    decide(state, input) {
      if (!state.due) return { commits: [], effects: [] };
      const at = input.kind === 'instant' ? input.instant.eventTime : input.commit.eventTime;
      return { commits: [word(state.said, at)], effects: [] };
    },
    evolve(state) {
      state.said += 1;
      state.due = false;
      return state;
    },
    nextWake: () => undefined,
  };
}

const word = (number, at) => ({
  aggregate: { context: 'execution', type: 'hedge-order', id: BOOK },
  book: BOOK,
  eventTime: at,
  actor: { kind: 'algo', id: 'bench' },
  events: [
    { type: 'OrderAcknowledged', payload: { clientOrderId: `o-${number}`, venueOrderId: `v-${number}`, at } },
  ],
});

const PRODUCER = { service: 'bench', version: '0', gitSha: 'none', kernelHash: '' };

function instantOf(number) {
  const { formatInstant } = require('@evenkeel/kernel');
  const at = formatInstant(START + BigInt(number) * STEP);
  const mark = {
    instrument: 'BTCUSDT@binance',
    kind: 'price',
    price: String(90_000 + (number % 997)),
    eventTime: at,
    receivedTime: at,
    source: 'bench',
    status: 'OK',
    reasons: [],
  };
  return { number, eventTime: at, marks: [mark], fundings: [], deliveries: [], wakes: [] };
}

/** What a host would have written, sealed by a host's own reactor; published without waiting for each answer. */
async function writeHistory({ nats, connection, epoch, partition, size }) {
  const { CLOCK_SUBJECT, encodeInstant, sealCommit } = require('@evenkeel/contracts');
  const { subjectOf } = require('@evenkeel/eventing');
  const { Reactor, VIRTUAL_CLOCK, causeOfInstant, drive, take } = require('@evenkeel/engine');
  const { parseInstant } = require('@evenkeel/kernel');
  const { jetstreamManager } = require('@nats-io/jetstream');
  let taken = { journalSeq: 0n, eventTime: 0n };
  const reactor = new Reactor(countingCore(), {
    epoch: epoch.epoch,
    producer: PRODUCER,
    seal: sealCommit,
    hostClock: () => VIRTUAL_CLOCK,
    taken: () => taken,
  });
  for (let number = 1; number <= size; number += 1) {
    const instant = instantOf(number);
    const published = { instant, granted: [partition], traceparent: '', begins: false };
    connection.publish(CLOCK_SUBJECT, encodeInstant(published));
    drive(
      take(reactor, causeOfInstant(epoch.marketStream, partition, { instant, seq: number, traceparent: '' })),
      ({ made }) => {
        connection.publish(subjectOf(partition, made.commit.aggregate), made.bytes);
        return { recorded: made, seq: number };
      },
    );
    taken = { journalSeq: 0n, eventTime: parseInstant(instant.eventTime) };
    if (number % 500 === 0) await connection.flush();
  }
  await connection.flush();
  const log = new nats.JetStreamEventLog(connection, epoch.journalStream);
  const manager = await jetstreamManager(connection);
  const marketSize = async () => (await manager.streams.info(epoch.marketStream)).state.messages;
  while ((await log.lastSeq()) < size || (await marketSize()) < size)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

async function readBare({ nats, connection, epoch }) {
  const { jetstream } = require('@nats-io/jetstream');
  let bytes = 0;
  for (const stream of [epoch.marketStream, epoch.journalStream])
    for await (const message of nats.readToEnd(jetstream(connection), stream, 1))
      bytes += message.data.length;
  return bytes;
}

async function recover({ nats, connection, epoch, partition, size, snapshots, leaveWith, upTo = size }) {
  const { PartitionGate } = require('@evenkeel/engine');
  const log = new nats.JetStreamEventLog(connection, epoch.journalStream);
  const journal = upTo === size ? log : shortened(log, upTo);
  const host = new nats.PartitionHost({
    core: countingCore(),
    partition,
    epoch: epoch.epoch,
    journal,
    marketStream: epoch.marketStream,
    inputs: ['strategy'],
    followsMarket: true,
    producer: PRODUCER,
    nowNs: () => 0n,
    ...(snapshots === undefined && leaveWith === undefined ? {} : { snapshots: snapshots ?? leaveWith }),
  });
  await host.beginRecovery(Number.MAX_SAFE_INTEGER);
  const { position } = host;
  const gate = new PartitionGate(partition, position);
  for await (const { entry } of nats.readMarket(
    connection,
    epoch,
    position.market.number === 0 ? undefined : position.market,
  )) {
    gate.offer(entry);
    for (const given of gate.given()) if (given.instant.number <= upTo) await host.recoverInstant(given);
    if (entry.kind === 'instant' && entry.given.instant.number >= upTo) break;
  }
  await host.finishRecovery();
  if (host.reactor.state.said !== upTo)
    throw new Error(`recovered ${host.reactor.state.said} of ${upTo} commits`);
  if (leaveWith === undefined) return;
  for (let input = 0; input < 1_000; input += 1)
    leaveWith.settled(partition, { snapshot: () => host.snapshot(), confirm: () => Promise.resolve() });
  await host.leave();
}

/** A journal as it was when it ended earlier. */
function shortened(log, upTo) {
  return {
    name: log.name,
    lastSeq: () => Promise.resolve(upTo),
    append: () => Promise.reject(new Error('a recovery of the past appends nothing')),
    async *read(options) {
      for await (const stored of log.read(options)) {
        if (stored.seq > upTo) return;
        yield stored;
      }
    },
  };
}

function keeperOf({ nats, epoch }, store) {
  return new nats.SnapshotKeeper({
    store,
    service: 'bench',
    epoch: epoch.epoch,
    codeHash: 'be'.repeat(32),
    everyInputs: Number.MAX_SAFE_INTEGER,
    everyMs: Number.MAX_SAFE_INTEGER,
    nowMs: () => performance.now(),
    onEvent: (event) => {
      if (event.kind === 'refused' || event.kind === 'failed') throw event.error;
    },
  });
}
