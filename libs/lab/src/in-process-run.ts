import { createSimulatedVenue, simulatedVenueConfig } from '@evenkeel/adapter-venue-sim';
import type { SimulatedVenue, VenueSettings } from '@evenkeel/adapter-venue-sim';
import { DecisionDigest, sealCommit } from '@evenkeel/contracts';
import {
  MemoryEventLog,
  causeOfCommit,
  instantIdOf,
  partitionOfBook,
  venueReportIdOf,
} from '@evenkeel/eventing';
import {
  PriceJournal,
  VIRTUAL_CLOCK,
  bootedBook,
  hears,
  nextInstant,
  originOf,
  sealBoot,
} from '@evenkeel/engine';
import type { Cause, Producer, Seal, StoredCommit } from '@evenkeel/eventing';
import type { BookUnderManagement, BootedBook, WakeRequest } from '@evenkeel/engine';
import { createOrderCore } from '@evenkeel/execution';
import type { ExecutionState, VenueEffect } from '@evenkeel/execution';
import { NOTHING, reportSubject } from '@evenkeel/facts';
import type { CommitDraft, Core, MarketInstant } from '@evenkeel/facts';
import { createProgramCore } from '@evenkeel/hedging';
import { parseContract } from '@evenkeel/instruments';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { formatInstant, required, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Tape } from '@evenkeel/market';
import { kernelHash } from '@evenkeel/pricing';
import { createRiskCore } from '@evenkeel/risk';
import { ingestedSource, interestIn, recordedSource } from './market-source';
import type { MarketSource, RecordedMarket } from './market-source';
import { CoreRunner } from './core-runner';

export interface LabRunOptions {
  /** A tape, whose prices go through price-ingest, or the instants that were once published. */
  readonly tape: Tape | RecordedMarket;
  readonly books: readonly (BookUnderManagement | BootedBook)[];
  readonly venue?: VenueSettings;
  /**
   * `chained` (default) seals every commit as the services do; `light` leaves bytes and hashes empty, which changes no
   * decision and is a good deal quicker.
   */
  readonly journal?: 'chained' | 'light';
  /** Policies that take over during the run, in order of time; each from the first instant at or after its time. */
  readonly changes?: readonly PolicyChange[];
  /** Called now and then with the share of the tape that is done. */
  readonly onProgress?: (fraction: number, eventTime: string) => void;
}

/** What a person says at an event time: a policy (`policyDraft`), or a fact of governance. */
export interface PolicyChange {
  readonly at: Instant;
  readonly draft: CommitDraft;
}

export interface LabRun {
  readonly journal: MemoryEventLog;
  readonly decisionDigest: string;
  readonly instants: number;
  readonly venue: SimulatedVenue;
}

interface Partition {
  readonly partition: string;
  readonly books: ReadonlySet<string>;
  readonly runners: readonly CoreRunner<unknown, never>[];
  readonly execution: CoreRunner<ExecutionState, VenueEffect>;
}

const PRODUCER: Producer = { service: 'lab', version: '0.1.0', gitSha: 'unknown', kernelHash };
const PROGRESS_EVERY = 256;
/** Event time after the tape's end in which orders on their way may still settle. */
const WAKES_AFTER_END_MAX = 10_000;

/** The production cores in one process on a virtual clock. Same inputs, same decision digest as the services. */
export function runInProcess(options: LabRunOptions): LabRun {
  return new InProcessRun(options).run();
}

class InProcessRun {
  private readonly log = new MemoryEventLog('EK_JOURNAL_lab');
  private readonly venue: SimulatedVenue;
  private readonly market: MarketSource;
  private readonly prices: PriceJournal;
  private readonly seal: Seal;
  private readonly partitions: readonly Partition[];
  private readonly byPartition: ReadonlyMap<string, Partition>;
  private delivered = 0;
  private changed = 0;
  private now: Instant;
  private number = 0;

