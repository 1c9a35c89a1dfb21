/**
 * governance context: who asked for a change and who agreed to it. Aggregates `identities` (id `firm`) and `changes`
 * (id = the scope), in the partition of the book they are about, so that its cores take them in; and `commit-keys` (id
 * `firm`), which every reader of the journal takes in.
 */

/** What is changed only by two people. */
export type GovernedKind =
  'policy' | 'limits' | 'book' | 'override' | 'kill-release' | 'roles' | 'epoch' | 'quarantine';

/**
 * How an identity proves itself: a signed-note verifier key, or an identity provider's account. An identity provider is enrolled
 * under its issuer, without roles, by the keys that it signs tokens with.
 */
export interface EnrolledCredential {
  readonly key?: string;
  readonly issuer?: string;
  readonly subject?: string;
  /** A public key of the provider: a JWK as JSON. */
  readonly jwk?: string;
  /** Whom the provider's tokens must be for. */
  readonly audience?: string;
}

export interface EnrolledIdentity {
  readonly identity: string;
  /** `viewer`, `trader`, `risk-officer`, `auditor`, `administrator`. */
  readonly roles: readonly string[];
  readonly credentials: readonly EnrolledCredential[];
}

/** What shows that an identity itself made a statement; unused fields are absent. */
export interface StatementEvidence {
  /** `note` or `token`. */
  readonly method: string;
  /** A signed note whose text is the statement. */
  readonly note?: string;
  readonly issuer?: string;
  readonly subject?: string;
  /** The token's nonce: SHA-256 of the statement, hex. */
  readonly statementHash?: string;
  readonly token?: string;
}

export interface GovernanceOpened {
  readonly at: string;
  /** The roster that governance began with, in the first epoch that had one. */
  readonly enrolments: readonly EnrolledIdentity[];
  /** How it changed in earlier epochs; absent where it never did. */
  readonly history?: RosterHistory;
  /**
   * What takes effect only with a second person: `nothing`, `loosening` (whatever lets more happen than before), or `everything`
   * (books that open too). Absent in journals older than this field.
   */
  readonly required?: string;
}

/** Changes of roles that two administrators made in earlier epochs, in order. */
export interface RosterHistory {
  readonly changes: readonly RosterChange[];
}

/** A change of roles as two people signed it, and the time of the journal at which each said so (ISO 8601). */
export interface RosterChange {
  readonly proposed: ChangeProposed;
  readonly proposedAt: string;
  readonly approved: ChangeApproved;
  readonly approvedAt: string;
}

export interface ChangeProposed {
  readonly proposalId: string;
  readonly kind: GovernedKind;
  /** What it is about: a book, a kill scope, `identities`. */
  readonly scope: string;
  /** The exact new content as canonical JSON. */
  readonly content: string;
  /** SHA-256 of `content`, hex: what approval signs. */
  readonly contentHash: string;
  /** Hash of the content in force when it was proposed; empty for none. */
  readonly baseHash: string;
  readonly reason: string;
  readonly proposedBy: string;
  /** Wall clock of the person, ISO 8601. */
  readonly at: string;
  readonly expiresAt: string;
  readonly evidence: StatementEvidence;
}

export interface ChangeApproved {
  readonly proposalId: string;
  readonly kind: GovernedKind;
  readonly scope: string;
  readonly contentHash: string;
  readonly approvedBy: string;
  readonly at: string;
  readonly evidence: StatementEvidence;
}

/** Turned down by somebody who could have approved, or taken back by who proposed. */
export interface ChangeClosed {
  readonly proposalId: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

export interface ChangeExpired {
  readonly proposalId: string;
  readonly at: string;
}

/** Content took effect that no core puts into effect by itself (roles, books at boot, releases). */
export interface ChangeApplied {
  readonly proposalId: string;
  readonly commitId: string;
  readonly at: string;
}

/** A key with which a service signs its commits from here on. Signed by the desk. */
export interface CommitKeyEnrolled {
  /** `price-ingest`, `risk`, `strategy`, `execution`, `keel` (the desk). */
  readonly service: string;
  /** Ed25519, 32 bytes, hex. */
  readonly publicKey: string;
  /** The contexts that it may speak for. */
  readonly contexts: readonly string[];
  readonly at: string;
  /** Of the desk's key alone, where an epoch is opened under another one than the epoch before: that one, and who said so, why. */
  readonly inPlaceOf?: string;
  readonly by?: string;
  readonly reason?: string;
}

/** What a key signs from here on counts for nothing. Signed by the desk. */
export interface CommitKeyRemoved {
  readonly service: string;
  readonly publicKey: string;
  readonly reason: string;
  readonly at: string;
}

/**
 * A message of the journal that no reader can believe counts for nothing: every reader passes over it, and its place in the order
 * stays. Good for exactly these bytes there, and only while they cannot be read or are of nobody who may say so. Signed by the
 * desk.
 */
export interface CommitQuarantined {
  readonly epoch: string;
  readonly stream: string;
  /** Decimal digits. */
  readonly sequence: string;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
  readonly subject: string;
  /** Why it cannot be believed: the code of the fault. */
  readonly code: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  /** Absent where nobody has to agree. */
  readonly approval?: Approval;
}

/** The two people behind something that took effect. */
export interface Approval {
  readonly proposalId: string;
  /** SHA-256 of the content both signed, hex. */
  readonly contentHash: string;
  readonly proposedBy: string;
  readonly approvedBy: string;
}
