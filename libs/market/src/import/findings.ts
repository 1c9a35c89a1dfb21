import { priceSourceProblem } from '@evenkeel/instruments';
import { BarMaker } from './bars';
import type { FinishedBar } from './bars';
import { ChainTables } from './chain-tables';
import { FittingBars } from './fitting-bars';
import type { Drops } from './drops';
import type { ImportOptions } from './import-options';
import type { Place } from './origins';
import { OutputTable, timeText } from './output-table';
import type { TapeOutput } from './output-table';
import { parsed } from './parsed';
import { Ticks } from './ticks';
import { UnderlyingPrices } from './underlying-prices';
import { durationText, fileName, microsOf, refusal, underlyingOf } from './tape-text';
import { Payments } from './funding-rates';
import type { Micros, Row } from './row';

/** What prices are made of, the best first: a tape has one kind for each instrument. */
export const PRICE_KINDS = ['bars', 'trades', 'quotes', 'marks'] as const;
export type PriceKind = (typeof PRICE_KINDS)[number];

const BARS_HEADER = 'date,open,high,low,close,volume';
const FUNDING_HEADER = 'date,funding_rate';
const VOLATILITY_HEADER = 'date,open,high,low,close';
const DELIVERY_HEADER = 'currency,expiry,delivery_price';
const DELIVERIES_MAX = 100_000;

/** Takes in what rows of any format say, and writes the files of a tape as it goes. */
export class Findings {
  private readonly tables = new Map<string, OutputTable>();
  private readonly makers = new Map<string, BarMaker>();
  private readonly ticks = new Map<string, Ticks>();
  readonly chains: ChainTables;
  readonly payments = new Payments(this);
  private readonly deliveries = new Map<string, { price: string; file: string; line: number }>();
  readonly prices = new UnderlyingPrices();
  readonly remarks = new Set<string>();
  private readonly fitting = new Map<string, FittingBars>();
  /** Instruments whose bars say that something was traded. */
  private readonly traded = new Set<string>();
  /** Where the reader stands. */
  current: Place = { file: '', line: 0 };

  constructor(
    private readonly options: ImportOptions,
    private readonly output: TapeOutput,
    drops: Drops,
  ) {
    this.chains = new ChainTables(options, output, drops, this.prices, this.tables);
  }

  trade(instrument: string, at: Micros, price: string, volume: string): void {
    this.tick('trades', instrument, Number(price));
    this.maker('trades', instrument).price(at, price, volume);
  }

  quote(instrument: string, at: Micros, bid: string, ask: string): void {
    this.tick('quotes', instrument, (Number(bid) + Number(ask)) / 2);
    this.maker('quotes', instrument).quote(at, bid, ask);
  }

  mark(instrument: string, at: Micros, price: string): void {
    this.tick('marks', instrument, Number(price));
    this.maker('marks', instrument).price(at, price);
  }

  private tick(kind: PriceKind, instrument: string, price: number): void {
    const key = `${kind}/${instrument}`;
    let ticks = this.ticks.get(key);
    if (ticks === undefined) this.ticks.set(key, (ticks = new Ticks()));
    ticks.take(price, this.current);
  }

  private maker(kind: PriceKind, instrument: string): BarMaker {
    const key = `${kind}/${instrument}`;
    let maker = this.makers.get(key);
    if (maker === undefined) {
      const step = microsOf(this.options.every);
      maker = new BarMaker(step, (bar) => this.bar(kind, instrument, bar, step));
      this.makers.set(key, maker);
    }
    return maker;
  }

  /** A bar as a file has it, judged against itself and the bar before; answers with why it is left out. */
  givenBar(at: Row, instrument: string, bar: FinishedBar, length: Micros): string | undefined {
    const problem = barsProblem(instrument);
    if (problem !== undefined) return problem;
    const fits = this.fitting.get(instrument) ?? new FittingBars(length);
    this.fitting.set(instrument, fits);
    const why = fits.judge(at, bar, length);
    if (why !== undefined) return why;
    if (Number(bar.volume) > 0) this.traded.add(instrument);
    this.bar('bars', instrument, bar, length);
    return undefined;
  }

  private bar(kind: PriceKind, instrument: string, bar: FinishedBar, step: Micros): void {
    let table = this.tables.get(`${kind}/${instrument}`);
    if (table === undefined) {
      const volumes = kind === 'trades' || (kind === 'bars' && this.options.volumes);
      const source = {
        file: fileName(kind, instrument),
        format: 'ohlcv' as const,
        instrument,
        interval: durationText(step),
        ...(volumes ? {} : { volumes: false }),
      };
      table = new OutputTable(source, instrument, this.output, BARS_HEADER, step);
      this.tables.set(`${kind}/${instrument}`, table);
    }
    this.requireLater(table, bar.opened, instrument);
    const cells = [timeText(bar.opened), bar.open, bar.high, bar.low, bar.close, bar.volume];
    table.write(bar.opened, cells.join(','), this.current, Number(bar.close));
    if (instrument === this.options.index)
      this.prices.add(underlyingOf(instrument), bar.opened + step, bar.close);
  }

