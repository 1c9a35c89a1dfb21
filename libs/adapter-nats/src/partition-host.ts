import { sealWith } from '@evenkeel/contracts';
import { causeOfCommit } from '@evenkeel/eventing';
import {
  PartitionReplay,
  Reactor,
  causeOfInstant,
  causeOfReport,
  checkKept,
  driveAsync,
  isBoot,
  originOf,
  settle,
  take,
} from '@evenkeel/engine';
import type {
  GivenInstant,
  MarketPlace,
  OnRecord,
  PartitionReport,
  Task,
  VenueInput,
} from '@evenkeel/engine';
import type {
  Cause,
  Commit,
  CommitSigner,
  EventLog,
  Producer,
  SealedCommit,
  SnapshotPosition,
  StateSnapshot,
  StoredCommit,
} from '@evenkeel/eventing';
import type { CommitDraft, Context, Core, CoreInput, Kept } from '@evenkeel/facts';
import { reportSubject } from '@evenkeel/facts';
import {
  IntegrityFault,
  OperationalError,
  Recent,
  formatInstant,
  parseInstant,
  required,
} from '@evenkeel/kernel';
import type { GovernanceReader } from './governance-reader';
import type { FloorKeeper } from './journal-floor';
import { StaleToken } from './lease';
import type { Lease } from './lease';
import type { SnapshotKeeper } from './snapshot-keeper';

export interface PartitionHostOptions<State, Effect> {
  readonly core: Core<State, Effect>;
  readonly partition: string;
  readonly epoch: string;
  readonly journal: EventLog;
  readonly marketStream: string;
  /** Whose commits are inputs of this core. */
  readonly inputs: readonly Context[];
  /** True where the core follows the market. */
  readonly followsMarket: boolean;
  readonly producer: Producer;
  /** Signs what it puts on record; absent in epochs that enrol no keys. */
  readonly signer?: CommitSigner | undefined;
  readonly nowNs: () => bigint;
  /** How good the host's clock is; recorded, never decided on. */
  readonly clockQuality?: () => { readonly source: string; readonly maxErrorNs: bigint };
  /** Under which it owns the partition; without one nobody else can own it. */
  readonly lease?: Lease;
  /** Where it notes how far the journal has been; effects that `needsFloor` names leave only when that is on disk. */
  readonly floor?: FloorKeeper;
  readonly needsFloor?: (effect: Effect) => boolean;
  /** Carries out what was decided, once it is durable. */
  readonly perform?: (effect: Effect, state: State) => Promise<void>;
  /** Notified of every input that has taken its whole effect, and of every commit. */
  readonly observer?: HostObserver;
  /** Where it writes down what the core remembers, and begins from after a restart. */
  readonly snapshots?: SnapshotKeeper;
  /** What the record holds against a commit of people; without one, a core judges by names and hashes alone. */
  readonly governance?: Pick<GovernanceReader, 'judged'>;
}

/** How far a partition has taken the market in. */
export type MarketPosition = Pick<SnapshotPosition, 'eventTime' | 'market'>;

/** Orders whose trace is known: those that were intended last. */
const TRACES_KEPT = 10_000;
/** So many inputs after it was looked at what the core keeps, it is again. */
const KEPT_CHECKED_EVERY = 1_000;

/** Commits held ahead of a recovery, each of them for every partition of the service: some are large. */
const READ_AHEAD = 64;

export interface HostObserver {
  /** A step of work begins; `traceparent` goes into the commits it causes. */
  begin(kind: CoreInput['kind'], cause: Cause): { readonly traceparent: string; end(commits: number): void };
  /** A commit of this context is on record: a new one, or one that a recovery reads again. */
  recorded?(commit: Pick<Commit, 'events'>, isNew: boolean): void;
}

interface MarketWaiter {
  readonly eventTime: bigint;
  readonly resolve: () => void;
  readonly reject: (error: HostReleased) => void;
}

/** A commit was not taken because its host was let go while it waited for the market. */
export class HostReleased extends OperationalError {
  constructor() {
    super({ code: 'NATS.HOST_RELEASED', message: 'let go while it waited for the market' });
  }
}

/**
 * Hosts one core over one partition: recovers it from the streams, then takes inputs one at a time; each input's commits
 * are durable before its effects are carried out and before the next input is looked at.
 */
