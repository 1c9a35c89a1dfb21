import { performance } from 'node:perf_hooks';
import { SnapshotBucket, SnapshotKeeper } from '@evenkeel/adapter-nats';
import { codeHashOf } from '@evenkeel/config';
import type { SnapshotEvent } from '@evenkeel/adapter-nats';
import type { CoreMetrics, Logger } from '@evenkeel/telemetry';
import type { ProcessShell } from './process-shell';

/**
 * The keeper of a service's state snapshots; undefined where they are switched off or the store cannot be opened. They are
 * a cache: without them a restart reads the epoch from its beginning. `core` names the package whose code folds.
 */
export async function openSnapshots(
  shell: ProcessShell,
  metrics: CoreMetrics,
  core: string,
): Promise<SnapshotKeeper | undefined> {
  const { connection, epoch, service, environment, logger } = shell;
  if (environment.EK_SNAPSHOTS === 'off') return undefined;
  try {
    const store = await SnapshotBucket.open(connection, service);
    const swept = await store.sweep(Date.now());
    if (swept > 0) logger.info({ swept }, 'took half-written state snapshots away');
    return new SnapshotKeeper({
      store,
      service,
      epoch: epoch.epoch,
      codeHash: codeHashOf(core, __filename),
      everyInputs: environment.EK_SNAPSHOT_INPUTS,
      everyMs: environment.EK_SNAPSHOT_MINUTES * 60_000,
      nowMs: () => performance.now(),
      onEvent: (event) => tell(event, logger, metrics),
    });
  } catch (error) {
    logger.error({ err: error }, 'no state snapshots: the next start reads the epoch from its beginning');
    return undefined;
  }
}

function tell(event: SnapshotEvent, logger: Logger, metrics: CoreMetrics): void {
  metrics.snapshots.inc({ outcome: event.kind });
  const { name: snapshot } = event;
  switch (event.kind) {
    case 'written':
      metrics.snapshotBytes.set(event.bytes);
      metrics.snapshotSeconds.observe(event.milliseconds / 1_000);
      return logger.debug({ snapshot, bytes: event.bytes, ms: event.milliseconds }, 'state snapshot written');
    case 'failed':
      return logger.warn({ snapshot, err: event.error }, 'state snapshot not written; the partition goes on');
    case 'used':
      return logger.info({ snapshot }, 'recovery goes on from a state snapshot');
    case 'ignored':
      return logger.info({ snapshot }, 'state snapshot ignored: another build made it');
    case 'refused':
      return logger.error(
        { snapshot, err: event.error },
        'state snapshot refused; recovery reads the streams instead',
      );
  }
}
