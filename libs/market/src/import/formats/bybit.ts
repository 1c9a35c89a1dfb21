import { barLength } from './bar-length';
import { isRecord } from './deribit';
import { ticksProblem } from './tardis';
import type { ForeignFormat, JsonRow, RowReader } from '../foreign-format';
import { parsed } from '../parsed';
import type { Micros, Row } from '../row';
import { bybitMargined } from '../symbols';

const SOURCE = 'https://public.bybit.com/';
const API = 'https://bybit-exchange.github.io/docs/v5/market';

const trades: ForeignFormat = {
  name: 'bybit-trades',
  title: 'Bybit trading (perpetuals and futures)',
  header: [
    ...['timestamp', 'symbol', 'side', 'size', 'price', 'tickDirection', 'trdMatchID'],
    ...['grossValue', 'homeNotional', 'foreignNotional'],
  ],
  optional: ['RPI'],
  source: `${SOURCE}trading/`,
  columns: [
    { name: 'timestamp', is: 'seconds with a fraction. Old files are newest first: sort them' },
    { name: 'symbol', is: '`BTCUSDT` is the perpetual' },
    { name: 'size', is: 'coin of linear contracts, USD of inverse ones: contracts both' },
    { name: 'price', is: 'in the quote currency' },
  ],
  bind({ row, findings, idOf }): RowReader {
    const [time, symbol] = [row.place('timestamp'), row.place('symbol')];
    const [size, price] = [row.place('size'), row.place('price')];
    return {
      time: (at) => at.time(time, 'timestamp', ['s']),
      read(at, known) {
        const instrument = idOf('bybit', bybitMargined(at.text(symbol)));
        const problem = ticksProblem(instrument);
        if (problem !== undefined) return problem;
        findings.trade(instrument, known, at.price(price, 'price'), at.amount(size, 'size'));
        return undefined;
      },
    };
  },
};

