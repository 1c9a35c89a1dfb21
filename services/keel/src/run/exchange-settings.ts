import { readNamedFile } from '@evenkeel/config';
import { InvalidInputError, tryParseInstant } from '@evenkeel/kernel';
import type { VenueSettings } from '@evenkeel/adapter-venue-sim';
import { z } from 'zod';

const duration = z.string().regex(/^(\d+(ms|s|m|h|d)|P.+)$/, 'must be a duration such as 250ms or PT1M');
const instant = z.string().refine((text) => tryParseInstant(text) !== undefined, 'must be a time');
const share = z.number().min(0).max(1);

const exchangeSchema = z.strictObject({
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
        .array(z.strictObject({ from: instant, to: instant, kind: z.enum(['rejects', 'silence']) }))
        .optional(),
    })
    .optional(),
});

export const EXCHANGE_FLAG = [
  '--exchange <file>',
  'how the simulated exchange behaves: depth, latency, outages, quirks',
] as const;

/** Reads how the simulated exchange behaves. Throws `InvalidInputError` with every problem and its path. */
export function readExchangeSettings(path: string | undefined): VenueSettings {
  if (path === undefined) return {};
  let written: unknown;
  try {
    written = JSON.parse(readNamedFile(path).toString('utf8'));
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [{ path: '(file)', message: 'is not JSON' }]);
  }
  const parsed = exchangeSchema.safeParse(written);
  if (parsed.success) return parsed.data as VenueSettings; // absent fields stay absent in JSON
  throw new InvalidInputError(
    path,
    parsed.error.issues.map((issue) => ({ path: issue.path.join('.') || '(file)', message: issue.message })),
  );
}
