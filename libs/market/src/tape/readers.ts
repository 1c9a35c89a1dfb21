import type { DeliveryPrice, FundingRate, Mark } from '@evenkeel/facts';
import { parseInstrument, premiumProblem } from '@evenkeel/instruments';
import { formatInstant, parseDuration, tryParseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { TapeSource } from '../files/tape-manifest';
import { decimalCell, oneColumnOf, readTable } from './csv-table';
import { markOfQuote } from './option-quote';
import type { RawPrice, SourceDescription } from './raw-instant';

type SourceOf<F extends TapeSource['format']> = Extract<TapeSource, { format: F }>;

/** Times as the files write them, each read and written once however many rows share it. */
export interface Times {
  read(text: string): Instant | undefined;
  write(at: Instant): string;
}

export function createTimes(): Times {
  const readTimes = new Map<string, Instant | undefined>();
  const written = new Map<Instant, string>();
  return {
    read(text) {
      if (!readTimes.has(text)) readTimes.set(text, tryParseInstant(text));
      return readTimes.get(text);
    },
    write(at) {
      let text = written.get(at);
      if (text === undefined) {
        text = formatInstant(at);
        written.set(at, text);
      }
      return text;
    },
  };
}

/** Where a reader puts what it found, each at the time it could first have been known. */
export interface Sink {
  price(at: Instant, price: RawPrice): void;
  quote(at: Instant, quote: Mark): void;
  funding(at: Instant, funding: FundingRate): void;
  delivery(at: Instant, delivery: DeliveryPrice): void;
}

export function describeSource(source: TapeSource): SourceDescription | undefined {
  switch (source.format) {
    case 'ohlcv': {
      const parsed = parseInstrument(source.instrument);
      const underlying = parsed.ok ? parsed.value.underlying : source.instrument;
      const interval = parseDuration(source.interval);
      return {
        source: sourceName(source),
        kind: 'price',
        instrument: source.instrument,
        underlying,
        interval,
      };
    }
    case 'deribit-chain':
      return {
        source: sourceName(source),
        kind: 'option',
        instrument: `${source.currency}@${source.venue ?? 'deribit'}`,
        underlying: source.currency,
      };
    case 'funding':
    case 'delivery':
      return undefined;
  }
}

/** The name a source carries in marks and facts: `ohlcv:BTCUSDT@binance`. */
export function sourceName(source: TapeSource): string {
  if (source.format === 'ohlcv' || source.format === 'funding')
    return `${source.format}:${source.instrument}`;
  const venue = source.venue ?? 'deribit';
  return source.format === 'delivery' ? `delivery:${venue}` : `deribit-chain:${source.currency}@${venue}`;
}

export function readSource(source: TapeSource, text: string, sink: Sink, times: Times = createTimes()): void {
  switch (source.format) {
    case 'ohlcv':
      return readBars(source, text, sink, times);
    case 'deribit-chain':
      return readChain(source, text, sink, times);
    case 'funding':
      return readFunding(source, text, sink, times);
    case 'delivery':
      return readDeliveries(source, text, sink, times);
  }
}

const BAR_COLUMNS = ['date', 'open', 'high', 'low', 'close', 'volume'];

/** `date` is the opening of a bar; it is known at its close. */
function readBars(source: SourceOf<'ohlcv'>, text: string, sink: Sink, times: Times): void {
  const interval = parseDuration(source.interval);
  const name = sourceName(source);
  let last: Instant | undefined;
  readTable(
    source.file,
    text,
    BAR_COLUMNS,
    ([date = '', open = '', high = '', low = '', close = '', volume = '']) => {
      const opened = times.read(date);
      if (opened === undefined) return `"${date}" is not a time`;
      if (last !== undefined && opened <= last) return `${date} is not after the row before`;
      last = opened;
      for (const [column, cell] of [
        ['open', open],
        ['high', high],
        ['low', low],
        ['close', close],
        ['volume', volume],
      ] as const) {
        if (decimalCell(cell) === undefined) return `${column} "${cell}" is not a number`;
      }
      if (Number(close) <= 0) return `close ${close} is not a price`;
      if (Number(low) > Number(high)) return `low ${low} lies above high ${high}`;
      const at = opened + interval;
      const traded = source.volumes === false || Number(volume) > 0;
      sink.price(at, {
        source: name,
        instrument: source.instrument,
        price: decimalCell(close) ?? close,
        traded,
        ...(Number(volume) > 0 ? { volume: decimalCell(volume) ?? volume } : {}),
        eventTime: times.write(at),
      });
      return undefined;
    },
  );
}

const CHAIN_COLUMNS = [
  'timestamp',
  'instrument_name',
  'underlying',
  'bid_price',
  'ask_price',
  'mark_price',
  'implied_volatility',
  'index_price',
  'currency',
];

/** Quotes are known at their timestamp; an empty bid or ask means that nobody bids or asks. */
function readChain(source: SourceOf<'deribit-chain'>, text: string, sink: Sink, times: Times): void {
  const name = sourceName(source);
  const venue = source.venue ?? 'deribit';
  const instruments = new Map<string, string>();
  let lastText = '';
  let at: Instant = 0n;
  let eventTime = '';
  readTable(source.file, text, CHAIN_COLUMNS, (cells) => {
    const timestamp = cells[0] ?? '';
    if (timestamp !== lastText) {
      const parsed = times.read(timestamp);
      if (parsed === undefined) return `"${timestamp}" is not a time`;
      if (parsed < at) return `${timestamp} is before the row above`;
      lastText = timestamp;
      at = parsed;
      eventTime = times.write(parsed);
    }
    if (cells[8] !== source.currency) return `currency "${cells[8]}" is not ${source.currency}`;
    const instrumentName = cells[1] ?? '';
    let instrument = instruments.get(instrumentName);
    if (instrument === undefined) {
      instrument = optionId(instrumentName, venue);
      if (instrument === undefined) return `"${instrumentName}" is not an option`;
      instruments.set(instrumentName, instrument);
    }
    return readQuote(cells, instrument, eventTime, name, (quote) => sink.quote(at, quote));
  });
}

/** The numbers of one row of a chain; answers with what is wrong with them. */
function readQuote(
  cells: readonly string[],
  instrument: string,
  eventTime: string,
  source: string,
  put: (quote: Mark) => void,
): string | undefined {
  const [
    ,
    ,
    forwardCell = '',
    bidCell = '',
    askCell = '',
    markCell = '',
    volatilityCell = '',
    indexCell = '',
  ] = cells;
  const price = decimalCell(markCell);
  const forward = decimalCell(forwardCell);
  const index = decimalCell(indexCell);
  const bid = decimalCell(bidCell);
  const ask = decimalCell(askCell);
  const volatility = decimalCell(volatilityCell);
  if (price === undefined) return `mark_price "${markCell}" is not a number`;
  if (forward === undefined || Number(forward) <= 0) return `underlying "${forwardCell}" is not a price`;
  if (index === undefined) return `index_price "${indexCell}" is not a number`;
  if (volatility === undefined && volatilityCell !== '')
    return `implied_volatility "${volatilityCell}" is not a number`;
  if (bid === undefined && bidCell !== '') return `bid_price "${bidCell}" is not a number`;
  if (ask === undefined && askCell !== '') return `ask_price "${askCell}" is not a number`;
  const amiss = premiumAmiss(instrument, Number(forward), { bid_price: bid, mark_price: price });
  if (amiss !== undefined) return amiss;
  put(
    markOfQuote({
      instrument,
      price,
      bid: bid !== undefined && Number(bid) > 0 ? bid : undefined,
      ask: ask !== undefined && Number(ask) > 0 ? ask : undefined,
      volatility: Number(volatilityCell) > 0 ? Number(volatilityCell) : undefined,
      forward,
      index,
      eventTime,
      source,
    }),
  );
  return undefined;
}

/** Recorded chains hold asks of several coins for puts nobody wants to sell, and never such a bid or mark. */
function premiumAmiss(
  instrument: string,
  forward: number,
  prices: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const parsed = parseInstrument(instrument);
  if (!parsed.ok) return undefined;
  for (const [column, price] of Object.entries(prices)) {
    if (price === undefined) continue;
    const problem = premiumProblem(parsed.value, Number(price), forward);
    if (problem !== undefined) return `${column} ${problem}`;
  }
  return undefined;
}

function optionId(instrumentName: string, venue: string): string | undefined {
  const id = `${instrumentName}@${venue}`;
  const parsed = parseInstrument(id);
  return parsed.ok && parsed.value.kind === 'option' ? id : undefined;
}

function readFunding(source: SourceOf<'funding'>, text: string, sink: Sink, times: Times): void {
  const name = sourceName(source);
  let last: Instant | undefined;
  readTable(source.file, text, ['date', 'funding_rate'], ([date = '', rate = '']) => {
    const at = times.read(date);
    if (at === undefined) return `"${date}" is not a time`;
    if (last !== undefined && at <= last) return `${date} is not after the row before`;
    last = at;
    const plainRate = decimalCell(rate);
    if (plainRate === undefined) return `funding_rate "${rate}" is not a number`;
    sink.funding(at, {
      instrument: source.instrument,
      rate: plainRate,
      at: times.write(at),
      source: name,
    });
    return undefined;
  });
}

/** Where the price stands: the venue's own, or what somebody worked out in its place. */
const DELIVERY_PRICE_COLUMNS = ['delivery_price', 'delivery_price_proxy'] as const;

/** A delivery price is known at the expiry it settles. */
function readDeliveries(source: SourceOf<'delivery'>, text: string, sink: Sink, times: Times): void {
  const name = sourceName(source);
  const venue = source.venue ?? 'deribit';
  const column = oneColumnOf(source.file, text, DELIVERY_PRICE_COLUMNS);
  readTable(source.file, text, ['currency', 'expiry', column], ([currency = '', expiry = '', price = '']) => {
    const at = times.read(expiry);
    if (at === undefined) return `"${expiry}" is not a time`;
    const plainPrice = decimalCell(price);
    if (plainPrice === undefined || Number(price) <= 0) return `${column} "${price}" is not a price`;
    sink.delivery(at, {
      underlying: currency,
      venue,
      expiry: times.write(at),
      price: plainPrice,
      source: name,
    });
    return undefined;
  });
}
