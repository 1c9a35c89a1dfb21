import { hostEnvironment, parseEnvironment } from '@evenkeel/config';
import { z } from 'zod';

function readUrls(text: string, context: z.RefinementCtx): ReadonlyMap<string, string> {
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, string>)); // each is used as a URL, which fails by name
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON of feed name to URL' });
    return z.NEVER;
  }
}

const environment = hostEnvironment.extend({
  /** Folder of the simulated exchange's own memory, which outlives this process as a real exchange would. */
  EK_VENUE_DIR: z.string().min(1, 'must name a folder').default('.'),
  /** `simulated`: the exchange of tapes. `paper`: live books, orders stay in the house. `deribit`: orders leave. */
  EK_VENUE_MODE: z.enum(['simulated', 'paper', 'deribit']).default('simulated'),
  /** Endpoints that stand in for a feed's own: JSON of feed name to WebSocket URL. */
  EK_LIVE_URLS: z.string().default('{}').transform(readUrls),
  /** Added to the clock, as in price-ingest; never with a real venue. */
  EK_LIVE_CLOCK_OFFSET_MS: z.coerce.number().int().default(0),
  /** JSON settings of the simulated exchange: seed, latency, quirks. */
  EK_VENUE_SETTINGS: z.string().default('{}'),
  /** `required`: a kill latch is released, and a control loosened, only with the approval of a second person. */
  EK_GOVERNANCE: z.enum(['optional', 'required']).default('optional'),
  /** Folder of kill latches that work without any server. */
  EK_KILL_DIR: z.string().min(1, 'must name a folder'),
  /** Kill latches older than this stop trading. */
  EK_KILL_MAX_AGE_MS: z.coerce.number().int().positive().default(2_000),
});

export type ExecutionEnvironment = z.infer<typeof environment>;

export const parseExecutionEnvironment = (): Readonly<ExecutionEnvironment> =>
  parseEnvironment(environment, process.env, 'execution');
