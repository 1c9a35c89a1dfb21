import { markIn } from '@evenkeel/facts';
import type { RiskSnapshotTaken } from '@evenkeel/facts';

/** USD per unit, from the composite on the snapshot; 0 when there is none. */
export function spotUsdOf(snapshot: Pick<RiskSnapshotTaken, 'marks'>, underlying: string): number {
  const mark = markIn(snapshot, `${underlying}@composite`);
  return mark === undefined ? 0 : Number(mark.price);
}
