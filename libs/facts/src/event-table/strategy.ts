import { nothing } from './entry';
import type { EventEntry } from './entry';

export const STRATEGY_EVENTS = {
  PolicySet: {
    schema: 'strategy.v1.PolicySet',
    version: 1,
    readBy: ['strategy'],
    projection: ['policies'],
    incident: nothing,
    pack: 'config_changes',
    postings: nothing,
  },
  HedgeDecided: {
    schema: 'strategy.v1.HedgeDecision',
    version: 1,
    readBy: ['strategy', 'execution', 'report', 'tca'],
    projection: ['decisions'],
    incident: nothing,
    pack: 'decisions',
    postings: nothing,
  },
  HedgeDeclined: {
    schema: 'strategy.v1.HedgeDecision',
    version: 1,
    readBy: ['strategy', 'report'],
    projection: ['decisions'],
    incident: nothing,
    pack: 'decisions',
    postings: nothing,
  },
  EvaluationsSummarised: {
    schema: 'strategy.v1.EvaluationsSummarised',
    version: 1,
    readBy: ['strategy'],
    projection: ['quiet_stretches'],
    incident: nothing,
    pack: nothing,
    postings: nothing,
  },
  ProgramHalted: {
    schema: 'strategy.v1.ProgramHalted',
    version: 1,
    readBy: ['strategy'],
    projection: ['halts'],
    incident: 'act',
    pack: 'incidents',
    postings: nothing,
  },
  ProgramResumed: {
    schema: 'strategy.v1.ProgramResumed',
    version: 1,
    readBy: ['strategy'],
    projection: ['halts'],
    incident: 'note',
    pack: 'incidents',
    postings: nothing,
  },
} as const satisfies Readonly<Record<string, EventEntry>>;
