import type { Side } from '@evenkeel/facts';
import type { Decimal, Instant, Nanoseconds } from '@evenkeel/kernel';

export type OrderStatus =
  /** Durable, sent or about to be; nothing heard. */
  | 'intended'
  | 'acknowledged'
  /** The venue did not answer in time; it has been asked. */
  | 'unresolved'
  | 'filled'
  | 'rejected'
  | 'cancelled'
  | 'expired'
  /** Never left the house. */
  | 'refused';

/** One order from intent to end. Quantities in positive contracts. */
export interface HedgeOrder {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly correlationId: string;
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly orderType: string;
  readonly timeInForce: string;
  readonly limitPrice: string;
  readonly intendedAt: Instant;
  /** How long the venue may be silent. */
  readonly patience: Nanoseconds;
  status: OrderStatus;
  /** True once the venue has said anything that proves that it knows the order. */
  known: boolean;
  remaining: Decimal;
  readonly fillIds: Set<string>;
  /** Times the venue was asked for the outcome. */
  attempts: number;
  /** When the venue was last asked. */
  askedAt: Instant | undefined;
  /** When silence becomes an unknown outcome, or a resting order is taken back; undefined once it is over. */
  timeoutAt: Instant | undefined;
  /** When its cancel was asked for; known from the inputs alone, asking twice is harmless. */
  cancelAskedAt: Instant | undefined;
}
