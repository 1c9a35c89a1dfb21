import { priceSourceProblem } from '@evenkeel/instruments';
import { InvalidInputError } from '@evenkeel/kernel';
import { BarMaker } from './bars';
import type { FinishedBar } from './bars';
import { ChainSnapshots } from './chain-snapshots';
import type { ChainRow } from './chain-snapshots';
import type { Drops } from './drops';
import type { ImportOptions } from './import-options';
import { OutputTable, timeText } from './output-table';
import type { TapeOutput } from './output-table';
import { parsed } from './parsed';
import { parityForwards } from './parity-forward';
import { UnderlyingPrices } from './underlying-prices';
import type { Micros } from './row';

/** What prices are made of, the best first: a tape has one kind for each instrument. */
export const PRICE_KINDS = ['bars', 'trades', 'quotes', 'marks'] as const;
export type PriceKind = (typeof PRICE_KINDS)[number];

const BARS_HEADER = 'date,open,high,low,close,volume';
const CHAIN_HEADER =
  'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency';
const FUNDING_HEADER = 'date,funding_rate';
const DELIVERY_HEADER = 'currency,expiry,delivery_price';
/** How old a price of the underlying may be beside a snapshot of options. */
const INDEX_AGE_MAX: Micros = 300_000_000;
const DELIVERIES_MAX = 100_000;

export const microsOf = (nanoseconds: bigint): Micros => Number(nanoseconds / 1000n);

/** `90s`, `15m`, `8h`: as manifests write an interval. */
export function durationText(micros: Micros): string {
  for (const [unit, size] of [
    ['d', 86_400_000_000],
    ['h', 3_600_000_000],
    ['m', 60_000_000],
    ['s', 1_000_000],
  ] as const)
    if (micros % size === 0) return `${micros / size}${unit}`;
  return `${Math.round(micros / 1000)}ms`;
}

/** Of a file's name: nothing that a file system takes for a folder. */
const fileName = (kind: string, of: string): string => `${kind}-${of.replaceAll(/[/:]/g, '-')}.csv.gz`;

/** Takes in what rows of any format say, and writes the files of a tape as it goes. */
export class Findings {
  private readonly tables = new Map<string, OutputTable>();
  private readonly makers = new Map<string, BarMaker>();
  private readonly chains = new Map<string, ChainSnapshots>();
  private readonly deliveries = new Map<string, { price: string; file: string; line: number }>();
  readonly prices = new UnderlyingPrices();
  readonly remarks = new Set<string>();
  /** Instruments whose bars say that something was traded. */
  readonly traded = new Set<string>();
  private withoutIndex = 0;
  /** Where the reader stands. */
  current: { readonly file: string; readonly line: number } = { file: '', line: 0 };

  constructor(
    private readonly options: ImportOptions,
    private readonly output: TapeOutput,
    private readonly drops: Drops,
  ) {}

  trade(instrument: string, at: Micros, price: string, volume: string): void {
    this.maker('trades', instrument).price(at, price, volume);
  }

  quote(instrument: string, at: Micros, bid: string, ask: string): void {
    this.maker('quotes', instrument).quote(at, bid, ask);
  }

