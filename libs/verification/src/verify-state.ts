import type { ReplayRecords } from './reexecution-pool';
import type { VerifyPosition } from './verification-ports';

/** A verification on paper: goes on from here, also in another process. */
export interface VerifyState {
  readonly format: 'evenkeel verify-state/v1';
  readonly position: VerifyPosition;
  readonly decisions: number;
  readonly replays: ReplayRecords;
}
