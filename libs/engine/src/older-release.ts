import type { RiskSnapshotTaken } from '@evenkeel/facts';

/** Why nothing of it is run again but its decisions. */
export const OLDER_RELEASE = 'a release before wrote it, whose snapshots do not say what they follow from';

/** Whether a snapshot was written before snapshots said what every number follows from. */
export function isOfOlderRelease({ legs }: RiskSnapshotTaken): boolean {
  return legs.some(
    ({ kind, inputs, perContract }) =>
      perContract === undefined || (kind === 'option' && inputs === undefined),
  );
}
