import { createSimulatedVenue, simulatedVenueConfig } from '@evenkeel/adapter-venue-sim';
import type { SimulatedVenue, VenueSettings } from '@evenkeel/adapter-venue-sim';
import { DecisionDigest, decodeCommit, sealCommit } from '@evenkeel/contracts';
import {
  PartitionClock,
  PriceJournal,
  TOPOLOGY,
  VIRTUAL_CLOCK,
  bootedBook,
  causeOfInstant,
  causeOfReport,
  originOf,
  governanceRecord,
  sealBoot,
  wakeInstant,
} from '@evenkeel/engine';
import type { BookUnderManagement, BootedBook, Coming, WakeRequest } from '@evenkeel/engine';
import { MemoryEventLog, causeOfCommit, partitionOfBook } from '@evenkeel/eventing';
import type { Producer, Seal, StoredCommit } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import { NOTHING } from '@evenkeel/facts';
import type { CommitDraft, Context, Core, MarketInstant } from '@evenkeel/facts';
import { createProgramCore } from '@evenkeel/hedging';
import { parseContract } from '@evenkeel/instruments';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { assert, formatInstant, required, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { IngestedInstant, Tape } from '@evenkeel/market';
import { kernelHash } from '@evenkeel/pricing';
import { createRiskCore } from '@evenkeel/risk';
import { ingestedSource, interestIn, recordedSource } from './market-source';
import type { MarketSource, RecordedMarket } from './market-source';
import { CoreRunner } from './core-runner';
import type { Runner } from './core-runner';

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
  /** What people say during the run, in order of time; each from the first instant at or after its time. */
  readonly changes?: readonly PolicyChange[];
  /** Hears every commit in the order of the journal, which then lets it go: a run of any length in the memory of a short one. */
  readonly onCommit?: (stored: StoredCommit) => void;
  /** Called now and then with the share of the tape that is done. */
  readonly onProgress?: (fraction: number, eventTime: string) => void;
}

/** What a person says at an event time: a policy (`policyDraft`), a fact of governance, or one of controls. */
export interface PolicyChange {
  readonly at: Instant;
  readonly draft: CommitDraft;
}

export interface LabRun {
  readonly journal: MemoryEventLog;
  readonly decisionDigest: string;
  /** Instants given, the market's once for each partition, and wake-ups. */
  readonly instants: number;
  /** The exchanges of all partitions together. */
  readonly venue: { readonly orders: number; readonly duplicates: number };
  /** Partitions that asked for wake-ups without end although the market was over. */
  readonly restless: readonly string[];
}

/** One partition: its cores, its exchange, and where it stands in event time. */
interface Partition {
  readonly partition: string;
  readonly runners: readonly Runner[];
  readonly execution: Runner;
  /** Those that take its instants. */
  readonly followers: readonly Runner[];
  /** Those that hear what a context commits. */
  readonly hearers: ReadonlyMap<Context, readonly Runner[]>;
  /** Those that may ask to be woken. */
  readonly sleepers: readonly Runner[];
  readonly venue: SimulatedVenue;
  readonly clock: PartitionClock;
}

const PRODUCER: Producer = { service: 'lab', version: '0.1.0', gitSha: 'unknown', kernelHash };
const PROGRESS_EVERY = 256;
const CONTEXTS = Object.keys(TOPOLOGY) as Context[]; // its keys are the contexts

/** The production cores in one process on a virtual clock. Same inputs, same decision digest as the services. */
export function runInProcess(options: LabRunOptions): LabRun {
  return required(runTogether([options])[0], 'the run that was asked for');
}

/**
 * Runs of one market over one pass: each instant is read, judged and published once for all of them, and nothing else is shared. Their
 * books name the same instruments, so that the market tells each the same.
 */
export function runTogether(all: readonly LabRunOptions[]): LabRun[] {
  const runs = all.map((options) => new InProcessRun(options));
  const [first] = runs;
  if (first === undefined) return [];
  for (const run of runs) first.mustShareMarketWith(run);
  const { market } = first;
  let number = 0;
  for (let next = market.next(); next.done !== true; next = market.next()) {
    const { at } = next.value;
    for (const run of runs) run.wakeBefore(at);
    number += 1;
    const ingested = next.value.take(number);
    for (const run of runs) run.takeMarket(ingested, at);
  }
  return runs.map((run) => run.finish());
}

