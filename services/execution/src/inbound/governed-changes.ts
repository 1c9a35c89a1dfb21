import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { readToEnd, storedOf } from '@evenkeel/adapter-nats';
import { approvalOf } from '@evenkeel/facts';
import type { Approval, DomainEvent, EventOf, GovernedKind } from '@evenkeel/facts';
import { canonicalJson } from '@evenkeel/kernel';

const GOVERNANCE_FACTS = 'ek.evt.v1.*.governance.>';

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
  return { kind: 'kill-release', scope, content: canonicalJson({ release: scope }) };
}

/**
 * The two people behind a change, as the journal has them: exactly this was proposed, and agreed to by somebody else
 * before it expired. `undefined` when the journal holds no such approval.
 */
export function approvedChange(
  facts: Iterable<DomainEvent>,
  { kind, scope, content }: GovernedChange,
  proposalId: string,
): FoundApproval | undefined {
  let proposed: EventOf<'ChangeProposed'>['payload'] | undefined;
  for (const event of facts) {
    if (event.type === 'ChangeProposed' && event.payload.proposalId === proposalId) proposed = event.payload;
    if (event.type !== 'ChangeApproved' || event.payload.proposalId !== proposalId) continue;
    if (proposed === undefined || proposed.kind !== kind || proposed.scope !== scope) continue;
    const approval = approvalOf({ ...proposed, content }, event.payload);
    if (typeof approval !== 'string') return { approval, expiresAt: proposed.expiresAt };
  }
  return undefined;
}

/** Looks approvals up on the journal, each once. */
export class GovernedChanges {
  private readonly known = new Map<string, FoundApproval>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly journalStream: string,
    /** True where what loosens counts only with an approval (`EK_GOVERNANCE=required`). */
    readonly required: boolean,
  ) {}

  /** Throws when the journal cannot be read: the caller fails closed. */
  async approvalOf(
    change: GovernedChange,
    proposalId: string | undefined,
  ): Promise<FoundApproval | undefined> {
    if (proposalId === undefined) return undefined;
    const key = `${proposalId} ${change.kind} ${change.scope} ${change.content}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const facts: DomainEvent[] = [];
    for await (const message of readToEnd(
      jetstream(this.connection),
      this.journalStream,
      1,
      GOVERNANCE_FACTS,
    ))
      facts.push(...storedOf(message).commit.events.map(({ event }) => event));
    const approval = approvedChange(facts, change, proposalId);
    if (approval !== undefined) this.known.set(key, approval);
    return approval;
  }
}
