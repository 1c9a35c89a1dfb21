import { failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { contentHashOf } from './approval';
import type { ChangeKind, Enrolment } from './events';
import { mayApprove } from './permissions';
import { forceKey } from './state';
import type { GovernanceState, Proposal } from './state';

/** Proposals that wait for a second person, oldest first. */
export function openProposals(state: GovernanceState): readonly Proposal[] {
  return [...state.proposals.values()]
    .filter((proposal) => proposal.status === 'open')
    .sort((a, b) => (a.proposed.at < b.proposed.at ? -1 : 1));
}

/** Who could approve a proposal now. */
export function approversOf(state: GovernanceState, proposal: Proposal): readonly Enrolment[] {
  return [...state.identities.values()].filter(
    (one) => one.identity !== proposal.proposed.proposedBy && mayApprove(one, proposal.proposed.kind),
  );
}

/** SHA-256 of the content that was last applied; `undefined` for none. */
export function contentInForce(state: GovernanceState, kind: ChangeKind, scope: string): string | undefined {
  return state.inForce.get(forceKey(kind, scope));
}

/**
 * What a host asks before it puts content into effect: the approved, unused, unexpired proposal for exactly these
 * bytes. Fails with `GOVERNANCE.NOT_APPROVED`.
 */
export function approvalFor(
  state: GovernanceState,
  kind: ChangeKind,
  scope: string,
  content: string,
): Result<Proposal> {
  const contentHash = contentHashOf(content);
  const found = [...state.proposals.values()].find(
    ({ proposed, status }) =>
      status === 'approved' &&
      proposed.kind === kind &&
      proposed.scope === scope &&
      proposed.contentHash === contentHash,
  );
  return found === undefined
    ? failure(
        'GOVERNANCE.NOT_APPROVED',
        `No approval covers this ${kind} of ${scope} (content ${contentHash}).`,
      )
    : success(found);
}
