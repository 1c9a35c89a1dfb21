import type { Msg, NatsConnection } from '@nats-io/nats-core';
import type { PartitionReport, SettlementReport } from '@evenkeel/engine';
import { PARTITION_COUNT, tryParseInstant } from '@evenkeel/kernel';
import { z } from 'zod';
import { UnreadableMessage, readJson } from './unreadable';
import type { OnUnreadable } from './unreadable';

export const PROGRESS_SUBJECT = 'ek.ctl.progress';

/**
 * What a service has settled, said after every input and every quarter second. Advisory: losing one costs time only.
 * Everything but the settlement is price-ingest's.
 */
export interface Progress extends SettlementReport {
  readonly partitions: Readonly<Record<string, PartitionReport>>;
  /** Number of the newest market instant. */
  readonly instant?: number;
  /** The market has ended, and everything that can settle has. */
  readonly done?: boolean;
  /** Share of the market that is done, for progress bars. */
  readonly fraction?: number;
  readonly eventTime?: string;
  /** Who is waited for, and what it lacks. */
  readonly waiting?: readonly string[];
  /** Partitions that event time has gone on without, and why. */
  readonly halted?: Readonly<Record<string, string>>;
}

const BYTES_MAX = 64 * 1_024;
const TEXT_MAX = 1_000;
/** A service asks for a wake-up at most so far ahead of what it has taken: nothing that a book waits for is further away. */
const WAKE_AHEAD_MAX_NS = 366n * 86_400n * 1_000_000_000n;

const count = z.number().int().nonnegative();
const instant = z
  .string()
  .max(40)
  .refine((text) => tryParseInstant(text) !== undefined, 'is no instant');
const text = z.string().max(TEXT_MAX);
const partition = z.string().regex(/^(\d\d|journal)$/);

const reportSchema = z
  .object({
    seen: count,
    appended: count,
    at: instant.exactOptional(),
    nextWake: instant.exactOptional(),
    fault: text.exactOptional(),
    owner: count.exactOptional(),
  })
  .refine(({ at, nextWake }) => !isTooFar(at, nextWake), { path: ['nextWake'], error: 'is too far ahead' });

const progressSchema = z.object({
  service: z.string().max(40),
  partitions: z
    .record(partition, reportSchema)
    .refine((reports) => Object.keys(reports).length <= PARTITION_COUNT, 'are more than there are'),
  instant: count.exactOptional(),
  done: z.boolean().exactOptional(),
  fraction: z.number().min(0).max(1).exactOptional(),
  eventTime: instant.exactOptional(),
  waiting: z.array(text).max(PARTITION_COUNT).exactOptional(),
  halted: z.record(partition, text).exactOptional(),
});

function isTooFar(at: string | undefined, nextWake: string | undefined): boolean {
  const [taken, wanted] = [at, nextWake].map((time) =>
    time === undefined ? undefined : tryParseInstant(time),
  );
  return taken !== undefined && wanted !== undefined && wanted - taken > WAKE_AHEAD_MAX_NS;
}

export function publishProgress(connection: NatsConnection, progress: Progress): void {
  if (connection.isClosed() || connection.isDraining()) return;
  const { halted, waiting, partitions } = progress;
  const said = {
    ...progress,
    partitions: mapped(partitions, (report) =>
      report.fault === undefined ? report : { ...report, fault: report.fault.slice(0, TEXT_MAX) },
    ),
    ...(waiting === undefined ? {} : { waiting: waiting.map((one) => one.slice(0, TEXT_MAX)) }),
    ...(halted === undefined ? {} : { halted: mapped(halted, (reason) => reason.slice(0, TEXT_MAX)) }),
  };
  connection.publish(`${PROGRESS_SUBJECT}.${progress.service}`, JSON.stringify(said));
}

function mapped<T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/**
 * Calls back with the reports of the named services; returns the way to end it. What is none counts for nothing: the client
 * would take a throw for the end of its connection.
 */
export function followProgress(
  connection: NatsConnection,
  services: readonly string[],
  onProgress: (progress: Progress) => void,
  onUnreadable: OnUnreadable = () => undefined,
): () => void {
  const subscriptions = services.map((service) =>
    connection.subscribe(`${PROGRESS_SUBJECT}.${service}`, {
      callback: (error, message) => {
        if (error !== null) return;
        const progress = progressOf(service, message, onUnreadable);
        if (progress !== undefined) onProgress(progress);
      },
    }),
  );
  return () => subscriptions.forEach((subscription) => subscription.unsubscribe());
}

function progressOf(
  service: string,
  { subject, data }: Pick<Msg, 'subject' | 'data'>,
  onUnreadable: OnUnreadable,
): Progress | undefined {
  try {
    if (data.length > BYTES_MAX)
      throw new UnreadableMessage('progress', subject, `it has ${data.length} bytes`);
    const progress = readJson('progress', subject, data, progressSchema);
    if (progress.service !== service)
      throw new UnreadableMessage('progress', subject, `it says it is of ${progress.service}`);
    return progress;
  } catch (error) {
    if (!(error instanceof UnreadableMessage)) throw error;
    onUnreadable(error);
    return undefined;
  }
}
