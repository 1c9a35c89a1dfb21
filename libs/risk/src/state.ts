import type {
  EvaluationRules,
  EventOf,
  EventPayloads,
  Mark,
  MarkStatus,
  OrderFilled,
  PlannedPosition,
  SnapshotTrigger,
} from '@evenkeel/facts';

/**
 * Everything the risk core remembers of one partition. Plain data (strings, finite numbers, arrays, records): it survives
 * a JSON round trip unchanged, so any host can keep it, hash it and restore it. Records are keyed by ids that are never
 * integers, so they iterate in insertion order.
 */
export interface RiskState {
  /** Newest event time met; empty before the first input. */
  now: string;
  /** Newest composite of each underlying. */
  spots: Record<string, SpotMark>;
  /** Newest mark of each instrument that some book can touch. */
  marks: Record<string, InstrumentMark>;
  /** Underlying of each instrument that some book can touch, by its id. */
  followed: Record<string, string>;
  books: Record<string, BookState>;
  /** Asked for by people and not yet answered, oldest first. */
  requests: DeskRequest[];
  /** Of `now`, when it last forgot what was over a day before: `2026-01-05T09`. */
  hour: string;
}

export interface SpotMark {
  readonly mark: Mark;
  /** USD per unit. */
  readonly price: number;
  readonly timeMs: number;
}

export interface InstrumentMark {
  readonly mark: Mark;
  readonly price: number;
  /** The price of the newest mark that was not halted; empty before the first. */
  readonly believed: string;
  readonly timeMs: number;
  /** Options: the quoted forward, USD; 0 when the quote had none. */
  readonly forward: number;
  /** Composite spot of the underlying when this mark arrived, else the venue's own index, else 0 (unknown). */
  readonly spotThen: number;
  /** Options: quoted forward over spot of the latest quotes, oldest first. */
  readonly bases: readonly number[];
}

/** A position as its fills made it. */
export interface Position {
  /** Signed contracts. */
  readonly quantity: string;
  /** The same as the nearest double, for analytics. */
  readonly contracts: number;
  /** What it was entered for: Σ contractValue of what is open, settlement currency (`ContractPosition.basis`). */
  readonly basis: string;
  readonly basisNumber: number;
}

/** Which line of the P&L an amount belongs to. */
export type CashBucket = 'options' | 'settlement' | 'hedge' | 'fees' | 'funding';

/** Amounts by currency. */
export type CashByCurrency = Record<string, string>;

/** A fill that is to be applied; `busts` where it undoes one. */
export type DueFill = Pick<
  OrderFilled,
  'book' | 'instrument' | 'clientOrderId' | 'fillId' | 'quantity' | 'price' | 'fee' | 'at'
> & { readonly busts?: string };

/** A trade of somebody else on the book's account that is to be adopted. */
export type DueForeignTrade = EventPayloads['ForeignTradeSeen'];

export interface DueFunding {
  readonly instrument: string;
  readonly rate: string;
  readonly position: string;
  readonly at: string;
}

/** What the desk asks of risk. */
export type DeskRequest = EventOf<
  'BookRequested' | 'TradeBooked' | 'TradeCorrected' | 'ExpiryRecorded' | 'BookCloseRequested'
> & {
  /** Why it cannot be, whatever it asks for. */
  readonly refused?: string;
};

/** A trade of the desk as it stands in the book. */
export interface BookedTrade {
  readonly instrument: string;
  readonly quantity: string;
  readonly price: string;
}

/** What the last snapshot said, as far as the next one depends on it. */
export interface LastSnapshot {
  readonly at: string;
  readonly spots: Record<string, number>;
  /** Statuses and unpriced legs in one comparable text. */
  readonly condition: string;
}

export interface BookState {
  readonly book: string;
  readonly numeraire: string;
  readonly planned: readonly PlannedPosition[];
  /** Canonical JSON of the InstrumentSpec, by instrument. */
  readonly specifications: Record<string, string>;
  readonly hedgeInstruments: readonly string[];
  readonly rules: EvaluationRules;
  /** Indices of `planned` in order of their time, those of one time in file order. */
  readonly adoptionOrder: readonly number[];
  /** How many of `adoptionOrder` are in the book. */
  adopted: number;
  /** When the next planned position enters, milliseconds since 1970; Number.MAX_VALUE when all have. */
  nextAdoptionMs: number;
  /** Counts every change of positions or cash. */
  changes: number;
  /** Open positions only. */
  positions: Record<string, Position>;
  /**
   * Of contracts that hedges may be made of: what the book itself brought in, as if nothing had been hedged. What it makes
   * is the book's own; what the position makes beyond it is the hedges'.
   */
  own: Record<string, Position>;
  positionsVersion: number;
  readonly cash: Record<CashBucket, CashByCurrency>;
  /** Payoffs in the numeraire at the delivery price, fixed when they were paid. */
  settled: string;
  /** Fills of execution that are not yet applied. */
  dueFills: DueFill[];
  /** When each fill was applied, by its id: those of a day. */
  appliedFills: Record<string, string>;
  /** Trades of others on the book's accounts that are not yet adopted. */
  dueForeignTrades: DueForeignTrade[];
  /** Those that are, by `venue/trade id`, and when they were: those of a day. */
  adoptedTrades: Record<string, string>;
  dueFundings: DueFunding[];
  /** Delivery prices by `venue/underlying/expiry`. */
  readonly deliveries: Record<string, string>;
  /** Trades of the desk by their ids, so that they can be corrected. */
  readonly trades: Record<string, BookedTrade>;
  /** A person closed it; what still comes in counts, and what it holds is valued. */
  closed: boolean;
  snapshots: number;
  /** Tells its snapshots from those of every other epoch; empty on a tape. */
  lineage: string;
  /** Why a snapshot is owed, set by own commits. */
  owed: SnapshotTrigger | '';
  last: LastSnapshot | null;
}

export interface StatusWithReasons {
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
}

export function initialRiskState(): RiskState {
  return { now: '', spots: {}, marks: {}, followed: {}, books: {}, requests: [], hour: '' };
}