export class PartitionHost<State, Effect> {
  readonly reactor: Reactor<State, Effect>;
  private seen = 0;
  private appended = 0;
  private appendedHash: Uint8Array = new Uint8Array(0);
  private instant = 0;
  private instantTime = 0n;
  private market: MarketPlace = { number: 0, seq: 0 };
  private replay: PartitionReplay | undefined;
  /** False once an input was left half taken: then what the core remembers is of no use to anybody else. */
  private whole = true;
  private marketWaiters: MarketWaiter[] = [];
  private released = false;
  private newestToken = 0n;
  private begunAt = performance.now();
  /** Wall clock at which the input was taken that is being answered. */
  private takenNs = 0n;
  private tail: Promise<void> = Promise.resolve();
  /** Causes of the facts that are on record already. */
  private readonly facts = new Set<string>();
  /** Under which trace an order was intended, so that its fills join it. Advisory; forgotten with the process. */
  private readonly orderTraces = new Recent<string>(TRACES_KEPT);
  private inputs = 0;

  private readonly capture = {
    snapshot: () => this.snapshot(),
    /** What was captured before the lease is confirmed was an owner's. */
    confirm: () => this.options.lease?.assertHeld() ?? Promise.resolve(),
  };

  constructor(private readonly options: PartitionHostOptions<State, Effect>) {
    this.reactor = new Reactor(options.core, {
      epoch: options.epoch,
      producer: options.producer,
      seal: sealWith({ signer: options.signer }),
      hostClock: () => {
        const { source, maxErrorNs } = options.clockQuality?.() ?? { source: 'system', maxErrorNs: 0n };
        return { receivedTime: this.takenNs, decidedTime: options.nowNs(), source, maxErrorNs };
      },
      ...(options.lease === undefined ? {} : { fencingToken: options.lease.token }),
      taken: () => ({ journalSeq: BigInt(this.seen), eventTime: this.instantTime }),
    });
  }

  get partition(): string {
    return this.options.partition;
  }

  /** Resolves while it may speak and act for its partition; asked again after whatever takes time. */
  async assertHeld(): Promise<void> {
    await this.options.lease?.assertHeld();
  }

  /** How long ago what is being answered now was taken, with all that was waited for since: journal, disk, lease. */
  get sinceInputMs(): number {
    return performance.now() - this.begunAt;
  }

  get lastInstant(): number {
    return this.instant;
  }

  /** How it stands, for the board that event time waits for. */
  get progress(): PartitionReport {
    const wake = this.reactor.nextWake();
    const { lease } = this.options;
    return {
      seen: this.seen,
      appended: this.appended,
      ...(this.instantTime === 0n ? {} : { at: formatInstant(this.instantTime) }),
      ...(wake === undefined ? {} : { nextWake: formatInstant(wake) }),
      ...(lease === undefined ? {} : { owner: Number(lease.token) }),
    };
  }

  /**
   * Begins to rebuild the core from the newest snapshot that goes together with the journal, else from the beginning.
   * Then it is shown what it was given of the market, instant by instant, and `finishRecovery` takes what is left.
   */
  async beginRecovery(marketEnd = 0): Promise<void> {
    const { snapshots, partition } = this.options;
    const journal = await this.options.journal.lastSeq();
    const ends = { journal, market: marketEnd };
    for await (const { name, snapshot } of snapshots?.candidates(partition) ?? []) {
      try {
        await this.beginFrom(snapshot as StateSnapshot<State>, ends); // the code that reads it is the code that wrote it, by its hash
        snapshots?.used(name);
        return;
      } catch (error) {
        await this.replay?.close();
        if (!(error instanceof IntegrityFault)) throw error;
        snapshots?.refused(name, error);
      }
    }
    await this.beginFrom(undefined, ends);
  }

  /** Shows it the next instant that it was given, with everything on the journal that came before. */
  async recoverInstant(given: GivenInstant): Promise<void> {
    await this.replay?.takeInstant(given);
  }

  /** Lets go of the streams of a recovery that has failed. */
  async abandonRecovery(): Promise<void> {
    await this.replay?.close();
  }

  async finishRecovery(): Promise<void> {
    await this.replay?.finish();
    await this.replay?.close();
    this.replay = undefined;
  }

  /**
   * Takes a foreign commit. Where the core follows the market, what happened at an event time is heard only after the
   * market of that time: the two streams arrive independently, and which of them is quicker must not matter.
   */
  async handleCommit(stored: StoredCommit): Promise<void> {
    if (this.options.followsMarket && !isBoot(stored.commit))
      await this.untilMarketReaches(stored.commit.clock.eventTime);
    await this.serially(async () => {
      if (stored.seq <= this.seen) return;
      await this.take(causeOfCommit(this.options.journal.name, await this.judge(stored)));
      this.seen = stored.seq;
      this.options.floor?.note(stored.seq, stored.hash);
      this.settled();
    });
  }

  /** Takes an instant that this partition was given: the market's, or a wake-up of its own. */
  handleInstant(given: GivenInstant): Promise<void> {
    return this.serially(async () => {
      if (parseInstant(given.instant.eventTime) <= this.instantTime) return;
      await this.take(this.causeOf(given));
      this.noteInstant(given);
      this.settled();
    });
  }

