import type { InstrumentKind } from '../symbols/symbol-terms';

/** Where a figure is from, and the day on which it was so. */
export interface Source {
  readonly says: string;
  readonly date: string;
}

/** The figures of a contract that its venue sets. Those that are not known are missing, never made up. */
export interface Figures {
  /** Units of the underlying per contract (linear, options) or quote units per contract (inverse perpetuals and futures). */
  readonly contractSize?: string;
  /** Smallest price increment; that of the lowest prices where `tickSteps` says more. */
  readonly tickSize?: string;
  readonly tickSteps?: readonly TickStep[];
  /** Order quantities are multiples of this, in contracts. */
  readonly lotSize?: string;
  readonly minQuantity?: string;
}

/** Prices above `above` move in steps of `tick`. From the lowest up; each limit is a multiple of both its steps. */
export interface TickStep {
  readonly above: string;
  readonly tick: string;
}

export type FigureName = keyof Figures;

export interface Product {
  readonly kind: InstrumentKind;
  readonly underlying: string;
  readonly settlement: string;
  /** Tells contracts apart that have all of this in common: a root of index options, the market of a builder. */
  readonly series?: string;
  readonly figures: Figures;
  /** By figure, a key of the table's `sources`. */
  readonly sources: Readonly<Partial<Record<FigureName, string>>>;
  /** Half the bid–ask spread to assume where a source has only prices, in basis points of price. Our assumption, not the venue's word. */
  readonly halfSpreadBps: string;
}

/** Fractions of notional at entry level, rebates negative; of options, of the underlying. */
export interface FeeSchedule {
  readonly makerFee: string;
  readonly takerFee: string;
  readonly source: string;
}

/** How contracts of a kind end. */
export interface Ending {
  /** When, on the day that the symbol names: `08:00 UTC`. */
  readonly at: string;
  readonly exercise: 'European' | 'none';
  readonly settles: 'cash';
  readonly source: string;
}

/** What one venue trades, as plain data. */
export interface VenueTable {
  readonly venue: string;
  /** The day of the last change. */
  readonly version: string;
  readonly sources: Readonly<Record<string, Source>>;
  /** By kind. */
  readonly fees: Readonly<Partial<Record<InstrumentKind, FeeSchedule>>>;
  /** By kind; by series where the venue's series end at times of their own. */
  readonly endings: Readonly<Record<string, Ending>>;
  readonly products: readonly Product[];
}

interface Rows {
  readonly kind: InstrumentKind;
  readonly settlement: string | 'coin';
  readonly source: string;
  readonly halfSpreadBps: string;
}

/** One row: underlying, contract size, tick, lot (also the least quantity unless a fifth figure says less or more). */
export type Row = readonly [
  underlying: string,
  contractSize: string,
  tickSize: string,
  lotSize: string,
  more?: Partial<Pick<Product, 'series' | 'sources' | 'halfSpreadBps'>> &
    Pick<Figures, 'minQuantity' | 'tickSteps'>,
];

/** Products that have their kind, settlement and source in common. `coin`: each is settled in its underlying. */
export function products(
  { kind, settlement, source, halfSpreadBps }: Rows,
  ...rows: readonly Row[]
): Product[] {
  return rows.map(([underlying, contractSize, tickSize, lotSize, more = {}]) => {
    const { series, sources, minQuantity = lotSize, tickSteps } = more;
    const figures: Figures = {
      contractSize,
      tickSize,
      ...(tickSteps === undefined ? {} : { tickSteps }),
      lotSize,
      minQuantity,
    };
    const names = Object.keys(figures) as FigureName[]; // the keys of a literal of that type
    return {
      kind,
      underlying,
      settlement: settlement === 'coin' ? underlying : settlement,
      ...(series === undefined ? {} : { series }),
      figures,
      sources: { ...Object.fromEntries(names.map((name) => [name, source])), ...sources },
      halfSpreadBps: more.halfSpreadBps ?? halfSpreadBps,
    };
  });
}

/** All four figures of a row from one source. */
export function from(source: string): Product['sources'] {
  return { contractSize: source, tickSize: source, lotSize: source, minQuantity: source };
}

/** What tells one row of a table from another. */
export function productKey(product: Pick<Product, 'kind' | 'underlying' | 'settlement' | 'series'>): string {
  const { kind, underlying, settlement, series } = product;
  return [kind, underlying, settlement, ...(series === undefined ? [] : [series])].join('/');
}
