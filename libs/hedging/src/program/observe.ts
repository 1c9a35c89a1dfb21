import type { BookRequested, CommitView, CoreInput, DomainEvent, RiskSnapshotTaken } from '@evenkeel/facts';
import { isReadBy, refusalIn } from '@evenkeel/facts';
import { foldOrderEvent } from '../in-flight';
import { spotUsdOf } from '../spot-usd';
import { programOf } from '../state';
import type { ProgramBook, ProgramState } from '../state';

/** Folds facts of others. No policy is asked here and no approval is judged: this file cannot even name them. */
export function observe(state: ProgramState, input: CoreInput): ProgramState {
  if (input.kind === 'commit')
    for (const event of input.commit.events)
      if (isReadBy('strategy', event)) observeEvent(state, input.commit, event);
  return state;
}

function observeEvent(state: ProgramState, commit: CommitView, event: DomainEvent): void {
  if (commit.aggregate.context === 'governance') {
    if (event.type === 'BookRequested') {
      const refused = refusalIn(commit, event.payload.approval?.proposalId);
      return refused === undefined ? foldRequest(programOf(state, commit.book), event.payload) : undefined;
    }
    const known = state.programs[commit.book];
    if (known !== undefined) foldProposal(known, event);
    return;
  }
  const program = programOf(state, commit.book);
  if (event.type === 'KillEngaged' || event.type === 'KillReleased') foldKill(program, event);
  else if (event.type === 'RiskSnapshotTaken') foldSnapshot(program, event.payload);
  else foldOrderEvent(program, event);
}

/** The policy of a book that people open while services run. A program that has one already is not asked again. */
function foldRequest(program: ProgramBook, { policy, requestedBy, approval }: BookRequested): void {
  if (program.policy !== null || program.requested !== null) return;
  program.requested = approval === undefined ? { policy, requestedBy } : { policy, requestedBy, approval };
}

function foldProposal(program: ProgramBook, event: DomainEvent): void {
  switch (event.type) {
    case 'ChangeProposed': {
      const { kind, scope, proposalId, content, contentHash, proposedBy, expiresAt } = event.payload;
      if (kind === 'policy' && scope === program.book)
        program.proposals[proposalId] = { content, contentHash, proposedBy, expiresAt };
      return undefined;
    }
    case 'ChangeRejected':
    case 'ChangeWithdrawn':
    case 'ChangeExpired':
      delete program.proposals[event.payload.proposalId];
      return undefined;
    default:
      return undefined;
  }
}

/** A latch on the firm or the book stops the program; one on a venue or an instrument takes that away from it. */
function foldKill(
  program: ProgramBook,
  event: Extract<DomainEvent, { type: 'KillEngaged' | 'KillReleased' }>,
): void {
  const { scope, by } = event.payload;
  const partial = scope.startsWith('venue:') || scope.startsWith('instrument:');
  if (event.type === 'KillEngaged') {
    if (partial) program.blocked[scope] = true;
    else program.halts[scope] = 'KILL_ENGAGED';
  } else {
    if (program.halts[scope] !== undefined) program.liftedBy = by;
    delete program.blocked[scope];
    delete program.halts[scope];
  }
}

/** Spots, and whether any is left that may be traded on: with none, the program as a whole stands still. */
function foldSnapshot(program: ProgramBook, snapshot: RiskSnapshotTaken): void {
  const { exposures } = snapshot;
  if (exposures.length > 0 && exposures.every(({ spotStatus }) => spotStatus === 'HALTED'))
    program.halts['price'] = 'PRICE_HALTED';
  else if (program.halts['price'] !== undefined) {
    delete program.halts['price'];
    program.liftedBy = 'price';
  }
  for (const { underlying } of exposures) program.spotsUsd[underlying] = spotUsdOf(snapshot, underlying);
}
