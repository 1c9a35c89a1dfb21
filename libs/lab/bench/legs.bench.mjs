// Whole runs of the lab over six hours of market with books of 10 to 10,000 option legs: events/s, leg-valuations/s, and what one
// leg-valuation costs with everything that a run is. Beside it the bare pricing batch over as many legs in the same run.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { runInProcess } = require('@evenkeel/lab');
const { parseBookFile, tapeOf } = require('@evenkeel/market');
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
    const price = (instrument, value) => ({
      source: nameOf(instrument),
      instrument,
      price: value.toFixed(2),
      traded: true,
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

function bookOf(options) {
  const at = formatInstant(START + 5n * MINUTE);
  return parseBookFile(
    {
      book: `legs-${options.length}`,
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
  const started = process.hrtime.bigint();
  const result = work();
  return { result, seconds: Number(process.hrtime.bigint() - started) / 1e9 };
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

export default async function bench({ quick }) {
  const rows = [];
  let smallest = 0;
  for (const legs of SIZES) {
    const options = optionsOf(legs);
    const tape = marketOf(options);
    const books = [{ file: bookOf(options), source: 'bench' }];
    const once = () => seconds(() => runInProcess({ tape, books, journal: 'light' }));
    once();
    const timed = Array.from({ length: quick || legs > 1000 ? 1 : 5 }, once);
    const { result } = timed[0];
    let valuations = 0;
    let events = result.instants;
    for (const { commit } of result.journal.all) {
      events += 1;
      for (const { event } of commit.events)
        if (event.type === 'RiskSnapshotTaken') valuations += event.payload.legs.length;
    }
    const took = median(timed.map((run) => run.seconds));
    const perLeg = (took * 1e6) / valuations;
    if (legs === 100) smallest = perLeg;
    const grows = legs > 100 ? { aim: 'at most that of 100 legs', met: perLeg <= smallest } : {};
    rows.push(
      { metric: `lab events with ${legs} legs`, value: events / took, unit: 'events/s' },
      {
        metric: `leg-valuations/s in a run with ${legs} legs`,
        value: valuations / took,
        unit: '1/s',
        against: 'of the bare pricing batch',
        ratio: valuations / took / bareRate(legs),
      },
      { metric: `cost per leg-valuation in a run with ${legs} legs`, value: perLeg, unit: 'µs', ...grows },
    );
  }
  return { name: 'lab-legs', rows };
}
