import type { ChangeProposed, Enrolment } from './events';

export type ProposalStatus = 'open' | 'approved' | 'applied' | 'rejected' | 'withdrawn' | 'expired';

export interface Proposal {
  readonly proposed: ChangeProposed;
  readonly status: ProposalStatus;
  /** Empty until approved. */
  readonly approvedBy: string;
  /** Who rejected or withdrew; empty otherwise. */
  readonly closedBy: string;
  /** The commit that applied it; empty until then. */
  readonly appliedBy: string;
}

export interface GovernanceState {
  readonly opened: boolean;
  readonly identities: ReadonlyMap<string, Enrolment>;
  readonly proposals: ReadonlyMap<string, Proposal>;
  /** Hash of the applied content by `kind scope`. */
  readonly inForce: ReadonlyMap<string, string>;
}

export function initialGovernance(): GovernanceState {
  return { opened: false, identities: new Map(), proposals: new Map(), inForce: new Map() };
}

export function forceKey(kind: string, scope: string): string {
  return `${kind} ${scope}`;
}
