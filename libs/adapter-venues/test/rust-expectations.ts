import { decimalTextOfString } from '@evenkeel/venue-wire';
import type { CandleEvent, TickerEvent, TradeEvent, VenueEvent } from '@evenkeel/venue-wire';
import { recordedFile } from './recorded-files';

/** One checked value: `trades[0].price` is `56273.5`. Expressions (their own contract arithmetic) are left out. */
export interface RustCheck {
  readonly subject: string;
  readonly value: string;
}

/** Checks by `kind/case/n`, where n counts the messages inside one test function. */
export function readRustExpectations(venue: string): Map<string, RustCheck[]> {
  const checks = new Map<string, RustCheck[]>();
  const text = recordedFile(`crypto-msg-parser/${venue}.expected.rs.txt`);
  for (const module of text.split(/\nmod /).slice(1)) {
    const kind = /^(\w+)/.exec(module)?.[1] ?? '';
    for (const body of module.split(/\n {4}fn /).slice(1)) {
      const name = /^(\w+)/.exec(body)?.[1] ?? '';
      body
        .split(/let raw_msg =/)
        .slice(1)
        .forEach((part, index) => checks.set(`${kind}/${name}/${index}`, checksIn(part)));
    }
  }
  return checks;
}

const SUBJECT = /^(?:trades?|orderbook|bbo_msg|candlestick_msg|funding_rates|arr)\b/;
const LITERAL = /^(?:Some\()?(-?[\d_]+(?:\.\d+)?|TradeSide::\w+|None)\)?$/;

function checksIn(text: string): RustCheck[] {
  const found: RustCheck[] = [];
  for (const match of text.matchAll(/assert_eq!\(\s*([^;]*?),?\s*\);/g)) {
    const [a = '', b = ''] = (match[1] ?? '').split(/,\s*/);
    const [subject, expected] = SUBJECT.test(a) ? [a, b] : [b, a];
    const literal = LITERAL.exec(expected.trim())?.[1];
    if (!SUBJECT.test(subject) || literal === undefined) continue;
    found.push({ subject: subject.trim().replace('.unwrap()', ''), value: literal.replace(/_/g, '') });
  }
  return found;
}

/** Compares what a message gave with the checks on it; returns how many values were compared. */
export function compareChecks(checks: readonly RustCheck[], events: readonly VenueEvent[]): number {
  let compared = 0;
  const values = new Map(checks.map((check) => [check.subject, check.value]));
  for (const { subject, value } of checks) {
    const ours = valueOf(subject, values, events);
    if (ours === undefined) continue;
    // Their candles start in seconds on some venues and in milliseconds on others.
    const text = subject.endsWith('begin_time') && value.length === 10 ? `${value}000` : value;
    const theirs = decimalTextOfString(text) ?? text;
    if (subject.endsWith('timestamp')) {
      // Theirs is the sending time where the message holds two; ours the matching time, somewhat earlier.
      expect(Number(theirs) - Number(ours)).toBeGreaterThanOrEqual(0);
      expect(Number(theirs) - Number(ours)).toBeLessThan(400);
    } else {
      expect({ [subject]: ours }).toEqual({ [subject]: theirs });
    }
    compared += 1;
  }
  return compared;
}

function valueOf(
  subject: string,
  values: ReadonlyMap<string, string>,
  events: readonly VenueEvent[],
): string | undefined {
  const trades = events.filter((event): event is TradeEvent => event.kind === 'trade');
  const [, root = '', index, name = ''] = /^(\w+)(?:\[(\d+)\])?\.(.*)$/.exec(subject) ?? [];
  const at = Number(index ?? 0);
  switch (root) {
    case 'trades':
    case 'trade':
      return name === 'len()'
        ? String(trades.length)
        : tradeValue(trades[at], name, values.get(subject.replace(/\.\w+$/, '.quantity_contract')));
    case 'orderbook':
      return bookValue(name, values, events);
    case 'bbo_msg':
      return topValue(name, values, events);
    case 'candlestick_msg':
      return candleValue(events.filter((event): event is CandleEvent => event.kind === 'candle')[0], name);
    case 'funding_rates':
      return fundingValue(
        events.filter((event): event is TickerEvent => event.kind === 'ticker'),
        at,
        name,
      );
    default:
      return undefined;
  }
}

