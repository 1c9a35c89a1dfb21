import type { VenueOrder } from '@evenkeel/execution';
import type { AccountOrder, VenueReport } from '@evenkeel/facts';
import type { Instant, Random } from '@evenkeel/kernel';
import type { ConnectionFact } from '@evenkeel/venue-wire';
import type { Parting, Sent, VenueNote } from '@evenkeel/venues';

import type { Amendment } from './order-routes';

/** What whoever trades at a venue is given, and tells. */
export interface TradingOptions {
  readonly clock: () => Instant;
  readonly random: Random;
  readonly onReport: (report: VenueReport, at: Instant) => void;
  readonly onFact: (fact: ConnectionFact) => void;
  /** What else belongs on the record of the account. */
  readonly onNote: (note: VenueNote) => void;
  readonly onReady: () => void;
  /** What an order is of that was sent in a life before; absent where nobody knows. */
  readonly instrumentOf?: (clientOrderId: string) => string | undefined;
}

/** Orders and questions at one venue. Every outcome is a report; what is not known is said to be not known. */
export interface Trading {
  start(): void;
  stop(parting: Parting): Promise<void>;
  submit(order: VenueOrder): void;
  amend(terms: Amendment): void;
  cancel(clientOrderId: string): Sent;
  /** Everything on the account, whoever placed it. */
  cancelAll(): Sent;
  query(clientOrderId: string): void;
  /** Answered by one `account` report for the book, incomplete where the venue could not say. */
  reconcile(requestId: string, book: string): void;
  /** What the venue lists as resting, in contracts; undefined where it could not say. */
  standing(): Promise<readonly AccountOrder[] | undefined>;
}