  mark(instrument: string, at: Micros, price: string): void {
    this.maker('marks', instrument).price(at, price);
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

  /** A bar that has ended. */
  bar(kind: PriceKind, instrument: string, bar: FinishedBar, step: Micros): void {
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
    table.write(bar.opened, cells.join(','), Number(bar.close));
    if (instrument === this.options.index)
      this.prices.add(underlyingOf(instrument), bar.opened + step, bar.close);
  }

  /** One option of a chain, known at a time; `isSnapshot` where all rows of one time belong together already. */
  option(at: Micros, venue: string, row: ChainRow, isSnapshot: boolean): void {
    const currency = underlyingOf(row.instrument);
    const key = `${currency}@${venue}`;
    let snapshots = this.chains.get(key);
    if (snapshots === undefined) {
      const step = isSnapshot ? undefined : microsOf(this.options.chainEvery);
      snapshots = new ChainSnapshots(step, (end, rows) => this.snapshot(end, currency, venue, step, rows));
      this.chains.set(key, snapshots);
    }
    snapshots.row(at, row);
  }

  private snapshot(
    at: Micros,
    currency: string,
    venue: string,
    step: Micros | undefined,
    rows: readonly ChainRow[],
  ): void {
    const key = `chain/${currency}@${venue}`;
    const before = this.tables.get(key)?.span;
    if (before !== undefined && at <= before.last)
      throw refusal(
        rows[0]?.file ?? '',
        rows[0]?.line ?? 0,
        `the chain of ${currency}@${venue} at ${timeText(at)} is told again, or too late`,
      );
    const ageMax = Math.max(INDEX_AGE_MAX, step ?? 0);
    const forwards = parityForwards(rows);
    for (const row of rows) {
      const forward = row.forward ?? forwards.get(row.instrument);
      if (forward === undefined) {
        this.drops.add(row.file, row.line, 'no put and call of one strike: no forward by parity');
        continue;
      }
      const index =
        row.index ?? (this.options.index === 'forward' ? forward : this.prices.at(currency, at, ageMax));
      if (index === undefined) {
        this.withoutIndex += 1;
        this.drops.add(row.file, row.line, 'no price of the underlying was known then');
        continue;
      }
      let table = this.tables.get(key);
      if (table === undefined) {
        const source = {
          file: fileName('chain', `${currency}@${venue}`),
          format: 'deribit-chain' as const,
          currency,
          venue,
        };
        table = new OutputTable(source, `${currency}@${venue}`, this.output, CHAIN_HEADER, step);
        this.tables.set(key, table);
      }
      const { bid = '', ask = '', volatility = '' } = row;
      const cells = [timeText(at), row.symbol, forward, bid, ask, row.mark, volatility, index, currency];
      table.write(at, cells.join(','), Number(index));
    }
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
    table.write(at, `${timeText(at)},${rate}`);
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
    return this.tables.has(`bars/${instrument}`) && !this.traded.has(instrument);
  }

  /** Whether options were left out for want of a price of their underlying, and none was taken. */
  get lacksIndex(): boolean {
    return this.withoutIndex > 0 && ![...this.tables.keys()].some((key) => key.startsWith('chain/'));
  }

  /** Ends what is open; the tables of the tape, and those that a better kind of price made needless. */
  finish(): { readonly kept: readonly OutputTable[]; readonly needless: readonly OutputTable[] } {
    for (const maker of this.makers.values()) maker.finish();
    for (const [of, chain] of this.chains) {
      chain.finish();
      if (chain.replaced > 0)
        this.remarks.add(
          `${chain.replaced} quotes of ${of} were followed by newer ones before their snapshot`,
        );
    }
    for (const [key, { price }] of [...this.deliveries].sort(([a], [b]) => (a < b ? -1 : 1)))
      this.writeDelivery(key, price);
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

  private writeDelivery(key: string, price: string): void {
    const [venue = '', expiry = '', currency = ''] = key.split('/');
    let table = this.tables.get(`delivery/${venue}`);
    if (table === undefined) {
      const source = { file: fileName('delivery', venue), format: 'delivery' as const, venue };
      table = new OutputTable(source, venue, this.output, DELIVERY_HEADER, undefined);
      this.tables.set(`delivery/${venue}`, table);
    }
    table.write(Number(expiry), `${currency},${timeText(Number(expiry))},${price}`);
  }
}

export function refusal(file: string, line: number, message: string): InvalidInputError {
  return new InvalidInputError(file, [{ path: `${file}:${line}`, message }]);
}

function underlyingOf(id: string): string {
  return parsed(id)?.underlying ?? id;
}

/** Why an instrument cannot have bars on a tape; undefined where it can. */
export function barsProblem(id: string): string | undefined {
  const instrument = parsed(id);
  return instrument === undefined ? undefined : priceSourceProblem(id, instrument.kind, instrument.quote);
}
