import { RESTLESS } from '@evenkeel/engine';
import type { Coming, MarketEntry } from '@evenkeel/engine';
import { IntegrityFault, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { PriceIngest, RawInstant, Tape } from '@evenkeel/market';
import type { Logger, Stalls } from '@evenkeel/telemetry';
import type { MarketBus } from './market-bus';
import { SettledMarket } from './settled-market';

export interface LockstepOptions {
  readonly bus: MarketBus;
  readonly tape: Pick<Tape, 'from' | 'to' | 'instants'>;
  readonly ingest: PriceIngest;
  readonly partitions: readonly string[];
  /** Event seconds per wall second; 0 for as fast as everything settles. */
  readonly speed: number;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /** Hears for whom it waits. */
  readonly stalls?: Pick<Stalls, 'watch'>;
  /** Milliseconds that only go forward: for pace and patience. */
  readonly nowMs?: () => number;
}

const PROGRESS_EVERY_MS = 200;
/** Market instants that the quickest partition may be ahead of the slowest: what a service keeps for a slow one. */
const RUN_AHEAD_MAX = 32;
/** Between two looks at who is waited for, where nobody reports. */
const LOOK_EVERY_MS = 1_000;
/** Not settled for so long is said, with who lacks what. */
const TOLD_AFTER_MS = 10_000;
/** Not settled for so long is over: the other partitions go on without it. */
const ABANDONED_AFTER_MS = 180_000;

/**
 * Event time from a tape. Gives each partition its next instant, be it the market's or a wake-up that was asked for there,
 * when everything the last one caused has settled. Speed changes nothing but speed, and a slow partition holds up nobody
 * but, in the end, the market itself: it is published at most so far ahead.
 */
export class Lockstep {
  private readonly market: SettledMarket;
  private readonly nowMs: () => number;
  private readonly tape: IterableIterator<RawInstant>;
  private next: IteratorResult<RawInstant>;
  /** What comes next, as the price core sees it. */
  private prepared: ReturnType<PriceIngest['ingest']> | undefined;
  private stopped = false;
  private finished = false;
  private startedAt: { readonly wallMs: number; readonly event: Instant } | undefined;
  private waiting: readonly string[] = [];

  constructor(private readonly options: LockstepOptions) {
    this.nowMs = options.nowMs ?? (() => performance.now());
    this.market = new SettledMarket(options.bus, options.partitions, this.nowMs);
    this.tape = options.tape.instants();
    this.next = this.tape.next();
  }

  /** Runs the tape to its end, from wherever an earlier life of this process had got to. */
  async run(): Promise<void> {
    const ticker = setInterval(() => this.report(), PROGRESS_EVERY_MS);
    const unwatch = this.options.stalls?.watch(() => (this.finished ? [] : this.market.waits()));
    try {
      await this.market.open((entry) => this.ingestAgain(entry));
      const { published: instant } = this.market.planner;
      if (instant > 0) this.options.logger.info({ instant }, 'resuming the tape');
      while (!this.stopped && (await this.step()));
      this.finished = !this.stopped;
      this.report();
    } finally {
      clearInterval(ticker);
      unwatch?.();
      this.market.close();
    }
  }

  stop(): void {
    this.stopped = true;
    this.market.interrupt();
  }

  report(): void {
    const { tape, bus } = this.options;
    const { active, halted, planner } = this.market;
    const times = active.map((partition) => planner.clock(partition).at ?? tape.from);
    const at = times.reduce((least, time) => (time < least ? time : least), planner.publishedAt ?? tape.from);
    bus.announce({
      instant: planner.published,
      eventTime: formatInstant(at),
      fraction: this.finished ? 1 : Math.min(1, Number(at - tape.from) / Number(tape.to - tape.from)),
      ...(this.waiting.length === 0 ? {} : { waiting: this.waiting }),
      ...(Object.keys(halted).length === 0 ? {} : { halted }),
      ...(this.finished ? { done: true } : {}),
    });
  }

  /** One move; false when there is none left. */
  private async step(): Promise<boolean> {
    this.watch();
    const { market, options } = this;
    const { active } = market;
    if (active.length === 0 && options.partitions.length > 0) return false;
    const coming: Coming = this.next.done === true ? 'ended' : this.next.value.at;
    const { steps, ready, resting } = market.planner.plan(active, { coming });
    if (steps.length > 0) await market.give(steps, coming);
    else if (this.next.done === true) {
      if (resting.length === active.length) return this.endRestless(resting);
      await market.pause(LOOK_EVERY_MS);
    } else {
      const tooEarlyMs = this.mayPublish(ready, active) ? this.earlyMs(this.next.value.at) : LOOK_EVERY_MS;
      if (tooEarlyMs > 0) await market.pause(Math.min(tooEarlyMs, LOOK_EVERY_MS));
      else await this.publish(this.next.value, ready);
    }
    return true;
  }

  private async publish(raw: RawInstant, granted: readonly string[]): Promise<void> {
    const { instant, facts } = this.prepared ?? this.ingest(raw, this.market.planner.published + 1);
    this.prepared = undefined;
    const published = this.market.publish(facts, instant, granted);
    this.next = this.tape.next();
    // While the services are at work on this one: price core and tape take as long as they do.
    if (this.next.done !== true) this.prepared = this.ingest(this.next.value, instant.number + 1);
    await published;
  }

  private ingest(raw: RawInstant, number: number): ReturnType<PriceIngest['ingest']> {
    return this.options.ingest.ingest(raw, number);
  }

  private mayPublish(ready: readonly string[], active: readonly string[]): boolean {
    if (this.options.partitions.length === 0) return true;
    return (
      ready.length > 0 && active.every((partition) => this.market.planner.behind(partition) < RUN_AHEAD_MAX)
    );
  }

  /** A partition that asks for wake-ups without end has not settled; the rest has, and the run is over. */
  private endRestless(resting: readonly string[]): false {
    for (const partition of resting)
      if (this.market.planner.clock(partition).isRestless) this.market.abandon(partition, RESTLESS);
    return false;
  }

  /** Says who is waited for and what it lacks; gives up on those that have not moved for minutes. */
  private watch(): void {
    const { market, options } = this;
    const stalled = market.stalled(TOLD_AFTER_MS);
    this.waiting = stalled.map((partition) => `partition ${partition}: ${market.lacks(partition)}`);
    for (const partition of market.stalled(ABANDONED_AFTER_MS)) {
      const reason = `it did not settle in ${ABANDONED_AFTER_MS / 1000} s: ${market.lacks(partition)}`;
      options.logger.error({ partition, reason }, 'event time goes on without a partition');
      market.abandon(partition, reason);
    }
  }

  /** What is already published is gone through again, so that the price core knows what it knew. */
  private ingestAgain(entry: MarketEntry): void {
    if (entry.kind === 'step') return;
    const { number, eventTime } = entry.given.instant;
    if (this.next.done === true || this.next.value.at !== parseInstant(eventTime))
      throw new IntegrityFault({
        code: 'PRICE.OTHER_TAPE',
        message: `instant ${number} was published at ${eventTime}, where this tape has ${this.next.done === true ? 'ended' : formatInstant(this.next.value.at)}`,
      });
    this.options.ingest.ingest(this.next.value, number);
    this.next = this.tape.next();
  }

  /** Milliseconds until an event time is due at the speed asked for. */
  private earlyMs(at: Instant): number {
    const { speed } = this.options;
    if (speed === 0) return 0;
    this.startedAt ??= { wallMs: this.nowMs(), event: at };
    const dueMs = this.startedAt.wallMs + Number(at - this.startedAt.event) / 1e6 / speed;
    return dueMs - this.nowMs();
  }
}
