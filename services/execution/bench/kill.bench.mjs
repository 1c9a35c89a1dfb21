// From the file latch that `keel kill` writes to the last cancel that a venue has acknowledged, over loopback TCP to an exchange
// in a thread of its own; with NATS up, and with NATS (and so the journal) down. Beside it the same cancels on the same socket
// with nothing before them.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const {
  UNREAD_BOARD,
  confirmed,
  createOrderCore,
  encodeLatchFile,
  latchFileName,
} = require('../../../libs/execution/dist/index.js');
const { connectNats, openEpoch } = require('../../../libs/adapter-nats/dist/index.js');
const { startEmbeddedNats } = require('../../../libs/adapter-nats/dist/server/embedded-nats.js');
const { findNatsServer } = require('../../../libs/adapter-nats/dist/server/nats-server-binary.js');
const { KillLatches } = require('../dist/inbound/kill-latches.js');
const { KillSweep } = require('../dist/outbound/kill-sweep.js');
const { TakingBack, wantedByLatches } = require('../dist/outbound/taking-back.js');

const OPEN_ORDERS = 50;
const AT = '2026-01-05T00:00:00Z';
const silent = { warn() {}, error() {}, info() {} };
const percentile = (values, part) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

/** Answers every line with itself, as an exchange acknowledges a cancel. */
const EXCHANGE = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const server = createServer({ noDelay: true }, (socket) => socket.on('data', (data) => socket.write(data)));
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

async function openExchange() {
  const worker = new Worker(EXCHANGE, { eval: true });
  const port = await new Promise((resolve) => worker.once('message', resolve));
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  let waiting = 0;
  let done = () => undefined;
  socket.on('data', (data) => {
    for (const byte of data) if (byte === 10) waiting -= 1;
    if (waiting === 0) done();
  });
  return {
    send: (clientOrderId) => socket.write(`${clientOrderId}\n`),
    acknowledged: (count) => {
      waiting = count;
      return new Promise((resolve) => (done = () => resolve(process.hrtime.bigint())));
    },
    async close() {
      socket.destroy();
      await worker.terminate();
    },
  };
}

const core = createOrderCore();

function fold(state, book, type, payload) {
  const aggregate = { context: 'execution', type: 'hedge-order', id: payload.clientOrderId };
  return core.evolve(state, {
    commitId: 'c',
    aggregate,
    book,
    eventTime: AT,
    correlationId: 'c',
    events: [{ type, payload }],
  });
}

function intent(book, index) {
  return {
    clientOrderId: `${book}-${index}`,
    decisionId: book,
    book,
    venue: 'bench',
    instrument: 'BTC-PERPETUAL@bench',
    side: 'buy',
    quantity: '1',
    orderType: 'limit',
    timeInForce: 'POST_ONLY',
    limitPrice: '1',
    referencePrice: '1',
    at: AT,
    timeoutAt: '2026-01-05T00:00:05Z',
    checks: [],
  };
}

async function rounds(name, count, exchange, folder, latches) {
  let state = core.initial();
  const took = [];
  const connector = {
    cancel: (clientOrderId) => (exchange.send(clientOrderId), 'sent'),
    // This exchange has no cancel for a whole account, and lists nothing of what it was asked for.
    cancelAll: () => 'sent',
    openOrders: () => Promise.resolve([]),
  };
  let account = { book: '', venue: 'bench' };
  let line = new TakingBack({ account, connector, logger: silent, onGone() {} });
  const takeBack = (known) => line.look(wantedByLatches(known, account), state, 0n);
  const partitions = () => [{ takeBack }];
  const sweep = new KillSweep({ folder, latches: () => latches.latches, partitions, logger: silent });
  sweep.start();
  for (let round = 0; round < count; round += 1) {
    const book = `${name}-${round}`;
    for (let index = 0; index < OPEN_ORDERS; index += 1)
      state = fold(state, book, 'OrderIntended', intent(book, index));
    account = { book, venue: 'bench' };
    line = new TakingBack({ account, connector, logger: silent, onGone() {} });
    const last = exchange.acknowledged(OPEN_ORDERS);
    const engagement = { engagement: randomUUID(), by: 'bench', reason: 'bench', at: AT };
    const file = join(folder, latchFileName(`book:${book}`, engagement.engagement));
    const latch = encodeLatchFile(engagement);
    const started = process.hrtime.bigint();
    writeFileSync(file, latch);
    took.push(Number((await last) - started) / 1e6);
    for (let index = 0; index < OPEN_ORDERS; index += 1) {
      const { clientOrderId, instrument } = intent(book, index);
      const closed = { clientOrderId, book, instrument, at: AT, unfilled: '1', reason: 'KILL_ENGAGED' };
      state = fold(state, book, 'OrderCancelled', closed);
    }
    // The latch has done its work; a folder of hundreds is not what a desk has.
    rmSync(file);
    latches.board = confirmed(UNREAD_BOARD, Date.now());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  sweep.stop();
  return took;
}

async function bare(count, exchange) {
  const took = [];
  for (let round = 0; round < count; round += 1) {
    const last = exchange.acknowledged(OPEN_ORDERS);
    const started = process.hrtime.bigint();
    for (let index = 0; index < OPEN_ORDERS; index += 1) exchange.send(`bare-${round}-${index}`);
    took.push(Number((await last) - started) / 1e6);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return took;
}

export default async function bench({ quick }) {
  const count = quick ? 60 : 300;
  const toolsDir = new URL('../../../.evenkeel/bin', import.meta.url).pathname;
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-kill-'));
  const server = await startEmbeddedNats({ binary: findNatsServer(toolsDir, () => undefined), dir });
  const connection = await connectNats(server.url, 'kill-bench');
  const exchange = await openExchange();
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-latches-'));
  const { bucket: known } = await openEpoch(connection);
  const judge = { judge: (latch) => Promise.resolve({ ...latch, releases: [], refused: [] }) };
  const latches = new KillLatches({ connection, folder, maxAgeMs: 2_000, judge, known, logger: silent });
  await latches.start();
  try {
    await bare(20, exchange);
    const peer = percentile(await bare(count, exchange), 0.99);
    await rounds('warm', 10, exchange, folder, latches);
    const up = await rounds('up', count, exchange, folder, latches);
    await server.stop();
    const down = await rounds('down', count, exchange, folder, latches);
    const row = (metric, took) => ({
      metric: `kill to last of ${OPEN_ORDERS} cancels acknowledged, ${metric}, p99`,
      value: percentile(took, 0.99),
      unit: 'ms',
      against: `${OPEN_ORDERS} bare loopback round trips, p99`,
      ratio: percentile(took, 0.99) / peer,
      note: `p50 ${percentile(took, 0.5).toFixed(2)} ms, bare p99 ${peer.toFixed(2)} ms`,
    });
    return { name: 'kill', rows: [row('journal up', up), row('journal and NATS down', down)] };
  } finally {
    latches.stop();
    await exchange.close();
    await connection.close().catch(() => undefined);
    await server.stop().catch(() => undefined);
    rmSync(dir, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}
