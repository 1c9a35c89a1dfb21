import { parsed } from '../parsed';
import type { ForeignFormat, JsonRow, Reading, RowReader } from '../foreign-format';
import type { Micros } from '../row';
import { VENUE_ARCHIVES } from '../symbols';
import { contractsOf } from '../volume';
import { perpetualOf } from './binance';
import { fromPerCent, ticksProblem } from './tardis';

const API = 'https://docs.deribit.com/api-reference/market-data';
const HOUR: Micros = 3_600_000_000;
/** Settlements are booked a little after the expiry that they settle. */
const BOOKED_WITHIN: Micros = 3_600_000_000;

/** Rows of an answer as the API gives it, whole or its `result` alone. */
function rowsIn(document: unknown, name: string, needed: readonly string[]): readonly JsonRow[] | undefined {
  const result = isRecord(document) && 'result' in document ? document['result'] : document;
  const list = isRecord(result) ? result[name] : result;
  if (!Array.isArray(list)) return undefined;
  const rows: readonly unknown[] = list;
  const [first] = rows;
  if (!isRecord(first) || !needed.every((field) => field in first)) return undefined;
  return rows.filter(isRecord);
}

export function isRecord(value: unknown): value is JsonRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const idOfDeribit = (reading: Reading, symbol: string): string =>
  reading.idOf('deribit', VENUE_ARCHIVES['deribit']?.symbol(symbol) ?? symbol);

