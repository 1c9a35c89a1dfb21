import type { Approval, ChangeApproved, OrderLimits } from '@evenkeel/facts';

/** What follows from the approval of limits that is the input at hand. */
export type LimitsDue =
  | {
      readonly book: string;
      readonly approval: Approval;
      readonly limits: OrderLimits;
      /** Accounts that have not been told yet. */
      readonly venues: Set<string>;
    }
  | {
      readonly book: string;
      readonly refused: Pick<ChangeApproved, 'proposalId' | 'approvedBy'>;
      readonly reasons: readonly string[];
    };