class InProcessRun {
  private readonly log: MemoryEventLog;
  readonly market: MarketSource;
  private readonly interest: ReadonlySet<string>;
  private readonly digest = new DecisionDigest();
  private readonly prices: PriceJournal;
  private readonly seal: Seal;
  private readonly governance = governanceRecord();
  private readonly partitions: readonly Partition[];
  private readonly byPartition: ReadonlyMap<string, Partition>;
  private readonly changed = new Map<string, number>();
  private delivered = 0;
  private given = 0;

  constructor(private readonly options: LabRunOptions) {
    const { tape, books } = options;
    const isLight = options.journal === 'light';
    this.seal = isLight ? sealLightly : sealCommit;
    this.log = new MemoryEventLog('EK_JOURNAL_lab', isLight ? undefined : decodeCommit);
    this.prices = new PriceJournal('1', PRODUCER, this.seal);
    const boot = books.map((book) => bootedBook(book, formatInstant(tape.from)));
    this.interest = interestIn(boot);
    this.market = 'recorded' in tape ? recordedSource(tape) : ingestedSource(tape, this.interest);
    const said = (options.changes ?? []).map(({ draft }) => ({ book: draft.book, drafts: [draft] }));
    this.partitions = this.createPartitions([...boot, ...said]);
    this.byPartition = new Map(this.partitions.map((partition) => [partition.partition, partition]));
    for (const { drafts } of boot) this.boot(drafts);
    this.deliver();
  }

  mustShareMarketWith(other: InProcessRun): void {
    const same =
      other.options.tape === this.options.tape &&
      other.interest.size === this.interest.size &&
      [...other.interest].every((instrument) => this.interest.has(instrument));
    assert(same, 'runs of one pass are told the same market');
  }

  wakeBefore(at: Instant): void {
    for (const partition of this.partitions) this.wakeUntil(partition, at);
  }

  takeMarket({ instant, facts }: IngestedInstant, at: Instant): void {
    for (const [index, fact] of facts.entries()) {
      const { commit, expectedLastSeq } = this.prices.seal(fact, index, instant);
      this.prices.appended(commit, this.log.appendNow(commit, expectedLastSeq).seq);
    }
    for (const partition of this.partitions) {
      partition.clock.tookMarket(instant.number, at);
      this.takeInstant(partition, instant);
    }
    if (instant.number % PROGRESS_EVERY === 0) this.reportProgress(at);
  }

  finish(): LabRun {
    for (const partition of this.partitions) this.wakeUntil(partition, 'ended');
    return {
      journal: this.log,
      decisionDigest: this.digest.finish(),
      instants: this.given,
      venue: {
        orders: this.partitions.reduce((sum, { venue }) => sum + venue.orders, 0),
        duplicates: this.partitions.reduce((sum, { venue }) => sum + venue.duplicates, 0),
      },
      restless: this.partitions.filter(({ clock }) => clock.isRestless).map(({ partition }) => partition),
    };
  }

  /** Gives a partition the wake-ups that it asks for before the market comes next, as the services' event time does. */
  private wakeUntil(partition: Partition, coming: Coming): void {
    const { clock } = partition;
    for (
      let step = clock.next(coming, this.wakes(partition));
      step?.kind === 'wake';
      step = clock.next(coming, this.wakes(partition))
    ) {
      clock.tookWake(step.at, coming);
      this.takeInstant(partition, wakeInstant(clock.market, step.at, step.services));
    }
  }

  private takeInstant(partition: Partition, instant: MarketInstant): void {
    this.given += 1;
    this.changePolicies(partition);
    partition.venue.onMarks(instant);
    const cause = causeOfInstant('EK_MARKET', partition.partition, { instant, seq: 0, traceparent: '' });
    for (const runner of partition.followers) runner.take(cause);
    this.deliver();
    if (!instant.wakes.includes('execution')) return;
    this.collectOne(partition, instant.eventTime);
    this.deliver();
  }

  private changePolicies({ partition, clock, runners }: Partition): void {
    const { changes = [] } = this.options;
    for (let next = this.changed.get(partition) ?? 0; next < changes.length; next += 1) {
      const { at, draft } = required(changes[next], 'a change below the length');
      if (at > timeOf(clock)) return;
      this.changed.set(partition, next + 1);
      if (partitionOfBook(draft.book) !== partition) continue;
      const runner = runners.find(({ context }) => context === draft.aggregate.context);
      const cause = uuidV5(`policy-change/${draft.book}/${draft.eventTime}`);
      required(runner, `the hedge programs of ${draft.book}`).append(draft, originOf('operator', cause));
    }
  }

