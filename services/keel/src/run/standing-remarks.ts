import type { Home } from '../stack/home';
import { latchFiles, onLatches } from '../stack/engage-latch';
import type { Stack } from '../stack/stack';

/** What a run begins and ends by saying: which stops stand, and what nobody could read. */
export async function standingRemarks(stack: Stack, home: Home): Promise<readonly string[]> {
  const { connectNats, deadLetters } = await import('@evenkeel/adapter-nats');
  const latches = await onLatches(stack.access('desk'), (desk) => desk.latches());
  const over = new Set(latches.flatMap(({ releases }) => releases.flatMap(({ engagements }) => engagements)));
  const stops = [
    ...latches.flatMap(({ scope, engagements }) => engagements.map((one) => ({ ...one, scope }))),
    ...latchFiles(home.kill).map(({ scope, engagement }) => ({ ...engagement, scope })),
  ].filter(({ engagement }) => !over.has(engagement));
  const connection = await connectNats(stack.access('observer'), 'keel-dlq');
  const letters = await deadLetters(connection).finally(() => connection.close());
  return [
    ...[...new Map(stops.map((one) => [one.engagement, one])).values()].map(
      ({ scope, by, at, reason }) =>
        `stopped: ${scope} by ${by} at ${at} (${reason}); it ends by \`keel release ${scope}\``,
    ),
    ...(letters.length === 0
      ? []
      : [`${letters.length} messages that services could not read or believe: \`keel dlq list\``]),
  ];
}