  constructor(private readonly options: LabRunOptions) {
    const { tape, books } = options;
    this.now = tape.from;
    this.seal = options.journal === 'light' ? sealLightly : sealCommit;
    this.prices = new PriceJournal('1', PRODUCER, this.seal);
    const boot = books.map((book) => bootedBook(book, formatInstant(tape.from)));
    this.market = 'recorded' in tape ? recordedSource(tape) : ingestedSource(tape, interestIn(boot));
    this.venue = createSimulatedVenue(
      simulatedVenueConfig(
        boot.flatMap(({ drafts }) => specificationsIn(drafts)),
        options.venue,
      ),
    );
    this.partitions = this.createPartitions(boot.map(({ book }) => book));
    this.byPartition = new Map(this.partitions.map((partition) => [partition.partition, partition]));
    for (const { drafts } of boot) this.boot(drafts);
  }

  run(): LabRun {
    let next = this.market.next();
    for (;;) {
      const step = nextInstant(
        this.number === 0 ? undefined : this.now,
        next.done === true ? undefined : next.value.at,
        this.wakes(),
      );
      if (
        step === undefined ||
        (step.kind === 'wake' && next.done === true && this.number > this.market.length + WAKES_AFTER_END_MAX)
      )
        break;
      this.number += 1;
      this.now = step.at;
      if (step.kind === 'wake') this.takeInstant(wakeInstant(this.number, step.at, step.services));
      else if (next.done !== true) {
        const { instant, facts } = next.value.take(this.number);
        for (const [index, fact] of facts.entries()) {
          const { commit, expectedLastSeq } = this.prices.seal(fact, index, instant);
          this.prices.appended(commit, this.log.appendNow(commit, expectedLastSeq).seq);
        }
        this.takeInstant(instant);
        next = this.market.next();
      }
      if (this.number % PROGRESS_EVERY === 0) this.reportProgress();
    }
    return {
      journal: this.log,
      decisionDigest: digestOf(this.log.all),
      instants: this.number,
      venue: this.venue,
    };
  }

  private takeInstant(instant: MarketInstant): void {
    this.changePolicies();
    this.venue.onMarks(instant);
    const cause = causeOfInstant(instant);
    for (const partition of this.partitions) {
      for (const runner of partition.runners) if (runner.context === 'risk') runner.take(cause);
      partition.execution.take(cause);
    }
    this.deliver();
    if (instant.wakes.includes('execution')) this.collectOne(instant.eventTime);
    this.deliver();
  }

  private changePolicies(): void {
    const { changes = [] } = this.options;
    for (; this.changed < changes.length; this.changed += 1) {
      const { at, draft } = required(changes[this.changed], 'a change below the length');
      if (at > this.now) return;
      const partition = this.byPartition.get(partitionOfBook(draft.book));
      const runner = partition?.runners.find(({ context }) => context === draft.aggregate.context);
      const cause = uuidV5(`policy-change/${draft.book}/${draft.eventTime}`);
      required(runner, `the hedge programs of ${draft.book}`).append(draft, originOf('operator', cause));
    }
  }

  /** One report per wake-up, so that its consequences are settled before the next is heard. */
  private collectOne(at: string): void {
    const [due] = this.venue.collect(this.now);
    if (due === undefined) return;
    const partition = required(
      this.byPartition.get(partitionOfBook(due.book)),
      `the partition of ${due.book}`,
    );
    partition.execution.take({
      input: { kind: 'venue', id: due.id, at, report: due.report },
      causation: { stream: 'venue', seq: 0n, commitId: venueReportIdOf(due.id) },
      correlationId: reportSubject(due.report),
      traceparent: '',
    });
    this.venue.settled(due.id);
  }

  /** Hands every new commit, in journal order, to the cores of its partition that react to its context. */
  private deliver(): void {
    for (; this.delivered < this.log.all.length; this.delivered += 1) {
      const stored = required(this.log.all[this.delivered], 'a commit below the length');
      const partition = this.byPartition.get(stored.commit.partition);
      if (partition === undefined || stored.commit.causation.stream === 'boot') continue;
      const cause = causeOfCommit(this.log.name, stored);
      for (const runner of [...partition.runners, partition.execution])
        if (hears(runner.context, stored.commit)) runner.take(cause);
    }
  }

