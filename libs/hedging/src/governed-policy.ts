import type { DomainEvent, EventPayloads } from '@evenkeel/facts';
import { approvalOf, contentHashOf } from '@evenkeel/governance';
import { canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { parsePolicy } from './policies/registry';
import type { ApprovedPolicy, ProgramBook } from './state';

/** What stands in the content of a policy proposal. */
export interface PolicyContent {
  readonly policy: Json;
  readonly targetDelta: string;
}

/** Reads the content of a policy proposal; `undefined` unless it is a policy this build knows. */
export function policyContentOf(content: string): PolicyContent | undefined {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null || !('policy' in value)) return undefined;
    const targetDelta = 'targetDelta' in value ? value.targetDelta : '0';
    if (typeof targetDelta !== 'string' || !Number.isFinite(Number(targetDelta))) return undefined;
    const policy = value.policy as Json; // JSON.parse yields JSON
    return parsePolicy(canonicalJson(policy)).ok ? { policy, targetDelta } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The policy that an approval puts in force; undefined where it does not count. It counts only for exactly the proposed bytes,
 * by somebody else than who proposed them, before they expire, for a policy this build can run, and where the record holds
 * nothing against it (`refused`).
 */
export function approvedPolicyOf(
  program: ProgramBook,
  approved: EventPayloads['ChangeApproved'],
  refused?: string,
): ApprovedPolicy | undefined {
  const { proposalId } = approved;
  const proposal = program.proposals[proposalId];
  if (proposal === undefined) return undefined;
  const approval = approvalOf(
    { ...proposal, proposalId, kind: 'policy', scope: program.book },
    approved,
    refused,
  );
  if (typeof approval === 'string' || policyContentOf(proposal.content) === undefined) return undefined;
  return { ...approval, content: proposal.content };
}

/** The approved policy as the fact that puts it in force; instruments and contract terms stay those of the book. */
export function policySetEvent(program: ProgramBook, at: string): DomainEvent | undefined {
  const { approved, policy: inForce } = program;
  const content = approved === null ? undefined : policyContentOf(approved.content);
  if (approved === null || content === undefined || inForce === null) return undefined;
  const { policy, targetDelta } = content;
  const { proposalId, contentHash, proposedBy, approvedBy } = approved;
  const hedgeInstruments = inForce.hedgeInstruments;
  return {
    type: 'PolicySet',
    payload: {
      book: program.book,
      at,
      policy: canonicalJson(policy),
      policyHash: contentHashOf(canonicalJson({ policy, targetDelta, hedgeInstruments })),
      targetDelta,
      hedgeInstruments,
      specifications: Object.values(inForce.specifications),
      approval: { proposalId, contentHash, proposedBy, approvedBy },
    },
  };
}