  /** Reports a venue's word to the core. */
  handleVenue(said: VenueInput): Promise<void> {
    const traceparent = this.orderTraces.get(reportSubject(said.report)) ?? '';
    return this.serially(() => this.take(causeOfReport(said, traceparent)));
  }

  /**
   * Records a fact that the host found out for itself; `id` names it once and for ever. False when it has to wait: the
   * market has not come to its time here, or the host takes nothing more. Everybody who follows the market would wait for that time before hearing the
   * fact, and the market waits for them.
   */
  async handleFact(id: string, draft: CommitDraft): Promise<boolean> {
    let recorded = true;
    await this.serially(async () => {
      if (this.facts.has(id)) return;
      const tooEarly = this.options.followsMarket && !this.hasReached(parseInstant(draft.eventTime));
      if (tooEarly || this.released) {
        recorded = false;
        return;
      }
      this.begin();
      const sealed = this.reactor.sealFact(draft, originOf('host', id));
      this.reactor.fold(sealed, await this.append(sealed));
      this.facts.add(id);
    });
    return recorded;
  }

  /** Takes nothing more; keeps where it stands, if that is worth it, so that its next owner begins there. */
  async leave(): Promise<void> {
    await this.tail;
    if (this.whole && this.replay === undefined)
      await this.options.snapshots?.leave(this.partition, this.capture);
  }

  /** How many it holds in memory of what only its inputs limit. */
  kept(): Kept {
    return { ...this.reactor.kept(), 'host-facts': this.facts.size };
  }

  /** How far it has taken the market in. */
  get position(): MarketPosition {
    return { eventTime: this.instantTime, market: this.market };
  }

  /** Lets go of everything that waits for the market: it is not taken, and there for whoever comes next. */
  release(): void {
    this.released = true;
    for (const { reject } of this.marketWaiters) reject(new HostReleased());
    this.marketWaiters = [];
  }

  /** Runs something between inputs, never beside one. */
  serially(work: () => Promise<void>): Promise<void> {
    const run = this.tail.then(work);
    this.tail = run.catch(() => undefined);
    return run;
  }

  private async take(cause: Cause): Promise<void> {
    const whole = this.whole;
    this.whole = false;
    await this.takeObserved(cause);
    this.inputs += 1;
    if (this.inputs % KEPT_CHECKED_EVERY === 0) checkKept(this.kept());
    this.whole = whole;
  }

  private async takeObserved(cause: Cause): Promise<void> {
    this.begin();
    const step = this.options.observer?.begin(cause.input.kind, cause);
    const traced = step === undefined ? cause : { ...cause, traceparent: step.traceparent };
    const commits = await driveAsync(take(this.reactor, traced), (task) => this.perform(task));
    step?.end(commits);
  }

  private begin(): void {
    this.begunAt = performance.now();
    this.takenNs = this.options.nowNs();
  }

  private async perform(task: Task<SealedCommit, Effect>): Promise<OnRecord<SealedCommit> | undefined> {
    if (task.kind === 'append') return { recorded: task.made, seq: await this.append(task.made) };
    if (this.options.perform === undefined) return undefined;
    // Whoever starts after us must be able to tell that the journal was here.
    if (this.options.needsFloor?.(task.effect) === true) await this.options.floor?.secure();
    // The intent is durable. What leaves the house leaves under a lease that is valid now.
    await this.assertHeld();
    await this.options.perform(task.effect, this.reactor.state);
    return undefined;
  }

  private async append(sealed: SealedCommit): Promise<number> {
    await this.assertHeld();
    // The owner alone speaks for this context here, so whatever another owner has appended makes this fail.
    const { seq } = await this.options.journal.append(sealed, this.appended, 'context');
    this.noteAppended(sealed, seq);
    const { aggregate, traceparent } = sealed.commit;
    this.options.observer?.recorded?.(sealed.commit, true);
    if (aggregate.type === 'hedge-order' && traceparent !== '')
      this.orderTraces.set(aggregate.id, traceparent);
    return seq;
  }

  private foldOwn(stored: StoredCommit): void {
    this.checkToken(stored);
    if (stored.commit.causation.stream === 'host') this.facts.add(stored.commit.causation.commitId);
    this.reactor.fold(stored, stored.seq);
    this.options.observer?.recorded?.(stored.commit, false);
    this.noteAppended(stored, stored.seq);
  }

