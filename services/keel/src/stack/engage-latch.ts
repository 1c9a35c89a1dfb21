import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import type { BusAccess, ControlBucket, WrittenLatch } from '@evenkeel/adapter-nats';
import { KillFolder, makeFolder } from '@evenkeel/config';
import type { FoundLatch } from '@evenkeel/config';
import type { Engagement } from '@evenkeel/execution';
import { OperationalError } from '@evenkeel/kernel';

/** A new stop, with an id of its own. `at`: ISO, host time. */
export function newEngagement(by: string, reason: string, at = new Date().toISOString()): Engagement {
  return { engagement: randomUUID(), by, reason, at };
}

/**
 * Engages a kill latch: the file in the kill folder first, which needs no server, then the control bucket where one can
 * be reached. Says which of them took it, and the server where the bucket did: one must not keep the other from trying.
 */
export async function engageLatch(
  killDir: string,
  scope: string,
  engagement: Engagement,
  busOfDesk: () => Promise<BusAccess | undefined>,
): Promise<{ readonly file: boolean; readonly bucket: boolean; readonly bus?: BusAccess }> {
  const file = writeFile(killDir, scope, engagement);
  try {
    const bus = await busOfDesk();
    if (bus === undefined) return { file, bucket: false };
    await onLatches(bus, (desk) => desk.bucket.engage(scope, engagement));
    return { file, bucket: true, bus };
  } catch {
    return { file, bucket: false };
  }
}

function writeFile(killDir: string, scope: string, engagement: Engagement): boolean {
  try {
    makeFolder(killDir);
    new KillFolder(killDir).keep(scope, engagement);
    return true;
  } catch {
    return false;
  }
}

/** The latches of the running epoch, where a server answers. */
export interface LatchDesk {
  readonly connection: NatsConnection;
  readonly bucket: ControlBucket;
  readonly latches: () => Promise<readonly WrittenLatch[]>;
}

export async function onLatches<T>(bus: BusAccess, work: (desk: LatchDesk) => Promise<T>): Promise<T> {
  const { ControlBucket, connectNats, currentEpoch } = await import('@evenkeel/adapter-nats');
  const connection = await connectNats(bus, 'keel-kill');
  try {
    const bucket = await ControlBucket.open(connection);
    const latches = async (): Promise<readonly WrittenLatch[]> =>
      bucket.readLatches((await currentEpoch(connection)).bucket);
    return await work({ connection, bucket, latches });
  } finally {
    await connection.close();
  }
}

/** Makes a bucket that is gone anew, as who may make streams; whether it was gone. It begins with everything stopped. */
export async function remadeBucket(bus: BusAccess): Promise<boolean> {
  const { ControlBucket, connectNats } = await import('@evenkeel/adapter-nats');
  const connection = await connectNats(bus, 'keel-kill');
  try {
    await ControlBucket.open(connection);
    return false;
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'NATS.CONTROL_BUCKET_MISSING') throw error;
    await ControlBucket.create(connection);
    return true;
  } finally {
    await connection.close();
  }
}

/**
 * What stops a scope now, by the bucket. Stops that only files on this machine know of are put there first, so that
 * everybody sees what is to be released.
 */
export async function standingLatch(desk: LatchDesk, killDir: string, scope: string): Promise<WrittenLatch> {
  const before = await find(desk, scope);
  const ended = before.releases.flatMap(({ engagements }) => engagements);
  const known = [...ended, ...before.engagements.map(({ engagement }) => engagement)];
  const unknown = latchFiles(killDir).filter(
    (file) => file.scope === scope && !known.includes(file.engagement.engagement),
  );
  for (const { engagement } of unknown) await desk.bucket.engage(scope, engagement);
  return unknown.length === 0 ? before : find(desk, scope);
}

async function find(desk: LatchDesk, scope: string): Promise<WrittenLatch> {
  const found = (await desk.latches()).find((latch) => latch.scope === scope);
  return found ?? { scope, engagements: [], releases: [], revision: 0 };
}

/** What lies in the kill folder; nothing where there is none. */
export function latchFiles(killDir: string): readonly FoundLatch[] {
  const found = new KillFolder(killDir).read();
  return typeof found === 'string' ? [] : found;
}

/** Takes the files of released engagements away; execution does the same where it runs. */
export function forgetFiles(killDir: string, engagements: readonly string[]): void {
  const folder = new KillFolder(killDir);
  for (const { name, engagement } of latchFiles(killDir))
    if (engagements.includes(engagement.engagement)) folder.remove(name);
}
