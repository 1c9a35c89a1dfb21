// Whole runs of the lab over six hours of market, every commit sealed into its chain: books of 10 to 10,000 option legs, and 1 to 100 books
// on one market. Events/s, and what one leg-valuation costs with everything that a run is; beside it the bare pricing batch over as
// many legs in the same run, and the floor: the snapshots of that run valued, written and hashed again, and nothing else. Processor
// time, so that a busy machine counts against nothing.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);

// What a host loads; the build before has no such package.
try {
  require('@evenkeel/platform');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
}

const { sealCommit } = require('@evenkeel/contracts');
const { runInProcess } = require('@evenkeel/lab');
const { parseBookFile, rawPrice = (told) => told, tapeOf } = require('@evenkeel/market');
const { createLegBatch, priceInverse } = require('@evenkeel/pricing');
const { createRandom, formatInstant, parseInstant, yearsBetween } = require('@evenkeel/kernel');
const { formatExpiryDate } = require('@evenkeel/instruments');

const START = parseInstant('2026-01-05T00:00:00Z');
const MINUTE = 60_000_000_000n;
const DAY = 1440n * MINUTE;
const EXPIRIES = [4n, 11n, 25n, 53n, 81n, 172n].map((days) => START + days * DAY + 480n * MINUTE);
const PERP = 'BTCUSDT-PERP@binance';
const SPOTS = ['BTCUSDT@binance', 'BTC-USDT@okx'];
const SIZES = [10, 100, 1000, 10_000];
const STEPS = 72;
const BOOKS = [1, 10, 100];
const LEGS_OF_BOOKS = 20;

const nameOf = (instrument) => `bench:${instrument}`;

function optionsOf(legs) {
  return Array.from({ length: legs }, (_, index) => {
    const expiry = EXPIRIES[index % EXPIRIES.length];
    const strike = 40_000 + Math.floor(index / 12) * 100;
    const type = index % 12 < 6 ? 'call' : 'put';
    return {
      instrument: `BTC-${formatExpiryDate(expiry)}-${strike}-${type === 'call' ? 'C' : 'P'}@deribit`,
      expiry,
      strike,
      type,
      quantity: String((index % 7) - 3 || 1),
    };
  });
}

function marketOf(options) {
  const random = createRandom('legs');
  let spot = 90_000;
  const instants = [];
  for (let step = 1; step <= STEPS; step += 1) {
    const at = START + BigInt(step) * 5n * MINUTE;
    const eventTime = formatInstant(at);
    spot *= 1 + 0.002 * (random.next() - 0.5);
    const price = (instrument, value) =>
      rawPrice({
        source: nameOf(instrument),
        instrument,
        price: value.toFixed(2),
        traded: true,
        at,
        eventTime,
      });
    const quotes = step !== 1 ? [] : options.map((option) => quoteOf(option, spot, at, eventTime));
    instants.push({
      at,
      eventTime,
      prices: [price(PERP, spot), ...SPOTS.map((instrument) => price(instrument, spot))],
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
    interval: 5n * MINUTE,
  }));
  sources.push({
    source: nameOf('BTC@deribit'),
    kind: 'option',
    instrument: 'BTC@deribit',
    underlying: 'BTC',
  });
  return tapeOf({
    name: 'legs',
    from: START,
    to: START + BigInt(STEPS + 1) * 5n * MINUTE,
    sources,
    instants,
  });
}

function quoteOf({ instrument, expiry, strike, type }, spot, at, eventTime) {
  const { valueCoin } = priceInverse({ type, F: spot, K: strike, T: yearsBetween(at, expiry), sigma: 0.5 });
  return {
    instrument,
    kind: 'option',
    price: valueCoin.toFixed(8),
    volatility: 0.5,
    forward: spot.toFixed(2),
    index: spot.toFixed(2),
    eventTime,
    receivedTime: eventTime,
    source: nameOf('BTC@deribit'),
    status: 'OK',
    reasons: [],
  };
}

