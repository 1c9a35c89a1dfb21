import type { BookOpened, HedgeDecision, Mark, PolicySet, RiskSnapshotTaken } from '@evenkeel/facts';

/** What was asked for, or why nobody knows: what is missing is never a nought or an empty list. */
export type Answer<T> = { readonly value: T } | { readonly missing: string };

export function answered<T>(value: T): Answer<T> {
  return { value };
}

export function missing(why: string): { readonly missing: string } {
  return { missing: why };
}

export function isAnswered<T>(answer: Answer<T>): answer is { readonly value: T } {
  return 'value' in answer;
}

/** The desk as the ledger has it: facts of one epoch. Times are ISO 8601; event times unless something else is said. */
export interface RecordedDesk {
  readonly epoch: string;
  /** The epoch it took over from; absent for one that began anew. */
  readonly carriedFrom?: string;
  /** When its first fact was written, by the clock of the host that wrote it. */
  readonly openedAt: string;
  /** Event time of its first fact. */
  readonly from: string;
  /** The newest event time on record. */
  readonly eventTime: string;
  /** The newest commit in the ledger. */
  readonly lastSequence: number;
  /** When the ledger wrote it, by the database's clock. */
  readonly writtenAt: string;
  readonly books: readonly RecordedBook[];
  readonly halts: readonly RecordedHalt[];
  readonly overrides: readonly OverrideInForce[];
  readonly restrictions: readonly Restriction[];
  readonly proposals: readonly OpenProposal[];
}

export interface RecordedBook {
  readonly opened: BookOpened;
  readonly closedAt?: string;
  readonly policy?: {
    readonly set: PolicySet;
    readonly sequence: number;
    /** Who put it in force, by the commit: `human:ann`. */
    readonly by: string;
  };
  readonly snapshot?: { readonly taken: RiskSnapshotTaken; readonly sequence: number };
  /** Cumulative P&L of the hedged and of the unhedged book when the day of the newest snapshot began; absent where no snapshot is older. */
  readonly dayStart?: CumulativePnl;
  /** The same when the epoch began, of a book that another epoch had before. */
  readonly epochStart?: CumulativePnl;
  readonly decision?: {
    readonly decision: HedgeDecision;
    readonly hedges: boolean;
    readonly sequence: number;
  };
  readonly orders: readonly OrderAliveOnRecord[];
  /** Orders that execution's checks refused after the newest decision. */
  readonly refusals: readonly RefusedOrders[];
}

/** Orders in one instrument, refused for one reason. */
export interface RefusedOrders {
  readonly instrument: string;
  readonly reasons: readonly string[];
  readonly count: number;
  /** Of the newest. */
  readonly at: string;
}

/** In the book's numeraire, exact decimals. */
export interface CumulativePnl {
  readonly at: string;
  readonly hedged: string;
  readonly unhedged: string;
}

export interface OrderAliveOnRecord {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  /** Positive contracts. */
  readonly quantity: string;
  readonly remaining: string;
  /** Empty for one at the market. */
  readonly limitPrice: string;
  readonly resting: boolean;
  /** `INTENDED`, `ACKNOWLEDGED`, `PARTIALLY_FILLED`, `UNRESOLVED`; `UNKNOWN` for one that was given up and may still trade. */
  readonly status: string;
  readonly since: string;
}

/** What stands still by the record. */
export interface RecordedHalt {
  readonly book: string;
  readonly kind: 'program' | 'kill' | 'venue' | 'throttle' | 'price';
  /** The book, the scope of a kill, the venue, the throttled instrument, the price. */
  readonly subject: string;
  readonly reasons: readonly string[];
  readonly by?: string;
  readonly since: string;
  /** Of a kill: what its release has to name; absent in journals older than that. */
  readonly engagement?: string;
}

