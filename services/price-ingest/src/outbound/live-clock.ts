import type { Coming } from '@evenkeel/engine';
import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import { formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import type { PriceIngest, RawInstant } from '@evenkeel/market';
import type { Logger, Stalls, Wait } from '@evenkeel/telemetry';
import type { MarketBus } from './market-bus';
import { SettledMarket } from './settled-market';

export interface LiveClockOptions {
  readonly bus: MarketBus;
  /** Everything new on the market since the last call. */
  readonly market: (now: Instant) => RawInstant;
  /** The sources that have said nothing yet; where there are none, the first instant is worth having. */
  readonly silent: () => readonly string[];
  /** Facts about the connections since the last call. */
  readonly notes: (now: Instant) => CommitDraft[];
  readonly ingest: PriceIngest;
  readonly partitions: readonly string[];
  /** Event time: it only goes forward, whatever becomes of the wall clock. */
  readonly clock: () => Instant;
  /** An earlier life of this process has come to this event time. */
  readonly startFrom?: (at: Instant) => void;
  /** The instant as it may be published: without belief in its prices where the clock cannot be trusted. */
  readonly guard?: (instant: MarketInstant) => MarketInstant;
  readonly intervalMs: number;
  /** How long the market lasts from the first instant of the run on; wake-ups go on, so that what is under way settles. */
  readonly lasts: Nanoseconds | undefined;
  readonly logger: Pick<Logger, 'warn'>;
  /** Hears for whom it waits. */
  readonly stalls?: Pick<Stalls, 'watch'>;
  /** Milliseconds that only go forward: for patience. */
  readonly nowMs?: () => number;
}

/** Half of the shortest interval between two instants: numbers counted by it are above those that were given out one by one. */
const NUMBER_UNIT_NS = 10_000_000n;
const PROGRESS_EVERY_MS = 200;
/** A partition that has not settled for this long is gone on with: time must arrive for it to notice silence. */
const PATIENCE_MS = 5_000;
const START_PATIENCE_MS = 60_000;
/** A source that has said nothing by then will be missed in public. */
const FIRST_PRICES_PATIENCE_MS = 5_000;

/**
 * Event time from the clock. Ticks whether or not the market says anything, so that silence is noticed; wakes whoever is
 * due in between. As over a tape, a partition is given its next instant when everything the last one caused has settled
 * there, so the record of a live run has the same order; a slow partition falls behind by itself, for a while.
 */
export class LiveClock {
  private readonly market: SettledMarket;
  private readonly nowMs: () => number;
  private stopped = false;
  private silentSince: number | undefined;
  private nextTickAt: Instant = 0n;
  private startedAt: Instant = 0n;

  constructor(private readonly options: LiveClockOptions) {
    this.nowMs = options.nowMs ?? (() => performance.now());
    this.market = new SettledMarket(options.bus, options.partitions, this.nowMs);
  }

  /** Runs until stopped, on from where an earlier life of this process had got to. */
  async run(): Promise<void> {
    const ticker = setInterval(() => this.report(), PROGRESS_EVERY_MS);
    const unwatch = this.options.stalls?.watch(() => [...this.market.waits(), ...this.firstPrices()]);
    try {
      await this.resume();
      while (!this.stopped) await this.step();
    } finally {
      clearInterval(ticker);
      unwatch?.();
      this.market.close();
    }
  }

  private firstPrices(): readonly Wait[] {
    const silent = this.options.silent();
    this.silentSince = silent.length === 0 ? undefined : (this.silentSince ?? this.nowMs());
    if (this.silentSince === undefined) return [];
    const forMs = this.nowMs() - this.silentSince;
    return [{ for: 'venue', what: 'first-prices', forMs, detail: `nothing yet from ${silent.join(', ')}` }];
  }

  stop(): void {
    this.stopped = true;
    this.market.interrupt();
  }

  report(): void {
    const { endsAt, market } = this;
    const { latest, published: instant } = market.planner;
    const { halted } = market;
    this.options.bus.announce({
      instant,
      ...(latest === undefined ? {} : { eventTime: formatInstant(latest) }),
      ...(endsAt === undefined || latest === undefined
        ? {}
        : { fraction: Math.min(1, Number(latest - this.startedAt) / Number(endsAt - this.startedAt)) }),
      ...(Object.keys(halted).length === 0 ? {} : { halted }),
      ...(this.hasEnded(this.options.clock()) && !market.isHaltInDoubt ? { done: true } : {}),
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

  private get interval(): bigint {
    return BigInt(this.options.intervalMs) * 1_000_000n;
  }

  /** Raw prices are not kept, so the price core begins anew; numbers and times go on. */
  private async resume(): Promise<void> {
    const { bus, clock } = this.options;
    const { market } = this;
    await market.open((entry) => {
      if (entry.kind === 'instant' && this.startedAt === 0n)
        this.startedAt = parseInstant(entry.given.instant.eventTime);
    });
    if (market.planner.latest !== undefined) this.options.startFrom?.(market.planner.latest);
    const { journalTime } = bus;
    if (journalTime !== undefined && journalTime.upTo > (market.planner.latest ?? 0n))
      return this.beginAnew(journalTime);
    // Died between the facts of an instant and the instant itself: its number is spoken for.
    while (bus.hasFactsOf(market.planner.published + 1))
      await this.publish(this.later(clock()), [], { spoken: true });
    // The first instant waits for everybody: what nobody is there to see need not begin.
    await this.until(() => market.active.every((one) => market.isSettled(one)), START_PATIENCE_MS);
    await this.until(() => this.options.silent().length === 0, FIRST_PRICES_PATIENCE_MS);
    if (this.startedAt === 0n) this.startedAt = clock();
    this.nextTickAt = clock();
  }

  /**
   * The journal knows more of the market than its stream does: that was emptied, restored or made anew. The next number is above every number
   * before, because instants are further apart than the unit it counts; so no cause is ever named twice. Everybody is given it at once:
   * what each has settled last is not on the stream any more.
   */
  private async beginAnew({ from, upTo }: NonNullable<MarketBus['journalTime']>): Promise<void> {
    const { clock, logger, startFrom } = this.options;
    startFrom?.(upTo);
    await this.until(() => this.options.silent().length === 0, FIRST_PRICES_PATIENCE_MS);
    const at = this.later(clock() > upTo ? clock() : upTo + 1n);
    const number = Number((at - from) / NUMBER_UNIT_NS) + 1;
    logger.warn(
      { number, upTo: formatInstant(upTo) },
      'the market on the stream is lost; event time goes on from the journal',
    );
    this.market.planner.beginAt(number);
    await this.publish(at, this.market.active, { begins: true });
    this.startedAt = from;
    this.nextTickAt = clock();
  }

  private async step(): Promise<void> {
    const { market } = this;
    const wall = this.options.clock();
    const ended = this.hasEnded(wall);
    const coming: Coming = ended ? 'ended' : 'unknown';
    const impatientWith = new Set(market.stalled(PATIENCE_MS));
    const { steps, ready } = market.planner.plan(market.active, {
      coming,
      dueBy: wall,
      impatientWith,
      marketFirst: this.keptFromMarket(wall),
    });
    for (const { partition } of steps.filter((step) => impatientWith.has(step.partition)))
      this.options.logger.warn(
        { partition, lacks: market.lacks(partition) },
        'a partition has not settled in time; event time goes on with it',
      );
    if (steps.length > 0) await market.give(steps, coming);
    else if (!ended && wall >= this.nextTickAt) {
      this.nextTickAt = wall + this.interval;
      await this.publish(this.later(wall), ready);
    } else await this.untilSomethingIsDue(wall, ended);
  }

  /** The market is not kept waiting by an unending stream of wake-ups. */
  private keptFromMarket(wall: Instant): ReadonlySet<string> {
    const { planner, active } = this.market;
    return new Set(
      active.filter((partition) => {
        const waits = planner.waitingMarket(partition);
        return waits !== undefined && wall - waits > this.interval;
      }),
    );
  }

  /** A clock that is set back does not take event time with it. */
  private later(at: Instant): Instant {
    const { latest } = this.market.planner;
    return latest === undefined || at > latest ? at : latest + 1n;
  }

  private async publish(
    at: Instant,
    granted: readonly string[],
    { spoken = false, begins = false }: { readonly spoken?: boolean; readonly begins?: boolean } = {},
  ): Promise<void> {
    const number = this.market.planner.published + 1;
    if (spoken) {
      const none = { marks: [], fundings: [], deliveries: [], wakes: [] };
      return this.market.publish([], { number, eventTime: formatInstant(at), ...none }, granted);
    }
    const { guard = (unchanged) => unchanged } = this.options;
    const { instant, facts } = this.options.ingest.ingest(this.options.market(at), number);
    const guarded = guard(instant);
    return this.market.publish([...facts, ...this.options.notes(at)], guarded, granted, begins);
  }

  private async until(happened: () => boolean, patienceMs: number): Promise<void> {
    const deadline = this.nowMs() + patienceMs;
    while (!this.stopped && !happened() && this.nowMs() < deadline) await this.market.pause(20);
  }

  private async untilSomethingIsDue(wall: Instant, ended: boolean): Promise<void> {
    const times = [...this.market.wakes()].filter((at) => at > wall);
    if (!ended) times.push(this.nextTickAt);
    const { endsAt } = this;
    if (endsAt !== undefined && !ended) times.push(endsAt);
    const next = times.reduce<Instant | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
    const waitMs = next === undefined ? PROGRESS_EVERY_MS : Number((next - wall) / 1_000_000n) + 1;
    await this.market.pause(Math.min(Math.max(waitMs, 1), PROGRESS_EVERY_MS));
  }
}
