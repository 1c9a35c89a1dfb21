import type { RosterHistory } from '@evenkeel/facts';
import type { ChangeApproved, ChangeKind, ChangeProposed, Enrolment, Evidence, RequiredOf } from './events';

export type GovernanceCommand =
  | {
      readonly type: 'OpenGovernance';
      readonly at: string;
      readonly enrolments: readonly Enrolment[];
      readonly history?: RosterHistory;
      readonly required?: RequiredOf;
    }
  | {
      readonly type: 'ProposeChange';
      readonly kind: ChangeKind;
      readonly scope: string;
      /** Canonical JSON; for `roles` a list of enrolments. */
      readonly content: string;
      readonly reason: string;
      readonly by: string;
      readonly at: string;
      /** Defaults to a day, an hour for releasing a kill; a week at most. */
      readonly expiresAt?: string;
      readonly evidence: Evidence;
    }
  | {
      readonly type: 'ApproveChange' | 'RejectChange' | 'WithdrawChange';
      readonly proposalId: string;
      /** The hash the person saw and signed. */
      readonly contentHash: string;
      readonly by: string;
      readonly at: string;
      readonly reason: string;
      readonly evidence: Evidence;
    }
  | {
      readonly type: 'ApplyChange';
      readonly proposalId: string;
      readonly commitId: string;
      readonly at: string;
    }
  /** Time has come so far: what is due expires. */
  | { readonly type: 'PassTime'; readonly at: string };

/** The command that a statement came from. */
export function commandOf(said: ChangeProposed | ChangeApproved): GovernanceCommand {
  if (said.type === 'ChangeProposed') {
    const { kind, scope, content, reason, proposedBy, at, expiresAt, evidence } = said;
    return { type: 'ProposeChange', kind, scope, content, reason, by: proposedBy, at, expiresAt, evidence };
  }
  const { proposalId, contentHash, approvedBy, at, evidence } = said;
  return { type: 'ApproveChange', proposalId, contentHash, by: approvedBy, at, reason: '', evidence };
}
