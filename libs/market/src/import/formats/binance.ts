import { binanceFutures, VENUE_ARCHIVES } from '../symbols';
import { parsed } from '../parsed';
import type { ForeignFormat, Reading, RowReader } from '../foreign-format';
import type { EpochUnit, Micros } from '../row';
import { takeQuote, ticksProblem } from './tardis';

const SOURCE = 'https://github.com/binance/binance-public-data';
const HOUR: Micros = 3_600_000_000;
const MILLISECOND: Micros = 1000;
/** Spot files write microseconds since 1 January 2025, everything else milliseconds. */
const EPOCHS: readonly EpochUnit[] = ['ms', 'us'];

const isEpoch = (cell = ''): boolean => /^\d{13}(?:\d{3})?$/.test(cell);
const isNumber = (cell = ''): boolean => /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(cell);
const futures = (symbol: string): string => `${binanceFutures(symbol)}@binance`;
/** `BTCUSDT` is spot and the perpetual; `BTCUSD_PERP` and `BTCUSDT_260327` say what they are. */
const spotOrFutures = (symbol: string): readonly string[] =>
  symbol.includes('_') ? [futures(symbol)] : [`${symbol}@binance`, futures(symbol)];

const klines: ForeignFormat = {
  name: 'binance-klines',
  title: 'Binance klines (spot, USD-M, COIN-M; mark and index prices with --no-volumes)',
  header: [
    ...['open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time'],
    ...['quote_volume', 'count', 'taker_buy_volume', 'taker_buy_quote_volume', 'ignore'],
  ],
  headerless: (cells) =>
    cells.length === 12 && isEpoch(cells[0]) && isEpoch(cells[6]) && cells.slice(1, 6).every(isNumber),
  fileName: /(?:^|\/)(?<symbol>[A-Z0-9]+(?:_[A-Z0-9]+)?)-\d+(?:s|m|h|d|w|mo)-\d{4}-\d{2}/,
  instrumentsOf: spotOrFutures,
  source: SOURCE,
  columns: [
    { name: 'open_time', is: 'opening of the bar, ms; µs in spot files since 2025' },
    { name: 'open', is: 'price, in the quote currency' },
    { name: 'high', is: 'the same' },
    { name: 'low', is: 'the same' },
    { name: 'close', is: 'the same' },
    { name: 'volume', is: 'coin; contracts in COIN-M' },
    { name: 'close_time', is: 'the last ms or µs of the bar: the interval is theirs' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const instrument = reading.instrument();
    const [opened, closed] = [row.place('open_time'), row.place('close_time')];
    const prices = ['open', 'high', 'low', 'close'].map((column) => [row.place(column), column] as const);
    const volume = row.place('volume');
    return {
      time: (at) => at.time(opened, 'open_time', EPOCHS),
      read(at, known) {
        const unit = at.text(opened).length === 16 ? 1 : MILLISECOND;
        const length = at.time(closed, 'close_time', EPOCHS) + unit - known;
        if (length <= 0) at.refuse('closes before it opens');
        const [open = '', high = '', low = '', close = ''] = prices.map(([place, column]) =>
          at.price(place, column),
        );
        const traded = at.decimal(volume, 'volume');
        const bar = { opened: known, open, high, low, close, volume: traded };
        return findings.givenBar(at, instrument, bar, length);
      },
    };
  },
};

const fundingRate: ForeignFormat = {
  name: 'binance-fundingRate',
  title: 'Binance fundingRate (USD-M, COIN-M)',
  header: ['calc_time', 'funding_interval_hours', 'last_funding_rate'],
  fileName: /(?:^|\/)(?<symbol>[A-Z0-9]+(?:_[A-Z0-9]+)?)-fundingRate-\d{4}-\d{2}/,
  instrumentsOf: (symbol) => [futures(symbol)],
  source: SOURCE,
  columns: [
    { name: 'calc_time', is: 'when it was paid, ms' },
    { name: 'funding_interval_hours', is: 'hours that it is for' },
    { name: 'last_funding_rate', is: 'fraction for the interval (0.0001 is 1 bp)' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const instrument = perpetualOf(reading);
    const [time, hours, rate] = [
      row.place('calc_time'),
      row.place('funding_interval_hours'),
      row.place('last_funding_rate'),
    ];
    let interval: number | undefined;
    return {
      time: (at) => at.time(time, 'calc_time', ['ms']),
      read(at, known) {
        const said = Number(at.decimal(hours, 'funding_interval_hours'));
        if (![1, 2, 4, 8].includes(said)) at.refuse(`funding_interval_hours ${said} is none of 1, 2, 4, 8`);
        interval ??= said;
        if (said !== interval)
          at.refuse(`is for ${said} hours, the rows before for ${interval}: import each stretch by itself`);
        findings.funding(instrument, known, at.decimal(rate, 'last_funding_rate'), said * HOUR);
        return undefined;
      },
    };
  },
};

/** The instrument of a file of funding. */
export function perpetualOf(reading: Reading): string {
  const instrument = reading.instrument();
  if (parsed(instrument)?.kind !== 'perpetual')
    reading.row.refuse(`holds funding, and ${instrument} is no perpetual`);
  return instrument;
}

const bookTicker: ForeignFormat = {
  name: 'binance-bookTicker',
  title: 'Binance bookTicker (USD-M, COIN-M)',
  header: [
    ...['update_id', 'best_bid_price', 'best_bid_qty', 'best_ask_price', 'best_ask_qty'],
    ...['transaction_time', 'event_time'],
  ],
  headerless: (cells) =>
    cells.length === 7 && isEpoch(cells[5]) && isEpoch(cells[6]) && cells.slice(0, 5).every(isNumber),
  fileName: /(?:^|\/)(?<symbol>[A-Z0-9]+(?:_[A-Z0-9]+)?)-bookTicker-\d{4}-\d{2}/,
  instrumentsOf: (symbol) => [futures(symbol)],
  source: SOURCE,
  columns: [
    { name: 'best_bid_price', is: 'the middle of bid and ask makes the bars' },
    { name: 'best_ask_price', is: 'the same' },
    { name: 'event_time', is: 'when it was sent, ms' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const instrument = reading.instrument();
    const sides = [row.place('best_bid_price'), row.place('best_ask_price')] as const;
    const time = row.place('event_time');
    return {
      time: (at) => at.time(time, 'event_time', ['ms']),
      read: (at, known) => ticksProblem(instrument) ?? takeQuote(at, known, instrument, sides, findings),
    };
  },
};

const eohSummary: ForeignFormat = {
  name: 'binance-EOHSummary',
  title: 'Binance options EOHSummary',
  needsUnderlying: true,
  header: [
    ...['date', 'hour', 'symbol', 'underlying', 'type', 'strike', 'open', 'high', 'low', 'close'],
    ...[
      'volume_contracts',
      'volume_usdt',
      'best_bid_price',
      'best_ask_price',
      'best_bid_qty',
      'best_ask_qty',
    ],
    ...['best_buy_iv', 'best_sell_iv', 'mark_price', 'mark_iv', 'delta', 'gamma', 'vega', 'theta'],
    ...['openinterest_contracts', 'openinterest_usdt'],
  ],
  ordered: false,
  source: 'https://data.binance.vision/?prefix=data/option/daily/EOHSummary/',
  columns: [
    { name: 'date', is: 'day, UTC' },
    { name: 'hour', is: '0 to 23: the hour that ends; its summary is known at its end' },
    { name: 'symbol', is: '`BTC-231020-26000-C`' },
    { name: 'best_bid_price', is: 'USDT per coin' },
    { name: 'best_ask_price', is: 'the same' },
    { name: 'mark_price', is: 'the same' },
    { name: 'mark_iv', is: 'volatility of the mark, per 1.00' },
  ],
  bind: bindEohSummary,
};

function bindEohSummary({ row, findings, idOf }: Reading): RowReader {
  const place = (column: string): number => row.place(column);
  const [date, hour, symbol] = [place('date'), place('hour'), place('symbol')];
  const [bid, ask] = [place('best_bid_price'), place('best_ask_price')];
  const [mark, volatility] = [place('mark_price'), place('mark_iv')];
  const { venue, symbol: symbolOf } = VENUE_ARCHIVES['binance-options'] ?? {
    venue: 'binance',
    symbol: String,
  };
  return {
    time(at) {
      const ended = Number(at.text(hour));
      if (!Number.isInteger(ended) || ended < 0 || ended > 23)
        at.refuse(`hour "${at.text(hour)}" is none of 0 to 23`);
      return at.time(date, 'date', []) + (ended + 1) * HOUR;
    },
    read(at, known) {
      const id = idOf(venue, symbolOf(at.text(symbol)));
      const terms = parsed(id);
      if (terms?.kind !== 'option') return at.refuse(`"${id}" is no option`);
      const markPrice = at.maybeDecimal(mark, 'mark_price');
      if (markPrice === undefined || Number(markPrice) <= 0) return 'no mark price';
      const filled = (one: string | undefined): string | undefined => (Number(one) > 0 ? one : undefined);
      const quote = {
        instrument: id,
        symbol: terms.symbol,
        bid: filled(at.maybeDecimal(bid, 'best_bid_price')),
        ask: filled(at.maybeDecimal(ask, 'best_ask_price')),
        mark: markPrice,
        volatility: filled(at.maybeDecimal(volatility, 'mark_iv')),
        index: undefined,
        forward: undefined,
        file: at.file,
        line: at.line,
      };
      findings.chains.row(known, venue, quote, true);
      return undefined;
    },
  };
}

export const BINANCE: readonly ForeignFormat[] = [klines, fundingRate, bookTicker, eohSummary];
