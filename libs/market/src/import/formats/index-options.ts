import { newYorkClose, newYorkTime } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { ForeignFormat, Reading, RowReader } from '../foreign-format';
import { parsed } from '../parsed';
import type { Micros, Row } from '../row';
import { ONE_SIDE } from './tardis';

const THOUSAND = Decimal.parse('1000');
const HALF = Decimal.parse('0.5');
/** The snapshot is taken so long before trading ends, on short days too; its columns are called 1545 always. */
const BEFORE_CLOSE: Micros = 900_000_000;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

interface IndexOption {
  readonly root: string;
  /** `2021-01-06`. */
  readonly expiration: string;
  readonly strike: string;
  readonly side: 'C' | 'P';
  readonly bid: string | undefined;
  readonly ask: string | undefined;
  readonly volatility: string | undefined;
  readonly index: string;
}

/** Takes in an option whose mark is the middle of its quote; its forward is found by parity. Answers with why it is left out. */
function takeOption(reading: Reading, at: Row, known: Micros, option: IndexOption): string | undefined {
  const [, year = '', month = '', day = ''] = DAY.exec(option.expiration) ?? [];
  if (year === '') at.refuse(`expiration "${option.expiration}" is not a day such as 2021-01-06`);
  const strike = Decimal.parse(option.strike).times(THOUSAND).toString();
  const symbol = `${option.root}${year.slice(2)}${month}${day}${option.side}${strike.padStart(8, '0')}`;
  const id = reading.idOf('cboe', symbol);
  const expiry = parsed(id)?.expiry;
  if (expiry !== undefined && known >= Number(expiry / 1000n)) return 'has expired';
  const { bid, ask, volatility } = option;
  if (bid === undefined || ask === undefined || Number(bid) <= 0 || Number(ask) <= 0) return ONE_SIDE;
  if (Number(bid) > Number(ask)) at.refuse(`bid ${bid} lies above ask ${ask}`);
  const row = {
    instrument: id,
    symbol,
    bid,
    ask,
    mark: Decimal.parse(bid).plus(Decimal.parse(ask)).times(HALF).toString(),
    volatility: Number(volatility) > 0 ? volatility : undefined,
    forward: undefined,
    index: option.index,
    file: at.file,
    line: at.line,
  };
  reading.findings.chains.row(known, 'cboe', row, true);
  return undefined;
}

const CALCS = ['delta', 'gamma', 'theta', 'vega', 'rho'].map((greek) => `${greek}_1545`);

const cboe: ForeignFormat = {
  name: 'cboe-eod-calcs',
  title: 'Cboe DataShop Option EOD Summary with calcs (index options)',
  header: [
    ...['underlying_symbol', 'quote_date', 'root', 'expiration', 'strike', 'option_type'],
    ...[
      'open',
      'high',
      'low',
      'close',
      'trade_volume',
      'bid_size_1545',
      'bid_1545',
      'ask_size_1545',
      'ask_1545',
    ],
    ...['underlying_bid_1545', 'underlying_ask_1545', 'implied_underlying_price_1545'],
    ...['active_underlying_price_1545', 'implied_volatility_1545', ...CALCS],
    ...['bid_size_eod', 'bid_eod', 'ask_size_eod', 'ask_eod', 'underlying_bid_eod', 'underlying_ask_eod'],
    ...['vwap', 'open_interest', 'delivery_code'],
  ],
  optional: ['delivery_code'],
  ordered: false,
  source: 'https://datashop.cboe.com/option-eod-summary',
  columns: [
    {
      name: 'quote_date',
      is: 'day; its 1545 columns were known a quarter of an hour before New York closed',
    },
    { name: 'root', is: '`SPX`, `SPXW`, `XSP`, `VIX`, `VIXW`' },
    { name: 'expiration', is: 'day' },
    { name: 'strike', is: 'points' },
    { name: 'option_type', is: '`C` or `P`' },
    { name: 'bid_1545', is: 'points; 0 where nobody bids' },
    { name: 'ask_1545', is: 'points; the middle of bid and ask is the mark' },
    { name: 'active_underlying_price_1545', is: 'the index, points' },
    { name: 'implied_volatility_1545', is: 'per 1.00; 0 where it could not be worked out' },
  ],
  bind(reading): RowReader {
    const { row } = reading;
    const place = (column: string): number => row.place(column);
    const [date, root, expiration] = [place('quote_date'), place('root'), place('expiration')];
    const [strike, type] = [place('strike'), place('option_type')];
    const [bid, ask] = [place('bid_1545'), place('ask_1545')];
    const [index, volatility] = [place('active_underlying_price_1545'), place('implied_volatility_1545')];
    return {
      time: (at) => beforeClose(at, at.text(date)),
      read(at, known) {
        const side = at.text(type).toUpperCase();
        if (side !== 'C' && side !== 'P')
          return at.refuse(`option_type "${at.text(type)}" is neither C nor P`);
        return takeOption(reading, at, known, {
          root: at.text(root),
          expiration: at.text(expiration),
          strike: at.price(strike, 'strike'),
          side,
          bid: at.maybeDecimal(bid, 'bid_1545'),
          ask: at.maybeDecimal(ask, 'ask_1545'),
          volatility: at.maybeDecimal(volatility, 'implied_volatility_1545'),
          index: at.price(index, 'active_underlying_price_1545'),
        });
      },
    };
  },
};

