import type { ReplayCount } from '@evenkeel/engine';
import type { LastRoster } from './governed-auditor';
import type { ReplayRecords } from './reexecution-pool';
import type { VerifyPosition } from './verification-ports';

/** A verification on paper: goes on from here, also in another process. */
export interface VerifyState {
  readonly format: 'evenkeel verify-state/v2';
  readonly position: VerifyPosition;
  /** What was run again of partitions that are done; the open ones count their own. */
  readonly counts: readonly ReplayCount[];
  readonly replays: ReplayRecords;
  /** What the roster of the epoch after `position.epoch`'s predecessor had to descend from; absent where nothing asked for it. */
  readonly roster?: LastRoster;
}
