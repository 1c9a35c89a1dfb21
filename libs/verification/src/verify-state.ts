import type { LastRoster } from './governed-auditor';
import type { ReplayRecords } from './reexecution-pool';
import type { VerifyPosition } from './verification-ports';

/** A verification on paper: goes on from here, also in another process. */
export interface VerifyState {
  readonly format: 'evenkeel verify-state/v1';
  readonly position: VerifyPosition;
  readonly decisions: number;
  readonly replays: ReplayRecords;
  /** What the roster of the epoch after `position.epoch`'s predecessor had to descend from; absent where nothing asked for it. */
  readonly roster?: LastRoster;
}
