import type { VenueAccountOpened } from './account-events';
import type { Approval } from './governance-events';
import type { BookOpened } from './risk-events';
import type { PolicySet } from './strategy-events';

/**
 * governance context, aggregate `desk` (id = the book): what people ask for while services run. Each core that is concerned
 * takes it in and puts its own facts on record, so that every aggregate keeps one writer.
 */
interface DeskRequest {
  /** Names the request once and for ever. */
  readonly requestId: string;
  readonly book: string;
  /** Wall clock of the person, ISO 8601. */
  readonly at: string;
  readonly reason: string;
}

/** A person wants a book under management. The first facts as each core is to put them on record, at its own time. */
export interface BookRequested extends DeskRequest {
  readonly requestedBy: string;
  readonly opened: BookOpened;
  readonly policy: PolicySet;
  readonly accounts: readonly VenueAccountOpened[];
  /** Absent where nobody had to agree. */
  readonly approval?: Approval;
}

/** The rules that trades are held against by now. 1: price, time and lots; see docs/books.md. */
export const TRADE_RULES = 1;

/** How risk is to judge a trade when it takes it in. */
interface JudgedTrade {
  /** The rules it is held against; absent: it is taken as it was said. */
  readonly tradeRules?: number;
  /** The person means the price, however far from the market it is. */
  readonly priceMeant?: boolean;
}

/** A trade that was made elsewhere enters a book. */
export interface TradeBooked extends DeskRequest, JudgedTrade {
  readonly bookedBy: string;
  readonly tradeId: string;
  readonly instrument: string;
  /** Signed contracts; bought positive. */
  readonly quantity: string;
  /** In the instrument's quote unit. */
  readonly price: string;
  /** When it was made, ISO 8601. */
  readonly tradedAt: string;
  /** Canonical JSON of the InstrumentSpec. */
  readonly specification: string;
  /** What shows it: a venue's trade id, the hash of a file; empty for the person's word alone. */
  readonly evidence: string;
}

/** A booked trade was another one than was said. */
export interface TradeCorrected extends DeskRequest, JudgedTrade {
  readonly correctedBy: string;
  readonly tradeId: string;
  /** What it was; 0 where there was none. */
  readonly quantity: string;
  readonly price: string;
}

/** The price at which an expired contract settles that no venue settles for the desk. */
export interface ExpiryRecorded extends DeskRequest {
  readonly recordedBy: string;
  readonly instrument: string;
  /** In the quote unit of its underlying. */
  readonly deliveryPrice: string;
}

/** A person wants a book no longer managed. */
export interface BookCloseRequested extends DeskRequest {
  readonly requestedBy: string;
}
