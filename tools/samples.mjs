// Writes the tapes and books of samples/ from the built-in generator: the same bytes each time. `samples/README.md` says what each file is.
import { createRequire } from 'node:module';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { foreignSamples } from './foreign-samples.mjs';
import { root } from './root.mjs';

const require = createRequire(import.meta.url);
const DAYS = 3;
const FROM = '2026-01-05T00:00:00Z';
const TO = '2026-01-08T00:00:00Z';
const BAR_MINUTES = 15;
const BAR_NS = BigInt(BAR_MINUTES) * 60_000_000_000n;
/** Strikes kept around the money, each way. */
const WINGS = 3;
const EXPIRIES = ['7JAN26', '9JAN26', '16JAN26'];

// The generator knows BTC only. ETH is another seed of it at a twenty-fifth of the price: what a coin-settled option is worth in coins
// does not change when price and strike are divided by the same number.
const MARKETS = {
  BTC: { seed: 'samples', divisor: 1, strikeStep: 2000, digits: 1, volume: 40 },
  ETH: { seed: 'samples-eth', divisor: 25, strikeStep: 80, digits: 2, volume: 900 },
};
const SOURCES = [
  { generated: 'BTCUSDT-PERP@evenkeel-sim', name: 'perpetual', id: (coin) => `${coin}USDT-PERP@binance` },
  { generated: 'BTCUSDT@binance', name: 'spot', id: (coin) => `${coin}USDT@binance` },
  { generated: 'BTCUSDT@evenkeel-sim', name: 'okx-swap', id: (coin) => `${coin}-USDT-SWAP@okx` },
];

const second = (nanoseconds) => new Date(Number(nanoseconds / 1_000_000n)).toISOString().replace('.000', '');
const csv = (header, rows) => `${[header, ...rows].map((row) => row.join(',')).join('\n')}\n`;

/** Four prices of 15 minutes from the generator's 5-minute prices; without a price there is no bar. */
function bars(instants, from, { generated }, { divisor, digits, volume }) {
  const open = new Map();
  for (const { at, prices } of instants) {
    const price = prices.find(({ instrument }) => instrument === generated);
    if (price === undefined) continue;
    const start = from + ((at - 1n - from) / BAR_NS) * BAR_NS;
    const scaled = Number((Number(price.price) / divisor).toFixed(digits));
    open.set(start, [...(open.get(start) ?? []), scaled]);
  }
  let close;
  const rows = [...open].map(([start, points], index) => {
    const values = close === undefined ? points : [close, ...points]; // a bar opens where the last one closed
    close = points.at(-1);
    const text = (value) => value.toFixed(digits);
    const traded = (volume * (1 + ((index * 7919) % 97) / 97)).toFixed(3);
    return [
      second(start),
      text(values[0]),
      text(Math.max(...values)),
      text(Math.min(...values)),
      text(values.at(-1)),
      traded,
    ];
  });
  return csv(['date', 'open', 'high', 'low', 'close', 'volume'], rows);
}

function quotesOf(instants, coin, { divisor, strikeStep }, Decimal) {
  const middle = 90_000 / divisor;
  const scaled = (text) => (divisor === 1 ? text : Decimal.ofNumber(Number(text) / divisor, 4).toString());
  return instants.flatMap(({ eventTime, quotes }) =>
    quotes.flatMap((quote) => {
      const [, expiry, struck, side] = /^BTC-(\w+)-(\d+)-([CP])@/.exec(quote.instrument);
      const strike = Number(struck) / divisor;
      if (!EXPIRIES.includes(expiry) || Math.abs(strike - middle) > WINGS * strikeStep) return [];
      return [
        {
          timestamp: eventTime,
          instrument_name: `${coin}-${expiry}-${strike}-${side}`,
          underlying: scaled(quote.forward),
          bid_price: quote.bid ?? '',
          ask_price: quote.ask ?? '',
          mark_price: quote.price,
          implied_volatility: String(quote.volatility),
          index_price: scaled(quote.index),
          currency: coin,
        },
      ];
    }),
  );
}

function market(coin) {
  const { demonstrationMarket } = require('../libs/market/dist');
  const { Decimal, parseInstant } = require('../libs/kernel/dist');
  const terms = MARKETS[coin];
  const { tape } = demonstrationMarket(terms.seed, DAYS);
  const instants = [...tape.instants()];
  const quotes = quotesOf(instants, coin, terms, Decimal);
  const prefix = `market/${coin.toLowerCase()}`;
  const fundings = instants.flatMap(({ fundings }) => fundings);
  const deliveries = tape.deliveries.map(({ expiry, price }) => [
    coin,
    expiry,
    (Number(price) / terms.divisor).toFixed(2),
  ]);
  const files = Object.fromEntries(
    SOURCES.map((source) => [
      `${prefix}-${source.name}.csv`,
      bars(instants, parseInstant(FROM), source, terms),
    ]),
  );
  const head = Object.keys(quotes[0]);
  const chain = csv(
    head,
    quotes.map((quote) => head.map((column) => quote[column])),
  );
  return {
    quotes,
    deliveries,
    files: {
      ...files,
      [`${prefix}-chain.csv.gz`]: chain,
      [`${prefix}-funding.csv`]: csv(
        ['date', 'funding_rate'],
        fundings.map(({ at, rate }) => [at, rate]),
      ),
    },
  };
}

