import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { nextInstant } from '@evenkeel/engine';
import { SettlementBoard, followProgress, publishProgress, readInstants } from '@evenkeel/adapter-nats';
import type { Epoch, PublishedInstant } from '@evenkeel/adapter-nats';
import type { ProcessShell } from '@evenkeel/host';
import { OperationalError, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { PriceIngest, RawInstant, Tape } from '@evenkeel/market';
import { InstantWriter } from './instant-writer';

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
  private readonly writer: InstantWriter;
  private readonly board: SettlementBoard;
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
    this.writer = new InstantWriter(shell);
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
    await this.writer.readOwnFacts();
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
        await this.writer.publish({
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
        await this.writer.record(facts, instant);
        await this.writer.publish(instant);
        next = market.next();
      }
    }
    this.finished = !this.stopped;
    this.report();
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
