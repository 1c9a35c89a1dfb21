import { SettlementBoard, followProgress, publishProgress, readInstants } from '@evenkeel/adapter-nats';
import { nextInstant } from '@evenkeel/engine';
import type { CommitDraft } from '@evenkeel/facts';
import type { ProcessShell } from '@evenkeel/host';
import { formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import type { PriceIngest, RawInstant } from '@evenkeel/market';
import { InstantWriter } from './instant-writer';

export interface LiveClockOptions {
  /** Everything new on the market since the last call. */
  readonly market: (now: Instant) => RawInstant;
  /** Every source has said something: the first instant is worth having. */
  readonly isComplete: () => boolean;
  /** Facts about the connections since the last call. */
  readonly notes: (now: Instant) => CommitDraft[];
  readonly ingest: PriceIngest;
  readonly partitions: readonly string[];
  readonly clock: () => Instant;
  readonly intervalMs: number;
  /** How long the market lasts from the first instant of the run on; wake-ups go on, so that what is under way settles. */
  readonly lasts: Nanoseconds | undefined;
}

const PROGRESS_EVERY_MS = 200;
/** Services that have not settled for this long are gone on without: time must arrive for the others to notice silence. */
const PATIENCE_MS = 5_000;
const START_PATIENCE_MS = 60_000;
/** A source that has said nothing by then will be missed in public. */
const FIRST_PRICES_PATIENCE_MS = 5_000;

/**
 * Event time from the clock. Ticks whether or not the market says anything, so that silence is noticed; wakes whoever is due
 * in between. Like the tape's lockstep it waits until everything the last instant caused has settled, so the record of a live run has
 * the same order as that of a tape; a slow service makes the ticks rarer, never the picture older.
 */
export class LiveClock {
  private readonly writer: InstantWriter;
  private readonly board: SettlementBoard;
  private wakeUp: (() => void) | undefined;
  private stopped = false;
  private number = 0;
  private now: Instant = 0n;
  private nextTickAt: Instant = 0n;
  private startedAt: Instant = 0n;

  constructor(
    private readonly shell: ProcessShell,
    private readonly options: LiveClockOptions,
  ) {
    this.writer = new InstantWriter(shell);
    this.board = new SettlementBoard(options.partitions);
  }

  /** Runs until stopped, on from where an earlier life of this process had got to. */
  async run(): Promise<void> {
    const { connection } = this.shell;
    const unfollow = followProgress(connection, SettlementBoard.services, (progress) => {
      this.board.note(progress);
      this.wakeUp?.();
    });
    const ticker = setInterval(() => this.report(), PROGRESS_EVERY_MS);
    try {
      await this.resume();
      while (!this.stopped) await this.step();
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
    const { endsAt } = this;
    const ended = this.hasEnded(this.options.clock());
    publishProgress(this.shell.connection, {
      service: 'price-ingest',
      instant: this.number,
      partitions: {},
      ...(this.now === 0n ? {} : { eventTime: formatInstant(this.now) }),
      ...(endsAt === undefined
        ? {}
        : { fraction: Math.min(1, Number(this.now - this.startedAt) / Number(endsAt - this.startedAt)) }),
      ...(ended ? { done: true } : {}),
    });
  }

  private get endsAt(): Instant | undefined {
    const { lasts } = this.options;
    return lasts === undefined || this.startedAt === 0n ? undefined : this.startedAt + lasts;
  }

  private hasEnded(now: Instant): boolean {
    const { endsAt } = this;
    return endsAt !== undefined && now >= endsAt;
  }

  /** Raw prices are not kept, so the price core begins anew; numbers and times go on. */
  private async resume(): Promise<void> {
    await this.writer.readOwnFacts();
    for await (const { instant } of readInstants(this.shell.connection, this.shell.epoch)) {
      if (this.number === 0) this.startedAt = parseInstant(instant.eventTime);
      this.number = instant.number;
      this.now = parseInstant(instant.eventTime);
    }
    // Died between the facts of an instant and the instant itself: its number is spoken for.
    while (this.writer.hasFactsOf(this.number + 1)) {
      await this.untilSettled();
      await this.publishWake(this.later(this.options.clock()), []);
    }
    // The first instant waits for everybody: what nobody is there to see need not begin.
    await this.untilSettled(START_PATIENCE_MS);
    await this.untilComplete();
    if (this.startedAt === 0n) this.startedAt = this.options.clock();
    this.nextTickAt = this.options.clock();
  }

  private async step(): Promise<void> {
    await this.untilSettled();
    if (this.stopped) return;
    const wall = this.options.clock();
    const ended = this.hasEnded(wall);
    const tick = !ended && wall >= this.nextTickAt ? this.later(wall) : undefined;
    const due = this.board.wakes().filter((wake) => wake.at <= wall);
    // The market is not kept waiting by an unending stream of wake-ups.
    const late = tick !== undefined && wall - this.nextTickAt > this.interval;
    const next = nextInstant(this.now === 0n ? undefined : this.now, tick, late ? [] : due);
    if (next === undefined) return this.untilSomethingIsDue(wall, ended);
    if (next.kind === 'wake') return this.publishWake(next.at, next.services);
    this.nextTickAt = wall + this.interval;
    await this.publishMarket(next.at);
  }

  private get interval(): bigint {
    return BigInt(this.options.intervalMs) * 1_000_000n;
  }

  private later(at: Instant): Instant {
    return at > this.now ? at : this.now + 1n;
  }

  private async publishMarket(at: Instant): Promise<void> {
    this.number += 1;
    this.now = at;
    const { instant, facts } = this.options.ingest.ingest(this.options.market(at), this.number);
    await this.writer.record([...facts, ...this.options.notes(at)], instant);
    await this.writer.publish(instant);
  }

  private async publishWake(at: Instant, wakes: readonly string[]): Promise<void> {
    this.number += 1;
    this.now = at;
    const eventTime = formatInstant(at);
    const none = { marks: [], fundings: [], deliveries: [] };
    const instant = { number: this.number, eventTime, ...none, wakes };
    await this.writer.record(this.options.notes(at), instant);
    await this.writer.publish(instant);
  }

  private async untilSettled(patienceMs = PATIENCE_MS): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!this.stopped && !this.board.isSettled(this.number)) {
      const left = deadline - Date.now();
      if (left <= 0) {
        this.shell.logger.warn(
          { instant: this.number, fault: this.board.fault() },
          'a service has not settled in time; event time goes on without it',
        );
        return;
      }
      await this.pause(left);
    }
  }

  private async untilComplete(): Promise<void> {
    const deadline = Date.now() + FIRST_PRICES_PATIENCE_MS;
    while (!this.stopped && !this.options.isComplete() && Date.now() < deadline) await this.pause(20);
  }

  private async untilSomethingIsDue(wall: Instant, ended: boolean): Promise<void> {
    const times = this.board.wakes().map(({ at }) => at);
    if (!ended) times.push(this.nextTickAt);
    const { endsAt } = this;
    if (endsAt !== undefined && !ended) times.push(endsAt);
    const next = times.reduce<Instant | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
    const waitMs = next === undefined ? PROGRESS_EVERY_MS : Number((next - wall) / 1_000_000n) + 1;
    await this.pause(Math.min(Math.max(waitMs, 1), PROGRESS_EVERY_MS));
  }

  /** Until somebody reports, or the time is up. */
  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = undefined;
  }
}