  /** One report per wake-up, so that its consequences are settled before the next is heard. */
  private collectOne({ venue, execution, clock }: Partition, at: string): void {
    const now = timeOf(clock);
    const [due] = venue.collect(now);
    if (due === undefined) return;
    execution.take(causeOfReport({ id: due.id, at, report: due.report }));
    venue.settled(due.id, now);
  }

  /** Hands every new commit, in journal order, to the cores of its partition that react to its context. */
  private deliver(): void {
    for (; this.delivered < this.log.length; this.delivered += 1) {
      const written = this.log.at(this.delivered);
      for (const { event } of written.commit.events) this.digest.add(written.commit.book, event);
      this.options.onCommit?.(written);
      const stored = this.governance.judged(written);
      const { partition, aggregate } = stored.commit;
      const hearers = this.byPartition.get(partition)?.hearers.get(aggregate.context) ?? [];
      if (hearers.length === 0) continue;
      const cause = causeOfCommit(this.log.name, stored);
      for (const runner of hearers) runner.take(cause);
    }
    if (this.options.onCommit === undefined) return this.log.keepBytes();
    this.log.release();
    this.delivered = 0;
  }

  private wakes({ venue, sleepers }: Partition): WakeRequest[] {
    const asked: WakeRequest[] = [];
    const due = venue.due();
    if (due !== undefined) asked.push({ service: 'execution', at: due });
    for (const runner of sleepers) {
      const at = runner.nextWake();
      if (at !== undefined) asked.push({ service: runner.context, at });
    }
    return asked;
  }

  private createPartitions(boot: readonly BootedBook[]): Partition[] {
    const grouped = new Map<string, CommitDraft[]>();
    for (const { book, drafts } of boot) {
      const partition = partitionOfBook(book);
      grouped.set(partition, [...(grouped.get(partition) ?? []), ...drafts]);
    }
    const reactorOptions = {
      epoch: '1',
      producer: PRODUCER,
      seal: this.seal,
      hostClock: () => VIRTUAL_CLOCK,
    };
    const silent = <State>(core: Core<State, never>): Runner =>
      new CoreRunner(core.context, core, reactorOptions, this.log, () => undefined);
    return [...grouped].map(([partition, drafts]) => {
      const clock = new PartitionClock();
      const venue = createSimulatedVenue(simulatedVenueConfig(specificationsIn(drafts), this.options.venue));
      const execution = new CoreRunner('execution', createOrderCore(), reactorOptions, this.log, (effect) =>
        venue.perform(effect, timeOf(clock)),
      );
      const speakers = [silent(createRiskCore()), silent(DESK_OF_GOVERNANCE), silent(createProgramCore())];
      const runners: readonly Runner[] = [...speakers, execution];
      const hearersOf = (said: Context): Runner[] =>
        runners.filter(({ context }) => TOPOLOGY[context].reads.includes(said));
      return {
        partition,
        clock,
        venue,
        runners,
        execution,
        followers: runners.filter(({ context }) => TOPOLOGY[context].followsMarket),
        hearers: new Map(CONTEXTS.map((said) => [said, hearersOf(said)])),
        sleepers: runners.filter(({ context }) => TOPOLOGY[context].wakes),
      };
    });
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
      for (const runner of partition.runners) if (runner.context === context) runner.adopt(stored);
    }
  }

  private reportProgress(now: Instant): void {
    const { from, to } = this.options.tape;
    this.options.onProgress?.(Number(now - from) / Number(to - from), formatInstant(now));
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

/** Event time of what a partition was given last; before the first instant nothing asks. */
function timeOf({ at }: PartitionClock): Instant {
  return required(at, 'an instant that was given');
}

/** What can be traded by accounts that are opened, at boot or at a person's word. */
function specificationsIn(drafts: readonly CommitDraft[]): InstrumentSpec[] {
  const accounts = drafts.flatMap(({ events }) =>
    events.flatMap((event) => {
      if (event.type === 'BookRequested') return event.payload.accounts;
      return event.type === 'VenueAccountOpened' ? [event.payload] : [];
    }),
  );
  return accounts.flatMap(({ specifications }) => specifications.map((text) => parseContract(text).spec));
}

/** SHA-256 over the decisions of a journal. */
export function digestOf(commits: Iterable<StoredCommit>): string {
  const digest = new DecisionDigest();
  for (const { commit } of commits) for (const { event } of commit.events) digest.add(commit.book, event);
  return digest.finish();
}
