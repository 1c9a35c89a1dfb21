import type { Actor, CommitDraft, CoreInput, DomainEvent, Step } from '@evenkeel/facts';
import { NOTHING } from '@evenkeel/facts';
import { policySetEvent } from '../governed-policy';
import type { ProgramBook, ProgramState, RequestedPolicy } from '../state';

const ACTOR: Actor = { kind: 'algo', id: 'hedge-program' };

export function decide(state: ProgramState, input: CoreInput): Step<never> {
  if (input.kind !== 'commit') return NOTHING;
  // A commit says something to the program of its own book, and to no other.
  const program = state.programs[input.commit.book];
  if (program === undefined) return NOTHING;
  const commits = nextCommits(program, input.commit.eventTime);
  return commits.length === 0 ? NOTHING : { commits, effects: [] };
}

/** What this program puts on the journal next; halts first, then the quiet evaluations, then the decision. */
function nextCommits(program: ProgramBook, at: string): CommitDraft[] {
  if (program.requested !== null) return [firstPolicy(program, program.requested, at)];
  const policy = policySetEvent(program, at);
  if (policy !== undefined) return [governedDraft(program, at, policy)];
  const halt = haltEvent(program, at);
  if (halt !== undefined) return [draft(program, at, halt)];
  const { unrecorded } = program;
  if (unrecorded === null) return [];
  if (unrecorded.summary !== null) {
    return [
      draft(program, unrecorded.at, {
        type: 'EvaluationsSummarised',
        payload: { book: program.book, at: unrecorded.at, stretch: unrecorded.summary },
      }),
    ];
  }
  if (unrecorded.decision === null) return [];
  const { hedges, payload } = unrecorded.decision;
  return [draft(program, unrecorded.at, { type: hedges ? 'HedgeDecided' : 'HedgeDeclined', payload })];
}

/** The policy that a book is opened with, as the person wrote it. */
function firstPolicy(
  program: ProgramBook,
  { policy, requestedBy, approval }: RequestedPolicy,
  at: string,
): CommitDraft {
  const payload = { ...policy, at, ...(approval === undefined ? {} : { approval }) };
  const base = draft(program, at, { type: 'PolicySet', payload });
  return { ...base, actor: { kind: 'human', id: approval?.approvedBy ?? requestedBy } };
}

function haltEvent(program: ProgramBook, at: string): DomainEvent | undefined {
  const { book, halted, halts } = program;
  if (halted === null && Object.keys(halts).length === 0) return undefined;
  const reasons = [...new Set(Object.values(halts))].sort();
  if (reasons.length === 0) {
    return halted === null
      ? undefined
      : { type: 'ProgramResumed', payload: { book, at, haltedSince: halted.since, by: program.liftedBy } };
  }
  return halted?.reasons === reasons.join(' ')
    ? undefined
    : { type: 'ProgramHalted', payload: { book, at, reasons } };
}

function draft(program: ProgramBook, at: string, event: DomainEvent): CommitDraft {
  const aggregate = { context: 'strategy', type: 'hedge-program', id: program.book } as const;
  const base: CommitDraft = { aggregate, book: program.book, eventTime: at, actor: ACTOR, events: [event] };
  return program.policy === null ? base : { policyHash: program.policy.policyHash, ...base };
}

/** The machine puts in force what two people agreed on; who they are stands in the fact. */
function governedDraft(program: ProgramBook, at: string, event: DomainEvent): CommitDraft {
  const by = program.approved?.approvedBy ?? '';
  return { ...draft(program, at, event), actor: { kind: 'human', id: by } };
}
