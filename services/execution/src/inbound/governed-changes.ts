import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { readToEnd, storedOf } from '@evenkeel/adapter-nats';
import { ApprovedChanges } from '@evenkeel/governance';
import type { FoundApproval, GovernedChange } from '@evenkeel/governance';

const GOVERNANCE_FACTS = 'ek.evt.v1.*.governance.>';

/** Looks approvals up on the journal, of which it reads each fact once. */
export class GovernedChanges {
  private readonly changes = new ApprovedChanges();
  private nextSeq = 1;
  private reading: Promise<void> | undefined;

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
    const known = this.changes.covering(change, proposalId);
    if (known !== undefined) return known;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    await this.reading;
    return this.changes.covering(change, proposalId);
  }

  private async read(): Promise<void> {
    const facts = readToEnd(jetstream(this.connection), this.journalStream, this.nextSeq, GOVERNANCE_FACTS);
    for await (const message of facts) {
      for (const { event } of storedOf(message).commit.events) this.changes.take(event);
      this.nextSeq = message.seq + 1;
    }
  }
}