const spotTrades: ForeignFormat = {
  name: 'bybit-spot-trades',
  title: 'Bybit spot trades',
  header: ['id', 'timestamp', 'price', 'volume', 'side'],
  optional: ['rpi'],
  fileName: /(?:^|\/)(?<symbol>[A-Z0-9]+)[_-]\d{4}-\d{2}/,
  instrumentsOf: (symbol) => [`${symbol}@bybit`],
  source: `${SOURCE}spot/`,
  columns: [
    { name: 'timestamp', is: 'ms' },
    { name: 'price', is: 'in the quote currency' },
    { name: 'volume', is: 'coin' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const instrument = reading.instrument();
    const [time, price, volume] = [row.place('timestamp'), row.place('price'), row.place('volume')];
    return {
      time: (at) => at.time(time, 'timestamp', ['ms']),
      read(at, known) {
        const problem = ticksProblem(instrument);
        if (problem !== undefined) return problem;
        findings.trade(instrument, known, at.price(price, 'price'), at.amount(volume, 'volume'));
        return undefined;
      },
    };
  },
};

const METATRADER = ['time', 'open', 'high', 'low', 'close', 'volume'];
const METATRADER_TIME = /^(\d{4})\.(\d{2})\.(\d{2}) (\d{2}:\d{2})$/;
/** The directory's own page: times are three hours ahead of UTC. */
const METATRADER_AHEAD: Micros = 3 * 3_600_000_000;

function metatraderTime(at: Row, place: number): Micros {
  const [, year, month, day, time] = METATRADER_TIME.exec(at.text(place)) ?? [];
  if (time === undefined) return at.refuse(`"${at.text(place)}" is not a time such as 2022.01.01 00:00`);
  return at.timeOf(`${year}-${month}-${day}T${time}:00Z`, 'time', []) - METATRADER_AHEAD;
}

const metatrader: ForeignFormat = {
  name: 'bybit-kline_for_metatrader4',
  title: 'Bybit kline_for_metatrader4 (the interval is said with --bar)',
  header: METATRADER,
  headerless: ([time = '', ...rest]) => rest.length === 5 && METATRADER_TIME.test(time),
  fileName: /(?:^|\/)(?<symbol>[A-Z0-9]+)_\d+_\d{4}-\d{2}-\d{2}_/,
  instrumentsOf: (symbol) => [`${bybitMargined(symbol)}@bybit`],
  source: `${SOURCE}kline_for_metatrader4/`,
  columns: [
    { name: 'time', is: 'opening of the bar, `2022.01.01 00:00`, three hours ahead of UTC' },
    { name: 'open', is: 'price, in the quote currency' },
    { name: 'high', is: 'the same' },
    { name: 'low', is: 'the same' },
    { name: 'close', is: 'the same' },
    { name: 'volume', is: 'coin of linear contracts, USD of inverse ones' },
  ],
  bind(reading): RowReader {
    const { row, findings, options } = reading;
    const instrument = reading.instrument();
    const length = barLength(row, options);
    const places = METATRADER.map((column) => row.place(column));
    return {
      time: (at) => metatraderTime(at, places[0] ?? 0),
      read(at, known) {
        const [open = '', high = '', low = '', close = ''] = METATRADER.slice(1, 5).map((column, place) =>
          at.price(places[place + 1] ?? 0, column),
        );
        const volume = at.decimal(places[5] ?? 0, 'volume');
        return findings.givenBar(at, instrument, { opened: known, open, high, low, close, volume }, length);
      },
    };
  },
};

/** The list of an answer, and what it is of. */
function listOf(
  document: unknown,
): { readonly result: JsonRow; readonly list: readonly unknown[] } | undefined {
  const result = isRecord(document) ? (document['result'] ?? document) : undefined;
  if (!isRecord(result) || !Array.isArray(result['list'])) return undefined;
  return { result, list: result['list'] as readonly unknown[] }; // an array of what JSON can hold
}

const KLINE = ['start', 'open', 'high', 'low', 'close', 'volume'];

const klines: ForeignFormat = {
  name: 'bybit-kline',
  title: 'Bybit v5 get kline; JSON (the interval is said with --bar)',
  header: ['category', 'symbol', ...KLINE],
  ordered: false,
  json(document) {
    const { result, list } = listOf(document) ?? {};
    if (list === undefined || !list.every((row) => Array.isArray(row) && row.length === 7)) return undefined;
    return list.map((row) => {
      const cells: readonly unknown[] = Array.isArray(row) ? row : [];
      return {
        category: result?.['category'],
        symbol: result?.['symbol'],
        ...Object.fromEntries(KLINE.map((field, place) => [field, cells[place]])),
      };
    });
  },
  source: `${API}/kline`,
  columns: [
    { name: 'category', is: '`linear`, `inverse` or `spot`' },
    { name: 'symbol', is: 'the symbol' },
    { name: 'start', is: 'opening of the bar, ms' },
    { name: 'open', is: 'price, in the quote currency' },
    { name: 'high', is: 'the same' },
    { name: 'low', is: 'the same' },
    { name: 'close', is: 'the same' },
    { name: 'volume', is: 'coin of linear contracts and spot, USD of inverse ones' },
  ],
  bind({ row, findings, idOf, options }): RowReader {
    const length = barLength(row, options);
    const [category, symbol] = [row.place('category'), row.place('symbol')];
    const places = KLINE.map((column) => row.place(column));
    return {
      time: (at) => at.time(places[0] ?? 0, 'start', ['ms']),
      read(at, known) {
        const kind = at.text(category);
        if (!['linear', 'inverse', 'spot'].includes(kind))
          at.refuse(`category "${kind}" is none of linear, inverse, spot`);
        const name = at.text(symbol);
        const instrument = idOf('bybit', kind === 'spot' ? name : bybitMargined(name));
        const [open = '', high = '', low = '', close = ''] = KLINE.slice(1, 5).map((column, place) =>
          at.price(places[place + 1] ?? 0, column),
        );
        const volume = at.decimal(places[5] ?? 0, 'volume');
        return findings.givenBar(at, instrument, { opened: known, open, high, low, close, volume }, length);
      },
    };
  },
};

const FUNDING = ['symbol', 'fundingRate', 'fundingRateTimestamp'];

const funding: ForeignFormat = {
  name: 'bybit-funding',
  title: 'Bybit v5 get funding rate history; JSON',
  header: FUNDING,
  ordered: false,
  json(document) {
    const { list } = listOf(document) ?? {};
    const rows = list?.filter(isRecord);
    return rows !== undefined &&
      rows.length > 0 &&
      rows.every((row) => FUNDING.every((field) => field in row))
      ? rows
      : undefined;
  },
  source: `${API}/history-fund-rate`,
  columns: [
    { name: 'symbol', is: '`BTCUSDT` is the perpetual' },
    { name: 'fundingRate', is: 'fraction for the interval, which is the time to the next payment' },
    { name: 'fundingRateTimestamp', is: 'when it was paid, ms' },
  ],
  bind({ row, findings, idOf }): RowReader {
    const [symbol = 0, rate = 0, time = 0] = FUNDING.map((column) => row.place(column));
    return {
      time: (at) => at.time(time, 'fundingRateTimestamp', ['ms']),
      read(at, known) {
        const instrument = idOf('bybit', bybitMargined(at.text(symbol)));
        if (parsed(instrument)?.kind !== 'perpetual')
          return at.refuse(`${instrument} is no perpetual, and is funded here`);
        findings.payments.add(instrument, known, at.decimal(rate, 'fundingRate'));
        return undefined;
      },
    };
  },
};

export const BYBIT: readonly ForeignFormat[] = [trades, spotTrades, metatrader, klines, funding];