export interface OverrideInForce {
  readonly overrideId: string;
  readonly book: string;
  readonly control: string;
  /** Absent: every instrument of the book. */
  readonly instrument?: string;
  /** In the control's own unit; absent: no limit meanwhile. */
  readonly upTo?: string;
  readonly by: string;
  readonly reason: string;
  readonly grantedAt: string;
  readonly expiresAt: string;
}

export interface Restriction {
  readonly book: string;
  readonly instrument: string;
  /** A person by name, or the version of the limits that name it. */
  readonly by: string;
  readonly reason: string;
  readonly since: string;
}

export interface OpenProposal {
  readonly proposalId: string;
  readonly kind: string;
  readonly scope: string;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly expiresAt: string;
}

export interface DeskRecord {
  /** The desk by the newest epoch of the ledger; undefined where it holds none. */
  newest(): Promise<RecordedDesk | undefined>;
}

/** A stop as it stands where execution looks for it. */
export interface StandingStop {
  readonly scope: string;
  readonly engagement: string;
  readonly by: string;
  readonly reason: string;
  /** Host time. */
  readonly at: string;
}

export interface StandingStops {
  readonly inForce: readonly StandingStop[];
  /** Engagements that a release names there. Whether it counts is for the journal to say. */
  readonly released: readonly string[];
}

export interface JournalNow {
  readonly epoch: string;
  readonly lastSequence: number;
}

/** A message of the journal by when its server took it, by the server's clock. */
export interface JournalPlaceTime {
  readonly sequence: number;
  readonly at: string;
}

/** One process of a service by its heartbeat in the control bucket. */
export interface ProcessNow {
  readonly service: string;
  readonly process: string;
  /** `silent`: longer than the time after which others take over. */
  readonly state: 'alive' | 'silent' | 'dead' | 'left' | 'unreadable';
  /** Since its last heartbeat, by the clocks of its server and of this machine. */
  readonly heartbeatAgeMs: number;
}

export interface OwnedPartition {
  readonly service: string;
  readonly partition: string;
  /** Empty while nobody owns it. */
  readonly process: string;
}

/** What a service said of itself while it was listened to. */
export interface ServiceWord {
  readonly service: string;
  readonly partitions: Readonly<Record<string, PartitionWord>>;
  /** Of price-ingest. */
  readonly eventTime?: string;
  /** Share of a tape that is done. */
  readonly fraction?: number;
  readonly done?: boolean;
  readonly waiting?: readonly string[];
  readonly halted?: Readonly<Record<string, string>>;
}

export interface PartitionWord {
  readonly seen: number;
  readonly appended: number;
  /** Event time of the newest instant that has taken its whole effect. */
  readonly at?: string;
  readonly fault?: string;
}

export interface DeadLettersNow {
  readonly count: number;
  readonly newest?: { readonly from: string; readonly at: string; readonly what: string };
}

/** A price to look for: of a perpetual, a future, a spot (`price`), an `option`, or a `composite`. */
export type WantedMark = Pick<Mark, 'instrument' | 'kind'>;

/** The newest price of an instrument on the market's stream. */
export type MarkNow = Pick<Mark, 'instrument' | 'price' | 'status' | 'reasons' | 'source' | 'eventTime'>;

/** The desk as its bus has it now. Each question stands for itself: one that fails leaves the others. */
export interface DeskBus {
  /** Undefined before the first epoch. */
  journal(): Promise<JournalNow | undefined>;
  /** When the journal took its message `sequence`; undefined where it has none. */
  takenAt(sequence: number): Promise<JournalPlaceTime | undefined>;
  stops(): Promise<StandingStops>;
  processes(): Promise<readonly ProcessNow[]>;
  owners(): Promise<readonly OwnedPartition[]>;
  /** Listens until every service has spoken, or for this long. */
  words(listenMs: number): Promise<readonly ServiceWord[]>;
  deadLetters(): Promise<DeadLettersNow>;
  marks(wanted: readonly WantedMark[]): Promise<readonly MarkNow[]>;
}
