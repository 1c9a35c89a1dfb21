import type { DeliveryPrice, FundingRate, Mark, MarkStatus } from '@evenkeel/facts';
import { assert } from '@evenkeel/kernel';
import { ColumnReader, GrowingColumn, TextTable, WrittenTexts, columnBytes } from './column-bytes';
import type { RawInstant, RawPrice, SourceDescription } from './raw-instant';
import type { Tape } from './tape';

/** What a tape has few of, as JSON: its bigints as texts. */
interface Head {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly sources: readonly (Omit<SourceDescription, 'interval'> & { readonly interval?: string })[];
  readonly remarks: readonly string[];
  readonly priced: readonly (readonly [string, string, string, number])[];
  /** With the number of their instant, from 0. */
  readonly fundings: readonly (readonly [number, readonly FundingRate[]])[];
  readonly deliveries: readonly (readonly [number, readonly DeliveryPrice[]])[];
}

const PRICE_CELLS = 7;
const QUOTE_CELLS = 9;
const TRADED = 1;
const CROSSED = 2;
/** What several reasons of a mark are written with between them. */
const BETWEEN = '\n';

/** Where the cells of an instant end, and its time as text. */
const INSTANT_CELLS = 3;

/**
 * A tape as columns: of each instant its time, and where its prices and quotes end; of each of these the numbers of its texts, and
 * doubles beside those that are computed with. `tapeOfColumns` gives the same tape.
 */
export function columnsOf(tape: Tape): Uint8Array {
  const texts = new TextTable();
  const times = new BigInt64Array(tape.length);
  const [instants, prices, quotes] = [new GrowingColumn(), new GrowingColumn(), new GrowingColumn()];
  const values: number[] = [];
  const volatilities: number[] = [];
  const fundings: [number, readonly FundingRate[]][] = [];
  const deliveries: [number, readonly DeliveryPrice[]][] = [];
  let index = 0;
  for (const instant of tape.instants()) {
    assert(instant.pegs === undefined, 'files tell no pegs');
    times[index] = instant.at;
    for (const price of instant.prices) {
      assert(
        price.at === instant.at && price.confidence === undefined,
        'a price of a file is of its instant',
      );
      for (const text of [price.source, price.instrument, price.price, price.bid, price.ask, price.volume])
        prices.push(texts.numberOf(text));
      prices.push((price.traded ? TRADED : 0) | (price.crossed ? CROSSED : 0));
      values.push(price.value);
    }
    for (const quote of instant.quotes) {
      assert(quote.kind === 'option' && quote.eventTime === instant.eventTime, 'a quote is of its instant');
      const { source, instrument, price, bid, ask, forward, index: level, status, reasons } = quote;
      for (const text of [source, instrument, price, bid, ask, forward, level, status])
        quotes.push(texts.numberOf(text));
      quotes.push(reasons.length === 0 ? 0 : texts.numberOf(reasons.join(BETWEEN)));
      volatilities.push(quote.volatility ?? Number.NaN);
    }
    instants.push(texts.numberOf(instant.eventTime));
    instants.push(values.length);
    instants.push(volatilities.length);
    if (instant.fundings.length > 0) fundings.push([index, instant.fundings]);
    if (instant.deliveries.length > 0) deliveries.push([index, instant.deliveries]);
    index += 1;
  }
  const head: Head = {
    name: tape.name,
    from: String(tape.from),
    to: String(tape.to),
    sources: tape.sources.map(({ interval, ...source }) =>
      interval === undefined ? source : { ...source, interval: String(interval) },
    ),
    remarks: tape.remarks,
    priced: [...tape.priced].map(([id, { first, last, count }]) => [id, String(first), String(last), count]),
    fundings,
    deliveries,
  };
  return columnBytes([
    JSON.stringify(head),
    ...texts.parts(),
    times,
    ...[instants, prices, quotes].map((column) => column.done()),
    Float64Array.from(values),
    Float64Array.from(volatilities),
  ]);
}

/** The tape of columns that `columnsOf` wrote: whoever keeps them has seen that they are whole. Instants are made as they are asked for. */
export function tapeOfColumns(bytes: Uint8Array, decode: (bytes: Uint8Array) => string): Tape {
  const reader = new ColumnReader(bytes, decode);
  const head = JSON.parse(reader.text()) as Head; // as it was written above
  const columns = new TapeColumns(reader, head);
  return {
    name: head.name,
    from: BigInt(head.from),
    to: BigInt(head.to),
    length: columns.times.length,
    sources: head.sources.map(({ interval, ...source }) =>
      interval === undefined ? source : { ...source, interval: BigInt(interval) },
    ),
    priced: new Map(
      head.priced.map(([id, first, last, count]) => [
        id,
        { first: BigInt(first), last: BigInt(last), count },
      ]),
    ),
    deliveries: head.deliveries.flatMap(([, all]) => all),
    funded: new Set(head.fundings.flatMap(([, all]) => all.map(({ instrument }) => instrument))),
    remarks: head.remarks,
    instants: () => columns.instants(),
  };
}

