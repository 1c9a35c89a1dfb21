import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { AccountOrder, ConnectionNoted, MarketInstant, VenueReport } from '@evenkeel/facts';
import type { ContractPosition, InstrumentSpec } from '@evenkeel/instruments';
import type { Decimal, Instant } from '@evenkeel/kernel';

/** A book's account at one venue, with the contracts it may trade there. */
export interface OpenedAccount {
  readonly book: string;
  readonly venue: string;
  readonly specifications: readonly InstrumentSpec[];
}

/** Positions and cash of an account by its own fills, by instrument and currency. */
export interface Booked {
  readonly positions: ReadonlyMap<string, ContractPosition>;
  readonly cash: ReadonlyMap<string, Decimal>;
}

/** A report that waits to be heard. */
export interface DueReport {
  /** Names the report once and for ever. */
  readonly id: string;
  /** When it may be heard. */
  readonly at: Instant;
  /** Place among the reports of the same moment and account. */
  readonly order: number;
  readonly report: VenueReport;
}

/**
 * When a fill that was reported may be taken as standing. `at-once`: an exchange, which says so by `busted` when it takes one
 * back all the same.
 */
export type Finality = 'at-once';

/**
 * Whose time a venue lives in. `event`: a simulated exchange that answers at event times of its own choice, knows at once whether
 * an order has arrived, and remembers what it has told. `wall`: a venue that answers when it likes and must be asked.
 */
export type VenueTime = 'event' | 'wall';

/** Whether a request has left. `not-connected`: it has not, and whoever wants it asks again. */
export type Sent = 'sent' | 'not-connected';

/**
 * Why a connector is let go of. `handed-over`: another process goes on with the account, and what rests stays. `over`: nobody does, and
 * a venue that takes orders back when their connection ends shall do so.
 */
export type Parting = 'handed-over' | 'over';

/** Reports that wait to be heard, and how many had to be dropped because too many did; those are asked for again. */
export interface Backlog {
  readonly waiting: number;
  readonly dropped: number;
}

/** What happened to a connection, as the journal notes it. */
export type VenueNote = Omit<ConnectionNoted, 'venue' | 'at'>;

/**
 * One account at one venue: what goes out of the house, and what comes back. Every outcome is a report; what is not known is
 * reported as not known (`no-answer`) and found out by `query`, never guessed. Each call may safely come twice. `at` is the event
 * time at which the call is made; venues in wall time have their own clock.
 */
export interface VenueConnector {
  readonly time: VenueTime;
  /** Names the account at the venue: two books on one account can't be reconciled apart. */
  readonly accountKey: string;
  /** Begins to speak with the venue; `booked`: what the fills on the journal have made of the account so far. */
  start(booked: Booked): void;
  stop(parting: Parting): Promise<void>;
  /** Idempotent by client order id. */
  submit(order: VenueOrder, at: Instant): void;
  /** New terms for a resting order; answered `amended` or `amend-rejected`. */
  amend(terms: Extract<VenueEffect, { kind: 'amend' }>, at: Instant): void;
  /** Takes a resting order back; harmless for one that is over or unknown. */
  cancel(clientOrderId: string, at: Instant): Sent;
  /** Takes back everything that rests on the account, whoever placed it. */
  cancelAll(at: Instant): Sent;
  /** What the venue itself lists as resting on the account, whoever placed it; undefined where it could not say. */
  openOrders(): Promise<readonly AccountOrder[] | undefined>;
  /** Asks for everything that is known of an order by our id; `not-found` where it never arrived. */
  query(clientOrderId: string, at: Instant): void;
  /** Asks what the venue holds: orders, positions, balances; answered by one `account` report with this request id. */
  reconcile(requestId: string, at: Instant): void;
  /** Whether an order has arrived; `undefined` where the venue must be asked. */
  knows(clientOrderId: string): boolean | undefined;
  /** Shows the market; only a simulated exchange looks. */
  onMarket(instant: MarketInstant): void;
  readonly backlog: Backlog;
  /** The report to be heard first; the same until it is settled. */
  due(): DueReport | undefined;
  /** The journal has the report, heard at event time `now`: it is not delivered again. */
  settled(reportId: string, now: Instant): void;
  /** Event time of the last settling, where the venue remembers it; a host that died while hearing can tell by it what it heard. */
  readonly lastSettledAt: Instant | undefined;
}

/** What a connector tells its host besides reports. */
export interface ConnectorEvents {
  /** Something waits to be heard and wants a wake-up. */
  readonly onNews: () => void;
  readonly onNote: (note: VenueNote) => void;
  /** Logged in, or in again: whatever was said meanwhile has been missed. */
  readonly onReady: () => void;
  /** What an order of ours is of, as the journal has it: some venues find an order by its contract alone, also after a restart. */
  readonly instrumentOf?: (clientOrderId: string) => string | undefined;
}
