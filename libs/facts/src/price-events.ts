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
  /** Every source of the same underlying at that moment. */
  readonly observed?: readonly ObservedSource[];
}

export interface SourceRecovered {
  readonly source: string;
  readonly instrument: string;
  readonly at: string;
  readonly degradedSince: string;
  readonly observed?: readonly ObservedSource[];
}

/** Something about the connection to a venue that a desk would want to know afterwards. Aggregate `connection` (id = the venue). */
export interface ConnectionNoted {
  readonly venue: string;
  readonly at: string;
  /** `connected`, `disconnected`, `silent`, `subscribed`, `sequence-break`, `book-synced`, `clock-offset`, `clock-differs`, `clock-untrusted`, `clock-agrees`, `throttled`, `message-refused`, `venue-error`, `snapshot-failed`, `cancel-on-disconnect`, `taken-back`, `terms-differ`, `terms-unlisted`, `terms-unchecked`. */
  readonly what: string;
  /** The instrument of a book; empty for the connection as a whole. */
  readonly instrument: string;
  readonly detail: string;
  /** Our clock less the venue's, nanoseconds, and how far that may be off; with `clock-offset`. */
  readonly offsetNs?: string;
  readonly errorNs?: string;
}

export interface InstrumentSettled {
  readonly instrument: string;
  readonly at: string;
  readonly deliveryPrice: string;
  readonly source: string;
}
