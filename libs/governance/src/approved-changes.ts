import type { Approval, ChangeProposed, DomainEvent, GovernedKind } from '@evenkeel/facts';
import { approvalOf } from './approval';
import { releaseContent } from './controls';

/** A change that a command is to be covered by. */
export interface GovernedChange {
  readonly kind: GovernedKind;
  readonly scope: string;
  /** Canonical JSON. */
  readonly content: string;
}

export interface FoundApproval {
  readonly approval: Approval;
  /** Wall clock, ISO 8601: until when the change may be asked for. */
  readonly expiresAt: string;
}

export function releaseOf(scope: string): GovernedChange {
  return { kind: 'kill-release', scope, content: releaseContent(scope) };
}

/** The two people behind every change of a journal, folded from its facts of governance as they come. */
export class ApprovedChanges {
  private readonly proposed = new Map<string, ChangeProposed>();
  private readonly found = new Map<string, FoundApproval>();

  /** The next fact, in the order of the journal. */
  take(event: DomainEvent): void {
    if (event.type === 'ChangeProposed') this.proposed.set(event.payload.proposalId, event.payload);
    if (event.type !== 'ChangeApproved') return;
    const proposed = this.proposed.get(event.payload.proposalId);
    const approval = approvalOf(proposed, event.payload);
    if (proposed === undefined || typeof approval === 'string') return;
    this.found.set(proposed.proposalId, { approval, expiresAt: proposed.expiresAt });
  }

  /** Exactly this was proposed, and agreed to by somebody else before it expired; `undefined` otherwise. */
  covering({ kind, scope, content }: GovernedChange, proposalId: string): FoundApproval | undefined {
    const proposed = this.proposed.get(proposalId);
    const same = proposed?.kind === kind && proposed.scope === scope && proposed.content === content;
    return same ? this.found.get(proposalId) : undefined;
  }
}
