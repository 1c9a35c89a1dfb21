import { OperationalError } from '@evenkeel/kernel';
import type { z } from 'zod';

/** Kinds of messages that come from outside a process, as metrics count them. */
export type MessageKind =
  'progress' | 'step' | 'market' | 'member' | 'lease' | 'floor' | 'checkpoint' | 'letter';

/** A message that nobody of ours can have meant: it counts for nothing, and is said. */
export class UnreadableMessage extends OperationalError {
  constructor(
    readonly kind: MessageKind,
    readonly subject: string,
    problem: string,
    cause?: unknown,
  ) {
    super({
      code: 'NATS.UNREADABLE_MESSAGE',
      message: `what lies on ${subject} counts for nothing: ${problem}`,
      cause,
    });
  }
}

/** Hears of each message that counts for nothing. */
export type OnUnreadable = (unreadable: UnreadableMessage) => void;

const PROBLEMS_MAX = 3;

/** Reads JSON by a schema. Throws `UnreadableMessage`, whatever the bytes are. */
export function readJson<T>(
  kind: MessageKind,
  subject: string,
  data: Uint8Array | string,
  schema: z.ZodType<T>,
): T {
  let value: unknown;
  try {
    value = JSON.parse(
      typeof data === 'string' ? data : new TextDecoder('utf-8', { fatal: true }).decode(data),
    );
  } catch (cause) {
    throw new UnreadableMessage(kind, subject, 'it is no JSON', cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, PROBLEMS_MAX)
    .map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UnreadableMessage(kind, subject, problems.join('; '), parsed.error);
}
