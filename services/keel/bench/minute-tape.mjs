// A tape of any length: minute bars on two venues along one random walk and, where options are asked for, an hourly chain of them.
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { formatExpiryDate } = require('@evenkeel/instruments');
const { priceInverse } = require('@evenkeel/pricing');

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const DAY = 1440;
const YEAR = 365 * DAY * MINUTE;
const PERP = 'BTCUSDT-PERP@binance';
const CHAIN_HEADER =
  'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency';
const VOLATILITY = 0.5;
/** Days from the end of the tape to the expiries, so that a book keeps its legs all the while. */
const EXPIRIES = [8, 22, 50, 85, 176, 267];

const timeOf = (minute) => new Date(START + minute * MINUTE).toISOString().replace('.000Z', 'Z');

function walk(minutes) {
  let state = 1;
  let price = 90_000;
  return Float64Array.from({ length: minutes + 1 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    price *= 1 + (state / 2 ** 32 - 0.5) * 0.0024;
    return price;
  });
}

function barsOf(path, place) {
  const lines = ['date,open,high,low,close,volume'];
  for (let minute = 0; minute + 1 < path.length; minute += 1) {
    const [open, close] = [path[minute] + place, path[minute + 1] + place];
    const cells = [open, Math.max(open, close) + 2, Math.min(open, close) - 2, close];
    lines.push(
      `${timeOf(minute)},${cells.map((value) => value.toFixed(2)).join(',')},${1 + ((minute * 13) % 97) / 10}`,
    );
  }
  return lines.join('\n');
}

function optionsOf(count, days) {
  return Array.from({ length: count }, (_, index) => {
    const expiry = START + ((days + EXPIRIES[index % EXPIRIES.length]) * DAY + 480) * MINUTE;
    const strike = 50_000 + Math.floor(index / 12) * 5_000;
    const type = index % 12 < 6 ? 'call' : 'put';
    const name = `BTC-${formatExpiryDate(BigInt(expiry) * 1_000_000n)}-${strike}-${type === 'call' ? 'C' : 'P'}`;
    return { name, expiry, strike, type };
  });
}

function quoteLine({ name, expiry, strike, type }, minute, spot) {
  const T = (expiry - START - minute * MINUTE) / YEAR;
  const { valueCoin } = priceInverse({ type, F: spot, K: strike, T, sigma: VOLATILITY });
  const price = valueCoin.toFixed(6);
  const index = spot.toFixed(2);
  return `${timeOf(minute)},${name},${index},,,${price},${VOLATILITY},${index},BTC`;
}

async function writeChain(file, options, path) {
  const out = createWriteStream(file);
  out.write(CHAIN_HEADER);
  for (let minute = 60; minute < path.length; minute += 60) {
    const lines = options.map((option) => quoteLine(option, minute, path[minute]));
    if (!out.write(`\n${lines.join('\n')}`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

/** A book of every option, hedged with the perpetual; opened at the first chain. */
function bookOf(options) {
  return {
    book: 'bench',
    numeraire: 'USD',
    positions: options.map(({ name }, index) => ({
      instrument: `${name}@deribit`,
      quantity: String((index % 7) - 3 || 1),
      price: '0.02',
      at: timeOf(60),
    })),
    hedge: {
      instruments: [PERP],
      policy: { kind: 'delta-band', band: '0.5' },
      target: { delta: '0' },
    },
    limits: { maxOrderQuantity: { [PERP]: '100000' }, maxGrossNotionalUsd: '90000000000' },
  };
}

/** Paths of the manifest and of the book, and how many bars there are. */
export async function writeMinuteTape(dir, { days, options: count = 0 }) {
  const minutes = days * DAY;
  const path = walk(minutes);
  const sources = ['BTCUSDT@binance', PERP].map((instrument, place) => {
    const file = `${place}.csv`;
    writeFileSync(join(dir, file), barsOf(path, place));
    return { file, format: 'ohlcv', instrument, interval: 'PT1M' };
  });
  const book = join(dir, 'book.json');
  if (count > 0) {
    const options = optionsOf(count, days);
    await writeChain(join(dir, 'chain.csv'), options, path);
    sources.push({ file: 'chain.csv', format: 'deribit-chain', currency: 'BTC' });
    writeFileSync(book, JSON.stringify(bookOf(options)));
  }
  const manifest = join(dir, 'tape.json');
  writeFileSync(manifest, JSON.stringify({ tape: 'minutes', from: timeOf(0), to: timeOf(minutes), sources }));
  return { manifest, book, bars: minutes * 2 };
}