function beforeClose(at: Row, date: string): Micros {
  const [, year = '', month = '', day = ''] = DAY.exec(date) ?? [];
  if (year === '') return at.refuse(`quote_date "${date}" is not a day such as 2021-01-06`);
  const civil = { year: Number(year), month: Number(month), day: Number(day) };
  return Number(newYorkTime(civil, newYorkClose(civil, '16:00')) / 1000n) - BEFORE_CLOSE;
}

/** A row that holds the call and the put of a strike: each is taken in, and left out by itself. */
function takeBoth(
  reading: Reading,
  at: Row,
  known: Micros,
  both: Pick<IndexOption, 'root' | 'expiration' | 'strike' | 'index'>,
  sides: readonly Pick<IndexOption, 'side' | 'bid' | 'ask' | 'volatility'>[],
): string | undefined {
  const reasons = sides.map((side) => takeOption(reading, at, known, { ...both, ...side }));
  const [why] = reasons;
  if (reasons.every((reason) => reason !== undefined)) return why;
  if (reasons.some((reason) => reason !== undefined))
    reading.findings.remarks.add(
      `of some strikes of ${both.root} the call or the put alone was quoted on both sides`,
    );
  return undefined;
}

/** Whether a time lies on a day of New York's. */
function isOnDay(at: Row, known: Micros, date: string): boolean {
  const [, year = '', month = '', day = ''] = DAY.exec(date) ?? [];
  if (year === '') return at.refuse(`QUOTE_DATE "${date}" is not a day such as 2021-01-04`);
  const civil = { year: Number(year), month: Number(month), day: Number(day) };
  const from = Number(newYorkTime(civil, '00:00') / 1000n);
  const last = Number(newYorkTime(civil, '23:59') / 1000n) + MINUTE;
  return known >= from && known < last;
}

const MINUTE: Micros = 60_000_000;

const sidesOf = (prefix: 'C' | 'P'): string[] =>
  ['DELTA', 'GAMMA', 'VEGA', 'THETA', 'RHO', 'IV', 'VOLUME', 'LAST', 'SIZE', 'BID', 'ASK'].map(
    (name) => `${prefix}_${name}`,
  );

const optionsDx: ForeignFormat = {
  name: 'optionsdx-chain',
  title: 'OptionsDX chains of an index (the root is said with --root)',
  header: [
    ...['QUOTE_UNIXTIME', 'QUOTE_READTIME', 'QUOTE_DATE', 'QUOTE_TIME_HOURS', 'UNDERLYING_LAST'],
    ...['EXPIRE_DATE', 'EXPIRE_UNIX', 'DTE', ...sidesOf('C'), 'STRIKE', ...sidesOf('P')],
    ...['STRIKE_DISTANCE', 'STRIKE_DISTANCE_PCT'],
  ],
  source: 'https://www.optionsdx.com/',
  columns: [
    { name: 'QUOTE_UNIXTIME', is: 'seconds' },
    { name: 'QUOTE_DATE', is: 'day in New York; must be that of QUOTE_UNIXTIME' },
    { name: 'UNDERLYING_LAST', is: 'the index, points' },
    { name: 'EXPIRE_DATE', is: 'day' },
    { name: 'STRIKE', is: 'points' },
    { name: 'C_BID', is: 'points; the middle of bid and ask is the mark' },
    { name: 'C_ASK', is: 'points' },
    { name: 'C_IV', is: 'per 1.00; empty or 0 where unknown' },
    { name: 'P_BID', is: 'points' },
    { name: 'P_ASK', is: 'points' },
    { name: 'P_IV', is: 'per 1.00' },
  ],
  bind(reading): RowReader {
    const { row, options } = reading;
    const root =
      options.root ?? row.refuse('does not name the root of its options: say it with --root, such as SPXW');
    const place = (column: string): number => row.place(column);
    const [time, index] = [place('QUOTE_UNIXTIME'), place('UNDERLYING_LAST')];
    const day = place('QUOTE_DATE');
    const [expiration, strike] = [place('EXPIRE_DATE'), place('STRIKE')];
    const sides = (['C', 'P'] as const).map((side) => ({
      side,
      places: [place(`${side}_BID`), place(`${side}_ASK`), place(`${side}_IV`)] as const,
    }));
    return {
      time(at) {
        const known = at.time(time, 'QUOTE_UNIXTIME', ['s']);
        if (!isOnDay(at, known, at.text(day)))
          at.refuse(`QUOTE_UNIXTIME ${at.text(time)} is not on QUOTE_DATE ${at.text(day)} in New York`);
        return known;
      },
      read(at, known) {
        const both = {
          root,
          expiration: at.text(expiration),
          strike: at.price(strike, 'STRIKE'),
          index: at.price(index, 'UNDERLYING_LAST'),
        };
        const quoted = sides.map(({ side, places: [bid, ask, volatility] }) => ({
          side,
          bid: at.maybeDecimal(bid, `${side}_BID`),
          ask: at.maybeDecimal(ask, `${side}_ASK`),
          volatility: at.maybeDecimal(volatility, `${side}_IV`),
        }));
        return takeBoth(reading, at, known, both, quoted);
      },
    };
  },
};

