/** price context, aggregate `instrument` (id = the instrument, or `BTC@composite`). */

export interface ObservedSource {
  readonly source: string;
  readonly instrument: string;
  readonly price: string;
  readonly eventTime: string;
  readonly ageSeconds: number;
  /** Basis points from the composite; absent when there is none. */
  readonly deviationBps?: number;
  readonly reasons: readonly string[];
}

/** A price may no longer be hedged on. Carries what was observed at that moment. */
export interface PriceHalted {
  readonly instrument: string;
  readonly at: string;
  readonly reasons: readonly string[];
  readonly observed: readonly ObservedSource[];
}

export interface PriceRestored {
  readonly instrument: string;
  readonly at: string;
  readonly haltedSince: string;
  readonly observed: readonly ObservedSource[];
}

export interface SourceDegraded {
  readonly source: string;
  readonly instrument: string;
  readonly at: string;
  readonly reasons: readonly string[];
}

export interface SourceRecovered {
  readonly source: string;
  readonly instrument: string;
  readonly at: string;
  readonly degradedSince: string;
}

export interface InstrumentListed {
  /** Canonical JSON of the InstrumentSpec. */
  readonly specification: string;
  readonly instrument: string;
}

export interface InstrumentSettled {
  readonly instrument: string;
  readonly at: string;
  readonly deliveryPrice: string;
  readonly source: string;
}
