// Messages per second parsed and applied to books, per connector, next to JSON.parse alone on the same bytes in the same run.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { generatedMessages } from './generated-messages.mjs';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = requireMeasured(import.meta.url);

/** The recorded capture where there is one: real sizes of real messages. */
function recordedCapture(limit) {
  const shared = process.env['EK_SHARED'] ?? resolve(here, '..', '..', '..', '..', 'shared');
  const captures = [
    ['binance usd-m, recorded', 'usdm_btcusdt_20240808.gz', 'linear', 'BTCUSDT'],
    ['binance spot, recorded', 'spot_btcusdt_20240808.gz', 'spot', 'BTCUSDT'],
    ['binance coin-m, recorded', 'cm_btcusd_perp_20240808.gz', 'inverse', 'BTCUSD_PERP'],
  ];
  return captures.flatMap(([name, file, market, symbol]) => {
    const path = join(shared, 'data/wire/hftbacktest', file);
    if (!existsSync(path)) return [];
    const lines = gunzipSync(readFileSync(path))
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .slice(0, limit);
    const messages = lines.map((line) => line.slice(line.indexOf(' ') + 1));
    return [{ name, feed: { venue: 'binance', market }, messages, symbol, snapshots: 'requested' }];
  });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Of processor time, so that a busy machine counts against nobody. */
function secondsOf(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function parseAlone({ messages }) {
  let keep = 0;
  for (const message of messages) keep += JSON.parse(message) === null ? 1 : 0;
  return keep;
}

function applied({ protocolOf, createSequencedBook }, { feed, messages, symbol, snapshots = 'pushed' }) {
  const protocol = protocolOf(feed);
  const books = new Map();
  let events = 0;
  for (const message of messages) {
    const parsed = protocol.parse(message, symbol ?? 'BTCUSDT');
    if (!parsed.ok) throw new Error(`${parsed.failure.code}: ${message.slice(0, 200)}`);
    for (const event of parsed.value) {
      events += 1;
      if (event.kind !== 'book-delta' && event.kind !== 'book-snapshot') continue;
      let book = books.get(event.symbol);
      if (book === undefined) books.set(event.symbol, (book = createSequencedBook({ snapshots })));
      book.apply(event);
    }
  }
  for (const [name, book] of books)
    if (book.status !== 'synced') throw new Error(`the book of ${name} is ${book.status}`);
  return events;
}

export default async function bench({ quick }) {
  const { VENUE_PROTOCOLS } = require('../dist/index.js');
  const { createSequencedBook } = require('../../venue-wire/dist/index.js');
  const protocolOf = ({ venue, market }) =>
    [...VENUE_PROTOCOLS.values()].find(({ feed }) => feed.venue === venue && feed.market === market);
  const library = { protocolOf, createSequencedBook };
  const count = quick ? 4_000 : 20_000;
  const rounds = quick ? 3 : 7;
  const rows = [];
  for (const workload of [...generatedMessages(count), ...recordedCapture(quick ? 20_000 : 94_000)]) {
    const bytes = workload.messages.reduce((total, message) => total + message.length, 0);
    const alone = [];
    const ours = [];
    // Alternating, so that a change of the machine's speed meets both.
    for (let round = 0; round < rounds; round += 1) {
      alone.push(secondsOf(() => parseAlone(workload)));
      ours.push(secondsOf(() => applied(library, workload)));
    }
    const parsePerSecond = workload.messages.length / median(alone);
    const perSecond = workload.messages.length / median(ours);
    process.stderr.write(`  ${workload.name}: ${Math.round(perSecond)} messages/s\n`);
    rows.push({
      metric: `${workload.name}: parsed and applied to books`,
      value: perSecond,
      unit: 'messages/s',
      against: 'JSON.parse alone on the same bytes',
      ratio: perSecond / parsePerSecond,
      aims: { ratio: { min: 0.8 } },
      note: `${Math.round(bytes / workload.messages.length)} bytes a message`,
    });
  }
  return { name: 'venues', rows };
}