const trades: ForeignFormat = {
  name: 'deribit-trades',
  title:
    'Deribit get_last_trades_by_instrument, …_by_currency (_and_time), also of history.deribit.com; JSON',
  header: ['trade_id', 'instrument_name', 'timestamp', 'price', 'amount'],
  optional: ['block_trade_id', 'combo_id'],
  ordered: false,
  json: (document) =>
    rowsIn(document, 'trades', ['trade_id', 'trade_seq', 'instrument_name', 'timestamp', 'price', 'amount']),
  source: `${API}/public-get_last_trades_by_instrument`,
  columns: [
    { name: 'trade_id', is: 'pages that overlap tell a trade twice: once is enough' },
    { name: 'instrument_name', is: 'the symbol' },
    { name: 'timestamp', is: 'ms' },
    { name: 'price', is: 'in the instrument’s quote unit' },
    { name: 'amount', is: 'USD of inverse contracts, coin of others; written as contracts' },
    { name: 'block_trade_id', is: 'of a block trade: left out, its price is not that of the book' },
    { name: 'combo_id', is: 'of a leg of a combination: left out for the same reason' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const [id, name, time] = [row.place('trade_id'), row.place('instrument_name'), row.place('timestamp')];
    const [price, amount] = [row.place('price'), row.place('amount')];
    const [block, combo] = [row.maybePlace('block_trade_id'), row.maybePlace('combo_id')];
    const seen = new Set<string>();
    return {
      time: (at) => at.time(time, 'timestamp', ['ms']),
      read(at, known) {
        const trade = at.text(id);
        if (seen.has(trade)) return 'told twice';
        seen.add(trade);
        if (block !== undefined && at.text(block) !== '')
          return 'a block trade: its price is not that of the book';
        if (combo !== undefined && at.text(combo) !== '')
          return 'a leg of a combination: its price is not that of the book';
        const instrument = idOfDeribit(reading, at.text(name));
        const problem = ticksProblem(instrument);
        if (problem !== undefined) return problem;
        const size = at.amount(amount, 'amount');
        findings.trade(
          instrument,
          known,
          at.price(price, 'price'),
          contractsOf(instrument, size, findings.remarks),
        );
        return undefined;
      },
    };
  },
};

const settlements: ForeignFormat = {
  name: 'deribit-settlements',
  title: 'Deribit get_last_settlements_by_currency, …_by_instrument; JSON',
  header: ['type', 'timestamp', 'instrument_name', 'index_price'],
  ordered: false,
  json: (document) => rowsIn(document, 'settlements', ['type', 'timestamp', 'instrument_name']),
  source: `${API}/public-get_last_settlements_by_currency`,
  columns: [
    { name: 'type', is: '`delivery` makes a delivery price; `settlement` and `bankruptcy` are left out' },
    { name: 'timestamp', is: 'when it was booked, ms' },
    { name: 'instrument_name', is: 'the symbol: its expiry is what is settled' },
    { name: 'index_price', is: 'the delivery price, USD' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const [type, time] = [row.place('type'), row.place('timestamp')];
    const [name, index] = [row.place('instrument_name'), row.place('index_price')];
    return {
      time: (at) => at.time(time, 'timestamp', ['ms']),
      read(at, known) {
        const kind = at.text(type);
        if (kind === 'settlement') return 'a settlement of the day, no delivery';
        if (kind === 'bankruptcy') return 'a bankruptcy, no delivery';
        if (kind !== 'delivery')
          return at.refuse(`type "${kind}" is none of delivery, settlement, bankruptcy`);
        const terms = parsed(idOfDeribit(reading, at.text(name)));
        if (terms?.expiry === undefined)
          return at.refuse(`${at.text(name)} never expires, and is delivered here`);
        const expiry = Number(terms.expiry / 1000n);
        if (known < expiry || known - expiry > BOOKED_WITHIN)
          at.refuse(`timestamp is not within an hour after ${at.text(name)} expired`);
        findings.delivery(
          terms.underlying,
          'deribit',
          expiry,
          at.price(index, 'index_price'),
          at.file,
          at.line,
        );
        return undefined;
      },
    };
  },
};

const deliveryPrices: ForeignFormat = {
  name: 'deribit-delivery_prices',
  title: 'Deribit get_delivery_prices; JSON',
  header: ['date', 'delivery_price'],
  ordered: false,
  json: (document) => rowsIn(document, 'data', ['date', 'delivery_price']),
  source: `${API}/public-get_delivery_prices`,
  columns: [
    { name: 'date', is: 'day; delivery is at 08:00 UTC' },
    { name: 'delivery_price', is: 'USD; of the underlying that `--instrument BTC-PERPETUAL@deribit` has' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const terms = parsed(reading.instrument());
    const [date, price] = [row.place('date'), row.place('delivery_price')];
    return {
      time: (at) => at.time(date, 'date', []) + 8 * HOUR,
      read(at, known) {
        const { underlying, venue } = terms ?? at.refuse('is of no instrument');
        findings.delivery(underlying, venue, known, at.price(price, 'delivery_price'), at.file, at.line);
        return undefined;
      },
    };
  },
};

const fundingHistory: ForeignFormat = {
  name: 'deribit-funding_rate_history',
  title: 'Deribit get_funding_rate_history; JSON',
  header: ['timestamp', 'interest_1h'],
  ordered: false,
  json: (document) => rowsIn(document, '', ['timestamp', 'interest_1h', 'interest_8h']),
  source: `${API}/public-get_funding_rate_history`,
  columns: [
    { name: 'timestamp', is: 'end of the hour, ms' },
    { name: 'interest_1h', is: 'fraction that the hour brought; of the perpetual that `--instrument` names' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const instrument = perpetualOf(reading);
    const [time, rate] = [row.place('timestamp'), row.place('interest_1h')];
    return {
      time: (at) => at.time(time, 'timestamp', ['ms']),
      read(at, known) {
        findings.funding(instrument, known, at.decimal(rate, 'interest_1h'), HOUR);
        return undefined;
      },
    };
  },
};

const VOLATILITY_FIELDS = ['timestamp', 'open', 'high', 'low', 'close'] as const;

const volatilityIndex: ForeignFormat = {
  name: 'deribit-volatility_index',
  title: 'Deribit get_volatility_index_data (DVOL); JSON',
  header: VOLATILITY_FIELDS,
  ordered: false,
  json(document) {
    const result = isRecord(document) && 'result' in document ? document['result'] : document;
    const data: unknown = isRecord(result) ? result['data'] : undefined;
    if (!Array.isArray(data)) return undefined;
    const rows: readonly unknown[] = data;
    if (!rows.every((row) => Array.isArray(row) && row.length === VOLATILITY_FIELDS.length)) return undefined;
    return rows.map((row) => {
      const cells: readonly unknown[] = Array.isArray(row) ? row : [];
      return Object.fromEntries(VOLATILITY_FIELDS.map((field, place) => [field, cells[place]]));
    });
  },
  source: `${API}/public-get_volatility_index_data`,
  columns: [
    { name: 'timestamp', is: 'opening of the bar, ms' },
    { name: 'open', is: 'per cent a year; written per 1.00, in a file beside the tape' },
    { name: 'high', is: 'the same' },
    { name: 'low', is: 'the same' },
    { name: 'close', is: 'the same' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const terms = parsed(reading.instrument());
    const time = row.place('timestamp');
    const cells = VOLATILITY_FIELDS.slice(1).map((column) => [row.place(column), column] as const);
    return {
      time: (at) => at.time(time, 'timestamp', ['ms']),
      read(at, known) {
        const values = cells.map(([place, column]) => at.price(place, column));
        for (const value of values)
          if (Number(value) < 1)
            at.refuse(`${value} is less than 1: it looks like a fraction, and the format says per cent`);
        const { underlying, venue } = terms ?? at.refuse('is of no instrument');
        findings.volatility(`${underlying}@${venue}`, known, values.map(fromPerCent));
        return undefined;
      },
    };
  },
};

export const DERIBIT: readonly ForeignFormat[] = [
  trades,
  settlements,
  deliveryPrices,
  fundingHistory,
  volatilityIndex,
];
