import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { readToEnd, storedOf } from '@evenkeel/adapter-nats';
import type { Approval, DomainEvent, EventOf } from '@evenkeel/facts';
import { canonicalJson, sha256, toHex, tryParseInstant, utf8 } from '@evenkeel/kernel';

const GOVERNANCE_FACTS = 'ek.evt.v1.*.governance.>';

/**
 * The two people behind the release of a latch, as the journal has them: exactly this release was proposed, and agreed to
 * by somebody else before it expired. `undefined` when the journal holds no such approval.
 */
export function approvedRelease(
  facts: Iterable<DomainEvent>,
  scope: string,
  proposalId: string,
): Approval | undefined {
  const contentHash = toHex(sha256(utf8(canonicalJson({ release: scope }))));
  let proposed: EventOf<'ChangeProposed'>['payload'] | undefined;
  for (const event of facts) {
    if (event.type === 'ChangeProposed' && event.payload.proposalId === proposalId) proposed = event.payload;
    if (event.type !== 'ChangeApproved' || event.payload.proposalId !== proposalId) continue;
    const { approvedBy, at, kind } = event.payload;
    const expires = tryParseInstant(proposed?.expiresAt ?? '');
    const approvedAt = tryParseInstant(at);
    const sound =
      kind === 'kill-release' &&
      proposed?.kind === 'kill-release' &&
      proposed.scope === scope &&
      proposed.contentHash === contentHash &&
      event.payload.contentHash === contentHash &&
      proposed.proposedBy !== approvedBy &&
      approvedAt !== undefined &&
      expires !== undefined &&
      approvedAt < expires;
    if (sound) return { proposalId, contentHash, proposedBy: proposed?.proposedBy ?? '', approvedBy };
  }
  return undefined;
}

/** Looks approvals of releases up on the journal, each once. */
export class GovernedReleases {
  private readonly known = new Map<string, Approval>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly journalStream: string,
    /** True where a release counts only with an approval (`EK_GOVERNANCE=required`). */
    readonly required: boolean,
  ) {}

  /** Throws when the journal cannot be read: the caller fails closed. */
  async approvalOf(scope: string, proposalId: string | undefined): Promise<Approval | undefined> {
    if (proposalId === undefined) return undefined;
    const key = `${scope} ${proposalId}`;
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
    const approval = approvedRelease(facts, scope, proposalId);
    if (approval !== undefined) this.known.set(key, approval);
    return approval;
  }
}
