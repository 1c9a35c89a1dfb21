import type { NatsConnection } from '@nats-io/nats-core';

export const PROGRESS_SUBJECT = 'ek.ctl.progress';

export interface PartitionProgress {
  /** Sequence of the newest foreign commit that has taken its whole effect. */
  readonly seen: number;
  /** Sequence of this service's own newest commit. */
  readonly appended: number;
}

/** What a service has settled, said after every input and every quarter second. Advisory: losing one costs time only. */
export interface Progress {
  readonly service: string;
  /** Newest market instant that has taken its whole effect; 0 where the service follows none. */
  readonly instant: number;
  readonly partitions: Readonly<Record<string, PartitionProgress>>;
  /** Event time (ISO) at which it wants to be woken. */
  readonly nextWake?: string;
  /** Set by price-ingest when the tape has ended and everything is settled. */
  readonly done?: boolean;
  /** Share of the tape that is done, for progress bars. */
  readonly fraction?: number;
  readonly eventTime?: string;
  /** The service has halted and why. */
  readonly fault?: string;
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
        if (error === null) onProgress(message.json<Progress>());
      },
    }),
  );
  return () => subscriptions.forEach((subscription) => subscription.unsubscribe());
}
