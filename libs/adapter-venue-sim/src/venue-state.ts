import type { VenueOrder } from '@evenkeel/execution';
import type { Mark } from '@evenkeel/facts';
import type { Contract, InstrumentSpec } from '@evenkeel/instruments';
import type { Decimal, Instant, Nanoseconds } from '@evenkeel/kernel';
import type { Adjustment } from './account';
import type { VenueQuirks } from './fates';
import type { MarketModel, MarketRules, Taking } from './market-model';
import type { VenueReportRecord } from './records';

export interface SimulatedVenueConfig {
  readonly seed: string;
  /** Contracts that trade here. */
  readonly specifications: readonly InstrumentSpec[];
  /** From an order or a question to the answer, event time; default 250 ms. */
  readonly latency?: string;
  /** Largest seeded addition to it; default none. */
  readonly jitter?: string;
  readonly quirks?: Partial<VenueQuirks>;
  /** Contracts shown at the touch, by instrument; unlimited where absent. */
  readonly displayed?: ReadonlyMap<string, string>;
  /** Depth, queues, own impact, latencies, outages; absent: marks and nothing else. */
  readonly market?: MarketModel;
}

/** An account at the exchange. */
export interface AccountName {
  readonly book: string;
  readonly venue: string;
}

/** A report that is due, with the account it is for. */
export interface DueReport extends VenueReportRecord {
  readonly book: string;
  readonly venue: string;
  /** Place among all reports of the exchange. */
  readonly sequence: number;
}

/** A report on its way to its account. */
export interface Pending {
  readonly due: DueReport;
  readonly at: Instant;
}

/** One order as the exchange has it. */
export interface VenueOrderState {
  order: VenueOrder;
  readonly venueOrderId: string;
  /** When it came in; marks up to then are the ones it was judged against already. */
  readonly at: Instant;
  silent: boolean;
  resting: Decimal;
  readonly reports: VenueReportRecord[];
  /** Contracts that stood before it at its price and have not traded yet; undefined without a market model. */
  queueAhead: Decimal | undefined;
}

/** What the exchange is: a fold of its records. */
export interface Venue {
  readonly config: SimulatedVenueConfig;
  readonly latency: Nanoseconds;
  readonly jitter: Nanoseconds;
  readonly quirks: VenueQuirks;
  readonly rules: MarketRules | undefined;
  /** Own takings, by book, instrument and side: one book does not feel what another took. */
  readonly takings: Map<string, Taking[]>;
  readonly contracts: Map<string, Contract>;
  readonly marks: Map<string, Mark>;
  readonly orders: Map<string, VenueOrderState>;
  readonly resting: Set<VenueOrderState>;
  /** Accounts of orders that never arrived. */
  readonly lost: Map<string, { readonly book: string; readonly venue: string }>;
  readonly adjustments: Adjustment[];
  readonly pending: Map<string, Pending>;
  readonly settledIds: Set<string>;
  sequence: number;
  duplicates: number;
  lastSettledAt: Instant | undefined;
}
