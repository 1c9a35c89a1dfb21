import type { CommitView, CoreInput, QuietStretch, RiskSnapshotTaken } from '@evenkeel/facts';
import { refusalIn } from '@evenkeel/facts';
import { assert, required } from '@evenkeel/kernel';
import { evaluate } from '../evaluation';
import type { Outcome } from '../evaluation';
import { approvedPolicyOf } from '../governed-policy';
import type { Policy } from '../policy/policy';
import { memoryOf } from '../state';
import type { ApprovedPolicy, ProgramBook, ProgramState } from '../state';

/** What a program makes of one commit of others. */
export interface ProgramJudgement {
  readonly book: string;
  readonly evaluation: Evaluation | undefined;
  /** A policy that this very commit approves, where the approval counts. */
  readonly approved: ApprovedPolicy | undefined;
}

interface Evaluation {
  readonly at: string;
  /** The quiet evaluations of an earlier day, to be summarised now. */
  readonly summary: QuietStretch | null;
  /** The quiet evaluations of this day before this one. */
  readonly quiet: QuietStretch | null;
  readonly outcome: Outcome;
}

/** Puts the policy in force to a snapshot, and an approval to its proposal. The one place where either happens. */
export function judge(
  state: ProgramState,
  input: CoreInput,
  policyOf: (text: string) => Policy,
): ProgramJudgement | undefined {
  if (input.kind !== 'commit') return undefined;
  const program = state.programs[input.commit.book];
  if (program === undefined) return undefined;
  const evaluation = evaluationOf(program, input.commit, policyOf);
  const approved = approvalIn(program, input.commit);
  return evaluation === undefined && approved === undefined
    ? undefined
    : { book: program.book, evaluation, approved };
}

function evaluationOf(
  program: ProgramBook,
  { aggregate, events }: CommitView,
  policyOf: (text: string) => Policy,
): Evaluation | undefined {
  const inForce = program.policy;
  if (aggregate.context === 'governance' || inForce === null) return undefined;
  const snapshot = snapshotIn(events);
  if (snapshot === undefined) return undefined;
  const over = program.quiet !== null && dayOf(program.quiet.to) !== dayOf(snapshot.at);
  const quiet = over ? null : program.quiet;
  const outcome = evaluate(program, inForce, policyOf(inForce.policy), snapshot, quiet);
  return { at: snapshot.at, summary: over ? program.quiet : null, quiet, outcome };
}

function snapshotIn(events: CommitView['events']): RiskSnapshotTaken | undefined {
  let snapshot: RiskSnapshotTaken | undefined;
  for (const event of events) {
    if (event.type !== 'RiskSnapshotTaken') continue;
    assert(snapshot === undefined, 'a commit of risk carries one snapshot at most');
    snapshot = event.payload;
  }
  return snapshot;
}

function approvalIn(program: ProgramBook, commit: CommitView): ApprovedPolicy | undefined {
  if (commit.aggregate.context !== 'governance') return undefined;
  const found = commit.events.flatMap((event) => {
    if (event.type !== 'ChangeApproved') return [];
    const refused = refusalIn(commit, event.payload.proposalId);
    return approvedPolicyOf(program, event.payload, refused) ?? [];
  });
  return found.at(-1);
}

/** Folds a judgement: quiet evaluations count, and what is to be said waits for `decide`. */
export function remember(
  state: ProgramState,
  { book, evaluation, approved }: ProgramJudgement,
): ProgramState {
  const program = required(state.programs[book], `the program of ${book}`);
  if (approved !== undefined) {
    delete program.proposals[approved.proposalId];
    program.approved = approved;
  }
  if (evaluation === undefined) return state;
  const { at, summary, quiet, outcome } = evaluation;
  for (const underlying of outcome.rebalanced)
    program.memory[underlying] = { ...memoryOf(program, underlying), rebalancedAt: at };
  if (outcome.remember !== undefined) program.remembered = { ...outcome.remember };
  if (outcome.refusalKey === '') program.refusal = null;
  else if (outcome.decision !== undefined) program.refusal = { key: outcome.refusalKey, at };
  program.quiet = outcome.decision === undefined ? extended(quiet, at, outcome.bandUse) : quiet;
  program.unrecorded = { at, summary, decision: outcome.decision ?? null };
  return state;
}

function dayOf(at: string): string {
  return at.slice(0, 10);
}

function extended(quiet: QuietStretch | null, at: string, bandUse: number): QuietStretch {
  if (quiet === null) return { evaluations: 1, from: at, to: at, maxBandUse: bandUse };
  return {
    evaluations: quiet.evaluations + 1,
    from: quiet.from,
    to: at,
    maxBandUse: Math.max(quiet.maxBandUse, bandUse),
  };
}
