import { currentVersionOf } from '@evenkeel/contracts';
import type { Recorded } from './recorded-commit';

/** A snapshot of a release whose snapshots did not say what every number in them follows from. */
export function isOlderSnapshot({ stored }: Recorded): boolean {
  return stored.commit.events.some(
    ({ event, version }) => event.type === 'RiskSnapshotTaken' && version < currentVersionOf(event.type),
  );
}
