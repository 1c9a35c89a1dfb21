import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { VerifyPosition } from '@evenkeel/adapter-postgres';
import { InvalidInputError } from '@evenkeel/kernel';
import type { ReplayRecords } from './reexecution-pool';

/** A verification on paper: goes on from here, also in another process. */
export interface VerifyState {
  readonly format: 'evenkeel verify-state/v1';
  readonly position: VerifyPosition;
  readonly decisions: number;
  readonly replays: ReplayRecords;
}

/** Throws `INPUT.INVALID` for a file that is not one; `undefined` where there is none yet. */
export function readVerifyState(path: string): VerifyState | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as VerifyState; // written by writeVerifyState, checked below
    if (state.format === 'evenkeel verify-state/v1') return state;
  } catch {
    // Said below like any other file that is not one.
  }
  throw new InvalidInputError(path, [
    { path: 'format', message: 'is not a verification state; delete it to begin anew' },
  ]);
}

export function writeVerifyState(path: string, state: VerifyState): void {
  writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
