import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Authors, Quarantine } from '@evenkeel/engine';
import type { Epoch } from './epochs';
import type { GovernanceReader } from './governance-reader';
import { KEYS_SUBJECT } from './keys-subject';
import { believed } from './journal';
import type { UnreadableCommit } from './journal';
import { readToEnd } from './stream-reading';

export interface JournalQuarantineOptions {
  readonly connection: NatsConnection;
  readonly epoch: Epoch;
  /** Takes in what is said of quarantines. */
  readonly authors: Authors;
  /** What the record holds against a quarantine that two people should stand behind. */
  readonly governance: Pick<GovernanceReader, 'current'>;
  /** A quarantine that does not count, and why. */
  readonly onRefused: (quarantine: Quarantine, problems: readonly string[]) => void;
}

/**
 * What readers of one process pass over. Only a reader that is stopped asks, and then reads ahead, the commits about keys and
 * quarantines alone: the fact lies behind the message that it is about.
 */
export class JournalQuarantine {
  private nextSeq = 1;
  private readonly counted = new Set<Quarantine>();
  private readonly refused = new Set<Quarantine>();
  private reading: Promise<void> | undefined;

  constructor(private readonly options: JournalQuarantineOptions) {}

  /** Whether people have agreed that this message counts for nothing, by the journal as it is now. */
  async covers(message: Pick<UnreadableCommit, 'seq' | 'hash'>): Promise<boolean> {
    if (!this.options.authors.signed) return false;
    if (!this.has(message.seq, message.hash)) await this.refresh();
    return this.has(message.seq, message.hash);
  }

  /** As far as was read. */
  has(seq: number, hash: Uint8Array): boolean {
    return this.of(seq, hash) !== undefined;
  }

  of(seq: number, hash: Uint8Array): Quarantine | undefined {
    const found = this.options.authors.quarantines.of(seq, hash);
    return found !== undefined && this.counted.has(found) ? found : undefined;
  }

  /** Reads what the journal has got since. */
  refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<void> {
    const { connection, epoch, authors, governance, onRefused } = this.options;
    if (!authors.signed) return;
    const facts = readToEnd(jetstream(connection), epoch.journalStream, this.nextSeq, KEYS_SUBJECT);
    for await (const message of facts) {
      believed(message, authors);
      this.nextSeq = message.seq + 1;
    }
    const fresh = authors.quarantines.all.filter((one) => !this.counted.has(one) && !this.refused.has(one));
    if (fresh.length === 0) return;
    const record = await governance.current();
    for (const quarantine of fresh) {
      const problems = record.refusalsOf(quarantine.commitId);
      if (problems === undefined) this.counted.add(quarantine);
      else {
        this.refused.add(quarantine);
        onRefused(quarantine, Object.values(problems));
      }
    }
  }
}