const ZONED = /(?:Z|[+-]\d{2}:?\d{2})$/;
const ORATS_SIZES = ['Volume', 'OpenInterest', 'BidSize', 'AskSize'];

const orats: ForeignFormat = {
  name: 'orats-strikes',
  title: 'ORATS strikes, intraday and live (SPX and SPXW are told apart by expiryTod)',
  header: [
    ...['ticker', 'tradeDate', 'expirDate', 'dte', 'strike', 'stockPrice'],
    ...ORATS_SIZES.map((name) => `call${name}`),
    ...ORATS_SIZES.map((name) => `put${name}`),
    ...['callBidPrice', 'callValue', 'callAskPrice', 'putBidPrice', 'putValue', 'putAskPrice'],
    ...['callBidIv', 'callMidIv', 'callAskIv', 'smvVol', 'putBidIv', 'putMidIv', 'putAskIv', 'residualRate'],
    ...['delta', 'gamma', 'theta', 'vega', 'rho', 'phi', 'driftlessTheta', 'callSmvVol', 'putSmvVol'],
    ...['extSmvVol', 'extCallValue', 'extPutValue', 'spotPrice', 'quoteDate', 'updatedAt'],
    ...['snapShotEstTime', 'snapShotDate', 'expiryTod', 'tickerId', 'monthId'],
  ],
  optional: ['snapShotEstTime', 'snapShotDate', 'tickerId', 'monthId'],
  ordered: false,
  source: 'https://docs.orats.io/datav2-api-guide/definitions.html',
  columns: [
    { name: 'ticker', is: '`SPX` or another index whose options are known' },
    { name: 'expirDate', is: 'day' },
    { name: 'expiryTod', is: '`am` is SPX, `pm` is SPXW' },
    { name: 'strike', is: 'points' },
    { name: 'stockPrice', is: 'the index, points' },
    { name: 'callBidPrice', is: 'points; the middle of bid and ask is the mark' },
    { name: 'callAskPrice', is: 'points' },
    { name: 'callMidIv', is: 'per 1.00' },
    { name: 'putBidPrice', is: 'points' },
    { name: 'putAskPrice', is: 'points' },
    { name: 'putMidIv', is: 'per 1.00' },
    { name: 'quoteDate', is: 'when it was quoted, ISO 8601 with its zone' },
  ],
  bind(reading): RowReader {
    const { row } = reading;
    const place = (column: string): number => row.place(column);
    const [ticker, tod, time] = [place('ticker'), place('expiryTod'), place('quoteDate')];
    const [expiration, strike, index] = [place('expirDate'), place('strike'), place('stockPrice')];
    const sides = (['call', 'put'] as const).map((side) => ({
      side,
      places: [place(`${side}BidPrice`), place(`${side}AskPrice`), place(`${side}MidIv`)] as const,
    }));
    return {
      time(at) {
        const text = at.text(time);
        if (!ZONED.test(text)) at.refuse(`quoteDate "${text}" has no zone: write it as 2021-01-04T20:00:00Z`);
        return at.time(time, 'quoteDate', []);
      },
      read(at, known) {
        const half = at.text(tod).toLowerCase();
        if (half !== 'am' && half !== 'pm')
          return at.refuse(`expiryTod "${at.text(tod)}" is neither am nor pm`);
        const name = at.text(ticker);
        const both = {
          root: name === 'SPX' && half === 'pm' ? 'SPXW' : name,
          expiration: at.text(expiration),
          strike: at.price(strike, 'strike'),
          index: at.price(index, 'stockPrice'),
        };
        const quoted = sides.map(({ side, places: [bid, ask, volatility] }) => ({
          side: side === 'call' ? ('C' as const) : ('P' as const),
          bid: at.maybeDecimal(bid, `${side}BidPrice`),
          ask: at.maybeDecimal(ask, `${side}AskPrice`),
          volatility: at.maybeDecimal(volatility, `${side}MidIv`),
        }));
        return takeBoth(reading, at, known, both, quoted);
      },
    };
  },
};

export const INDEX_OPTIONS: readonly ForeignFormat[] = [cboe, optionsDx, orats];
