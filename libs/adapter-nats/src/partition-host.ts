import { causeOfCommit } from '@evenkeel/eventing';
import {
  Reactor,
  causeOfInstant,
  causeOfReport,
  driveAsync,
  instantCauseId,
  isBoot,
  originOf,
  settle,
  take,
} from '@evenkeel/engine';
import type { GivenInstant, OnRecord, PartitionReport, Task } from '@evenkeel/engine';
import type { Cause, EventLog, Producer, SealedCommit, StoredCommit } from '@evenkeel/eventing';
import type { CommitDraft, Context, Core, CoreInput, VenueReport } from '@evenkeel/facts';
import { reportSubject } from '@evenkeel/facts';
import { IntegrityFault, OperationalError, formatInstant, parseInstant } from '@evenkeel/kernel';
import { StaleToken } from './lease';
import type { Lease } from './lease';
import { sealNatively } from './native-hash';

export interface VenueInput {
  readonly id: string;
  readonly at: string;
  readonly report: VenueReport;
}

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
  readonly nowNs: () => bigint;
  /** How good the host's clock is; recorded, never decided on. */
  readonly clockQuality?: () => { readonly source: string; readonly maxErrorNs: bigint };
  /** Under which it owns the partition; without one nobody else can own it. */
  readonly lease?: Lease;
  /** Carries out what was decided, once it is durable. */
  readonly perform?: (effect: Effect, state: State) => Promise<void>;
  /** Notified of every input that has taken its whole effect, and of every commit. */
  readonly observer?: HostObserver;
}

export interface HostObserver {
  /** A step of work begins; `traceparent` goes into the commits it causes. */
  begin(kind: CoreInput['kind'], cause: Cause): { readonly traceparent: string; end(commits: number): void };
}

