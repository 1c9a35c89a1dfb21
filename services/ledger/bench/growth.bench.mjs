// What a run leaves behind: bytes on the journal and in Postgres per decision, after the books are open. January's desk
// book where the recorded data is there, and a generated book of 1,000 option legs at the cadence of live trading: the
// market every 250 ms, each option quoted once a second by its venue's clock, risk at the latest every two seconds.
// The same of another checkout, built: node services/ledger/bench/growth.bench.mjs <checkout>
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const SHARED = process.env.EK_SHARED ?? join(HERE, '..', 'shared');
const LEGS = 1_000;
const TICK = 250_000_000n;
const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
const PERP = 'BTCUSDT-PERP@binance';
const SPOTS = ['BTCUSDT@binance', 'BTC-USDT@okx'];
const BATCH = 200;

/** The libraries of a checkout; its test support lies under other names in older ones. */
function librariesOf(checkout) {
  const require = createRequire(join(checkout, 'services', 'ledger', 'package.json'));
  const postgres = join(checkout, 'libs', 'adapter-postgres', 'dist');
  const cluster = readdirSync(join(postgres, 'sample')).find((name) => name.startsWith('ledger-cluster.'));
  return {
    config: require('@evenkeel/config'),
    kernel: require('@evenkeel/kernel'),
    market: require('@evenkeel/market'),
    instruments: require('@evenkeel/instruments'),
    pricing: require('@evenkeel/pricing'),
    lab: require('@evenkeel/lab'),
    eventing: require('@evenkeel/eventing'),
    contracts: require('@evenkeel/contracts'),
    ...require(join(postgres, 'ledger', 'ledger-writer.js')),
    ...require(join(postgres, 'sample', cluster)),
  };
}

const nameOf = (instrument) => `bench:${instrument}`;

function optionsOf({ kernel, instruments }, start) {
  const random = kernel.createRandom('growth legs');
  const expiries = [2n, 4n, 11n, 25n, 53n, 81n, 172n, 263n].map(
    (days) => start + days * DAY + 8n * 3600n * SECOND,
  );
  return Array.from({ length: LEGS }, (_, index) => {
    const expiry = expiries[index % expiries.length];
    const strike = 40_000 + Math.floor(index / 16) * 1_000 + 250 * (index % 4);
    const type = index % 16 < 8 ? 'call' : 'put';
    const instrument = `BTC-${instruments.formatExpiryDate(expiry)}-${strike}-${type === 'call' ? 'C' : 'P'}@deribit`;
    return {
      instrument,
      expiry,
      strike,
      type,
      quantity: String(Math.round(random.next() * 80 - 40) / 10 || 0.5),
      sigma: 0.4 + 0.3 * random.next(),
    };
  });
}

/** One of four shares of the chain every 250 ms, so that each option is quoted once a second. */
function liveMarket(libraries, options, start, ticks) {
  const { kernel, market } = libraries;
  const random = kernel.createRandom('growth market');
  let spot = 90_000;
  const instants = [];
  for (let tick = 1; tick <= ticks; tick += 1) {
    const at = start + BigInt(tick) * TICK;
    const eventTime = kernel.formatInstant(at);
    spot *= 1 + 0.00006 * (random.next() - 0.5);
    const price = (instrument) =>
      market.rawPrice({
        source: nameOf(instrument),
        instrument,
        price: spot.toFixed(2),
        traded: true,
        at,
        eventTime,
      });
    const quotes = options
      .filter((_, index) => tick === 1 || index % 4 === tick % 4)
      .map((option) => {
        option.sigma = Math.max(0.2, option.sigma + 0.002 * (random.next() - 0.5));
        const quotedAt = at - BigInt(Math.floor(random.next() * 250)) * 1_000_000n;
        return quoteOf(
          libraries,
          option,
          spot * (1 + 0.00002 * (random.next() - 0.5)),
          at,
          kernel.formatInstant(quotedAt),
          eventTime,
        );
      });
    instants.push({
      at,
      eventTime,
      prices: [PERP, ...SPOTS].map(price),
      quotes,
      fundings: [],
      deliveries: [],
    });
  }
  const sources = [PERP, ...SPOTS].map((instrument) => ({
    source: nameOf(instrument),
    kind: 'price',
    instrument,
    underlying: 'BTC',
    interval: TICK,
  }));
  sources.push({
    source: nameOf('BTC@deribit'),
    kind: 'option',
    instrument: 'BTC@deribit',
    underlying: 'BTC',
  });
  return market.tapeOf({
    name: 'growth',
    from: start,
    to: start + BigInt(ticks + 1) * TICK,
    sources,
    instants,
  });
}

