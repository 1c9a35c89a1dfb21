import type { Mark } from '@evenkeel/facts';
import { parseInstrument, premiumProblem } from '@evenkeel/instruments';
import type { ParsedInstrument } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { createChainJudge } from '../judgement/chain-judge';
import type { JudgedOption, QuoteNumbers } from '../judgement/quote-numbers';
import { contradicts, remarkRepeat } from '../judgement/repeats';
import { decimalCell, readTable } from './csv-table';
import type { RowReader } from './csv-table';
import { remarkDialect } from './dialect-remark';
import { markOfQuote } from './option-quote';
import type { Reading } from './sink';
import { sourceName } from './source-description';
import type { SourceOf } from './source-description';
import { timeProblem } from './times';

const COLUMNS = [
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
const COIN_DIGITS = 8;

/** An option of a chain, read once. */
interface Listed {
  readonly id: string;
  readonly terms: ParsedInstrument;
  readonly judged: JudgedOption;
  /** Its last quote, and the line of that. */
  told: Mark | undefined;
  line: number;
}

/** Quotes are known at their timestamp; an empty bid or ask means that nobody bids or asks. */
export function readChain(source: SourceOf<'deribit-chain'>, text: string, reading: Reading): void {
  const { sink, times, findings, levels } = reading;
  const { file, timeUnit } = source;
  const name = sourceName(source);
  const venue = source.venue ?? 'deribit';
  const listed = new Map<string, Listed>();
  const judge = createChainJudge(file, findings);
  const level = levels.of(file, source.currency);
  const row = emptyRow();
  let lastText = '';
  let at: Instant = 0n;
  let eventTime = '';
  const read: RowReader = (cells, line) => {
    const timestamp = cells[0] ?? '';
    const fresh = timestamp !== lastText;
    if (fresh) {
      const parsed = times.read(timestamp, timeUnit);
      if (parsed === undefined) return timeProblem(timestamp, timeUnit);
      if (parsed < at) return `${timestamp} is before the row above`;
      lastText = timestamp;
      at = parsed;
      eventTime = times.write(parsed);
    }
    if (cells[8] !== source.currency) return `currency "${cells[8]}" is not ${source.currency}`;
    const instrumentName = cells[1] ?? '';
    let option = listed.get(instrumentName);
    if (option === undefined) {
      option = optionOf(`${instrumentName}@${venue}`);
      if (option === undefined) return `"${instrumentName}" is not an option`;
      listed.set(instrumentName, option);
    }
    const amiss = readQuote(cells, option, source, row);
    if (amiss !== undefined) return amiss;
    const { price, bid, ask, forward, index, numbers } = row;
    const volatility = numbers.volatility > 0 ? numbers.volatility : undefined;
    const mark = markOfQuote({
      instrument: option.id,
      price,
      bid,
      ask,
      volatility,
      forward,
      index,
      eventTime,
      source: name,
    });
    const { told } = option;
    if (told !== undefined && told.eventTime === eventTime) {
      if (!sameQuote(told, mark)) return contradicts(option.id, option.line);
      remarkRepeat(file, findings, line, option.line);
      return undefined;
    }
    option.told = mark;
    option.line = line;
    const problem = judge.quote(line, at, option.judged, numbers);
    if (problem !== undefined) return problem;
    if (fresh) level.add(at, numbers.index, line);
    sink.quote(at, mark);
    return undefined;
  };
  try {
    remarkDialect(source, readTable(file, text, COLUMNS, read), findings);
  } finally {
    judge.end(); // what several rows show is told beside what is wrong with one
  }
}

function optionOf(id: string): Listed | undefined {
  const parsed = parseInstrument(id);
  if (!parsed.ok || parsed.value.kind !== 'option') return undefined;
  const { expiry, strike, optionType, quote, underlying } = parsed.value;
  if (expiry === undefined || strike === undefined || optionType === undefined) return undefined;
  const judged = {
    id,
    expiry,
    strike: strike.toNumber(),
    optionType,
    inCoin: quote === underlying,
    quoted: { moment: 0, steady: false, volatility: 0 },
  };
  return { id, terms: parsed.value, judged, told: undefined, line: 0 };
}

/** What one row says, in the units of a mark and as doubles; written anew for each row. */
interface QuoteRow {
  price: string;
  bid: string | undefined;
  ask: string | undefined;
  forward: string;
  index: string;
  readonly numbers: { -readonly [Name in keyof QuoteNumbers]: QuoteNumbers[Name] };
}

function emptyRow(): QuoteRow {
  const numbers = { mark: 0, forward: 0, index: 0, bid: 0, ask: 0, volatility: 0 };
  return { price: '', bid: undefined, ask: undefined, forward: '', index: '', numbers };
}

/** Writes one row into `row`; answers with what is wrong with it. */
function readQuote(
  cells: readonly string[],
  { terms, judged }: Listed,
  source: SourceOf<'deribit-chain'>,
  row: QuoteRow,
): string | undefined {
  const forwardCell = cells[2] ?? '';
  const bidCell = cells[3] ?? '';
  const askCell = cells[4] ?? '';
  const markCell = cells[5] ?? '';
  const volatilityCell = cells[6] ?? '';
  const indexCell = cells[7] ?? '';
  const forward = decimalCell(forwardCell);
  const index = decimalCell(indexCell);
  const volatility = decimalCell(volatilityCell);
  if (forward === undefined) return `underlying "${forwardCell}" is not a price`;
  const { numbers } = row;
  numbers.forward = Number(forward);
  const convert = source.priceUnit === 'dollar' && judged.inCoin ? numbers.forward : 0;
  const price = premiumCell(markCell, convert);
  const bid = premiumCell(bidCell, convert);
  const ask = premiumCell(askCell, convert);
  if (price === undefined) return `mark_price "${markCell}" is not a number`;
  if (index === undefined) return `index_price "${indexCell}" is not a number`;
  if (volatility === undefined && volatilityCell !== '')
    return `implied_volatility "${volatilityCell}" is not a number`;
  if (volatility !== undefined && Number(volatility) === 0)
    return `implied_volatility ${volatilityCell} is no volatility: leave the cell empty where there is none`;
  if (bid === undefined && bidCell !== '') return `bid_price "${bidCell}" is not a number`;
  if (ask === undefined && askCell !== '') return `ask_price "${askCell}" is not a number`;
  numbers.mark = Number(price);
  numbers.index = Number(index);
  numbers.bid = bid === undefined ? 0 : Number(bid);
  numbers.ask = ask === undefined ? 0 : Number(ask);
  numbers.volatility = volatility === undefined ? 0 : volatilityOf(volatility, source);
  row.price = price;
  row.bid = numbers.bid > 0 ? bid : undefined;
  row.ask = numbers.ask > 0 ? ask : undefined;
  row.forward = forward;
  row.index = index;
  return (
    premiumAmiss('bid_price', terms, numbers.bid, numbers.forward, source) ??
    premiumAmiss('mark_price', terms, numbers.mark, numbers.forward, source)
  );
}

/** `forward` where the cell is in USD and the mark is not: a premium in USD is worth so many coins at the forward of its expiry. */
function premiumCell(cell: string, forward: number): string | undefined {
  const plain = decimalCell(cell);
  if (plain === undefined || forward === 0) return plain;
  return Decimal.ofNumber(Number(plain) / forward, COIN_DIGITS).toString();
}

/** The nearest double to a hundredth of what is written, not a hundredth of the nearest. */
function volatilityOf(written: string, { volatilityUnit }: SourceOf<'deribit-chain'>): number {
  return Number(volatilityUnit === 'percent' ? `${written}e-2` : written);
}

/** Recorded chains hold asks of several coins for puts nobody wants to sell, and never such a bid or mark. */
function premiumAmiss(
  column: string,
  terms: ParsedInstrument,
  price: number,
  forward: number,
  source: SourceOf<'deribit-chain'>,
): string | undefined {
  const problem = premiumProblem(terms, price, forward);
  if (problem === undefined) return undefined;
  return `${column} ${problem}${source.priceUnit === undefined ? '; a source can say "priceUnit": "dollar"' : ''}`;
}

function sameQuote(one: Mark, other: Mark): boolean {
  return (
    one.price === other.price &&
    one.bid === other.bid &&
    one.ask === other.ask &&
    one.volatility === other.volatility &&
    one.forward === other.forward &&
    one.index === other.index
  );
}
