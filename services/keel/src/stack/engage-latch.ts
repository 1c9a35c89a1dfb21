import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeLatch } from '@evenkeel/execution';

export interface EngagedLatch {
  readonly scope: string;
  readonly by: string;
  readonly reason: string;
  /** ISO, host time. */
  readonly at: string;
}

/** Where the file of a latch lies. */
export function latchFile(killDir: string, scope: string): string {
  return join(killDir, `${encodeURIComponent(scope)}.json`);
}

/**
 * Engages a kill latch: the file in the kill folder first, which needs no server, then the control bucket where one can
 * be reached. Whether the bucket heard of it.
 */
export async function engageLatch(
  killDir: string,
  latch: EngagedLatch,
  natsUrl: string | undefined,
): Promise<boolean> {
  const { scope, by, reason, at } = latch;
  mkdirSync(killDir, { recursive: true });
  writeFileSync(latchFile(killDir, scope), encodeLatch({ engaged: true, by, reason, at }));
  if (natsUrl === undefined) return false;
  try {
    const { ControlBucket, connectNats } = await import('@evenkeel/adapter-nats');
    const connection = await connectNats(natsUrl, 'keel-kill');
    try {
      await (await ControlBucket.open(connection)).writeLatch({ ...latch, engaged: true });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
