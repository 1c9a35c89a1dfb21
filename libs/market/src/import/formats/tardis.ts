import { columnsAgainstName } from '@evenkeel/instruments';
import { barsProblem } from '../findings';
import { parsed } from '../parsed';
import type { FormatName } from '../format-names';
import type { ForeignFormat, Reading, RowReader } from '../foreign-format';
import type { Micros, Row } from '../row';
import { contractsOf } from '../volume';
import { TARDIS_EXCHANGES } from '../symbols';
import { ContinuousFunding, PaidFunding } from '../funding-rates';

const SOURCE = 'https://docs.tardis.dev/downloadable-csv-files';
const STAMP = ['exchange', 'symbol', 'timestamp', 'local_timestamp'];
const STAMP_COLUMNS = [
  { name: 'exchange', is: 'place of the symbol; `okex-swap`, `binance-futures` … become `okx`, `binance`' },
  { name: 'symbol', is: 'as the exchange writes it, in capitals' },
  { name: 'timestamp', is: 'the exchange’s time, µs' },
  { name: 'local_timestamp', is: 'arrival, µs: when it was known' },
];
/** Clocks of an exchange and of whoever recorded it are not further apart. */
const CLOCKS_APART_MAX: Micros = 86_400_000_000;
export const OPTION_ALONE = 'an option’s price without mark, volatility and forward: the chain has them';

/** `deribit_trades_2020-04-01_OPTIONS.csv.gz`, as Tardis’ own clients name what they download. */
const named = (type: string): RegExp =>
  new RegExp(`(?:^|[_/])${type}_\\d{4}-\\d{2}-\\d{2}(?:_[A-Za-z0-9_-]+)?\\.`);

interface Stamped {
  time(row: Row): Micros;
  instrument(row: Row): string;
  exchange(row: Row): string;
}

function stamp({ row, idOf }: Reading): Stamped {
  const [exchange, symbol] = [row.place('exchange'), row.place('symbol')];
  const [timestamp, local] = [row.place('timestamp'), row.place('local_timestamp')];
  let first: string | undefined;
  return {
    time(at) {
      const known = at.time(local, 'local_timestamp', ['us']);
      const said = at.time(timestamp, 'timestamp', ['us']);
      if (Math.abs(known - said) > CLOCKS_APART_MAX)
        at.refuse('timestamp and local_timestamp are more than a day apart: one of them is another column');
      return known;
    },
    exchange(at) {
      const name = at.text(exchange);
      first ??= name;
      return name === first ? name : at.refuse(`is of ${name}, the rows before of ${first}`);
    },
    instrument(at) {
      const name = this.exchange(at);
      const place = Object.hasOwn(TARDIS_EXCHANGES, name) ? TARDIS_EXCHANGES[name] : undefined;
      if (place === undefined)
        return at.refuse(
          `exchange "${name}" is none whose symbols are read here: ${Object.keys(TARDIS_EXCHANGES).join(', ')}`,
        );
      return idOf(place.venue, place.symbol(at.text(symbol)));
    },
  };
}

/** Why an instrument of ticks is left out; remembered. */
export function ticksProblem(id: string): string | undefined {
  return parsed(id)?.kind === 'option' ? OPTION_ALONE : barsProblem(id);
}

const trades = (name: FormatName, type: string, title: string, take: boolean): ForeignFormat => ({
  name,
  title,
  header: [...STAMP, 'id', 'side', 'price', 'amount'],
  fileName: named(type),
  source: SOURCE,
  columns: [
    ...STAMP_COLUMNS,
    { name: 'price', is: 'in the instrument’s quote currency' },
    {
      name: 'amount',
      is: 'as the exchange counts it: Deribit USD or coin, others contracts or coin; written as contracts',
    },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const stamped = stamp(reading);
    const [price, amount] = [row.place('price'), row.place('amount')];
    return {
      time: (at) => stamped.time(at),
      read(at, known) {
        const instrument = stamped.instrument(at);
        const paid = at.price(price, 'price');
        const size = at.amount(amount, 'amount');
        if (!take) return 'a liquidation: its trade is told in the trades, and a tape has no place for it';
        const problem = ticksProblem(instrument);
        if (problem !== undefined) return problem;
        findings.trade(instrument, known, paid, contractsOf(instrument, size, findings.remarks));
        return undefined;
      },
    };
  },
});

