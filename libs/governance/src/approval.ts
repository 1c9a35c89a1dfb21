import { sha256, toHex, tryParseInstant, utf8 } from '@evenkeel/kernel';
import type { Approval, ChangeApproved, ChangeProposed } from '@evenkeel/facts';

/** What of a proposal an approval is held against. */
export type ProposedChange = Pick<
  ChangeProposed,
  'proposalId' | 'kind' | 'scope' | 'content' | 'contentHash' | 'proposedBy' | 'expiresAt'
>;

/** Why an approval does not count. */
export type ApprovalProblem = 'NOT_PROPOSED' | 'OTHER_CHANGE' | 'OTHER_CONTENT' | 'SAME_PERSON' | 'EXPIRED';

/** SHA-256 of a change's content, hex: what approval signs. */
export function contentHashOf(content: string): string {
  return toHex(sha256(utf8(content)));
}

/**
 * The two people behind a change, or why the approval does not count: it must be of exactly the proposed bytes, by somebody
 * else than who proposed them, before they expire. Signatures and roles are the desk's to check.
 */
export function approvalOf(
  proposed: ProposedChange | undefined,
  approved: ChangeApproved,
): Approval | ApprovalProblem {
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
