import type { GreekLimit, InstrumentLimit, OrderLimits } from '@evenkeel/facts';
import { Decimal, parseDuration } from '@evenkeel/kernel';
import type { Nanoseconds } from '@evenkeel/kernel';

/** Decisions in one instrument within an hour after which it is stopped, where the book does not say. */
export const DEFAULT_REPEATS = 500;
export const DEFAULT_THROTTLE_WINDOW = 'PT1H';
export const DEFAULT_DUPLICATE_WINDOW = 'PT1S';

/** Limits of an account, defaults filled in and numbers read once. */
export interface ReadLimits {
  readonly maxQuantity: ReadonlyMap<string, Decimal>;
  readonly maxGross: Decimal;
  readonly maxOrderNotional: Decimal | undefined;
  readonly collarBps: Decimal;
  readonly maxPosition: ReadonlyMap<string, Decimal>;
  /** By underlying. */
  readonly greeks: ReadonlyMap<string, readonly GreekLimit[]>;
  readonly maxDailyLoss: Decimal | undefined;
  readonly maxVenueNotional: Decimal | undefined;
  readonly maxRepeats: number;
  readonly throttleWindow: Nanoseconds;
  readonly throttleWindowText: string;
  readonly duplicateWindow: Nanoseconds;
  readonly restricted: ReadonlySet<string>;
  readonly reconciliation: ReadReconciliation | undefined;
}

/** When the venue is asked what it holds. */
export interface ReadReconciliation {
  readonly atStart: boolean;
  /** Undefined: not again. */
  readonly interval: Nanoseconds | undefined;
}

export function readLimits(limits: OrderLimits, venue: string): ReadLimits {
  const greeks = new Map<string, GreekLimit[]>();
  for (const limit of limits.maxGreeks ?? [])
    greeks.set(limit.underlying, [...(greeks.get(limit.underlying) ?? []), limit]);
  const venueLimit = limits.maxVenueNotionalUsd?.find((limit) => limit.venue === venue);
  const { reconciliation } = limits;
  const throttleWindowText = limits.throttleWindow ?? DEFAULT_THROTTLE_WINDOW;
  return {
    maxQuantity: byInstrument(limits.maxOrderQuantity),
    maxGross: Decimal.parse(limits.maxGrossNotionalUsd),
    maxOrderNotional: optional(limits.maxOrderNotionalUsd),
    collarBps: Decimal.parse(limits.priceCollarBps),
    maxPosition: byInstrument(limits.maxPosition ?? []),
    greeks,
    maxDailyLoss: optional(limits.maxDailyLoss),
    maxVenueNotional: optional(venueLimit?.maxUsd),
    maxRepeats: limits.maxRepeatedExecutions ?? DEFAULT_REPEATS,
    throttleWindow: parseDuration(throttleWindowText),
    throttleWindowText,
    duplicateWindow: parseDuration(limits.duplicateWindow ?? DEFAULT_DUPLICATE_WINDOW),
    restricted: new Set(limits.restrictedInstruments ?? []),
    reconciliation: reconciliation && {
      atStart: reconciliation.atStart,
      interval: reconciliation.interval === '' ? undefined : parseDuration(reconciliation.interval),
    },
  };
}

function byInstrument(limits: readonly InstrumentLimit[]): ReadonlyMap<string, Decimal> {
  return new Map(limits.map(({ instrument, maxQuantity }) => [instrument, Decimal.parse(maxQuantity)]));
}

function optional(text: string | undefined): Decimal | undefined {
  return text === undefined ? undefined : Decimal.parse(text);
}