const NOTHING: readonly never[] = [];

class TapeColumns {
  readonly times: BigInt64Array;
  private readonly texts: WrittenTexts;
  private readonly cells: Uint32Array;
  private readonly prices: Uint32Array;
  private readonly quotes: Uint32Array;
  private readonly values: Float64Array;
  private readonly volatilities: Float64Array;
  private readonly fundings: ReadonlyMap<number, readonly FundingRate[]>;
  private readonly deliveries: ReadonlyMap<number, readonly DeliveryPrice[]>;
  private readonly reasons = new Map<number, readonly string[]>();

  constructor(reader: ColumnReader, { fundings, deliveries }: Head) {
    this.texts = new WrittenTexts(reader.text(), reader.column(Uint32Array, 4));
    this.times = reader.column(BigInt64Array, 8);
    this.cells = reader.column(Uint32Array, 4);
    this.prices = reader.column(Uint32Array, 4);
    this.quotes = reader.column(Uint32Array, 4);
    this.values = reader.column(Float64Array, 8);
    this.volatilities = reader.column(Float64Array, 8);
    this.fundings = new Map(fundings);
    this.deliveries = new Map(deliveries);
  }

  *instants(): IterableIterator<RawInstant> {
    let price = 0;
    let quote = 0;
    for (let index = 0; index < this.times.length; index += 1) {
      const at = this.times[index] ?? 0n;
      const [written = 0, pricesEnd = 0, quotesEnd = 0] = this.cells.subarray(
        index * INSTANT_CELLS,
        (index + 1) * INSTANT_CELLS,
      );
      const eventTime = this.texts.at(written);
      const prices: RawPrice[] = [];
      for (; price < pricesEnd; price += 1) prices.push(this.price(price, at, eventTime));
      const quotes: Mark[] = [];
      for (; quote < quotesEnd; quote += 1) quotes.push(this.quote(quote, eventTime));
      const fundings = this.fundings.get(index) ?? NOTHING;
      const deliveries = this.deliveries.get(index) ?? NOTHING;
      yield { at, eventTime, prices, quotes, fundings, deliveries };
    }
  }

  private price(row: number, at: bigint, eventTime: string): RawPrice {
    const cell = row * PRICE_CELLS;
    const { prices, texts } = this;
    const flags = prices[cell + 6] ?? 0;
    return {
      source: texts.at(prices[cell] ?? 0),
      instrument: texts.at(prices[cell + 1] ?? 0),
      price: texts.at(prices[cell + 2] ?? 0),
      value: this.values[row] ?? 0,
      bid: texts.optional(prices[cell + 3] ?? 0),
      ask: texts.optional(prices[cell + 4] ?? 0),
      crossed: (flags & CROSSED) !== 0,
      volume: texts.optional(prices[cell + 5] ?? 0),
      confidence: undefined,
      traded: (flags & TRADED) !== 0,
      at,
      eventTime,
    };
  }

  private quote(row: number, eventTime: string): Mark {
    const cell = row * QUOTE_CELLS;
    const { quotes, texts } = this;
    const volatility = this.volatilities[row] ?? Number.NaN;
    return {
      instrument: texts.at(quotes[cell + 1] ?? 0),
      kind: 'option',
      price: texts.at(quotes[cell + 2] ?? 0),
      bid: texts.optional(quotes[cell + 3] ?? 0),
      ask: texts.optional(quotes[cell + 4] ?? 0),
      volume: undefined,
      volatility: Number.isNaN(volatility) ? undefined : volatility,
      forward: texts.optional(quotes[cell + 5] ?? 0),
      index: texts.optional(quotes[cell + 6] ?? 0),
      eventTime,
      receivedTime: eventTime,
      source: texts.at(quotes[cell] ?? 0),
      status: texts.at(quotes[cell + 7] ?? 0) as MarkStatus, // as a mark's status was written
      reasons: this.reasonsOf(quotes[cell + 8] ?? 0),
    };
  }

  private reasonsOf(number: number): readonly string[] {
    if (number === 0) return NOTHING;
    let reasons = this.reasons.get(number);
    if (reasons === undefined) {
      reasons = this.texts.at(number).split(BETWEEN);
      this.reasons.set(number, reasons);
    }
    return reasons;
  }
}