/** Of quotes and books: the best bid and ask. */
function quotes(
  name: FormatName,
  title: string,
  header: readonly string[],
  sides: readonly [string, string],
): ForeignFormat {
  const [bidColumn, askColumn] = sides;
  return {
    name,
    title,
    header: [...STAMP, ...header],
    source: SOURCE,
    columns: [
      ...STAMP_COLUMNS,
      { name: bidColumn, is: 'best bid; the middle of bid and ask makes the bars' },
      { name: askColumn, is: 'best ask' },
    ],
    bind(reading): RowReader {
      const { row, findings } = reading;
      const stamped = stamp(reading);
      const [bid, ask] = [row.place(bidColumn), row.place(askColumn)];
      return {
        time: (at) => stamped.time(at),
        read(at, known) {
          const instrument = stamped.instrument(at);
          const problem = ticksProblem(instrument);
          if (problem !== undefined) return problem;
          return takeQuote(at, known, instrument, [bid, ask], findings);
        },
      };
    },
  };
}

export const ONE_SIDE = 'nobody bids, or nobody asks';
export const CROSSED = 'bid above ask';
export const WIDE = 'bid and ask more than 10 % apart';
const SPREAD_MAX = 0.1;
/** A mark or a trade further than this from the index beside it is no price of the same thing. */
const FROM_INDEX_MAX = 0.3;

/** A quote of two sides; answers with why it is left out. */
export function takeQuote(
  at: Row,
  known: Micros,
  instrument: string,
  [bidPlace, askPlace]: readonly [number, number],
  findings: Reading['findings'],
): string | undefined {
  const bid = at.maybeDecimal(bidPlace, 'bid');
  const ask = at.maybeDecimal(askPlace, 'ask');
  if (bid === undefined || ask === undefined || Number(bid) <= 0 || Number(ask) <= 0) return ONE_SIDE;
  if (Number(bid) > Number(ask)) return CROSSED;
  if (Number(ask) - Number(bid) > (SPREAD_MAX * (Number(bid) + Number(ask))) / 2) return WIDE;
  findings.quote(instrument, known, bid, ask);
  return undefined;
}

const levels = (depth: number): string[] =>
  Array.from({ length: depth }, (_, level) => [
    `asks[${level}].price`,
    `asks[${level}].amount`,
    `bids[${level}].price`,
    `bids[${level}].amount`,
  ]).flat();

const derivativeTicker: ForeignFormat = {
  name: 'tardis-derivative_ticker',
  title: 'Tardis derivative_ticker',
  header: [
    ...STAMP,
    ...['funding_timestamp', 'funding_rate', 'predicted_funding_rate', 'open_interest'],
    ...['last_price', 'index_price', 'mark_price'],
  ],
  source: SOURCE,
  columns: [
    ...STAMP_COLUMNS,
    { name: 'funding_timestamp', is: 'when the rate is paid, µs; empty on Deribit, which pays all the time' },
    {
      name: 'funding_rate',
      is: 'fraction for the interval; the last one before its time is what is paid. Deribit: for 8 hours, paid as time goes by',
    },
    { name: 'index_price', is: 'price of the underlying, for chains that lack it' },
    { name: 'mark_price', is: 'makes the bars where neither trades nor quotes are there' },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const stamped = stamp(reading);
    const [due, rate] = [row.place('funding_timestamp'), row.place('funding_rate')];
    const [index, mark] = [row.place('index_price'), row.place('mark_price')];
    const last = row.place('last_price');
    const paid = new PaidFunding(findings);
    const continuous = new ContinuousFunding(findings);
    return {
      time: (at) => stamped.time(at),
      read(at, known) {
        const instrument = stamped.instrument(at);
        const terms = parsed(instrument);
        const indexPrice = at.maybeDecimal(index, 'index_price');
        if (indexPrice !== undefined && Number(indexPrice) > 0 && terms !== undefined)
          findings.prices.add(terms.underlying, known, indexPrice);
        for (const [price, column] of [
          [mark, 'mark_price'],
          [last, 'last_price'],
        ] as const)
          requireNear(at, column, at.maybeDecimal(price, column), indexPrice);
        const funding = at.maybeDecimal(rate, 'funding_rate');
        const dueCell = at.text(due);
        if (funding !== undefined && terms?.kind === 'perpetual') {
          if (dueCell !== '')
            paid.rate(instrument, known, at.time(due, 'funding_timestamp', ['us']), funding);
          else if (terms.venue === 'deribit') continuous.rate(instrument, known, funding);
          else return 'a funding rate without the time that it is paid';
        }
        const markPrice = at.maybeDecimal(mark, 'mark_price');
        const problem = ticksProblem(instrument);
        if (markPrice === undefined || problem !== undefined) return problem ?? 'no mark price';
        findings.mark(instrument, known, at.price(mark, 'mark_price'));
        return undefined;
      },
    };
  },
};

