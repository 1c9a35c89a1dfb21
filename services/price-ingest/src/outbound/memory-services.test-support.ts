import { PartitionHost } from '@evenkeel/adapter-nats';
import { createSimulatedVenue, simulatedVenueConfig } from '@evenkeel/adapter-venue-sim';
import type { SimulatedVenue } from '@evenkeel/adapter-venue-sim';
import { sealCommit } from '@evenkeel/contracts';
import type { PartitionStep } from '@evenkeel/contracts';
import { CORES, PartitionGate, TOPOLOGY, bootDrafts, hears, sealBoot } from '@evenkeel/engine';
import type {
  BookUnderManagement,
  CoreContext,
  GivenInstant,
  MarketEntry,
  SettlementReport,
} from '@evenkeel/engine';
import { MemoryEventLog, partitionOfBook } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import type { VenueEffect } from '@evenkeel/execution';
import type { CommitDraft, Core, MarketInstant } from '@evenkeel/facts';
import { createProgramCore } from '@evenkeel/hedging';
import { parseContract } from '@evenkeel/instruments';
import { formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { createRiskCore } from '@evenkeel/risk';
import { TEST_PRODUCER } from '@evenkeel/testkit';
import type { MarketBus } from './market-bus';

type AnyHost = PartitionHost<unknown, never>;

interface Hosted {
  readonly context: CoreContext;
  readonly partition: string;
  readonly host: AnyHost;
  readonly gate: PartitionGate;
  taking: boolean;
  hearing: boolean;
  heard: number;
  fault: string | undefined;
}

/** Befalls a core before it takes an instant: may take its time, never come back, or throw. */
export type Accident = (context: CoreContext, partition: string, instant: MarketInstant) => Promise<void>;

/** The services of a run in one process: their real hosts over a journal in memory, and the exchange of tapes. */
export class MemoryServices implements MarketBus {
  readonly journalTime = undefined;
  readonly log = new MemoryEventLog('EK_JOURNAL_memory');
  readonly entries: MarketEntry[] = [];
  readonly said: Parameters<MarketBus['announce']>[0][] = [];
  private readonly hosted: Hosted[] = [];
  private readonly venues = new Map<string, { readonly venue: SimulatedVenue; now: Instant }>();
  private readonly muted = new Set<CoreContext>();
  private readonly followers = new Set<(report: SettlementReport) => void>();

  private constructor(private readonly accident: Accident) {}

  static async open(
    books: readonly BookUnderManagement[],
    from: Instant,
    accident: Accident = () => Promise.resolve(),
  ): Promise<MemoryServices> {
    const services = new MemoryServices(accident);
    const drafts = books.flatMap((book) => bootDrafts(book, formatInstant(from)));
    for (const sealed of sealBoot(drafts, '1', TEST_PRODUCER, sealCommit, 0n))
      services.log.appendNow(sealed, 0);
    for (const partition of new Set(books.map(({ file }) => partitionOfBook(file.book))))
      await services.openPartition(
        partition,
        drafts.filter(({ book }) => partitionOfBook(book) === partition),
      );
    return services;
  }

  get partitions(): readonly string[] {
    return [...this.venues.keys()].sort();
  }

  get newest(): Parameters<MarketBus['announce']>[0] {
    return this.said[this.said.length - 1] ?? {};
  }

  async *history(): AsyncIterable<MarketEntry> {
    yield* [...this.entries];
  }

  hasFactsOf(): boolean {
    return false;
  }

  publish(_facts: readonly CommitDraft[], instant: MarketInstant, granted: readonly string[]): Promise<void> {
    const seq = this.entries.length + 1;
    return this.put({ kind: 'instant', given: { instant, seq, traceparent: '' }, granted });
  }

  async give(steps: readonly PartitionStep[]): Promise<void> {
    const seq = this.entries.length + 1;
    for (const step of steps) await this.put({ kind: 'step', step, seq, traceparent: '' });
  }

  follow(onReport: (report: SettlementReport) => void): () => void {
    this.followers.add(onReport);
    for (const hosted of this.hosted) if (!this.muted.has(hosted.context)) onReport(this.reportOf(hosted));
    return () => this.followers.delete(onReport);
  }

  /** A service says nothing any more. */
  mute(context: CoreContext): void {
    this.muted.add(context);
  }

  announce(progress: Parameters<MarketBus['announce']>[0]): void {
    this.said.push(progress);
  }

  private async openPartition(partition: string, drafts: readonly CommitDraft[]): Promise<void> {
    const specifications = drafts.flatMap(({ events }) =>
      events.flatMap((event) =>
        event.type === 'VenueAccountOpened'
          ? event.payload.specifications.map((text) => parseContract(text).spec)
          : [],
      ),
    );
    const exchange = { venue: createSimulatedVenue(simulatedVenueConfig(specifications)), now: 0n };
    this.venues.set(partition, exchange);
    const cores: Readonly<Record<CoreContext, Core<never, never>>> = {
      risk: createRiskCore() as never,
      strategy: createProgramCore() as never,
      execution: createOrderCore() as never,
    }; // each state stays inside its own host
    for (const context of CORES) {
      const host: AnyHost = new PartitionHost<unknown, never>({
        core: cores[context] as Core<unknown, never>,
        partition,
        epoch: '1',
        journal: this.log,
        marketStream: 'EK_MARKET',
        inputs: TOPOLOGY[context].reads,
        followsMarket: TOPOLOGY[context].followsMarket,
        producer: TEST_PRODUCER,
        nowNs: () => 0n,
        perform: (effect: VenueEffect) => Promise.resolve(exchange.venue.perform(effect, exchange.now)),
      });
      await host.beginRecovery();
      await host.finishRecovery();
      const gate = new PartitionGate(partition);
      const heard = this.log.all.length;
      this.hosted.push({
        context,
        partition,
        host,
        gate,
        taking: false,
        hearing: false,
        heard,
        fault: undefined,
      });
    }
  }

  private put(entry: MarketEntry): Promise<void> {
    this.entries.push(entry);
    for (const hosted of this.hosted) {
      if (!TOPOLOGY[hosted.context].followsMarket) continue;
      hosted.gate.offer(entry);
      void this.take(hosted);
    }
    return Promise.resolve();
  }

  private async take(hosted: Hosted): Promise<void> {
    if (hosted.taking || hosted.fault !== undefined) return;
    hosted.taking = true;
    try {
      for (const given of hosted.gate.given()) {
        await this.accident(hosted.context, hosted.partition, given.instant);
        await this.takeOne(hosted, given);
        this.settled(hosted);
      }
    } catch (error) {
      hosted.fault = String(error);
      this.report(hosted);
    } finally {
      hosted.taking = false;
    }
  }

  private async takeOne({ context, partition, host }: Hosted, given: GivenInstant): Promise<void> {
    const exchange = this.venues.get(partition);
    if (context !== 'execution' || exchange === undefined) return host.handleInstant(given);
    const at = given.instant.eventTime;
    exchange.now = parseInstant(at);
    exchange.venue.onMarks(given.instant);
    await host.handleInstant(given);
    const [due] = given.instant.wakes.includes('execution') ? exchange.venue.collect(exchange.now) : [];
    if (due === undefined) return;
    await host.handleVenue({ id: due.id, at, report: due.report });
    exchange.venue.settled(due.id, exchange.now);
  }

  private async hear(hosted: Hosted): Promise<void> {
    if (hosted.hearing || hosted.fault !== undefined) return;
    hosted.hearing = true;
    for (let next = this.log.all[hosted.heard]; next !== undefined; next = this.log.all[hosted.heard]) {
      const { commit } = next;
      if (commit.partition === hosted.partition && hears(hosted.context, commit)) {
        await hosted.host.handleCommit(next);
        this.report(hosted);
      }
      hosted.heard += 1;
    }
    hosted.hearing = false;
  }

  private settled(hosted: Hosted): void {
    this.report(hosted);
    for (const other of this.hosted) if (other.partition === hosted.partition) void this.hear(other);
  }

  private report(hosted: Hosted): void {
    if (!this.muted.has(hosted.context))
      for (const follower of this.followers) follower(this.reportOf(hosted));
    for (const other of this.hosted) if (other.partition === hosted.partition) void this.hear(other);
  }

  private reportOf({ context, partition, host, fault }: Hosted): SettlementReport {
    const own = host.progress;
    const due = context === 'execution' ? this.venues.get(partition)?.venue.due() : undefined;
    const earlier = due !== undefined && (own.nextWake === undefined || due < parseInstant(own.nextWake));
    return {
      service: context,
      partitions: {
        [partition]: {
          ...own,
          ...(earlier ? { nextWake: formatInstant(due) } : {}),
          ...(fault === undefined ? {} : { fault }),
        },
      },
    };
  }
}
