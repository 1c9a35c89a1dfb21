import { tryParseInstant } from '@evenkeel/kernel';
import { z } from 'zod';
import type { VenueSettings } from './venue-settings';

const duration = z.string().regex(/^(\d+(ms|s|m|h|d)|P.+)$/, 'must be a duration such as 250ms or PT1M');
const instant = z.string().refine((text) => tryParseInstant(text) !== undefined, 'must be a time');
const share = z.number().min(0).max(1);

/** How the simulated exchange behaves, as people and launchers write it. */
export const venueSettingsSchema = z.strictObject({
  seed: z.string().min(1).optional(),
  latency: duration.optional(),
  quirks: z
    .strictObject({
      rejects: share.optional(),
      lost: share.optional(),
      silent: share.optional(),
      partials: share.optional(),
      splits: share.optional(),
    })
    .optional(),
  market: z
    .strictObject({
      depth: z
        .record(
          z.string(),
          z.strictObject({
            first: z.string().regex(/^\d+(\.\d+)?$/, 'must be contracts as a decimal'),
            growth: z.number().min(0),
            levels: z.int().min(1).max(1000),
            stepTicks: z.int().min(1),
          }),
        )
        .optional(),
      recovery: duration.optional(),
      latency: z.strictObject({ median: duration, p99: duration }).optional(),
      queueShare: share.optional(),
      selfTradePrevention: z.boolean().optional(),
      outages: z
        .array(
          z.strictObject({
            venue: z.string().min(1).optional(),
            from: instant,
            to: instant,
            kind: z.enum(['rejects', 'silence']),
          }),
        )
        .optional(),
    })
    .optional(),
});

type Written = z.output<typeof venueSettingsSchema>;

/** The settings without the fields that are absent. */
export function venueSettingsOf(written: Written): VenueSettings {
  return written as VenueSettings; // absent fields are absent in JSON, never undefined
}
