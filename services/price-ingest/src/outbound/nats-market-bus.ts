import {
  JetStreamEventLog,
  MarketPublisher,
  OwnedReports,
  PROGRESS_SUBJECT,
  UnreadableMessage,
  followProgress,
  leaseTokens,
  publishProgress,
  readMarket,
} from '@evenkeel/adapter-nats';
import type { Progress } from '@evenkeel/adapter-nats';
import type { PartitionStep } from '@evenkeel/contracts';
import { sealWith } from '@evenkeel/contracts';
import { CORES, PriceJournal, isBoot } from '@evenkeel/engine';
import type { MarketEntry, SettlementReport } from '@evenkeel/engine';
import { ConflictError, instantIdOf } from '@evenkeel/eventing';
import type { Commit, EventLog } from '@evenkeel/eventing';
import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import { wallNanoseconds } from '@evenkeel/host';
import type { ProcessShell } from '@evenkeel/host';
import { OperationalError } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { MarketBus } from './market-bus';
import { MarketFigures } from './market-figures';

/** Until then nothing is published, which may take minutes in a long epoch. */
const READING = 'reading what earlier lives have published';

/** Instants and steps on the market stream, the price context's facts on the journal, each once in every life of the process. */
export class NatsMarketBus implements MarketBus {
  private readonly publisher: MarketPublisher;
  private readonly journal: EventLog;
  private readonly prices: PriceJournal;
  journalTime: { readonly from: Instant; readonly upTo: Instant } | undefined;
  private journalFrom: Instant | undefined;
  private readonly known = new Set<string>();
  private readonly causes = new Set<string>();

  private readonly figures: MarketFigures;

  constructor(private readonly shell: ProcessShell) {
    this.figures = new MarketFigures(shell.metrics.registry);
    shell.health.wait(READING);
    const { waits } = shell;
    this.publisher = new MarketPublisher(shell.connection, shell.epoch, { waits });
    const { authors, signer } = shell.trust;
    this.journal = new JetStreamEventLog(shell.connection, shell.epoch.journalStream, {
      authors,
      waits,
      // Prices are nobody's partition: one that somebody spoils stops by itself.
      passesOver: (found) => !found.isOfNewerBuild,
    });
    this.prices = new PriceJournal(shell.epoch.epoch, shell.producer, sealWith({ signer }));
  }

  async *history(): AsyncIterable<MarketEntry> {
    await this.readOwnFacts();
    const { connection, epoch, unreadable } = this.shell;
    for await (const { entry } of readMarket(connection, epoch, undefined, unreadable)) yield entry;
    this.shell.health.done(READING);
  }

  hasFactsOf(number: number): boolean {
    return this.causes.has(instantIdOf('market', number));
  }

  async publish(
    facts: readonly CommitDraft[],
    instant: MarketInstant,
    granted: readonly string[],
    begins = false,
  ): Promise<void> {
    const span = this.shell.tracing.start('publish market.instant', '', {
      'evenkeel.event_time': instant.eventTime,
    });
    await this.alone(async () => {
      await this.record(facts, instant);
      await this.publisher.publish(instant, granted, span.traceparent, begins);
    });
    span.end();
    this.figures.note(instant);
  }

  give(steps: readonly PartitionStep[]): Promise<void> {
    return this.alone(() => this.publisher.give(steps));
  }

  follow(onReport: (report: SettlementReport) => void): () => void {
    const { connection, logger, unreadable } = this.shell;
    const owned = new OwnedReports({
      tokenOf: leaseTokens(connection),
      onReport,
      onStranger: (service, partition, token) => {
        const problem = `it speaks for partition ${partition} under token ${token}, which no lease has`;
        unreadable(new UnreadableMessage('progress', `${PROGRESS_SUBJECT}.${service}`, problem));
      },
      onTrouble: (error) => {
        if (error instanceof UnreadableMessage) unreadable(error);
        else logger.warn({ err: error }, 'whose a partition is cannot be read; asked again');
      },
    });
    return followProgress(connection, CORES, (report) => owned.take(report), unreadable);
  }

  announce(progress: Omit<Progress, 'service' | 'partitions'>): void {
    this.figures.noteHalted(Object.keys(progress.halted ?? {}).length);
    publishProgress(this.shell.connection, { service: 'price-ingest', partitions: {}, ...progress });
  }

  private async readOwnFacts(): Promise<void> {
    for await (const stored of this.journal.read({})) {
      this.noteTime(stored.commit);
      if (stored.commit.aggregate.context !== 'price') continue;
      this.known.add(stored.commit.commitId);
      this.causes.add(stored.commit.causation.commitId);
      this.prices.appended(stored, stored.seq);
    }
  }

  /** Cores speak at times that the market has come to; first facts and people speak when they like. */
  private noteTime(commit: Commit): void {
    const { eventTime } = commit.clock;
    this.journalFrom ??= eventTime;
    const { upTo = eventTime } = this.journalTime ?? {};
    const isOfCore = CORES.some((context) => context === commit.aggregate.context) && !isBoot(commit);
    if (isOfCore) this.journalTime = { from: this.journalFrom, upTo: eventTime > upTo ? eventTime : upTo };
  }

  private async record(facts: readonly CommitDraft[], instant: MarketInstant): Promise<void> {
    const now = wallNanoseconds();
    const clock = { receivedTime: now, decidedTime: now, source: 'system', maxErrorNs: 0n };
    for (const [index, fact] of facts.entries()) {
      if (this.known.has(this.prices.idOf(fact, index, instant))) continue;
      const { commit, expectedLastSeq } = this.prices.seal(fact, index, instant, clock);
      const { seq } = await this.journal.append(commit, expectedLastSeq);
      this.prices.appended(commit, seq);
      this.shell.floor.keeper?.note(seq, commit.hash);
    }
  }

  private async alone(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      if (!(cause instanceof ConflictError)) throw cause;
      throw new OperationalError({
        code: 'PRICE.NOT_ALONE',
        message: 'another price-ingest is writing the same prices: stop one of them',
        cause,
      });
    }
  }
}