function bookOf(options, name = `legs-${options.length}`) {
  const at = formatInstant(START + 5n * MINUTE);
  return parseBookFile(
    {
      book: name,
      numeraire: 'USD',
      positions: options.map(({ instrument, quantity }) => ({ instrument, quantity, price: '0.02', at })),
      hedge: {
        instruments: [PERP],
        policy: { kind: 'delta-band', band: String(Math.max(0.05, options.length / 100)) },
        target: { delta: '0' },
      },
      limits: { maxOrderQuantity: { [PERP]: '100000' }, maxGrossNotionalUsd: '90000000000' },
      evaluation: { priceMoveBps: '1', maxInterval: 'PT1H', maxPriceAge: 'PT30M', maxVolatilityAge: 'P30D' },
    },
    'bench',
  );
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const seconds = (work) => {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
};

function bareRate(legs) {
  const batch = createLegBatch(legs);
  for (let index = 0; index < legs; index += 1) {
    batch.isCall[index] = index % 2;
    batch.underlying[index] = 90_000;
    batch.strike[index] = 40_000 + index * 10;
    batch.expiryYears[index] = 0.1;
    batch.volatility[index] = 0.5;
  }
  const repeats = Math.max(1, Math.round(200_000 / legs));
  for (let round = 0; round < repeats; round += 1) batch.valueAll(legs);
  const timed = seconds(() => {
    for (let round = 0; round < repeats; round += 1) batch.valueAll(legs);
  });
  return (repeats * legs) / timed.seconds;
}

/** Calls again and again for as long as that takes: the last result and the median of the seconds. */
function during(least, work) {
  const taken = [];
  for (let spent = 0; ;) {
    const { result, seconds: took } = seconds(work);
    taken.push(took);
    spent += took;
    if (spent >= least) return { result, seconds: median(taken) };
  }
}

/**
 * A run after others that warm it, for as long as they take: events, commits, snapshots, the median of its seconds, and that of
 * sealing its snapshots again, which values their legs, writes them and hashes numbers and bytes.
 */
function runOf(tape, books, quick) {
  const least = quick ? 0.7 : 3;
  const once = () => runInProcess({ tape, books });
  during(least, once);
  const run = during(least, once);
  const { instants, journal } = run.result;
  // As the cores said them: what is read back from bytes makes its legs anew whenever it is written.
  const said = [];
  runInProcess({ tape, books, onCommit: ({ commit }) => void said.push(commit) });
  const taken = said.filter(({ events }) => events[0].event.type === 'RiskSnapshotTaken');
  const sealAll = () => {
    for (const commit of taken) sealCommit(commit);
  };
  during(least / 4, sealAll);
  const floor = during(least / 4, sealAll).seconds;
  const commits = journal.all.length;
  return {
    events: instants + commits,
    commits,
    snapshots: journal.all.filter(({ commit }) => commit.events[0].event.type === 'RiskSnapshotTaken').length,
    seconds: run.seconds,
    floor,
  };
}

function legRows(legs, hundred, quick) {
  const options = optionsOf(legs);
  const books = [{ file: bookOf(options), source: 'bench' }];
  const run = runOf(marketOf(options), books, quick);
  const valuations = run.snapshots * legs;
  const perLeg = (run.seconds * 1e6) / valuations;
  const grows =
    hundred === undefined
      ? {}
      : { against: 'that of 100 legs', ratio: perLeg / hundred, aims: { ratio: { max: 1 } } };
  const rows = [
    {
      metric: `lab run, ${legs} legs`,
      value: run.events / run.seconds,
      unit: 'events/s',
      before: true,
      ...(legs === 100 ? { aims: { before: { min: 12 } } } : {}),
      note: `${run.events} events, ${run.snapshots} of them snapshots`,
    },
    {
      metric: `floor of a run with ${legs} legs: its snapshots valued, written and hashed alone`,
      value: run.events / run.floor,
      unit: 'events/s',
      against: 'of the run',
      ratio: run.seconds / run.floor,
    },
    {
      metric: `leg-valuations/s in a run with ${legs} legs`,
      value: valuations / run.seconds,
      unit: '1/s',
      against: 'of the bare pricing batch',
      ratio: valuations / run.seconds / bareRate(legs),
    },
    { metric: `cost per leg-valuation in a run with ${legs} legs`, value: perLeg, unit: 'µs', ...grows },
  ];
  return { perLeg, rows };
}

function bookRows(quick) {
  const options = optionsOf(LEGS_OF_BOOKS);
  const tape = marketOf(options);
  let one;
  return BOOKS.map((count) => {
    const books = Array.from({ length: count }, (_, index) => ({
      file: bookOf(options, `book-${index}`),
      source: 'bench',
    }));
    const run = runOf(tape, books, quick);
    const value = run.commits / run.seconds;
    one ??= value;
    const flat =
      count === 1 ? {} : { against: 'that of 1 book', ratio: value / one, aims: { ratio: { min: 1 } } };
    return {
      metric: `lab run, ${count} ${count === 1 ? 'book' : 'books'} of ${LEGS_OF_BOOKS} legs on one market`,
      value,
      unit: 'commits/s',
      before: true,
      ...flat,
      note: `${run.commits} commits, ${run.snapshots} of them snapshots`,
    };
  });
}

export default async function bench({ quick }) {
  const rows = [];
  let hundred;
  for (const legs of SIZES) {
    const found = legRows(legs, hundred, quick);
    if (legs === 100) hundred = found.perLeg;
    rows.push(...found.rows);
  }
  rows.push(...bookRows(quick));
  return { name: 'lab-legs', rows };
}