function quoteOf(
  { kernel, pricing },
  { instrument, expiry, strike, type, sigma },
  near,
  at,
  eventTime,
  receivedTime,
) {
  const years = kernel.yearsBetween(at, expiry);
  const forward = Number((near * (1 + 0.05 * years)).toFixed(4));
  const volatility = Number(sigma.toFixed(4));
  const { valueCoin } = pricing.priceInverse({ type, F: forward, K: strike, T: years, sigma: volatility });
  const price = Math.max(0.0001, valueCoin);
  return {
    instrument,
    kind: 'option',
    price: price.toFixed(4),
    bid: Math.max(0.0001, price * 0.99).toFixed(4),
    ask: (price * 1.01 + 0.0001).toFixed(4),
    volatility,
    forward: forward.toFixed(4),
    index: near.toFixed(2),
    eventTime,
    receivedTime,
    source: nameOf('BTC@deribit'),
    status: 'OK',
    reasons: [],
  };
}

function generatedRun(libraries, quick) {
  const { kernel, market } = libraries;
  const start = kernel.parseInstant('2026-01-05T00:00:00Z');
  const options = optionsOf(libraries, start);
  const at = kernel.formatInstant(start + SECOND);
  const file = market.parseBookFile(
    {
      book: `legs-${LEGS}`,
      numeraire: 'USD',
      positions: options.map(({ instrument, quantity }) => ({ instrument, quantity, price: '0.02', at })),
      hedge: {
        instruments: [PERP],
        policy: { kind: 'delta-band', band: '0.05' },
        target: { delta: '0' },
      },
      limits: { maxOrderQuantity: { [PERP]: '100000' }, maxGrossNotionalUsd: '90000000000' },
      evaluation: { maxInterval: 'PT2S' },
    },
    'bench',
  );
  const seconds = quick ? 60 : 180;
  const tape = liveMarket(libraries, options, start, seconds * 4);
  return { name: `${LEGS} legs live`, tape, book: { file, source: 'bench' }, days: seconds / 86_400 };
}

function januaryRun({ config, market }) {
  const folder = join(SHARED, 'data', 'crypto-options-2026-01');
  if (!existsSync(folder)) return undefined;
  const path = join(SHARED, 'books', 'btc-eth-desk.json');
  const file = market.parseBookFile(JSON.parse(readFileSync(path, 'utf8')), path);
  const tape = config.loadTape(join(folder, 'tape-btc-eth.json'));
  return {
    name: 'January’s desk book',
    tape,
    book: { file, source: path },
    days: Number(tape.to - tape.from) / Number(DAY),
  };
}

