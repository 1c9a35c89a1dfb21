// The sample market as others would have recorded it, in the columns that they publish (docs/import.md): `samples/foreign/`.
const STAMP = ['exchange', 'symbol', 'timestamp', 'local_timestamp'];
const CHAIN = [
  ...STAMP,
  ...[
    'type',
    'strike_price',
    'expiration',
    'open_interest',
    'last_price',
    'bid_price',
    'bid_amount',
    'bid_iv',
  ],
  ...['ask_price', 'ask_amount', 'ask_iv', 'mark_price', 'mark_iv', 'underlying_index', 'underlying_price'],
  ...['delta', 'gamma', 'vega', 'theta', 'rho'],
];
const TICKER = [
  ...STAMP,
  ...['funding_timestamp', 'funding_rate', 'predicted_funding_rate', 'open_interest'],
  ...['last_price', 'index_price', 'mark_price'],
];
/** From the exchange to whoever records. */
const TRAVEL_MICROS = 4_200;
const BAR_MS = 15 * 60_000;

const text = (rows) => `${rows.map((row) => row.join(',')).join('\n')}\n`;
const millisOf = (iso) => new Date(iso).getTime();
const stamp = (symbol, iso) => {
  const micros = millisOf(iso) * 1000;
  return ['deribit', symbol, micros, micros + TRAVEL_MICROS];
};

function chain(quotes, strikes) {
  const rows = quotes.flatMap((quote) => {
    const [, expiry, strike, side] = /^BTC-(\w+)-(\d+)-([CP])$/.exec(quote.instrument_name);
    if (!strikes.includes(strike)) return [];
    const day = expiry.replace('JAN26', '').padStart(2, '0');
    const perCent = Number((Number(quote.implied_volatility) * 100).toFixed(4));
    return [
      [
        ...stamp(quote.instrument_name, quote.timestamp),
        ...[side === 'C' ? 'call' : 'put', strike, millisOf(`2026-01-${day}T08:00:00Z`) * 1000, '', ''],
        ...[quote.bid_price, '', '', quote.ask_price, '', '', quote.mark_price, perCent],
        ...[`SYN.BTC-${expiry}`, quote.underlying, '', '', '', '', ''],
      ],
    ];
  });
  return text([CHAIN, ...rows]);
}

/** The index when the chain was quoted, and the rate of the perpetual. */
function ticker(quotes) {
  const moments = new Map(quotes.map(({ timestamp, index_price: index }) => [timestamp, index]));
  const rows = [...moments].map(([at, index]) => [
    ...stamp('BTC-PERPETUAL', at),
    ...['', '0.00005', '', '', index, index, index],
  ]);
  return text([TICKER, ...rows]);
}

const cellsOf = (table) =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

/** Binance's klines, which come without a header. */
function klines(bars) {
  return text(
    cellsOf(bars).map(([date, open, high, low, close, volume]) => {
      const opened = millisOf(date);
      return [opened, open, high, low, close, volume, opened + BAR_MS - 1, '0', '0', '0', '0', '0'];
    }),
  );
}

function funding(table) {
  const rows = cellsOf(table).map(([date, rate]) => [millisOf(date), 8, rate]);
  return text([['calc_time', 'funding_interval_hours', 'last_funding_rate'], ...rows]);
}

/** Deribit's answer to `get_last_settlements_by_currency`, the newest first. */
function settlements(deliveries) {
  const rows = deliveries.map(([coin, expiry, price]) => ({
    type: 'delivery',
    timestamp: millisOf(expiry) + 17,
    instrument_name: `${coin}-${Number(expiry.slice(8, 10))}JAN26-90000-C`,
    index_price: Number(price),
    mark_price: 0,
    position: 0,
    session_profit_loss: 0,
    profit_loss: 0,
  }));
  const result = { settlements: rows.reverse(), continuation: 'none' };
  return `${JSON.stringify({ jsonrpc: '2.0', result }, null, 2)}\n`;
}

/** Path below samples/ → text, before compression. */
export function foreignSamples({ quotes, files, deliveries }, strikes) {
  return {
    'foreign/deribit_options_chain_2026-01-05_OPTIONS.csv.gz': chain(quotes, strikes),
    'foreign/deribit_derivative_ticker_2026-01-05_BTC-PERPETUAL.csv': ticker(quotes),
    'foreign/deribit-settlements.json': settlements(deliveries),
    'foreign/BTCUSDT-15m-2026-01.csv': klines(files['market/btc-perpetual.csv']),
    'foreign/BTCUSDT-fundingRate-2026-01.csv': funding(files['market/btc-funding.csv']),
  };
}
