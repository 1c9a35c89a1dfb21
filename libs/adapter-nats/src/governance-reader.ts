import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Authors } from '@evenkeel/engine';
import type { StoredCommit } from '@evenkeel/eventing';
import { governanceRecord } from '@evenkeel/engine';
import type {
  ApprovalProblem,
  Enrolment,
  FoundApproval,
  GovernanceRecord,
  GovernedChange,
} from '@evenkeel/governance';
import { OperationalError } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { believed } from './journal';
import { readToEnd } from './stream-reading';

const GOVERNANCE_FACTS = 'ek.evt.v1.*.governance.>';

export interface GovernanceReaderOptions {
  readonly connection: NatsConnection;
  readonly journalStream: string;
  /** Judge who wrote what; absent in tests of the stream alone. */
  readonly authors?: Authors | undefined;
  /** The hash that the roster must descend from, as it is pinned now; `undefined` where none is. */
  readonly rosterHash: () => string | undefined;
}

/** The governance of the running epoch as a service knows it: every fact of people, of all partitions, read once. */
export class GovernanceReader {
  private record = governanceRecord();
  private pinned: string | undefined;
  private nextSeq = 1;
  private reading: Promise<void> | undefined;

  constructor(private readonly options: GovernanceReaderOptions) {}

  /** Whether two people stand behind exactly this, now. Throws when the journal cannot be read: the caller fails closed. */
  async approvalOf(
    change: GovernedChange,
    proposalId: string | undefined,
    now: Instant,
  ): Promise<FoundApproval | ApprovalProblem> {
    if (proposalId === undefined) return 'NOT_APPROVED';
    const known = this.record.approvalFor(change, proposalId, now);
    // What was used stays so; an agreement may have been used or withdrawn since.
    if (typeof known !== 'string' && known.usedUp) return known;
    await this.refresh();
    return this.record.approvalFor(change, proposalId, now);
  }

  /** All there is by now. */
  async current(): Promise<GovernanceRecord> {
    await this.refresh();
    return this.record;
  }

  /** A commit of people as a core is to take it: with what the record before it has against it. */
  async judged(stored: StoredCommit): Promise<StoredCommit> {
    // A reading that is under way may have begun before this commit was there.
    for (let tries = 0; tries < 2 && stored.seq >= this.nextSeq; tries += 1) await this.refresh();
    if (stored.seq >= this.nextSeq)
      throw new OperationalError({
        code: 'NATS.GOVERNANCE_BEHIND',
        message: `${this.options.journalStream} does not give its facts of governance up to ${stored.seq}`,
      });
    const refusals = this.record.refusalsOf(stored.commit.commitId);
    return refusals === undefined ? stored : { ...stored, refusals };
  }

  /** Who goes by a name, as far as the journal was read: it may be out of reach, and stopping must not wait for it. */
  enrolmentOf(identity: string): Enrolment | undefined {
    return this.record.state.identities.get(identity);
  }

  /** Reads what the journal has got since. */
  refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<void> {
    const { connection, journalStream, authors } = this.options;
    const pin = this.options.rosterHash();
    if (this.nextSeq === 1 || pin !== this.pinned) {
      this.pinned = pin;
      this.nextSeq = 1;
      this.record = governanceRecord(pin);
    }
    const facts = readToEnd(jetstream(connection), journalStream, this.nextSeq, GOVERNANCE_FACTS);
    for await (const message of facts) {
      const stored = believed(message, authors);
      if (stored !== undefined) this.record.take(stored.commit);
      this.nextSeq = message.seq + 1;
    }
  }
}