async function rowsOf(libraries, cluster, { name, tape, book, days }) {
  const { lab, eventing, createLedgerWriter } = libraries;
  const commits = lab.runInProcess({ tape, books: [book] }).journal.all;
  const opened = commits.findIndex(({ commit }) =>
    commit.events.some(({ event }) => event.type === 'RiskSnapshotTaken'),
  );
  const typesOf = ({ commit }) => commit.events.map(({ event }) => event.type);
  const count = (test) => commits.slice(opened).filter((one) => typesOf(one).some(test)).length;
  const decisions = count((type) => type === 'HedgeDecided' || type === 'HedgeDeclined');
  const snapshots = commits.slice(opened).filter((one) => typesOf(one).includes('RiskSnapshotTaken'));
  const bytesOf = (list) => list.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const messages = commits.map(({ seq, bytes, commit }) => ({
    seq,
    bytes,
    subject: eventing.subjectOf(commit.partition, commit.aggregate),
  }));
  const database = await cluster.database();
  const pool = database.pool();
  const writer = createLedgerWriter(pool, { epoch: '1' });
  const append = async (list) => {
    for (let from = 0; from < list.length; from += BATCH) await writer.append(list.slice(from, from + BATCH));
  };
  await append(messages.slice(0, opened));
  const before = await sizesOf(database);
  await append(messages.slice(opened));
  const after = await sizesOf(database);
  await writer.close();
  const tables = Object.entries(after)
    .map(([table, bytes]) => [table, bytes - (before[table] ?? 0)])
    .filter(([, bytes]) => bytes > 0)
    .sort((a, b) => b[1] - a[1]);
  const postgres = tables.reduce((sum, [, bytes]) => sum + bytes, 0);
  const journal = bytesOf(commits.slice(opened));
  const legs = snapshots.reduce((sum, { commit }) => sum + commit.events[0].event.payload.legs.length, 0);
  const largest = tables.slice(0, 4).map(([table, bytes]) => `${table} ${Math.round(bytes / 1024)} KB`);
  const perDay = (bytes) => `${(bytes / days / 1e6).toFixed(1)} MB a day`;
  return [
    {
      metric: `journal per decision, ${name}`,
      value: journal / decisions,
      unit: 'bytes',
      note: `${decisions} decisions, ${snapshots.length} snapshots of ${(legs / snapshots.length).toFixed(1)} legs; ${perDay(journal)}`,
    },
    {
      metric: `a snapshot’s commit, ${name}`,
      value: bytesOf(snapshots) / snapshots.length,
      unit: 'bytes',
      note: `${Math.round((100 * bytesOf(snapshots)) / journal)} % of the journal; the rest ${Math.round((journal - bytesOf(snapshots)) / decisions)} bytes per decision`,
    },
    {
      metric: `Postgres per decision, ${name}`,
      value: postgres / decisions,
      unit: 'bytes',
      note: `${largest.join(', ')}; ${perDay(postgres)}`,
    },
    ...signatureRows(libraries, commits.slice(opened), decisions, name),
    ...cpuRows(libraries, snapshots, name),
  ];
}

/** What the signatures of services would add: the runs are of the laboratory, where nobody signs. */
function signatureRows({ contracts }, commits, decisions, name) {
  const { sealWith, keyIdOf } = contracts;
  if (sealWith === undefined) return [];
  const signer = { keyId: keyIdOf(new Uint8Array(32)), sign: () => new Uint8Array(64).fill(1) };
  const [{ commit, bytes }] = commits;
  const added = sealWith({ signer })(commit).bytes.length - bytes.length;
  return [
    {
      metric: `signatures per decision, ${name}`,
      value: (added * commits.length) / decisions,
      unit: 'bytes',
      note: `${added} bytes on each of ${commits.length} commits; on the journal, and again in Postgres`,
    },
  ];
}

/** Milliseconds of one core to write and to read the payload of the last snapshot. */
function cpuRows({ contracts }, snapshots, name) {
  const [{ event, version }] = snapshots[snapshots.length - 1].commit.events;
  const bytes = contracts.encodePayload(event);
  const timed = (work) => {
    for (let round = 0; round < 20; round += 1) work();
    const before = process.cpuUsage();
    for (let round = 0; round < 50; round += 1) work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 50_000;
  };
  return [
    ['write', () => contracts.encodePayload(event)],
    ['read', () => contracts.decodePayload(event.type, version, bytes)],
  ].map(([what, work]) => ({ metric: `CPU to ${what} a snapshot, ${name}`, value: timed(work), unit: 'ms' }));
}

/** Bytes on disk of every table with its indexes and its long values. */
async function sizesOf(database) {
  await database.asOwner('CHECKPOINT', [], true);
  const rows = await database.asOwner(
    `SELECT n.nspname || '.' || c.relname AS name, pg_total_relation_size(c.oid)::float8 AS bytes
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  );
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, bytes]));
}

export default async function bench({ quick, checkout = HERE }) {
  const libraries = librariesOf(checkout);
  const runs = [januaryRun(libraries), generatedRun(libraries, quick)].filter((run) => run !== undefined);
  const cluster = await libraries.LedgerCluster.start();
  try {
    const rows = [];
    for (const run of runs) rows.push(...(await rowsOf(libraries, cluster, run)));
    return { name: 'growth', rows };
  } finally {
    await cluster.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checkout = resolve(process.argv[2] ?? HERE);
  process.stdout.write(`${JSON.stringify(await bench({ quick: false, checkout }), null, 2)}\n`);
  process.exit();
}
