import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { ConflictError, nextInstant } from '@evenkeel/eventing';
import type { EventLog } from '@evenkeel/eventing';
import {
  JetStreamEventLog,
  MarketPublisher,
  SettlementBoard,
  followProgress,
  publishProgress,
  readInstants,
} from '@evenkeel/adapter-nats';
import type { Epoch, PublishedInstant } from '@evenkeel/adapter-nats';
import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import { hostNanoseconds } from '@evenkeel/host';
import type { ProcessShell } from '@evenkeel/host';
import { OperationalError, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { sealCommit } from '@evenkeel/contracts';
import { PriceJournal } from '@evenkeel/lab';
import type { PriceIngest, RawInstant, Tape } from '@evenkeel/market';

export interface LockstepOptions {
  readonly tape: Tape;
  readonly ingest: PriceIngest;
  readonly partitions: readonly string[];
  /** Event seconds per wall second; 0 for as fast as everything settles. */
  readonly speed: number;
}

const PROGRESS_EVERY_MS = 200;
/** Event-time steps after the tape's end in which orders on their way may still settle. */
const WAKES_AFTER_END_MAX = 10_000;

/**
 * Advances event time: publishes an instant, waits until every service has settled everything it caused, and goes on with
 * what comes next, be it the tape or a wake-up that somebody asked for. Speed changes nothing but speed.
 */
export class Lockstep {
  private readonly connection: NatsConnection;
  private readonly epoch: Epoch;
  private readonly publisher: MarketPublisher;
  private readonly journal: EventLog;
  private readonly prices: PriceJournal;
  private readonly board: SettlementBoard;
  private readonly known = new Set<string>();
  private wakeUp: (() => void) | undefined;
  private stopped = false;
  private finished = false;
  private number = 0;
  private now: Instant;
  private startedAt: { readonly wallMs: number; readonly event: Instant } | undefined;

  constructor(
    private readonly shell: ProcessShell,
    private readonly options: LockstepOptions,
  ) {
    this.connection = shell.connection;
    this.epoch = shell.epoch;
    this.publisher = new MarketPublisher(shell.connection, shell.epoch);
    this.journal = new JetStreamEventLog(shell.connection, shell.epoch.journalStream);
    this.prices = new PriceJournal(shell.epoch.epoch, shell.producer, sealCommit);
    this.board = new SettlementBoard(options.partitions);
    this.now = options.tape.from;
  }

  /** Runs the tape to its end, from wherever an earlier life of this process had got to. */
  async run(): Promise<void> {
    const unfollow = followProgress(this.connection, SettlementBoard.services, (progress) => {
      this.board.note(progress);
      this.wakeUp?.();
    });
    const ticker = setInterval(() => this.report(), PROGRESS_EVERY_MS);
    try {
      await this.runTape();
    } finally {
      clearInterval(ticker);
      unfollow();
    }
  }

  stop(): void {
    this.stopped = true;
    this.wakeUp?.();
  }

  report(): void {
    const { from, to } = this.options.tape;
    publishProgress(this.connection, {
      service: 'price-ingest',
      instant: this.number,
      partitions: {},
      eventTime: formatInstant(this.now),
      fraction: Math.min(1, Number(this.now - from) / Number(to - from)),
      ...(this.finished ? { done: true } : {}),
    });
  }

  private async runTape(): Promise<void> {
    await this.readOwnFacts();
    const market = this.options.tape.instants();
    let next = await this.catchUp(market);
    while (!this.stopped) {
      await this.untilSettled();
      if (this.stopped) return;
      const last = this.number === 0 ? undefined : this.now;
      const step = nextInstant(last, next.done === true ? undefined : next.value.at, this.board.wakes());
      if (step === undefined || this.number > this.options.tape.length + WAKES_AFTER_END_MAX) break;
      this.number += 1;
      this.now = step.at;
      if (step.kind === 'wake') {
        await this.publish({
          number: this.number,
          eventTime: formatInstant(step.at),
          marks: [],
          fundings: [],
          deliveries: [],
          wakes: step.services,
        });
      } else if (next.done !== true) {
        await this.pace(next.value.at);
        const { instant, facts } = this.options.ingest.ingest(next.value, this.number);
        await this.record(facts, instant);
        await this.publish(instant);
        next = market.next();
      }
    }
    this.finished = !this.stopped;
    this.report();
  }

  private async publish(instant: MarketInstant): Promise<void> {
    const span = this.shell.tracing.start('publish market.instant', '', {
      'evenkeel.event_time': instant.eventTime,
    });
    await this.publisher.publish(instant, span.traceparent);
    span.end();
    this.shell.metrics.lastInstant.set(instant.number);
  }

  /** The instants already published are gone through again, so that the price core knows what it knew. */
  private async catchUp(market: IterableIterator<RawInstant>): Promise<IteratorResult<RawInstant>> {
    let next = market.next();
    for await (const published of readInstants(this.connection, this.epoch))
      next = this.replay(published, next, market);
    if (this.number > 0)
      this.shell.logger.info(
        { instant: this.number, eventTime: formatInstant(this.now) },
        'resuming the tape',
      );
    return next;
  }

  private replay(
    { instant }: PublishedInstant,
    next: IteratorResult<RawInstant>,
    market: IterableIterator<RawInstant>,
  ): IteratorResult<RawInstant> {
    this.number = instant.number;
    this.now = parseInstant(instant.eventTime);
    if (next.done === true || next.value.at !== this.now) return next;
    this.options.ingest.ingest(next.value, instant.number);
    return market.next();
  }

  private async readOwnFacts(): Promise<void> {
    for await (const stored of this.journal.read({})) {
      if (stored.commit.aggregate.context !== 'price') continue;
      this.known.add(stored.commit.commitId);
      this.prices.appended(stored, stored.seq);
    }
  }

  private async record(facts: readonly CommitDraft[], instant: MarketInstant): Promise<void> {
    const now = hostNanoseconds();
    const clock = { receivedTime: now, decidedTime: now, source: 'system', maxErrorNs: 0n };
    for (const [index, fact] of facts.entries()) {
      if (this.known.has(this.prices.idOf(fact, index, instant))) continue;
      const { commit, expectedLastSeq } = this.prices.seal(fact, index, instant, clock);
      try {
        this.prices.appended(commit, (await this.journal.append(commit, expectedLastSeq)).seq);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        throw new OperationalError({
          code: 'PRICE.NOT_ALONE',
          message: 'another price-ingest is writing the same prices: stop one of them',
          cause: error,
        });
      }
    }
  }

  private async untilSettled(): Promise<void> {
    while (!this.stopped && !this.board.isSettled(this.number)) {
      const fault = this.board.fault();
      if (fault !== undefined)
        throw new OperationalError({
          code: 'PRICE.SERVICE_HALTED',
          message: `event time stands still because a service has halted: ${fault}`,
        });
      await new Promise<void>((resolve) => (this.wakeUp = resolve));
    }
  }

  private async pace(at: Instant): Promise<void> {
    const { speed } = this.options;
    if (speed === 0) return;
    this.startedAt ??= { wallMs: Date.now(), event: at };
    const dueMs = this.startedAt.wallMs + Number(at - this.startedAt.event) / 1e6 / speed;
    const waitMs = dueMs - Date.now();
    if (waitMs > 0) await delay(waitMs);
  }
}
