import { EvenkeelError, parseDuration } from '@evenkeel/kernel';
import { parseWith } from '@evenkeel/market';
import { z } from 'zod';

const offset = z
  .string()
  .refine(isDuration, { error: (issue) => `"${String(issue.input)}" is not an ISO 8601 duration` })
  .describe('Time since the start of the market, ISO 8601 duration.');
const positive = z.number().positive();
const share = z.number().min(0).max(1);
const span = { from: offset, to: offset };

const shock = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('price-path'),
      points: z.array(z.strictObject({ at: offset, factor: positive })).min(1),
    })
    .describe(
      'Every price, forward and delivery times a factor, linear between the points, the last one kept.',
    ),
  z
    .strictObject({ kind: z.literal('volatility'), ...span, add: z.number() })
    .describe('Added to the mark volatility of every quote, per 1.00; prices follow.'),
  z
    .strictObject({ kind: z.literal('silence'), instruments: z.array(z.string()).min(1), ...span })
    .describe('These say nothing; "*" is everything.'),
  z
    .strictObject({ kind: z.literal('frozen'), instruments: z.array(z.string()).min(1), ...span })
    .describe('These repeat their last price with fresh timestamps.'),
  z
    .strictObject({
      kind: z.literal('lie'),
      instruments: z.array(z.string()).min(1),
      ...span,
      factor: positive,
    })
    .describe('These are off by a factor, all at once.'),
  z
    .strictObject({
      kind: z.literal('drift'),
      instruments: z.array(z.string()).min(1),
      ...span,
      factor: positive,
    })
    .describe('These wander off linearly to a factor and stay there until the end.'),
  z
    .strictObject({ kind: z.literal('spread'), ...span, factor: positive })
    .describe('Every quoted spread times a factor; contracts without quotes get one of 2 bp times it.'),
  z
    .strictObject({ kind: z.literal('funding'), ...span, rate: z.string() })
    .describe('Every funding payment at this rate.'),
  z
    .strictObject({ kind: z.literal('pin'), ...span, level: positive, ramp: offset })
    .describe('Prices drawn to a level over `ramp` and held around it by ±3 bp.'),
]);

const expectation = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('reason'), reason: z.string(), ...span })
    .describe('A decision says this reason.'),
  z.strictObject({ kind: z.literal('no-orders'), ...span }).describe('No order is intended in this stretch.'),
  z
    .strictObject({ kind: z.literal('orders'), ...span, min: z.int().positive() })
    .describe('At least so many orders in this stretch.'),
  z
    .strictObject({ kind: z.literal('mean-delta'), ...span, max: positive })
    .describe(
      'Time-weighted mean of |delta| over this stretch, units of the underlying, the worst underlying.',
    ),
  z
    .strictObject({ kind: z.literal('variance-ratio'), max: positive })
    .describe('Variance of hedged over unhedged P&L of the whole run.'),
]);

const schema = z.strictObject({
  scenario: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  description: z.string().min(1),
  market: z.strictObject({ seed: z.string().min(1), days: z.int().min(1).max(60) }),
  shocks: z.array(shock).min(1),
  venue: z
    .strictObject({
      latency: z.string().optional(),
      quirks: z
        .strictObject({
          rejects: share.optional(),
          lost: share.optional(),
          silent: share.optional(),
          partials: share.optional(),
          splits: share.optional(),
        })
        .optional(),
      outages: z.array(z.strictObject({ ...span, kind: z.enum(['rejects', 'silence']) })).optional(),
    })
    .optional(),
  expect: z.array(expectation),
});

/** A stress, named for what it does, and what the production code must make of it. */
export type ScenarioFile = z.infer<typeof schema>;
export type Shock = ScenarioFile['shocks'][number];
export type Expectation = ScenarioFile['expect'][number];

/** Reads a scenario. Throws `InvalidInputError` with every problem and its path. */
export function parseScenarioFile(input: unknown, source: string): ScenarioFile {
  return parseWith(schema, input, source);
}

function isDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch (error) {
    if (error instanceof EvenkeelError) return false;
    throw error;
  }
}
