import type { MarkStatus } from '@evenkeel/facts';
import type {
  RefusedOrders,
  Answer,
  DeadLettersNow,
  OpenProposal,
  OverrideInForce,
  Restriction,
} from './ports';

/**
 * The desk at a glance. What could not be asked is `{ "missing": "why" }` in its place and once more in `missing`. Greeks are raw,
 * as on record; money is exact decimals where it is booked and doubles where a model says it. Units and sources: docs/status.md.
 */
export interface DeskGlance {
  readonly schemaVersion: 1;
  /** When it was looked at, by the clock of this machine. */
  readonly at: string;
  /**
   * `running`: services speak; `idle`: servers answer and no service speaks; `down`: nothing runs here; `unknown`: a server
   * that should be there does not answer.
   */
  readonly state: 'running' | 'idle' | 'down' | 'unknown';
  readonly epoch: Answer<EpochGlance>;
  readonly books: Answer<readonly BookGlance[]>;
  readonly kills: KillsGlance;
  readonly restrictions: Answer<readonly Restriction[]>;
  readonly overrides: Answer<readonly OverrideInForce[]>;
  readonly throttles: Answer<readonly ThrottleGlance[]>;
  readonly prices: Answer<readonly PriceGlance[]>;
  readonly services: Answer<readonly ServiceGlance[]>;
  readonly lag: Answer<LagGlance>;
  readonly deadLetters: Answer<DeadLettersNow>;
  readonly proposals: Answer<readonly OpenProposal[]>;
  /** Every question without an answer. */
  readonly missing: readonly { readonly what: string; readonly why: string }[];
}

export interface EpochGlance {
  readonly epoch: string;
  /** `tape`: event time is the tape's; `real time`: it is the clock's. */
  readonly market: 'tape' | 'real time';
  readonly carriedFrom?: string;
  /** When its first fact was written: host time. */
  readonly openedAt: string;
  /** Event time of its first fact. */
  readonly from: string;
  /** Event time now: of the newest market instant, or of the newest fact where no market speaks. */
  readonly eventTime: string;
  readonly eventTimeFrom: 'market' | 'record';
  /** Share of the tape that is done; absent in real time and where no market speaks. */
  readonly fraction?: number;
  readonly done?: boolean;
  /** Commits in the ledger, and when it wrote the newest: by the database's clock. */
  readonly commits: number;
  readonly writtenAt: string;
  /** The journal of the running epoch, where that is another one than the ledger has begun. */
  readonly running?: string;
}

export interface BookGlance {
  readonly book: string;
  readonly numeraire: string;
  readonly partition: string;
  readonly openedAt: string;
  readonly closedAt?: string;
  /** Whether it may hedge: `unknown` where no stop is known of and not everything could be asked. */
  readonly stopped: 'no' | 'in part' | 'wholly' | 'unknown';
  readonly stops: readonly BookStop[];
  readonly policy?: PolicyGlance;
  readonly snapshot?: SnapshotGlance;
  readonly underlyings: readonly UnderlyingGlance[];
  readonly pnl?: PnlGlance;
  readonly orders: readonly OrderGlance[];
  readonly decision?: DecisionGlance;
  /** Orders that execution's checks refused after the decision. */
  readonly refusals: readonly RefusedOrders[];
  /** What came after the decision, in words. */
  readonly sinceThen: string;
}

/** One reason why a book, or a part of it, stands still. */
export interface BookStop {
  readonly kind: 'kill' | 'program' | 'partition' | 'venue' | 'throttle' | 'price' | 'restriction';
  readonly subject: string;
  readonly whole: boolean;
  readonly reason: string;
  readonly by?: string;
  readonly since?: string;
}

export interface PolicyGlance {
  readonly kind: string;
  /** Canonical JSON, as written. */
  readonly policy: string;
  /** Wanted delta of each underlying, in its units. */
  readonly targetDelta: string;
  readonly since: string;
  /** Who put it in force; the second person where there was one. */
  readonly by: string;
  readonly sequence: number;
}

export interface SnapshotGlance {
  readonly at: string;
  /** Event time since then, seconds. */
  readonly ageSeconds: number;
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
  /** Legs that are in no total: what the exposures and the P&L leave out. */
  readonly unpriced: readonly { readonly instrument: string; readonly code: string }[];
  readonly sequence: number;
}

