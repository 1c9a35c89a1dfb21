// Whole snapshots of one book, 10 to 10,000 option legs: what a leg costs must not grow with the book. Beside it the bare pricing
// batch over the same legs in the same run: the difference is everything else that a snapshot is.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { createRiskCore } = require('@evenkeel/risk');
const { createLegBatch } = require('@evenkeel/pricing');
const { specificationOf } = require('@evenkeel/instruments');
const { canonicalJson, formatInstant, parseInstant } = require('@evenkeel/kernel');

const START = parseInstant('2026-01-02T10:00:00Z');
const EXPIRIES = ['9JAN26', '16JAN26', '30JAN26', '27FEB26', '27MAR26', '26JUN26'];
const SIZES = [10, 100, 1000, 10_000];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

function positionsOf(legs) {
  return Array.from({ length: legs }, (_, index) => ({
    instrument: `BTC-${EXPIRIES[index % EXPIRIES.length]}-${20_000 + Math.floor(index / 12) * 100}-${index % 12 < 6 ? 'C' : 'P'}@deribit`,
    quantity: String(1 + (index % 7)),
    price: '0.02',
    at: formatInstant(START),
  }));
}

const mark = (kind, instrument, price, eventTime, extra = {}) => ({
  instrument,
  kind,
  price: String(price),
  eventTime,
  receivedTime: eventTime,
  source: 'bench',
  status: 'OK',
  reasons: [],
  ...extra,
});

function bookOf(legs) {
  const core = createRiskCore();
  const planned = positionsOf(legs);
  const at = formatInstant(START);
  const payload = {
    book: 'bench',
    numeraire: 'USD',
    at,
    planned,
    specifications: planned.map(({ instrument }) => canonicalJson(specificationOf(instrument).value)),
    hedgeInstruments: [],
    evaluation: { priceMoveBps: '1', maxInterval: 'PT1H', maxPriceAge: 'PT30M', maxVolatilityAge: 'P30D' },
    fileHash: '',
  };
  const commit = (events) => ({
    commitId: '',
    aggregate: { context: 'risk', type: 'book', id: 'bench' },
    book: 'bench',
    eventTime: at,
    correlationId: '',
    events,
  });
  let state = core.evolve(core.initial(), commit([{ type: 'BookOpened', payload }]));
  let number = 0;
  const feed = (marks) => {
    number += 1;
    const eventTime = formatInstant(START + BigInt(number) * 60_000_000_000n);
    const instant = { number, eventTime, marks: marks(eventTime), fundings: [], deliveries: [], wakes: [] };
    const input = { kind: 'instant', instant };
    state = core.observe(state, input);
    for (;;) {
      const { commits } = core.decide(state, input);
      if (commits.length === 0) return;
      for (const { events } of commits) state = core.evolve(state, commit(events));
    }
  };
  feed((time) => [
    mark('composite', 'BTC@composite', 90_000, time),
    ...planned.map(({ instrument }) =>
      mark('option', instrument, 0.02, time, { volatility: 0.5, forward: '90500' }),
    ),
  ]);
  return { snapshot: (spot) => feed((time) => [mark('composite', 'BTC@composite', spot, time)]) };
}

function batchOf(legs) {
  const batch = createLegBatch(legs);
  positionsOf(legs).forEach((_, index) => {
    batch.isCall[index] = index % 12 < 6 ? 1 : 0;
    batch.underlying[index] = 90_500;
    batch.strike[index] = 20_000 + Math.floor(index / 12) * 100;
    batch.expiryYears[index] = 0.02 * (1 + (index % EXPIRIES.length));
    batch.volatility[index] = 0.5;
  });
  return batch;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Runs per second, median of rounds. */
function rate(run, rounds, repeats) {
  for (let index = 0; index < repeats; index += 1) run(index);
  const rates = Array.from({ length: rounds }, () => {
    const start = process.hrtime.bigint();
    for (let index = 0; index < repeats; index += 1) run(index);
    return (repeats * 1e9) / Number(process.hrtime.bigint() - start);
  });
  return median(rates);
}

/** What books of so many legs keep reachable, columns and market included, MB each. */
function memoryOf(legs) {
  const used = () => {
    collect();
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return (heapUsed + arrayBuffers) / 1e6;
  };
  const booksOf = (count) =>
    Array.from({ length: count }, () => {
      const book = bookOf(legs);
      for (let index = 0; index < 3; index += 1) book.snapshot(90_000 + (index % 2) * 100);
      return book;
    });
  booksOf(1);
  const before = used();
  const books = booksOf(10);
  return (used() - before) / books.length;
}

export default async function bench({ quick }) {
  const rows = [
    { metric: 'memory of a book of 1,000 legs', value: memoryOf(1000), unit: 'MB', before: true },
  ];
  let smallest = 0;
  for (const legs of SIZES) {
    const repeats = Math.max(2, Math.round((quick ? 4_000 : 20_000) / legs));
    const book = bookOf(legs);
    const batch = batchOf(legs);
    const snapshots = rate((index) => book.snapshot(90_000 + (index % 2) * 100), quick ? 3 : 5, repeats);
    const bare = rate(() => batch.valueAll(legs), quick ? 3 : 5, repeats);
    const perLeg = 1e6 / (snapshots * legs);
    if (legs === 100) smallest = perLeg;
    const grows = legs > 100 ? { aim: 'at most 1.5 × that of 100 legs', met: perLeg <= 1.5 * smallest } : {};
    rows.push({
      metric: `leg-valuations/s in snapshots of ${legs} legs`,
      value: snapshots * legs,
      unit: '1/s',
      against: 'of the bare pricing batch',
      ratio: snapshots / bare,
    });
    rows.push({ metric: `cost per leg in snapshots of ${legs} legs`, value: perLeg, unit: 'µs', ...grows });
  }
  return { name: 'risk', rows };
}
