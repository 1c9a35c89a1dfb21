import { approvalOf, contentHashOf } from '@evenkeel/facts';
import type { CommitView, DomainEvent, EventPayloads } from '@evenkeel/facts';
import { canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { parsePolicy } from './policies/registry';
import type { ProgramBook } from './state';

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
 * Folds what governance says about this book's policy. An approval counts only for exactly the proposed bytes, by
 * somebody else than who proposed them, before they expire, and for a policy this build can run.
 */
export function foldGovernance(program: ProgramBook, commit: CommitView, event: DomainEvent): void {
  switch (event.type) {
    case 'ChangeProposed': {
      const { kind, scope, proposalId, content, contentHash, proposedBy, expiresAt } = event.payload;
      if (kind === 'policy' && scope === commit.book)
        program.proposals[proposalId] = { content, contentHash, proposedBy, expiresAt };
      return undefined;
    }
    case 'ChangeApproved':
      return approve(program, event.payload);
    case 'ChangeRejected':
    case 'ChangeWithdrawn':
    case 'ChangeExpired':
      delete program.proposals[event.payload.proposalId];
      return undefined;
    default:
      return undefined;
  }
}

function approve(program: ProgramBook, approved: EventPayloads['ChangeApproved']): void {
  const { proposalId } = approved;
  const proposal = program.proposals[proposalId];
  if (proposal === undefined) return;
  const approval = approvalOf({ ...proposal, proposalId, kind: 'policy', scope: program.book }, approved);
  if (typeof approval === 'string' || policyContentOf(proposal.content) === undefined) return;
  delete program.proposals[proposalId];
  program.approved = { ...approval, content: proposal.content };
}

/** The approved policy as the fact that puts it in force; instruments and contract terms stay those of the book. */
export function policyWords(program: ProgramBook, at: string): DomainEvent | undefined {
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
