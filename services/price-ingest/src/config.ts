import { hostEnvironment, parseEnvironment } from '@evenkeel/config';
import { z } from 'zod';

/** Endpoints that stand in for a feed's own: JSON of feed name to WebSocket URL. */
const feedUrls = z
  .string()
  .default('{}')
  .transform((text, context): ReadonlyMap<string, string> => {
    try {
      const urls = z.record(z.string(), z.string()).safeParse(JSON.parse(text));
      if (urls.success) return new Map(Object.entries(urls.data));
    } catch {
      // Told like anything else that is not what it should be.
    }
    context.addIssue({ code: 'custom', message: 'must be JSON of feed name to URL' });
    return z.NEVER;
  });

const environment = hostEnvironment.extend({
  /** Tape manifest; without it the built-in generator is the market. */
  EK_TAPE: z.string().min(1).optional(),
  /** Seed of the built-in market. */
  EK_MARKET_SEED: z.string().default('evenkeel'),
  /** Its length in days. */
  EK_MARKET_DAYS: z.coerce.number().positive().default(7),
  /** Event seconds per wall second; 0 is as fast as the services settle. */
  EK_SPEED: z.coerce.number().nonnegative().default(0),
  /** `live`: the market is the venues' public data and event time is the clock's; `tape` otherwise. */
  EK_MARKET_MODE: z.enum(['tape', 'live']).default('tape'),
  /** Feeds whose main contract joins every composite, besides what the books name; comma-separated. */
  EK_LIVE_WITNESSES: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((name) => name !== '')),
  /** Endpoints that stand in for a feed's own: JSON of feed name to WebSocket URL. */
  EK_LIVE_URLS: feedUrls,
  /** Time between market instants. */
  EK_LIVE_INTERVAL_MS: z.coerce.number().int().min(20).default(250),
  /** A source that says nothing for twice this is late, for three times this is not hedged on. */
  EK_LIVE_RHYTHM_MS: z.coerce.number().int().min(100).default(2_000),
  /** Added to the clock: lets a simulated exchange live at another date. Never with a real venue. */
  EK_LIVE_CLOCK_OFFSET_MS: z.coerce.number().int().default(0),
  /** The market ends this long after the first instant and only what is under way is settled; 0: until stopped. */
  EK_LIVE_FOR_MS: z.coerce.number().int().nonnegative().default(0),
});

export type PriceIngestEnvironment = z.infer<typeof environment>;

export const parsePriceIngestEnvironment = (): Readonly<PriceIngestEnvironment> =>
  parseEnvironment(environment, process.env, 'price-ingest');