  /** Owners follow one another with rising tokens; one that comes after a newer one was let in by nobody. */
  private checkToken({ commit, seq }: StoredCommit): void {
    const { fencingToken } = commit;
    if (fencingToken === undefined) return;
    if (fencingToken < this.newestToken)
      throw new IntegrityFault({
        code: 'NATS.FENCE_BROKEN',
        message: `commit ${seq} was appended under token ${fencingToken}, after one under ${this.newestToken}`,
      });
    this.newestToken = fencingToken;
    const { lease } = this.options;
    if (lease !== undefined && lease.token < fencingToken) throw new StaleToken(this.partition, fencingToken);
  }

  private noteAppended({ hash }: SealedCommit, seq: number): void {
    this.appended = seq;
    this.appendedHash = hash;
    this.options.floor?.note(seq, hash);
  }

  private hasReached(eventTime: bigint): boolean {
    return this.instant > 0 && this.instantTime >= eventTime;
  }

  private untilMarketReaches(eventTime: bigint): Promise<void> {
    if (this.hasReached(eventTime)) return Promise.resolve();
    if (this.released) return Promise.reject(new HostReleased());
    return new Promise((resolve, reject) => this.marketWaiters.push({ eventTime, resolve, reject }));
  }

  private noteInstant({ instant, market }: GivenInstant): void {
    this.instant = instant.number;
    this.market = market ?? this.market;
    this.instantTime = parseInstant(instant.eventTime);
    if (this.marketWaiters.length === 0) return;
    const reached = this.marketWaiters.filter((waiter) => waiter.eventTime <= this.instantTime);
    this.marketWaiters = this.marketWaiters.filter((waiter) => waiter.eventTime > this.instantTime);
    for (const waiter of reached) waiter.resolve();
  }

  /** A settled point: the one moment at which what the core remembers may be written down. */
  private settled(): void {
    if (this.whole) this.options.snapshots?.settled(this.partition, this.capture);
  }

  private snapshot(): StateSnapshot<State> {
    const { seen, appended, appendedHash, instantTime: eventTime, market, facts } = this;
    return {
      ...required(this.options.snapshots, 'a keeper of snapshots').scopeOf(this.partition),
      seen,
      appended,
      appendedHash: new Uint8Array(appendedHash), // a platform hash is a Buffer, which a snapshot does not hold
      eventTime,
      market,
      fencingToken: this.newestToken,
      hostFacts: [...facts],
      ...this.reactor.memory(),
    };
  }

  private async beginFrom(
    from: StateSnapshot<State> | undefined,
    ends: { readonly journal: number; readonly market: number },
  ): Promise<void> {
    this.restore(from);
    const { lease } = this.options;
    if (lease !== undefined && lease.token < this.newestToken)
      throw new StaleToken(this.partition, this.newestToken);
    const { journal, partition, core, inputs, marketStream } = this.options;
    const read = (contexts: readonly Context[], fromSeq: number): AsyncIterable<StoredCommit> =>
      journal.read({ partition, contexts, fromSeq, ahead: READ_AHEAD });
    this.replay = new PartitionReplay({
      partition,
      journalStream: journal.name,
      marketStream,
      own: read([core.context], from?.appended ?? 1),
      inputs: this.judgeEach(read(inputs, (from?.seen ?? 0) + 1)),
      ends,
      target: {
        observe: (cause) => this.reactor.observe(cause),
        fold: (own) => this.foldOwn(own),
        settle: async (cause) => {
          this.begin();
          await driveAsync(settle(this.reactor, cause), (task) => this.perform(task));
        },
        tookCommit: ({ seq }) => (this.seen = seq),
        tookInstant: (given) => this.noteInstant(given),
      },
      ...(from === undefined ? {} : { from }),
    });
    await this.replay.begin();
  }

  /** With what the record before it has against it. */
  private judge(stored: StoredCommit): StoredCommit | Promise<StoredCommit> {
    const ofPeople = stored.commit.aggregate.context === 'governance';
    return ofPeople ? (this.options.governance?.judged(stored) ?? stored) : stored;
  }

  private async *judgeEach(commits: AsyncIterable<StoredCommit>): AsyncIterable<StoredCommit> {
    for await (const stored of commits) yield await this.judge(stored);
  }

  private restore(from: StateSnapshot<State> | undefined): void {
    this.reactor.restore(from ?? { state: this.options.core.initial(), heads: [] });
    this.seen = from?.seen ?? 0;
    this.appended = from?.appended ?? 0;
    this.appendedHash = from?.appendedHash ?? new Uint8Array(0);
    this.instantTime = from?.eventTime ?? 0n;
    this.market = from?.market ?? { number: 0, seq: 0 };
    this.instant = this.market.number;
    this.newestToken = from?.fencingToken ?? 0n;
    this.facts.clear();
    for (const id of from?.hostFacts ?? []) this.facts.add(id);
  }

  private causeOf(given: GivenInstant): Cause {
    return causeOfInstant(this.options.marketStream, this.partition, given);
  }
}
