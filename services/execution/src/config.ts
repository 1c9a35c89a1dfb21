import { foldersOfHome, hostEnvironment, parseEnvironment } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';
import { parseVenueAccess } from '@evenkeel/venues';
import type { VenueAccess } from '@evenkeel/venues';
import { z } from 'zod';

function readVenues(text: string, context: z.RefinementCtx): VenueAccess {
  try {
    return parseVenueAccess(text, 'EK_VENUES');
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    for (const { path, message } of error.problems)
      context.addIssue({ code: 'custom', path: [path], message });
    return z.NEVER;
  }
}

const environment = hostEnvironment.extend({
  /**
   * How each venue is reached: JSON of venue, `<venue>/<book>` or `*` to a connector and its settings, e.g.
   * `{"*":{"connector":"tape-exchange","folder":"venue"}}`. See docs/venues.md.
   */
  EK_VENUES: z.string({ error: 'must say how each venue is reached, as JSON' }).transform(readVenues),
  /** Added to the clock, as in price-ingest; never with a real venue. */
  EK_LIVE_CLOCK_OFFSET_MS: z.coerce.number().int().default(0),
  /** `optional`: one person may release a kill latch and loosen a control; never with a real venue. */
  EK_GOVERNANCE: z.enum(['optional', 'required']).optional(),
  /** Folder of the installation, where others keep theirs apart from it. */
  EK_HOME: z.string().min(1).optional(),
  /** Folder of kill latches that work without any server; it must be there. `<EK_HOME>/kill` where `EK_HOME` is set. */
  EK_KILL_DIR: z.string({
    error: 'must name a folder of kill latches; with EK_HOME set it is <EK_HOME>/kill',
  }),
  /** A partition that has heard nothing of the market for so long takes back what rests for it. */
  EK_TAKE_BACK_AFTER_MS: z.coerce.number().int().positive().default(8_000),
  /** Kill latches older than this stop trading. */
  EK_KILL_MAX_AGE_MS: z.coerce.number().int().positive().default(2_000),
});

export type ExecutionEnvironment = z.infer<typeof environment>;

export const parseExecutionEnvironment = (): Readonly<ExecutionEnvironment> =>
  parseEnvironment(environment, foldersOfHome(process.env, { EK_KILL_DIR: 'kill' }), 'execution');
