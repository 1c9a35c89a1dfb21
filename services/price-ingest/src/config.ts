import { hostEnvironment, parseEnvironment } from '@evenkeel/config';
import { z } from 'zod';

const environment = hostEnvironment.extend({
  /** Tape manifest; without it the built-in generator is the market. */
  EK_TAPE: z.string().min(1).optional(),
  /** Seed and length of the built-in market. */
  EK_MARKET_SEED: z.string().default('evenkeel'),
  EK_MARKET_DAYS: z.coerce.number().positive().default(7),
  /** Event seconds per wall second; 0 is as fast as the services settle. */
  EK_SPEED: z.coerce.number().nonnegative().default(0),
});

export type PriceIngestEnvironment = z.infer<typeof environment>;

export const parsePriceIngestEnvironment = (): Readonly<PriceIngestEnvironment> =>
  parseEnvironment(environment, process.env, 'price-ingest');