const SIDES = { buy: 'TradeSide::Buy', sell: 'TradeSide::Sell' } as const;

function tradeValue(
  trade: TradeEvent | undefined,
  name: string,
  contracts: string | undefined,
): string | undefined {
  switch (name) {
    case 'price':
      return trade?.price;
    case 'side':
      return trade?.side === null || trade === undefined ? undefined : SIDES[trade.side];
    case 'quantity_contract':
      return contracts === 'None' ? 'None' : trade?.size;
    case 'quantity_base':
      // Where the venue counts contracts, our size is contracts.
      return contracts === undefined || contracts === 'None' ? trade?.size : undefined;
    default:
      return undefined;
  }
}

function bookValue(
  name: string,
  values: ReadonlyMap<string, string>,
  events: readonly VenueEvent[],
): string | undefined {
  const book = events.find((event) => event.kind === 'book-snapshot' || event.kind === 'book-delta');
  if (book?.kind !== 'book-snapshot' && book?.kind !== 'book-delta') return undefined;
  if (name === 'timestamp') return book.eventTime === null ? undefined : String(book.eventTime / 1_000_000n);
  if (name === 'seq_id') return book.sequence.rule === 'none' ? undefined : String(book.sequence.last);
  if (name === 'prev_seq_id')
    return book.sequence.rule === 'previous' ? String(book.sequence.previous) : undefined;
  const [, side = '', index, rest = ''] = /^(bids|asks)(?:\[(\d+)\])?\.(.*)$/.exec(name) ?? [];
  if (side !== 'bids' && side !== 'asks') return undefined;
  if (rest === 'len()') return String(book[side].length);
  const price = values.get(`orderbook.${side}[${index}].price`);
  const level = book[side].find((candidate) => candidate.price === decimalTextOfString(price ?? ''));
  if (rest === 'price') return level?.price ?? 'no such level';
  const contracts = values.get(`orderbook.${side}[${index}].quantity_contract`);
  if (rest === 'quantity_contract') return contracts === 'None' ? 'None' : level?.size;
  return rest === 'quantity_base' && (contracts === undefined || contracts === 'None')
    ? level?.size
    : undefined;
}

function topValue(
  name: string,
  values: ReadonlyMap<string, string>,
  events: readonly VenueEvent[],
): string | undefined {
  const quote = events.find((event) => event.kind === 'quote');
  if (quote?.kind !== 'quote') return undefined;
  if (name === 'timestamp')
    return quote.eventTime === null ? undefined : String(quote.eventTime / 1_000_000n);
  if (name === 'id') return quote.sequence === undefined ? undefined : String(quote.sequence);
  const [, side = '', rest = ''] = /^(bid|ask)_(.*)$/.exec(name) ?? [];
  const level = side === 'bid' ? quote.bid : quote.ask;
  const contracts = values.get(`bbo_msg.${side}_quantity_contract`);
  if (level === undefined) return undefined;
  if (rest === 'price') return level.price;
  if (rest === 'quantity_contract') return contracts === 'None' ? 'None' : level.size;
  return rest === 'quantity_base' && (contracts === undefined || contracts === 'None')
    ? level.size
    : undefined;
}

function candleValue(candle: CandleEvent | undefined, name: string): string | undefined {
  if (candle === undefined) return undefined;
  if (name === 'open' || name === 'high' || name === 'low' || name === 'close') return candle[name];
  // Deribit's `tick` is the bar's start in its chart API and with other clients; this parser alone takes it for the end.
  return name === 'begin_time' && candle.venue !== 'deribit'
    ? String(candle.openTime / 1_000_000n)
    : undefined;
}

function fundingValue(tickers: readonly TickerEvent[], at: number, name: string): string | undefined {
  if (name === 'len()') return String(tickers.length);
  const ticker = tickers[at];
  if (name === 'funding_rate') return ticker?.fundingRate;
  if (name === 'funding_time')
    return ticker?.fundingTime === undefined ? undefined : String(ticker.fundingTime / 1_000_000n);
  if (name === 'timestamp')
    return ticker?.eventTime == null ? undefined : String(ticker.eventTime / 1_000_000n);
  return undefined;
}
