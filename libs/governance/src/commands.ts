import type { ChangeKind, Enrolment, Evidence } from './events';

export type GovernanceCommand =
  | { readonly type: 'OpenGovernance'; readonly at: string; readonly enrolments: readonly Enrolment[] }
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
