import type { NatsConnection } from '@nats-io/nats-core';
import type { PartitionReport, SettlementReport } from '@evenkeel/engine';

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

export function publishProgress(connection: NatsConnection, progress: Progress): void {
  if (connection.isClosed() || connection.isDraining()) return;
  connection.publish(`${PROGRESS_SUBJECT}.${progress.service}`, JSON.stringify(progress));
}

/** Calls back with the reports of the named services; returns the way to end it. */
export function followProgress(
  connection: NatsConnection,
  services: readonly string[],
  onProgress: (progress: Progress) => void,
): () => void {
  const subscriptions = services.map((service) =>
    connection.subscribe(`${PROGRESS_SUBJECT}.${service}`, {
      callback: (error, message) => {
        if (error === null) onProgress(message.json<Progress>()); // written by `publishProgress` of this build
      },
    }),
  );
  return () => subscriptions.forEach((subscription) => subscription.unsubscribe());
}
