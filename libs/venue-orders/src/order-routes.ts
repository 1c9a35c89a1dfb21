import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { AccountPosition, MoneyAmount } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import type { Instant, Random } from '@evenkeel/kernel';
import type { ConnectionFact, Credentials } from '@evenkeel/venue-wire';
import type { Parting, VenueNote } from '@evenkeel/venues';

import type { OrderFill, OrderState } from './order-state';

/**
 * How one request ended. `refused` is certain: the venue said no, or the request never left. `unknown`: it may have arrived, and
 * nobody knows what came of it until the venue is asked.
 */
export type Outcome<T> =
  | { readonly outcome: 'answered'; readonly value: T }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'unknown'; readonly reason: string };

export const answered = <T>(value: T): Outcome<T> => ({ outcome: 'answered', value });
export const refused = (reason: string): Outcome<never> => ({ outcome: 'refused', reason });
export const unknown = (reason: string): Outcome<never> => ({ outcome: 'unknown', reason });

/** What an answer says, read further; every other outcome as it is. */
export function mapAnswer<T, U>(outcome: Outcome<T>, read: (value: T) => Outcome<U>): Outcome<U> {
  return outcome.outcome === 'answered' ? read(outcome.value) : outcome;
}

/** The answer to an order: how it stands, and the trades that the answer itself tells. */
export interface Placed {
  readonly order: OrderState;
  readonly trades: readonly OrderFill[];
}

export type Amendment = Extract<VenueEffect, { kind: 'amend' }>;

/** What the venue holds for the account. What could not be asked is left out, and then it is not complete. */
export interface Holdings {
  readonly positions: readonly AccountPosition[];
  readonly balances: readonly MoneyAmount[];
  readonly complete: boolean;
}

/** What a venue says unasked. In any order and as often as it likes: what it means is found out behind. */
export interface Hearing {
  onOrder(order: OrderState, at: Instant): void;
  onTrade(trade: OrderFill, at: Instant): void;
  onFact(fact: ConnectionFact): void;
  onNote(note: VenueNote): void;
  /** Orders may leave, or may leave again: whatever was said meanwhile has been missed. */
  onReady(): void;
}

/** What every dialect is opened with. */
export interface RouteOptions {
  readonly credentials: Credentials;
  readonly specifications: readonly InstrumentSpec[];
  readonly clock: () => Instant;
  readonly random: Random;
  readonly hearing: Hearing;
}

/**
 * One venue's dialect: signs, says and reads, and keeps its connections. No promise rejects. What an outcome means for an order is not
 * decided here.
 */
export interface OrderRoutes {
  /** The venue in the ids of what trades there. */
  readonly venue: string;
  /** Orders may leave: what the account does is heard, and what the connection leaves behind is taken care of. */
  readonly ready: boolean;
  /** Orders may be taken back and asked for. */
  readonly reachable: boolean;
  start(): void;
  stop(parting: Parting): Promise<void>;
  /** Refuses by itself what the venue has no words for. */
  place(order: VenueOrder): Promise<Outcome<Placed>>;
  /** New terms for a resting order: total contracts and price. */
  amend(terms: Amendment): Promise<Outcome<Placed>>;
  cancel(clientOrderId: string): Promise<Outcome<unknown>>;
  /** Everything on the account, whoever placed it. */
  cancelAll(): Promise<Outcome<unknown>>;
  /** Everything the venue knows of an order by our id; undefined where it never arrived. */
  find(clientOrderId: string): Promise<Outcome<OrderState | undefined>>;
  tradesOf(order: OrderState): Promise<Outcome<readonly OrderFill[]>>;
  openOrders(): Promise<Outcome<readonly OrderState[]>>;
  holdings(): Promise<Holdings>;
}