function requireNear(at: Row, column: string, price: string | undefined, index: string | undefined): void {
  if (price === undefined || index === undefined || Number(price) <= 0 || Number(index) <= 0) return;
  if (Math.abs(Number(price) / Number(index) - 1) > FROM_INDEX_MAX)
    at.refuse(`${column} ${price} is more than 30 % from index_price ${index} in the same row`);
}

/** Exchanges that give volatilities in per cent; the others per 1.00. Tardis hands on what they say. */
const PER_CENT: ReadonlySet<string> = new Set(['deribit']);

const optionsChain: ForeignFormat = {
  name: 'tardis-options_chain',
  title: 'Tardis options_chain',
  needsUnderlying: true,
  header: [
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
  ],
  source: SOURCE,
  columns: [
    ...STAMP_COLUMNS,
    { name: 'type', is: '`call` or `put`; must be what the symbol says' },
    { name: 'strike_price', is: 'must be what the symbol says' },
    { name: 'expiration', is: 'µs; must be what the symbol says' },
    { name: 'bid_price', is: 'in the option’s quote unit; empty where nobody bids' },
    { name: 'ask_price', is: 'the same' },
    { name: 'mark_price', is: 'the exchange’s mark, same unit' },
    {
      name: 'mark_iv',
      is: 'volatility of the mark: per cent on Deribit (62.89 is 62.89 %), per 1.00 elsewhere',
    },
    {
      name: 'underlying_price',
      is: 'forward of the expiry, USD; where it is empty, found by put-call parity',
    },
  ],
  bind(reading): RowReader {
    const { row, findings } = reading;
    const stamped = stamp(reading);
    const place = (column: string): number => row.place(column);
    const [type, strike, expiration] = [place('type'), place('strike_price'), place('expiration')];
    const [bid, ask, mark] = [place('bid_price'), place('ask_price'), place('mark_price')];
    const [volatility, forward] = [place('mark_iv'), place('underlying_price')];
    return {
      time: (at) => stamped.time(at),
      read(at, known) {
        const id = stamped.instrument(at);
        const terms = parsed(id);
        if (terms?.kind !== 'option' || terms.strike === undefined || terms.expiry === undefined)
          return at.refuse(`"${id}" is no option`);
        const said = {
          type: at.text(type),
          strike: Number(at.text(strike)),
          expiry: BigInt(at.time(expiration, 'expiration', ['us'])) * 1000n,
        };
        const told = {
          type: `type "${at.text(type)}" is not what ${id} is`,
          strike: `strike_price ${at.text(strike)} is not that of ${id}`,
          expiry: `expiration ${at.text(expiration)} is not that of ${id}`,
        };
        const [against] = columnsAgainstName(terms, said);
        if (against !== undefined) at.refuse(told[against]);
        const markPrice = at.maybeDecimal(mark, 'mark_price');
        if (markPrice === undefined) return 'no mark price';
        const forwardPrice = at.maybeDecimal(forward, 'underlying_price');
        const marked = at.maybeDecimal(volatility, 'mark_iv');
        const perOne =
          marked === undefined || !PER_CENT.has(stamped.exchange(at)) ? marked : fromPerCent(marked);
        const quote = {
          instrument: id,
          symbol: terms.symbol,
          bid: at.maybeDecimal(bid, 'bid_price'),
          ask: at.maybeDecimal(ask, 'ask_price'),
          mark: markPrice,
          volatility: perOne,
          forward: Number(forwardPrice) > 0 ? forwardPrice : undefined,
          index: undefined,
          file: at.file,
          line: at.line,
        };
        findings.chains.row(known, terms.venue, quote, false);
        return undefined;
      },
    };
  },
};

/** `62.89` is `0.6289`, digit for digit. */
export function fromPerCent(text: string): string {
  const isNegative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const digits = whole.padStart(3, '0');
  const shifted = `${digits.slice(0, -2)}.${digits.slice(-2)}${fraction}`.replace(/\.?0+$/, '');
  return `${isNegative ? '-' : ''}${shifted === '' ? '0' : shifted}`;
}

export const TARDIS: readonly ForeignFormat[] = [
  optionsChain,
  derivativeTicker,
  trades('tardis-trades', 'trades', 'Tardis trades', true),
  trades('tardis-liquidations', 'liquidations', 'Tardis liquidations', false),
  quotes(
    'tardis-quotes',
    'Tardis quotes',
    ['ask_amount', 'ask_price', 'bid_price', 'bid_amount'],
    ['bid_price', 'ask_price'],
  ),
  quotes('tardis-book_snapshot_5', 'Tardis book_snapshot_5', levels(5), ['bids[0].price', 'asks[0].price']),
  quotes('tardis-book_snapshot_25', 'Tardis book_snapshot_25', levels(25), [
    'bids[0].price',
    'asks[0].price',
  ]),
];