  private wakes(): WakeRequest[] {
    const wakes: WakeRequest[] = [];
    const want = (at: Instant | undefined): void =>
      void (at === undefined ? undefined : wakes.push({ service: 'execution', at }));
    want(this.venue.due());
    for (const partition of this.partitions) want(partition.execution.reactor.nextWake());
    return wakes;
  }

  private createPartitions(books: readonly string[]): Partition[] {
    const grouped = new Map<string, Set<string>>();
    for (const book of books) {
      const partition = partitionOfBook(book);
      grouped.set(partition, (grouped.get(partition) ?? new Set()).add(book));
    }
    const reactorOptions = {
      epoch: '1',
      producer: PRODUCER,
      seal: this.seal,
      hostClock: () => VIRTUAL_CLOCK,
    };
    return [...grouped].map(([partition, books]) => ({
      partition,
      books,
      runners: [
        new CoreRunner<unknown, never>(
          'risk',
          createRiskCore() as never,
          reactorOptions,
          this.log,
          () => undefined,
        ),
        new CoreRunner<unknown, never>(
          'governance',
          DESK_OF_GOVERNANCE,
          reactorOptions,
          this.log,
          () => undefined,
        ),
        new CoreRunner<unknown, never>(
          'strategy',
          createProgramCore() as never,
          reactorOptions,
          this.log,
          () => undefined,
        ),
      ],
      execution: new CoreRunner('execution', createOrderCore(), reactorOptions, this.log, (effect) =>
        this.perform(effect),
      ),
    }));
  }

  private perform(effect: VenueEffect): void {
    this.venue.perform(effect, this.now);
  }

  private boot(drafts: readonly CommitDraft[]): void {
    for (const sealed of sealBoot(drafts, '1', PRODUCER, this.seal, 0n)) {
      const { seq } = this.log.appendNow(sealed, 0);
      const stored: StoredCommit = { ...sealed, seq, subject: '' };
      const partition = required(
        this.byPartition.get(sealed.commit.partition),
        'the partition of a booted book',
      );
      const { context } = sealed.commit.aggregate;
      if (context === 'execution') partition.execution.adopt(stored);
      else for (const runner of partition.runners) if (runner.context === context) runner.adopt(stored);
    }
  }

  private reportProgress(): void {
    const { from, to } = this.options.tape;
    this.options.onProgress?.(Number(this.now - from) / Number(to - from), formatInstant(this.now));
  }
}

/** People decide in governance; nobody there reacts. */
const DESK_OF_GOVERNANCE: Core<unknown, never> = {
  context: 'governance',
  initial: () => undefined,
  observe: (state) => state,
  decide: () => NOTHING,
  evolve: (state) => state,
  nextWake: () => undefined,
};

const NO_BYTES = new Uint8Array(0);

const sealLightly: Seal = (commit) => ({ commit, bytes: NO_BYTES, hash: NO_BYTES });

function causeOfInstant(instant: MarketInstant): Cause {
  const commitId = instantIdOf('market', instant.number);
  return {
    input: { kind: 'instant', instant },
    causation: { stream: 'EK_MARKET', seq: 0n, commitId },
    correlationId: commitId,
    traceparent: '',
  };
}

function wakeInstant(number: number, at: Instant, services: readonly string[]): MarketInstant {
  return { number, eventTime: formatInstant(at), marks: [], fundings: [], deliveries: [], wakes: services };
}

function specificationsIn(drafts: readonly CommitDraft[]): InstrumentSpec[] {
  return drafts.flatMap(({ events }) =>
    events.flatMap((event) =>
      event.type === 'VenueAccountOpened'
        ? event.payload.specifications.map((text) => parseContract(text).spec)
        : [],
    ),
  );
}

/** SHA-256 over the decisions of a journal. */
export function digestOf(commits: Iterable<StoredCommit>): string {
  const digest = new DecisionDigest();
  for (const { commit } of commits) for (const { event } of commit.events) digest.add(commit.book, event);
  return digest.finish();
}
