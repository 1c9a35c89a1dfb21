import type { RosterHistory } from '@evenkeel/facts';

/** What is changed only by two people. */
export type ChangeKind =
  'policy' | 'limits' | 'book' | 'override' | 'kill-release' | 'roles' | 'epoch' | 'quarantine';

export type Role = 'viewer' | 'trader' | 'risk-officer' | 'auditor' | 'administrator';

/** How an identity proves itself. Local keys in development, tokens of an identity provider in production. */
export interface Credential {
  /** A signed-note verifier key whose name is the identity. */
  readonly key?: string;
  /** An identity provider's issuer and subject. */
  readonly issuer?: string;
  readonly subject?: string;
  /** A public key of the identity provider that this identity is, as JSON, and whom its tokens must be for. */
  readonly jwk?: string;
  readonly audience?: string;
}

export interface Enrolment {
  readonly identity: string;
  readonly roles: readonly Role[];
  readonly credentials: readonly Credential[];
}

/** What shows that an identity itself made a statement. Kept whole, so that it can be checked again years later. */
export type Evidence =
  /** A signed note whose text is the statement. */
  | { readonly method: 'note'; readonly note: string }
  /**
   * An identity provider's token bound to the statement: its nonce is the SHA-256 of the statement, hex. The edge that
   * took it checked signature, issuer, audience and times; `statementHash` is the nonce it found.
   */
  | {
      readonly method: 'token';
      readonly issuer: string;
      readonly subject: string;
      readonly statementHash: string;
      readonly token: string;
    };

/** What takes effect only with a second person. */
export type RequiredOf = 'nothing' | 'loosening' | 'everything';

/** The first fact: who there is. At least two people who can approve each other's role changes. */
export interface GovernanceOpened {
  readonly type: 'GovernanceOpened';
  readonly at: string;
  /** The roster that governance began with, in whichever epoch. */
  readonly enrolments: readonly Enrolment[];
  /** How it changed in earlier epochs. */
  readonly history?: RosterHistory;
  readonly required?: RequiredOf;
}

export interface ChangeProposed {
  readonly type: 'ChangeProposed';
  readonly proposalId: string;
  readonly kind: ChangeKind;
  /** What it is about: a book, a desk, a kill scope, `identities`. */
  readonly scope: string;
  /** The exact new content as canonical JSON. */
  readonly content: string;
  /** SHA-256 of `content`, hex: what approval signs. */
  readonly contentHash: string;
  /** Hash of the content in force when it was proposed; empty for none. */
  readonly baseHash: string;
  readonly reason: string;
  readonly proposedBy: string;
  readonly at: string;
  readonly expiresAt: string;
  readonly evidence: Evidence;
}

export interface ChangeApproved {
  readonly type: 'ChangeApproved';
  readonly proposalId: string;
  readonly kind: ChangeKind;
  readonly scope: string;
  readonly contentHash: string;
  readonly approvedBy: string;
  readonly at: string;
  readonly evidence: Evidence;
}

/** Turned down by somebody who could have approved, or taken back by who proposed. */
export interface ChangeClosed {
  readonly type: 'ChangeRejected' | 'ChangeWithdrawn';
  readonly proposalId: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

export interface ChangeExpired {
  readonly type: 'ChangeExpired';
  readonly proposalId: string;
  readonly at: string;
}

/** The approved content took effect; an approval is good for one application. */
export interface ChangeApplied {
  readonly type: 'ChangeApplied';
  readonly proposalId: string;
  /** The commit that put it into effect (`PolicySet`, `KillReleased`, …). */
  readonly commitId: string;
  readonly at: string;
}

export type GovernanceEvent =
  GovernanceOpened | ChangeProposed | ChangeApproved | ChangeClosed | ChangeExpired | ChangeApplied;