export interface UnderlyingGlance {
  readonly underlying: string;
  /** USD per unit; absent where the snapshot has no price. */
  readonly spotUsd?: number;
  readonly spotStatus: MarkStatus;
  /** Units of the underlying: long is positive. */
  readonly delta: number;
  readonly deltaUsd?: number;
  /** Units of the underlying for a move of 1 USD. */
  readonly gamma: number;
  /** Numeraire for 1.00 of volatility. */
  readonly vega: number;
  /** Numeraire for a year. */
  readonly theta: number;
  readonly band: Answer<BandGlance>;
}

/** Where the policy lets exposure lie. Exposure is delta, with what is on its way, less the target. */
export interface BandGlance {
  /** Units of the underlying. */
  readonly exposure: number;
  readonly lower: number;
  readonly upper: number;
  /** Distance from the middle over half the width: above 1 is outside. */
  readonly use: number;
  /** `policy`: by the policy in force on the newest snapshot; `decision`: as the newest decision had it. */
  readonly from: 'policy' | 'decision';
  readonly at: string;
}

/** Numeraire, exact decimals, cumulative since each beginning. Absent: nobody knows where the book stood then. */
export interface PnlGlance {
  readonly at: string;
  readonly numeraire: string;
  /** UTC day of event time that `today` is. */
  readonly day: string;
  readonly hedged: PnlSince;
  /** Without hedges: options and settlements alone. */
  readonly unhedged: PnlSince;
  /** Paid is negative; since the book was opened. */
  readonly fees: string;
  readonly equity: string;
}

export interface PnlSince {
  readonly today: string;
  readonly epoch?: string;
  readonly opened: string;
}

export interface OrderGlance {
  readonly clientOrderId: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  /** Positive contracts. */
  readonly quantity: string;
  readonly remaining: string;
  readonly limitPrice: string;
  readonly status: string;
  readonly since: string;
  readonly ageSeconds: number;
}

export interface DecisionGlance {
  readonly decisionId: string;
  readonly at: string;
  readonly ageSeconds: number;
  readonly sequence: number;
  readonly hedges: boolean;
  /** Codes, as on record. */
  readonly reasons: readonly string[];
  /** What was done or not done, and why, in words. */
  readonly words: string;
  /** Checks that said no. */
  readonly failed: readonly { readonly name: string; readonly limit: string; readonly observed: string }[];
}

export interface KillGlance {
  readonly scope: string;
  readonly engagement?: string;
  readonly by: string;
  readonly reason: string;
  readonly since: string;
  /** Where it stands: any of them stops. */
  readonly known: readonly ('control bucket' | 'kill folder' | 'journal')[];
}

export interface KillsGlance {
  readonly inForce: readonly KillGlance[];
  /** Places that could not be looked at: there may be more. */
  readonly unseen: readonly ('control bucket' | 'journal')[];
}

export interface ThrottleGlance {
  readonly book: string;
  readonly instrument: string;
  readonly reason: string;
  readonly since: string;
}

export interface PriceGlance {
  readonly instrument: string;
  /** Of `price`: USD for a composite, else the currency that the contract is quoted in. */
  readonly unit: string;
  readonly price: string;
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
  readonly source: string;
  /** Event time of the price, and what has passed since, seconds. */
  readonly at: string;
  readonly ageSeconds: number;
  /** Older than its book may be valued on. */
  readonly old: boolean;
  /** `market`: the newest that was published; `snapshot`: the newest that risk used. */
  readonly from: 'market' | 'snapshot';
}

export interface ServiceGlance {
  readonly service: string;
  /** It said something while it was listened to. */
  readonly heard: boolean;
  /** Processes that divide partitions; none of price-ingest and ledger, of which there is one. */
  readonly processes: readonly {
    readonly process: string;
    readonly state: string;
    readonly heartbeatAgeMs: number;
  }[];
  readonly partitions: readonly PartitionGlance[];
  /** For whom event time waits (price-ingest). */
  readonly waiting: readonly string[];
}

export interface PartitionGlance {
  readonly partition: string;
  readonly books: readonly string[];
  /** Empty where nobody owns it. */
  readonly owner: string;
  /** Event time that it has taken in full; absent before the first instant, and of a service that hears no market. */
  readonly at?: string;
  readonly behindSeconds?: number;
  /** It has halted, and why. */
  readonly fault?: string;
}

/** How far the ledger is behind the journal. */
export interface LagGlance {
  readonly journal: number;
  readonly ledger: number;
  readonly commits: number;
  /** Since the journal took the oldest commit that the ledger lacks, by the clocks of its server and of this machine; 0 without lag. */
  readonly seconds: number;
}
