import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { InvalidInputError } from '@evenkeel/kernel';
import type { VerifyState, VerifyStateStore } from '@evenkeel/verification';

/** The place of a verification in a file that is replaced as a whole. */
export function verifyStateFile(path: string): VerifyStateStore<VerifyState> {
  return {
    read() {
      if (!existsSync(path)) return undefined;
      try {
        const state = JSON.parse(readFileSync(path, 'utf8')) as VerifyState; // written below, checked next
        if (state.format === 'evenkeel verify-state/v2') return state;
      } catch {
        // Said below like any other file that is not one.
      }
      throw new InvalidInputError(path, [
        { path: 'format', message: 'is not a verification state; delete it to begin anew' },
      ]);
    },
    write(state) {
      writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}
