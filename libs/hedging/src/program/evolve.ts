import type { CommitView, DomainEvent, EventPayloads } from '@evenkeel/facts';
import { isReadBy } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import { foldCarried } from '../carry';
import { foldDecided } from '../in-flight';
import { programOf } from '../state';
import type { ProgramBook, ProgramState } from '../state';

/** Folds what the programs themselves have said. */
export function evolve(state: ProgramState, commit: CommitView): ProgramState {
  for (const event of commit.events) if (isReadBy('strategy', event)) evolveEvent(state, commit.book, event);
  return state;
}

function evolveEvent(state: ProgramState, book: string, event: DomainEvent): void {
  const program = programOf(state, book);
  switch (event.type) {
    case 'PolicySet':
      return foldPolicy(program, event.payload);
    case 'ProgramCarried':
      return foldCarried(program, event.payload);
    case 'HedgeDecided':
      foldDecided(program, event.payload);
      rememberHedge(program, event.payload);
      return decisionRecorded(program);
    case 'HedgeDeclined':
      return decisionRecorded(program);
    case 'EvaluationsSummarised':
      if (program.unrecorded !== null) program.unrecorded.summary = null;
      return undefined;
    case 'ProgramHalted':
      program.halted = {
        since: program.halted?.since ?? event.payload.at,
        reasons: event.payload.reasons.join(' '),
      };
      return undefined;
    case 'ProgramResumed':
      program.halted = null;
      return undefined;
    default:
      return undefined;
  }
}

export function foldPolicy(program: ProgramBook, payload: EventPayloads['PolicySet']): void {
  const specifications: Record<string, string> = {};
  for (const text of payload.specifications) specifications[parseContract(text).id] = text;
  program.policy = {
    policy: payload.policy,
    policyHash: payload.policyHash,
    targetDelta: Number(payload.targetDelta),
    hedgeInstruments: payload.hedgeInstruments,
    specifications,
  };
  program.requested = null;
  program.memory = {};
  program.remembered = {};
  if (program.approved?.proposalId === payload.approval?.proposalId) program.approved = null;
}

function decisionRecorded(program: ProgramBook): void {
  if (program.unrecorded !== null) program.unrecorded.decision = null;
  program.quiet = null;
}

function rememberHedge(program: ProgramBook, decision: EventPayloads['HedgeDecided']): void {
  for (const trade of decision.trades) {
    const text = program.policy?.specifications[trade.instrument];
    if (text === undefined) continue;
    const { underlying } = parseContract(text);
    const hedgeSpotUsd = program.spotsUsd[underlying] ?? 0;
    program.memory[underlying] = { rebalancedAt: decision.at, hedgedAt: decision.at, hedgeSpotUsd };
  }
}
