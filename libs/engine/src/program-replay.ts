import { createProgramCore } from '@evenkeel/hedging';
import type { ProgramState } from '@evenkeel/hedging';
import type { ReplayRules } from './core-replay';

/** Hedge programs: everything they hear stands on the journal. */
export const PROGRAM_REPLAY: ReplayRules<ProgramState> = {
  context: 'strategy',
  createCore: createProgramCore,
  ownWords: ['HedgeDecided', 'HedgeDeclined'],
};
