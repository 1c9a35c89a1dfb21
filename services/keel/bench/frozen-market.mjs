// A market and books as files that every build reads, the same to the last byte: minutes of BTC on three sources, hourly quotes of one
// expiry, books that are short straddles. Nothing here comes from the measured build, so both are given the same work.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const START_MS = Date.parse('2026-01-05T00:00:00Z');
const EXPIRY = { name: '30JAN26', ms: Date.parse('2026-01-30T08:00:00Z') };
const VOLATILITY = 0.5;
const STRIKES = [84_000, 88_000, 90_000, 92_000, 96_000];
const MINUTE_MS = 60_000;
const MINUTE_MOVE = VOLATILITY / Math.sqrt(365 * 1440);
const PARTITIONS = 16;

const timeOf = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z');

/** Uniform numbers from 0 to 1, the same on every machine. */
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

function pathOf(minutes) {
  const uniform = numbers(14);
  // Twelve uniform numbers less six are normal enough, and need no function whose last digit differs between machines.
  const normal = () => Array.from({ length: 12 }, uniform).reduce((sum, one) => sum + one, -6);
  const path = [90_000];
  while (path.length <= minutes) path.push(path.at(-1) * (1 + MINUTE_MOVE * normal()));
  return path;
}

function barsOf(path, basis) {
  const rows = path.slice(1).map((close, index) => {
    const open = path[index];
    const digits = [open, Math.max(open, close), Math.min(open, close), close].map((price) =>
      (price * basis).toFixed(1),
    );
    return [timeOf(START_MS + index * MINUTE_MS), ...digits, '10.000'].join(',');
  });
  return ['date,open,high,low,close,volume', ...rows, ''].join('\n');
}

/** Abramowitz and Stegun 7.1.26: good to seven digits. */
function normalCdf(x) {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * poly * Math.exp((-x * x) / 2);
  return x < 0 ? tail : 1 - tail;
}

function coinValue(call, forward, strike, years) {
  const width = VOLATILITY * Math.sqrt(years);
  const d1 = Math.log(forward / strike) / width + width / 2;
  const value = normalCdf(d1) - (strike / forward) * normalCdf(d1 - width);
  return call ? value : value - 1 + strike / forward;
}

function chainOf(path) {
  const rows = [];
  for (let minute = 0; minute < path.length - 1; minute += 60) {
    const at = START_MS + minute * MINUTE_MS + 7_500;
    const forward = path[minute];
    const years = (EXPIRY.ms - at) / (365 * 86_400_000);
    for (const strike of STRIKES)
      for (const type of ['C', 'P']) {
        const mark = coinValue(type === 'C', forward, strike, years);
        const cells = [
          forward.toFixed(2),
          (mark * 0.99).toFixed(4),
          (mark * 1.01).toFixed(4),
          mark.toFixed(8),
        ];
        const name = `BTC-${EXPIRY.name}-${strike}-${type}`;
        rows.push(
          [new Date(at).toISOString(), name, ...cells, VOLATILITY, forward.toFixed(2), 'BTC'].join(','),
        );
      }
  }
  const head =
    'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency';
  return [head, ...rows, ''].join('\n');
}

function partitionOf(book) {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(book)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % PARTITIONS;
}

/** Names of so many books, one to a partition as long as there are any. */
function namesOf(count) {
  const names = [];
  for (let index = 0; names.length < count; index += 1) {
    const name = `book-${index}`;
    if (partitionOf(name) === names.length % PARTITIONS) names.push(name);
  }
  return names;
}

function bookOf(book) {
  const at = timeOf(START_MS + 10 * MINUTE_MS);
  return {
    book,
    numeraire: 'USD',
    positions: [88_000, 90_000, 92_000].flatMap((strike) =>
      ['C', 'P'].map((type) => ({
        instrument: `BTC-${EXPIRY.name}-${strike}-${type}@deribit`,
        quantity: '-2',
        price: '0.03',
        at,
      })),
    ),
    hedge: { instruments: ['BTCUSDT-PERP@binance'], policy: { kind: 'delta-band', band: '0.1' } },
  };
}

/** Writes them; returns what `loadRunInputs` takes. */
export function writeFrozenMarket(dir, { days, books }) {
  mkdirSync(dir, { recursive: true });
  const path = pathOf(days * 1440);
  const write = (name, text) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const sources = [
    ['BTCUSDT-PERP@binance', 1.0004],
    ['BTCUSDT@binance', 1],
    ['BTC-USDT-SWAP@okx', 1.0003],
  ].map(([instrument, basis], index) => {
    write(`bars-${index}.csv`, barsOf(path, basis));
    return { file: `bars-${index}.csv`, format: 'ohlcv', instrument, interval: '1m' };
  });
  write('chain.csv', chainOf(path));
  sources.push({ file: 'chain.csv', format: 'deribit-chain', currency: 'BTC', venue: 'deribit' });
  const manifest = {
    tape: 'frozen',
    from: timeOf(START_MS),
    to: timeOf(START_MS + days * 86_400_000),
    sources,
  };
  return {
    tape: write('tape.json', JSON.stringify(manifest)),
    books: namesOf(books).map((name) => write(`${name}.json`, JSON.stringify(bookOf(name)))),
    seed: 'bench',
    days,
  };
}
