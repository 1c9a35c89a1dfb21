import { sha256, toHex, tryParseInstant, utf8 } from '@evenkeel/kernel';
import type { Approval, ChangeApproved, ChangeProposed, GovernedKind } from '@evenkeel/facts';

/** What of a proposal an approval is held against. */
export type ProposedChange = Pick<
  ChangeProposed,
  'proposalId' | 'kind' | 'scope' | 'content' | 'contentHash' | 'proposedBy' | 'expiresAt'
>;

/** Why an approval does not count. Each is documented as `GOVERNANCE.<problem>`. */
export type ApprovalProblem =
  | 'NOT_PROPOSED'
  /** Nobody has agreed to it. */
  | 'NOT_APPROVED'
  /** Of another kind or scope. */
  | 'OTHER_CHANGE'
  | 'OTHER_CONTENT'
  | 'SAME_PERSON'
  | 'EXPIRED'
  /** Nothing shows that the person said so. */
  | 'UNSIGNED'
  /** Unknown to the roster at that place of the journal, or removed before it. */
  | 'NOT_ENROLLED'
  /** Enrolled, in roles that do not allow it. */
  | 'NOT_PERMITTED'
  /** The person’s time is not the journal’s. */
  | 'TIME_DIFFERS'
  /** An approval is good for once. */
  | 'REUSED'
  /** Turned down or taken back. */
  | 'CLOSED'
  | 'BASE_CHANGED'
  /** The roster does not descend from the one that was pinned, or was told twice. */
  | 'ROSTER_CONTRADICTED'
  | 'MALFORMED';

/** A change that two people are to stand behind. */
export interface GovernedChange {
  readonly kind: GovernedKind;
  readonly scope: string;
  /** Canonical JSON. */
  readonly content: string;
}

/** SHA-256 of a change's content, hex: what approval signs. */
export function contentHashOf(content: string): string {
  return toHex(sha256(utf8(content)));
}

/**
 * The two people behind a change, or why the approval does not count: it must be of exactly the proposed bytes, by somebody
 * else than who proposed them, before they expire. What of it only the whole journal can tell (signatures, the roster, the
 * journal's time, whether it was used) is judged by `GovernanceRecord`; `refused` is what it found, if anything.
 */
export function approvalOf(
  proposed: ProposedChange | undefined,
  approved: ChangeApproved,
  refused?: string,
): Approval | ApprovalProblem {
  if (refused !== undefined) return refused as ApprovalProblem; // as GovernanceRecord named it
  if (proposed === undefined || proposed.proposalId !== approved.proposalId) return 'NOT_PROPOSED';
  if (proposed.kind !== approved.kind || proposed.scope !== approved.scope) return 'OTHER_CHANGE';
  const { proposalId, proposedBy, contentHash: hash } = proposed;
  if (approved.contentHash !== hash || contentHashOf(proposed.content) !== hash) return 'OTHER_CONTENT';
  if (approved.approvedBy === proposedBy) return 'SAME_PERSON';
  const at = tryParseInstant(approved.at);
  const until = tryParseInstant(proposed.expiresAt);
  if (at === undefined || until === undefined || at >= until) return 'EXPIRED';
  return { proposalId, contentHash: hash, proposedBy, approvedBy: approved.approvedBy };
}
