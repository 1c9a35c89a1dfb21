import { setTimeout as delay } from 'node:timers/promises';
import type { KnownNames } from '@evenkeel/desk';
import type { BusAccess } from '@evenkeel/adapter-nats';

/** A stop waits no longer than this to hear whether what it names is there. */
const KILL_PATIENCE_MS = 1_500;

/** What a stop can hear in time; undefined where that is nothing. */
export function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  return Promise.race([answer.catch(() => undefined), delay(KILL_PATIENCE_MS, undefined, { ref: false })]);
}

/** Of every book its instruments too, where a scope is about one. */
export async function knownNames(bus: BusAccess, scope = ''): Promise<KnownNames> {
  const { connectNats, namesOnRecord } = await import('@evenkeel/adapter-nats');
  const connection = await connectNats(bus, 'keel-names');
  try {
    return await namesOnRecord(connection, () => scope === '' || scope.startsWith('instrument:'));
  } finally {
    await connection.close();
  }
}

/** The same for who is in a hurry; or why nobody can say in time what there is. */
export async function knownInTime(bus: BusAccess | undefined, scope: string): Promise<KnownNames | string> {
  if (bus === undefined) return 'no NATS server is known here';
  const slow = new AbortController();
  try {
    return await Promise.race([
      knownNames(bus, scope),
      delay(KILL_PATIENCE_MS, 'the server does not answer in time', { signal: slow.signal }),
    ]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    slow.abort();
  }
}
