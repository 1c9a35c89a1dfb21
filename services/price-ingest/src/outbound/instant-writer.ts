import { JetStreamEventLog, MarketPublisher } from '@evenkeel/adapter-nats';
import { sealCommit } from '@evenkeel/contracts';
import { ConflictError, instantIdOf } from '@evenkeel/eventing';
import type { EventLog } from '@evenkeel/eventing';
import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import { hostNanoseconds } from '@evenkeel/host';
import type { ProcessShell } from '@evenkeel/host';
import { OperationalError } from '@evenkeel/kernel';
import { PriceJournal } from '@evenkeel/engine';

/** Puts instants on the market stream and the price context's facts on the journal, each once in every life of the process. */
export class InstantWriter {
  private readonly publisher: MarketPublisher;
  private readonly journal: EventLog;
  private readonly prices: PriceJournal;
  private readonly known = new Set<string>();
  private readonly causes = new Set<string>();

  constructor(private readonly shell: ProcessShell) {
    this.publisher = new MarketPublisher(shell.connection, shell.epoch);
    this.journal = new JetStreamEventLog(shell.connection, shell.epoch.journalStream);
    this.prices = new PriceJournal(shell.epoch.epoch, shell.producer, sealCommit);
  }

  /** What an earlier life of this process put on record. */
  async readOwnFacts(): Promise<void> {
    for await (const stored of this.journal.read({})) {
      if (stored.commit.aggregate.context !== 'price') continue;
      this.known.add(stored.commit.commitId);
      this.causes.add(stored.commit.causation.commitId);
      this.prices.appended(stored, stored.seq);
    }
  }

  /** An earlier life recorded facts of this instant. */
  hasFactsOf(number: number): boolean {
    return this.causes.has(instantIdOf('market', number));
  }

  async publish(instant: MarketInstant): Promise<void> {
    const span = this.shell.tracing.start('publish market.instant', '', {
      'evenkeel.event_time': instant.eventTime,
    });
    await this.publisher.publish(instant, span.traceparent).catch(notAlone);
    span.end();
    this.shell.metrics.lastInstant.set(instant.number);
  }

  async record(facts: readonly CommitDraft[], instant: MarketInstant): Promise<void> {
    const now = hostNanoseconds();
    const clock = { receivedTime: now, decidedTime: now, source: 'system', maxErrorNs: 0n };
    for (const [index, fact] of facts.entries()) {
      if (this.known.has(this.prices.idOf(fact, index, instant))) continue;
      const { commit, expectedLastSeq } = this.prices.seal(fact, index, instant, clock);
      const { seq } = await this.journal.append(commit, expectedLastSeq).catch(notAlone);
      this.prices.appended(commit, seq);
    }
  }
}

function notAlone(error: unknown): never {
  if (!(error instanceof ConflictError)) throw error;
  throw new OperationalError({
    code: 'PRICE.NOT_ALONE',
    message: 'another price-ingest is writing the same prices: stop one of them',
    cause: error,
  });
}
