import { hostEnvironment, parseEnvironment } from '@evenkeel/config';
import { z } from 'zod';

const environment = hostEnvironment.extend({
  /** Folder of the simulated exchange's own memory, which outlives this process as a real exchange would. */
  EK_VENUE_DIR: z.string().min(1, 'must name a folder'),
  /** JSON settings of the simulated exchange: seed, latency, quirks. */
  EK_VENUE_SETTINGS: z.string().default('{}'),
  /** Folder of kill latches that work without any server. */
  EK_KILL_DIR: z.string().min(1, 'must name a folder'),
  /** Kill latches older than this stop trading. */
  EK_KILL_MAX_AGE_MS: z.coerce.number().int().positive().default(2_000),
});

export type ExecutionEnvironment = z.infer<typeof environment>;

export const parseExecutionEnvironment = (): Readonly<ExecutionEnvironment> =>
  parseEnvironment(environment, process.env, 'execution');