function manifest(name, coins) {
  const sources = coins.flatMap((coin) => {
    const prefix = `market/${coin.toLowerCase()}`;
    return [
      { file: `${prefix}-chain.csv.gz`, format: 'deribit-chain', currency: coin, venue: 'deribit' },
      ...SOURCES.map(({ name: kind, id }) => ({
        file: `${prefix}-${kind}.csv`,
        format: 'ohlcv',
        instrument: id(coin),
        interval: `${BAR_MINUTES}m`,
      })),
      {
        file: `${prefix}-funding.csv`,
        format: 'funding',
        instrument: `${coin}USDT-PERP@binance`,
        interval: '8h',
      },
    ];
  });
  return {
    tape: name,
    from: FROM,
    to: TO,
    sources: [...sources, { file: 'market/delivery.csv', format: 'delivery', venue: 'deribit' }],
  };
}

/** Sold at the bid, bought at the ask of the first chain. */
function positions(quotes, legs) {
  const at = quotes[0].timestamp;
  return legs.map(([name, quantity]) => {
    const quote = quotes.find(({ timestamp, instrument_name: id }) => timestamp === at && id === name);
    return {
      instrument: `${name}@deribit`,
      quantity,
      price: quantity.startsWith('-') ? quote.bid_price : quote.ask_price,
      at,
    };
  });
}

/** The quotes of one moment as `keel price fit` reads them, without what expires within two days. */
function snapshot(quotes) {
  const rows = quotes
    .filter(
      ({ timestamp, instrument_name: name }) =>
        timestamp.startsWith('2026-01-05T12:') && !name.includes('7JAN'),
    )
    .map((quote) => {
      const [, day, strike, side] = /-(\d+)JAN26-(\d+)-([CP])$/.exec(quote.instrument_name);
      const expiry = `2026-01-${day.padStart(2, '0')}T08:00:00Z`;
      const type = side === 'C' ? 'call' : 'put';
      return [
        quote.timestamp,
        quote.instrument_name,
        expiry,
        strike,
        type,
        quote.underlying,
        quote.bid_price,
        quote.ask_price,
      ];
    });
  return csv(['timestamp', 'instrument_name', 'expiry', 'strike', 'type', 'forward', 'bid', 'ask'], rows);
}

const POLICY = { kind: 'whalley-wilmott', riskAversion: '0.0001' };
const BTC_LEGS = [
  ['BTC-7JAN26-90000-C', '-2'],
  ['BTC-7JAN26-90000-P', '-2'],
  ['BTC-9JAN26-90000-C', '-3'],
  ['BTC-9JAN26-90000-P', '-3'],
  ['BTC-16JAN26-96000-C', '-2'],
  ['BTC-16JAN26-84000-P', '2'],
];
const ETH_LEGS = [
  ['ETH-9JAN26-3600-C', '-60'],
  ['ETH-9JAN26-3600-P', '-60'],
  ['ETH-16JAN26-3840-C', '-40'],
  ['ETH-16JAN26-3360-P', '40'],
];

function book(name, held, hedges, limits) {
  return {
    book: name,
    numeraire: 'USD',
    positions: held,
    hedge: { instruments: hedges, policy: POLICY, target: { delta: '0' } },
    limits,
  };
}

/** Path below samples/ → text, before compression. */
export function samples() {
  const btc = market('BTC');
  const eth = market('ETH');
  const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
  const perpetual = { BTC: 'BTCUSDT-PERP@binance', ETH: 'ETHUSDT-PERP@binance' };
  const btcHeld = positions(btc.quotes, BTC_LEGS);
  const ethHeld = positions(eth.quotes, ETH_LEGS);
  return {
    ...btc.files,
    ...eth.files,
    ...foreignSamples(btc, ['84000', '90000', '96000']),
    'market/delivery.csv': csv(
      ['currency', 'expiry', 'delivery_price'],
      [...btc.deliveries, ...eth.deliveries],
    ),
    'prices/chain.csv': snapshot(btc.quotes),
    'tape.json': json(manifest('samples', ['BTC'])),
    'tape-btc-eth.json': json(manifest('samples-btc-eth', ['BTC', 'ETH'])),
    'books/btc-options.json': json(
      book('btc-options', btcHeld, [perpetual.BTC], {
        maxOrderQuantity: { [perpetual.BTC]: '10' },
        maxGrossNotionalUsd: '3000000',
        maxDailyLoss: '100000',
      }),
    ),
    'books/btc-eth-desk.json': json(
      book('btc-eth-desk', [...btcHeld, ...ethHeld], [perpetual.BTC, perpetual.ETH], {
        maxOrderQuantity: { [perpetual.BTC]: '10', [perpetual.ETH]: '200' },
        maxGrossNotionalUsd: '6000000',
      }),
    ),
    'books/eth-strangles.json': json(
      book('eth-strangles', ethHeld.slice(2), ['ETH-PERPETUAL@deribit'], { maxGrossNotionalUsd: '3000000' }),
    ),
  };
}

if (process.argv[1]?.endsWith('samples.mjs')) {
  const { build } = await import('./build.mjs');
  await build();
  for (const folder of ['market', 'books', 'prices', 'foreign'])
    mkdirSync(join(root, 'samples', folder), { recursive: true });
  for (const [path, text] of Object.entries(samples()))
    writeFileSync(join(root, 'samples', path), path.endsWith('.gz') ? gzipSync(text, { level: 9 }) : text);
}
