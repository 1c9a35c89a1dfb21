import type { OrderLimits } from '@evenkeel/facts';
import { z } from 'zod';
import {
  currencyText,
  durationText,
  instrumentText,
  nameText,
  nonNegativeDecimal,
  positiveDecimal,
} from './fields';

const greeks = z.strictObject({
  delta: positiveDecimal.optional().describe('Units of the underlying.'),
  gamma: positiveDecimal.optional().describe('Units of the underlying per USD.'),
  vega: positiveDecimal.optional().describe('Numeraire per 1.00 of volatility.'),
});

const reconciliation = z.strictObject({
  atStart: z.boolean().describe('Compare once before the first order of a run.'),
  interval: durationText.optional().describe('Event time between comparisons; absent: no timer.'),
  positionTolerance: nonNegativeDecimal.optional().describe('Contracts; absent: 0.'),
  balanceTolerance: nonNegativeDecimal.optional().describe('Units of the currency; absent: 0.'),
  adoptTrades: z
    .boolean()
    .optional()
    .describe('Adopt trades that others make on the account in what it trades; absent: they halt it.'),
});

/** `limits` of a book file. What each of them does stands in docs/controls.md. */
export const limitFields = z.strictObject({
  maxOrderQuantity: z.record(instrumentText, positiveDecimal).optional(),
  maxGrossNotionalUsd: positiveDecimal.optional(),
  priceCollarBps: positiveDecimal.optional(),
  maxOrdersPerMinute: z.int().min(1).optional(),
  maxOrderNotionalUsd: positiveDecimal.optional().describe('Of one order.'),
  maxPosition: z.record(instrumentText, positiveDecimal).optional().describe('Contracts, long or short.'),
  maxGreeks: z
    .record(currencyText, greeks)
    .optional()
    .describe('Of the book after the trade, by underlying.'),
  maxDailyLoss: positiveDecimal.optional().describe('Of the hedged book since 00:00 UTC, in its numeraire.'),
  maxVenueNotionalUsd: z.record(nameText, positiveDecimal).optional().describe('By venue.'),
  maxRepeatedExecutions: z.int().min(1).optional(),
  throttleWindow: durationText.optional(),
  duplicateWindow: durationText.optional(),
  restrictedInstruments: z.array(instrumentText).optional(),
  reconciliation: reconciliation.optional(),
});

type WrittenLimits = z.infer<typeof limitFields>;

/** The limits that only stand in an account's facts where the book file names them, so that older files give the same bytes. */
export function writtenLimits(written: WrittenLimits | undefined): Partial<OrderLimits> {
  if (written === undefined) return {};
  const { maxPosition, maxGreeks, maxVenueNotionalUsd, reconciliation: rules } = written;
  const { maxOrderNotionalUsd, maxDailyLoss, maxRepeatedExecutions } = written;
  const { throttleWindow, duplicateWindow, restrictedInstruments } = written;
  return {
    ...(maxOrderNotionalUsd === undefined ? {} : { maxOrderNotionalUsd }),
    ...(maxPosition === undefined
      ? {}
      : {
          maxPosition: sorted(maxPosition).map(([instrument, maxQuantity]) => ({ instrument, maxQuantity })),
        }),
    ...(maxGreeks === undefined
      ? {}
      : {
          maxGreeks: sorted(maxGreeks).flatMap(([underlying, limits]) =>
            sorted(limits).flatMap(([greek, max]) => (max === undefined ? [] : [{ underlying, greek, max }])),
          ),
        }),
    ...(maxDailyLoss === undefined ? {} : { maxDailyLoss }),
    ...(maxVenueNotionalUsd === undefined
      ? {}
      : { maxVenueNotionalUsd: sorted(maxVenueNotionalUsd).map(([venue, maxUsd]) => ({ venue, maxUsd })) }),
    ...(maxRepeatedExecutions === undefined ? {} : { maxRepeatedExecutions }),
    ...(throttleWindow === undefined ? {} : { throttleWindow }),
    ...(duplicateWindow === undefined ? {} : { duplicateWindow }),
    ...(restrictedInstruments === undefined ? {} : { restrictedInstruments }),
    ...(rules === undefined
      ? {}
      : {
          reconciliation: {
            atStart: rules.atStart,
            interval: rules.interval ?? '',
            positionTolerance: rules.positionTolerance ?? '0',
            balanceTolerance: rules.balanceTolerance ?? '0',
            ...(rules.adoptTrades === undefined ? {} : { adoptTrades: rules.adoptTrades }),
          },
        }),
  };
}

function sorted<T>(entries: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
}
