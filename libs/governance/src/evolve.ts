import { assertNever, required } from '@evenkeel/kernel';
import { enrolmentsOf } from './enrolments';
import type { ChangeProposed, Enrolment, GovernanceEvent } from './events';
import { forceKey } from './state';
import type { GovernanceState, Proposal } from './state';

/** Folds one fact. */
export function evolveGovernance(state: GovernanceState, event: GovernanceEvent): GovernanceState {
  switch (event.type) {
    case 'GovernanceOpened':
      return { ...state, opened: true, identities: enrolled(state.identities, event.enrolments) };
    case 'ChangeProposed':
      return withProposal(state, {
        proposed: event,
        status: 'open',
        approvedBy: '',
        closedBy: '',
        appliedBy: '',
      });
    case 'ChangeApproved':
      return change(state, event.proposalId, { status: 'approved', approvedBy: event.approvedBy });
    case 'ChangeRejected':
      return change(state, event.proposalId, { status: 'rejected', closedBy: event.by });
    case 'ChangeWithdrawn':
      return change(state, event.proposalId, { status: 'withdrawn', closedBy: event.by });
    case 'ChangeExpired':
      return change(state, event.proposalId, { status: 'expired' });
    case 'ChangeApplied':
      return applied(
        change(state, event.proposalId, { status: 'applied', appliedBy: event.commitId }),
        event.proposalId,
      );
    default:
      return assertNever(event, 'a governance event');
  }
}

function enrolled(
  known: ReadonlyMap<string, Enrolment>,
  enrolments: readonly Enrolment[],
): ReadonlyMap<string, Enrolment> {
  const identities = new Map(known);
  for (const enrolment of enrolments) identities.set(enrolment.identity, enrolment);
  return identities;
}

function withProposal(state: GovernanceState, proposal: Proposal): GovernanceState {
  return { ...state, proposals: new Map(state.proposals).set(proposal.proposed.proposalId, proposal) };
}

function change(state: GovernanceState, proposalId: string, changes: Partial<Proposal>): GovernanceState {
  return withProposal(state, {
    ...required(state.proposals.get(proposalId), 'the proposal of a fact'),
    ...changes,
  });
}

function applied(state: GovernanceState, proposalId: string): GovernanceState {
  const { proposed } = required(state.proposals.get(proposalId), 'the proposal of a fact');
  const inForce = new Map(state.inForce).set(forceKey(proposed.kind, proposed.scope), proposed.contentHash);
  const identities =
    proposed.kind === 'roles' ? enrolled(state.identities, rolesIn(proposed)) : state.identities;
  return { ...state, inForce, identities };
}

function rolesIn(proposed: ChangeProposed): readonly Enrolment[] {
  return required(enrolmentsOf(proposed.content), 'the enrolments of a change of roles');
}