  funding(instrument: string, at: Micros, rate: string, interval: Micros): void {
    const key = `funding/${instrument}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      const source = {
        file: fileName('funding', instrument),
        format: 'funding' as const,
        instrument,
        interval: durationText(interval),
      };
      table = new OutputTable(source, instrument, this.output, FUNDING_HEADER, interval);
      this.tables.set(key, table);
    }
    this.requireLater(table, at, instrument);
    table.write(at, `${timeText(at)},${rate}`, this.current);
  }

  /** A volatility index, per 1.00: no price of anything, so it lies beside the tape. */
  volatility(of: string, at: Micros, values: readonly string[]): void {
    const key = `volatility-index/${of}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      const file = fileName('volatility-index', of);
      table = new OutputTable(
        { file, format: 'volatility-index' },
        of,
        this.output,
        VOLATILITY_HEADER,
        undefined,
      );
      this.tables.set(key, table);
    }
    this.requireLater(table, at, of);
    table.write(at, [timeText(at), ...values].join(','), this.current, Number(values.at(-1)));
  }

  /** Rows of one table go on in time, whatever files they come from. */
  private requireLater(table: OutputTable, at: Micros, of: string): void {
    const { span } = table;
    if (span === undefined || at > span.last) return;
    const told = `${of} at ${timeText(at)} is told again, or too late: ${timeText(span.last)} was read before it`;
    throw refusal(this.current.file, this.current.line, told);
  }

  /** The price that an expiry was settled at; told twice it must be the same. */
  delivery(currency: string, venue: string, expiry: Micros, price: string, file: string, line: number): void {
    const key = `${venue}/${String(expiry).padStart(17, '0')}/${currency}`;
    const known = this.deliveries.get(key);
    if (known === undefined) {
      if (this.deliveries.size >= DELIVERIES_MAX)
        throw refusal(file, line, `has more than ${DELIVERIES_MAX} delivery prices`);
      this.deliveries.set(key, { price, file, line });
      return;
    }
    if (Number(known.price) !== Number(price)) {
      const told = `${currency} of ${timeText(expiry)} was settled at ${known.price} by ${known.file}:${known.line}`;
      throw refusal(file, line, `${told}, here at ${price}`);
    }
  }

  /** Whether bars of an instrument were read, and none had volume. */
  neverTraded(instrument: string): boolean {
    return this.options.volumes && this.tables.has(`bars/${instrument}`) && !this.traded.has(instrument);
  }

  /** Ends what is open; the tables of the tape, and those that a better kind of price made needless. */
  finish(): { readonly kept: readonly OutputTable[]; readonly needless: readonly OutputTable[] } {
    for (const maker of this.makers.values()) maker.finish();
    for (const remark of this.chains.finish()) this.remarks.add(remark);
    this.payments.finish();
    for (const [key, delivery] of [...this.deliveries].sort(([a], [b]) => (a < b ? -1 : 1)))
      this.writeDelivery(key, delivery);
    const needless: OutputTable[] = [];
    const kept: OutputTable[] = [];
    for (const [key, table] of this.tables) {
      const why = this.needlessBecause(key, table);
      if (why === undefined) kept.push(table);
      else {
        needless.push(table);
        this.remarks.add(why);
      }
    }
    return { kept, needless };
  }

  private needlessBecause(key: string, table: OutputTable): string | undefined {
    const kind = key.slice(0, key.indexOf('/'));
    const instrument = key.slice(kind.length + 1);
    const rank = PRICE_KINDS.findIndex((one) => one === kind);
    const isThin = (one: OutputTable): boolean => one.isThin && !one.source.file.startsWith('bars-');
    const better = PRICE_KINDS.slice(0, Math.max(rank, 0)).find((one) => {
      const other = this.tables.get(`${one}/${instrument}`);
      return other !== undefined && !isThin(other);
    });
    if (better !== undefined)
      return `prices of ${instrument} come from its ${better}; its ${kind} were read and not used`;
    if (rank === -1 || !isThin(table)) return undefined;
    const every = durationText(microsOf(this.options.every));
    return `${kind} of ${instrument} are too thin for bars of ${every}, and left out: --every makes longer ones`;
  }

  private writeDelivery(key: string, { price, ...origin }: { readonly price: string } & Place): void {
    const [venue = '', expiry = '', currency = ''] = key.split('/');
    let table = this.tables.get(`delivery/${venue}`);
    if (table === undefined) {
      const source = { file: fileName('delivery', venue), format: 'delivery' as const, venue };
      table = new OutputTable(source, venue, this.output, DELIVERY_HEADER, undefined);
      this.tables.set(`delivery/${venue}`, table);
    }
    table.write(Number(expiry), `${currency},${timeText(Number(expiry))},${price}`, origin);
  }
}

/** Why an instrument cannot have bars on a tape; undefined where it can. */
export function barsProblem(id: string): string | undefined {
  const instrument = parsed(id);
  return instrument === undefined ? undefined : priceSourceProblem(id, instrument.kind, instrument.quote);
}
