import type { VenueOrder } from '@evenkeel/execution';
import type { AccountPosition, MoneyAmount } from '@evenkeel/facts';
import type { Result } from '@evenkeel/kernel';

import type { VenueProtocol, WireValue } from '@evenkeel/venue-wire';

import type { OrderFill, OrderState } from '../order-state';
import type { PaceRules, Urgency } from './pacer';
import type { HttpCall } from './signed-http';

/** What became of a call. `refused`: the venue said no, and nothing has changed. `unknown`: nobody knows what it did. */
export type CallOutcome =
  | { readonly outcome: 'answered'; readonly result: WireValue }
  | { readonly outcome: 'refused'; readonly code: string; readonly reason: string }
  | { readonly outcome: 'too-many'; readonly reason: string }
  | { readonly outcome: 'not-sent' | 'unknown'; readonly reason: string };

export type Ask = (call: HttpCall, urgency?: Urgency) => Promise<CallOutcome>;

/** What a private stream says. */
export type StreamMessage =
  /** `expired`: nothing more is said on this connection. */
  | { readonly message: 'logged-in' | 'subscribed' | 'expired' | 'other' }
  | { readonly message: 'refused'; readonly reason: string }
  | {
      readonly message: 'account';
      readonly orders: readonly OrderState[];
      readonly fills: readonly OrderFill[];
      /** Changes of terms that were turned down, by order. */
      readonly amendsRefused: readonly { readonly clientOrderId: string; readonly reason: string }[];
    };

export interface OrderRef {
  readonly clientOrderId: string;
  readonly instrument: string;
  readonly venueOrderId?: string;
}

/** What the venue holds for the account. */
export interface AccountHoldings {
  readonly positions: readonly AccountPosition[];
  readonly balances: readonly MoneyAmount[];
}

/** What takes resting orders back when nobody looks after them any more. */
export interface Protection {
  /** For the record. */
  readonly what: string;
  /** Grant it; asked before the first order. */
  readonly arm: readonly HttpCall[];
  /** It runs out unless it is armed again so often. */
  readonly everyMs?: number;
  /** End it, for a hand-over; absent where the successor's login does. */
  readonly disarm?: readonly HttpCall[];
}

/** A stream that is opened with a key in its address. */
export interface StreamAddress {
  /** Asks for the key, or prolongs it: what the address ends with. */
  path(ask: Ask): Promise<Result<string>>;
  readonly everyMs: number;
  /** It is to be asked for now: the venue has refused something for want of it. */
  readonly isDue: boolean;
}

/**
 * How one venue speaks of orders: calls over HTTP, and a private stream that says what became of them. It writes and reads
 * messages; when they are sent, and what is made of them, is the session's.
 */
export interface OrderDialect {
  readonly venue: string;
  readonly stream: VenueProtocol;
  readonly restUrl: string;
  readonly pace: PaceRules;
  readonly protection: Protection;
  /** A call may still arrive for so long after it was sent, so until then an order that is not found may yet come to be. */
  readonly arrivesWithinMs: number;
  headers(call: HttpCall, nowMs: number): Readonly<Record<string, string>>;
  /** Where the signature is part of the call itself. */
  sign?(call: HttpCall, nowMs: number): HttpCall;
  readAnswer(status: number, text: string): CallOutcome;
  /** What is said on the stream to log in. */
  login?(nowMs: number): string;
  /** Where the address of the stream says who listens. */
  readonly address?: StreamAddress;
  readonly subscribe: readonly string[];
  /** So many confirmations make all of them. */
  readonly subscriptions: number;
  readStream(text: string): Result<StreamMessage>;
  /** Learns of the account what it must know, and fails where the account is not as we trade. */
  prepare(ask: Ask): Promise<Result<void>>;
  /** The call, or why it can't be made. */
  place(order: VenueOrder): HttpCall | string;
  /** The venue's own id of an order that it has taken. */
  readPlaced(result: WireValue): string;
  amend(ref: OrderRef, quantity: string, limitPrice: string): HttpCall | string;
  cancel(ref: OrderRef): HttpCall | string;
  /** Whether a refusal says that the order is over or was never there. */
  isGone(code: string): boolean;
  cancelAll(ask: Ask): Promise<Result<void>>;
  /** `undefined` where the venue does not know it. */
  find(
    ask: Ask,
    ref: { readonly clientOrderId: string; readonly instrument?: string },
  ): Promise<Result<OrderState | undefined>>;
  fills(ask: Ask, order: OrderState): Promise<Result<OrderFill[]>>;
  openOrders(ask: Ask): Promise<Result<OrderState[]>>;
  holdings(ask: Ask): Promise<Result<AccountHoldings>>;
}
