// Reading an option chain next to merely splitting the same text into cells; the price core on instants that were read, next to splitting the
// text that says the same; and both together, so that work which moves from one to the other is not forgotten. All text is generated: the
// figures need no recorded data.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { createPriceIngest, createTape, demonstrationMarket, parseTapeManifest } = require('../dist/index.js');

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Of processor time, so that a busy machine counts against nobody. */
function seconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const HEADER =
  'timestamp,instrument_name,underlying,underlying_name,option_type,strike,expiry_datetime,bid_price,ask_price,mark_price,' +
  'implied_volatility,delta,vega,open_interest,volume,currency,index_price,volume_usd';

/** A chain as its venue's files write it, with the columns that nobody asks for. */
function chainText(days) {
  const lines = [HEADER];
  for (const { quotes } of demonstrationMarket('bench', days).tape.instants())
    for (const { instrument, eventTime, bid, ask, price, volatility, forward, index } of quotes) {
      const name = instrument.slice(0, instrument.lastIndexOf('@'));
      const [, , strike, side] = name.split('-');
      lines.push(
        `${eventTime},${name},${forward},SYN.BTC,${side === 'C' ? 'call' : 'put'},${strike}.0,,${bid ?? ''},${ask ?? ''},${price},` +
          `${volatility},0.5,50.27111,0.3,0.0,BTC,${index},0.0`,
      );
    }
  return lines.join('\n');
}

/** The least that reading can cost: every line split into its cells. */
function splitOnly(text) {
  let cells = 0;
  for (const line of text.split('\n')) cells += line.split(',').length;
  return cells;
}

/** What instants say, as the lines of files: the same for every build. */
function textOf(instants) {
  return instants
    .flatMap(({ prices, quotes }) => [
      ...prices.map((price) => [price.eventTime, price.source, price.price, price.volume ?? '']),
      ...quotes.map((quote) =>
        [quote.eventTime, quote.instrument, quote.price, quote.bid ?? '', quote.ask ?? ''].concat(
          quote.volatility ?? '',
          quote.forward,
          quote.index,
        ),
      ),
    ])
    .map((cells) => cells.join(','))
    .join('\n');
}

const SPOTS = ['BTCUSDT@binance', 'BTCUSDT@bybit', 'BTCUSDT-PERP@binance'];

/** A random walk from a fixed seed. */
function walk(steps) {
  let state = 1;
  let price = 90_000;
  return Array.from({ length: steps }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    price += (state / 2 ** 32 - 0.5) * 60;
    return price;
  });
}

/** Minute bars of one underlying on three venues, and how a manifest names them. */
function minuteBars(days) {
  const files = new Map();
  const sources = [];
  const path = walk(days * 1440 + 1);
  for (const [place, instrument] of SPOTS.entries()) {
    const lines = ['date,open,high,low,close,volume'];
    for (let minute = 0; minute < days * 1440; minute += 1) {
      const [open, close] = [path[minute] + place, path[minute + 1] + place];
      const cells = [open, Math.max(open, close) + 2, Math.min(open, close) - 2, close];
      const date = new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString().replace('.000Z', 'Z');
      lines.push(
        `${date},${cells.map((value) => value.toFixed(2)).join(',')},${(1 + ((minute * 13) % 97) / 10).toFixed(3)}`,
      );
    }
    const file = `${place}.csv`;
    files.set(file, lines.join('\n'));
    sources.push({
      file,
      format: 'ohlcv',
      instrument,
      interval: 'PT1M',
    });
  }
  const to = new Date(Date.UTC(2026, 0, 1 + days)).toISOString();
  return { files, written: { tape: 'minutes', from: '2026-01-01T00:00:00Z', to, sources } };
}

function ingestAll(tape, instants) {
  const ingest = createPriceIngest({ sources: tape.sources });
  instants.forEach((raw, index) => ingest.ingest(raw, index + 1));
}

/** The price core on its own, on a market of five-minute bars and hourly chains. */
function priceCore(quick) {
  const { tape } = demonstrationMarket('bench', quick ? 2 : 14);
  const instants = [...tape.instants()];
  const text = textOf(instants);
  const ingesting = [];
  const splitting = [];
  for (let round = 0; round < (quick ? 5 : 25); round += 1) {
    ingesting.push(seconds(() => ingestAll(tape, instants)));
    splitting.push(seconds(() => splitOnly(text)));
  }
  return {
    metric: 'price core',
    value: Math.round(instants.length / median(ingesting)),
    unit: 'instants/s',
    against: 'splitting the same text into cells',
    ratio: median(splitting) / median(ingesting),
    before: true,
    aims: { before: { min: 10 } },
  };
}

/** From the text of a tape to its marks. */
function textToMarks(quick) {
  const { files, written } = minuteBars(quick ? 2 : 10);
  const manifest = parseTapeManifest(written, 'bench');
  const joined = [...files.values()].join('\n');
  const working = [];
  const splitting = [];
  let length = 0;
  for (let round = 0; round < (quick ? 3 : 7); round += 1) {
    working.push(
      seconds(() => {
        const tape = createTape(manifest, files);
        ({ length } = tape);
        ingestAll(tape, [...tape.instants()]);
      }),
    );
    splitting.push(seconds(() => splitOnly(joined)));
  }
  return {
    metric: 'minute bars of three venues, from text to marks',
    value: Math.round(length / median(working)),
    unit: 'instants/s',
    against: 'splitting the same text into cells',
    ratio: median(splitting) / median(working),
    before: true,
  };
}

export default async function bench({ quick }) {
  const days = quick ? 10 : 60;
  const rounds = quick ? 3 : 7;
  const text = chainText(days);
  const rows = text.split('\n').length - 1;
  const manifest = parseTapeManifest(
    {
      tape: 'bench',
      from: '2026-01-05T00:00:00Z',
      to: '2026-03-10T00:00:00Z',
      sources: [{ file: 'chain.csv', format: 'deribit-chain', currency: 'BTC' }],
    },
    'bench',
  );
  const texts = new Map([['chain.csv', text]]);
  const reading = [];
  const splitting = [];
  for (let round = 0; round < rounds; round += 1) {
    reading.push(seconds(() => createTape(manifest, texts)));
    splitting.push(seconds(() => splitOnly(text)));
  }
  const rate = rows / median(reading);
  const peer = rows / median(splitting);
  return {
    name: 'market',
    rows: [
      {
        metric: 'option chain read, checked and merged',
        value: Math.round(rate),
        unit: 'rows/s',
        against: 'splitting the same text into cells',
        ratio: rate / peer,
        before: true,
      },
      priceCore(quick),
      textToMarks(quick),
    ],
  };
}