type TimelineItem =
  | { readonly kind: 'instant'; readonly given: GivenInstant }
  | { readonly kind: 'commit'; readonly stored: StoredCommit }
  /** An own commit whose cause lies outside the streams (a person, a venue). */
  | { readonly kind: 'own'; readonly stored: StoredCommit };

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
  private instant = 0;
  private instantTime = 0n;
  private marketSeq = 0;
  private marketWaiters: MarketWaiter[] = [];
  private released = false;
  private newestToken = 0n;
  private tail: Promise<void> = Promise.resolve();
  /** Causes of the facts that are on record already. */
  private readonly facts = new Set<string>();
  /** Under which trace an order was intended, so that its fills join it. Advisory; forgotten with the process. */
  private readonly orderTraces = new Map<string, string>();

  constructor(private readonly options: PartitionHostOptions<State, Effect>) {
    this.reactor = new Reactor(options.core, {
      epoch: options.epoch,
      producer: options.producer,
      seal: sealNatively,
      hostClock: () => {
        const now = options.nowNs();
        const { source, maxErrorNs } = options.clockQuality?.() ?? { source: 'system', maxErrorNs: 0n };
        return { receivedTime: now, decidedTime: now, source, maxErrorNs };
      },
      ...(options.lease === undefined ? {} : { fencingToken: options.lease.token }),
      taken: () => ({ journalSeq: BigInt(this.seen), marketSeq: BigInt(this.marketSeq) }),
    });
  }

  get partition(): string {
    return this.options.partition;
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
   * Rebuilds the core: inputs in the order they took effect, each followed by the commits it is on record to have
   * caused. Inputs up to the last one with recorded commits are not decided on again; that last one is finished, and
   * everything after it is handled as new. `instants`: what this partition was given so far.
   */
  async recover(instants: readonly GivenInstant[]): Promise<void> {
    const caused = new Map<string, StoredCommit[]>();
    const journal: StoredCommit[] = [];
    for await (const stored of this.options.journal.read({ partition: this.options.partition })) {
      journal.push(stored);
      if (!this.isOwn(stored)) continue;
      const cause = stored.commit.causation.commitId;
      const list = caused.get(cause);
      if (list === undefined) caused.set(cause, [stored]);
      else list.push(stored);
    }
    const timeline = this.timeline(journal, instants);
    const settledUpTo = this.lastDecided(timeline, caused);
    for (let position = 0; position < timeline.length; position += 1) {
      const item = timeline[position];
      if (item === undefined) continue;
      if (item.kind === 'own') {
        this.foldOwn(item.stored);
        continue;
      }
      const cause =
        item.kind === 'instant'
          ? this.causeOf(item.given)
          : causeOfCommit(this.options.journal.name, item.stored);
      this.reactor.observe(cause);
      for (const own of caused.get(cause.causation.commitId) ?? []) this.foldOwn(own);
      if (position >= settledUpTo)
        await driveAsync(settle(this.reactor, cause), (task) => this.perform(task));
      this.noteInput(item);
    }
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
      await this.take(causeOfCommit(this.options.journal.name, stored));
      this.seen = stored.seq;
    });
  }

  /** Takes an instant that this partition was given: the market's, or a wake-up of its own. */
  handleInstant(given: GivenInstant): Promise<void> {
    return this.serially(async () => {
      if (parseInstant(given.instant.eventTime) <= this.instantTime) return;
      await this.take(this.causeOf(given));
      this.noteInstant(given);
    });
  }

  /** Reports a venue's word to the core. */
  handleVenue({ id, at, report }: VenueInput): Promise<void> {
    const traceparent = this.orderTraces.get(reportSubject(report)) ?? '';
    return this.serially(() => this.take(causeOfReport(id, at, report, traceparent)));
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
      const sealed = this.reactor.sealFact(draft, originOf('host', id));
      this.reactor.fold(sealed, await this.append(sealed));
      this.facts.add(id);
    });
    return recorded;
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
    const step = this.options.observer?.begin(cause.input.kind, cause);
    const traced = step === undefined ? cause : { ...cause, traceparent: step.traceparent };
    const commits = await driveAsync(take(this.reactor, traced), (task) => this.perform(task));
    step?.end(commits);
  }

  private async perform(task: Task<SealedCommit, Effect>): Promise<OnRecord<SealedCommit> | undefined> {
    if (task.kind === 'append') return { recorded: task.made, seq: await this.append(task.made) };
    if (this.options.perform === undefined) return undefined;
    // The intent is durable. What leaves the house leaves under a lease that is valid now.
    await this.options.lease?.assertHeld();
    await this.options.perform(task.effect, this.reactor.state);
    return undefined;
  }

  private async append(sealed: SealedCommit): Promise<number> {
    await this.options.lease?.assertHeld();
    // The owner alone speaks for this context here, so whatever another owner has appended makes this fail.
    const { seq } = await this.options.journal.append(sealed, this.appended, 'context');
    this.appended = seq;
    const { aggregate, traceparent } = sealed.commit;
    if (aggregate.type === 'hedge-order' && traceparent !== '')
      this.orderTraces.set(aggregate.id, traceparent);
    return seq;
  }

  private foldOwn(stored: StoredCommit): void {
    this.checkToken(stored);
    if (stored.commit.causation.stream === 'host') this.facts.add(stored.commit.causation.commitId);
    this.reactor.fold(stored, stored.seq);
    this.appended = Math.max(this.appended, stored.seq);
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

  private isOwn(stored: StoredCommit): boolean {
    return stored.commit.aggregate.context === this.options.core.context;
  }

  private isInput(stored: StoredCommit): boolean {
    return this.options.inputs.includes(stored.commit.aggregate.context);
  }

  private hasReached(eventTime: bigint): boolean {
    return this.instant > 0 && this.instantTime >= eventTime;
  }

  private untilMarketReaches(eventTime: bigint): Promise<void> {
    if (this.hasReached(eventTime)) return Promise.resolve();
    if (this.released) return Promise.reject(new HostReleased());
    return new Promise((resolve, reject) => this.marketWaiters.push({ eventTime, resolve, reject }));
  }

  private noteInstant({ instant, seq }: GivenInstant): void {
    this.instant = instant.number;
    this.marketSeq = seq;
    this.instantTime = parseInstant(instant.eventTime);
    if (this.marketWaiters.length === 0) return;
    const reached = this.marketWaiters.filter((waiter) => waiter.eventTime <= this.instantTime);
    this.marketWaiters = this.marketWaiters.filter((waiter) => waiter.eventTime > this.instantTime);
    for (const waiter of reached) waiter.resolve();
  }

  private noteInput(item: TimelineItem): void {
    if (item.kind === 'instant') this.noteInstant(item.given);
    else if (item.kind === 'commit') this.seen = Math.max(this.seen, item.stored.seq);
  }

  /** Market and journal merged: an instant precedes everything committed at or after its event time. */
  private timeline(journal: readonly StoredCommit[], instants: readonly GivenInstant[]): TimelineItem[] {
    const known = new Set<string>();
    for (const { instant } of instants) known.add(instantCauseId(this.partition, instant));
    for (const stored of journal) known.add(stored.commit.commitId);
    const items: TimelineItem[] = [];
    let next = 0;
    const flushUpTo = (eventTime: bigint): void => {
      for (
        let given = instants[next];
        given !== undefined && parseInstant(given.instant.eventTime) <= eventTime;
        given = instants[next]
      ) {
        items.push({ kind: 'instant', given });
        next += 1;
      }
    };
    for (const stored of journal) {
      if (this.options.followsMarket && !isBoot(stored.commit)) flushUpTo(stored.commit.clock.eventTime);
      if (this.isInput(stored)) items.push({ kind: 'commit', stored });
      else if (this.isOwn(stored) && !known.has(stored.commit.causation.commitId))
        items.push({ kind: 'own', stored });
    }
    for (const given of instants.slice(next)) items.push({ kind: 'instant', given });
    return items;
  }

  /** Position of the last input that is on record to have caused something; everything before it has been settled. */
  private lastDecided(
    timeline: readonly TimelineItem[],
    caused: ReadonlyMap<string, StoredCommit[]>,
  ): number {
    for (let position = timeline.length - 1; position >= 0; position -= 1) {
      const item = timeline[position];
      if (item === undefined) continue;
      if (item.kind === 'own') return position;
      const id =
        item.kind === 'instant'
          ? instantCauseId(this.partition, item.given.instant)
          : item.stored.commit.commitId;
      if (caused.has(id)) return position;
    }
    return 0;
  }

  private causeOf(given: GivenInstant): Cause {
    return causeOfInstant(this.options.marketStream, this.partition, given);
  }
}
