import type { StoredMsg } from '@nats-io/jetstream';
import type { ControlCommand } from '@evenkeel/governance';
import { InvalidInputError, parseDuration } from '@evenkeel/kernel';
import { z } from 'zod';

const TEXT_MAX = 500;
const name = z.string().min(1).max(200);

/** A command as it may stand in the bucket; checked when it is written and when it is read. */
const commandSchema = z.strictObject({
  id: z.uuid(),
  kind: z.enum(['throttle-reset', 'override-grant', 'override-revoke', 'venue-resume', 'restriction-set']),
  book: name,
  by: name,
  reason: z.string().min(1).max(TEXT_MAX),
  at: z.iso.datetime({ offset: true }),
  instrument: name.optional(),
  venue: name.optional(),
  control: name.optional(),
  overrideId: name.optional(),
  upTo: z
    .string()
    .max(100)
    .regex(/^\d+(\.\d+)?$/)
    .optional(),
  duration: z.string().max(100).refine(isDuration, 'is not an ISO 8601 duration').optional(),
  acceptsDifferences: z.boolean().optional(),
  restricted: z.boolean().optional(),
  proposalId: name.optional(),
  future: z.boolean().optional(),
});

/** A command that waits, under a key of its own. */
export interface WaitingCommand {
  readonly key: string;
  readonly revision: number;
  readonly command?: ControlCommand;
  /** What is wrong with one that cannot be read. */
  readonly problem?: string;
}

export function waitingCommand(key: string, entry: StoredMsg): WaitingCommand {
  const waiting = { key, revision: entry.seq };
  let value: unknown;
  try {
    value = entry.json<unknown>();
  } catch {
    return { ...waiting, problem: 'is no JSON' };
  }
  const parsed = commandSchema.safeParse(value);
  if (!parsed.success) return { ...waiting, problem: problemsOf(parsed.error).join('; ') };
  if (parsed.data.id !== key) return { ...waiting, problem: 'id: is another than the key' };
  // Zod writes `undefined` for a field that is absent; a round trip drops it.
  return { ...waiting, command: JSON.parse(JSON.stringify(parsed.data)) as ControlCommand }; // as the schema says
}

/** Throws `INPUT.INVALID` for what execution would turn down unread. */
export function encodeCommand(command: ControlCommand): string {
  const parsed = commandSchema.safeParse(command);
  if (parsed.success) return JSON.stringify(command);
  throw new InvalidInputError(
    'the command',
    parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  );
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function isDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch {
    return false;
  }
}
