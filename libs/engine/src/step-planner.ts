import type { PartitionStep } from '@evenkeel/contracts';
import { formatInstant, parseInstant, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { PartitionClock } from './event-time';
import type { Coming } from './event-time';
import type { MarketEntry } from './partition-gate';
import type { SettlementBoard } from './settlement';

export interface PlanOptions {
  /** When the market comes next, beyond what is published. */
  readonly coming: Coming;
  /** Wake-ups asked for at a later time are not due yet: for a clock. */
  readonly dueBy?: Instant;
  /** Partitions that are gone on with although they have not settled. */
  readonly impatientWith?: ReadonlySet<string>;
  /** Partitions whose published market comes before their wake-ups: they were kept from it too long. */
  readonly marketFirst?: ReadonlySet<string>;
}

export interface Plan {
  /** To be given now, each to a partition that has settled. */
  readonly steps: readonly PartitionStep[];
  /** Have taken everything published, and wait for the market. */
  readonly ready: readonly string[];
  /** Have taken everything, and nothing more comes. */
  readonly resting: readonly string[];
}

/**
 * Plans what each partition is given next. The market's instants are common and numbered by the market alone; a partition
 * takes the next one, or a wake-up of its own, when everything it was given before has settled there. Nobody waits for
 * another partition, so a book's decisions do not depend on which other books run beside it.
 */
export class StepPlanner {
  private readonly clocks: ReadonlyMap<string, PartitionClock>;
  /** Times of the market instants that somebody has yet to take. */
  private readonly times = new Map<number, Instant>();
  private forgotten = 0;
  private newest = 0;
  private newestAt: Instant | undefined;

  constructor(
    readonly partitions: readonly string[],
    private readonly board: SettlementBoard,
  ) {
    this.clocks = new Map(partitions.map((partition) => [partition, new PartitionClock()]));
  }

  /** Number of the newest market instant published. */
  get published(): number {
    return this.newest;
  }

  get publishedAt(): Instant | undefined {
    return this.newestAt;
  }

  /** The latest event time anybody was given. */
  get latest(): Instant | undefined {
    let latest = this.newestAt;
    for (const { at } of this.clocks.values())
      if (at !== undefined && (latest === undefined || at > latest)) latest = at;
    return latest;
  }

  clock(partition: string): PartitionClock {
    return required(this.clocks.get(partition), `partition ${partition}`);
  }

  /** Event time (ISO) of what a partition was given last. */
  givenAt(partition: string): string | undefined {
    const { at } = this.clock(partition);
    return at === undefined ? undefined : formatInstant(at);
  }

  /** Market instants that a partition has yet to be given. */
  behind(partition: string): number {
    return this.newest - this.clock(partition).market;
  }

  /** When the oldest market instant that a partition has yet to be given was; undefined when it has them all. */
  waitingMarket(partition: string): Instant | undefined {
    return this.times.get(this.clock(partition).market + 1);
  }

  /** The market is lost: the next instant is `number`, for everybody. */
  beginAt(number: number): void {
    this.newest = number - 1;
    this.forgotten = number - 1;
    this.times.clear();
    for (const clock of this.clocks.values()) clock.market = number - 1;
  }

  /** Notes what is on the stream: what was just published, or what an earlier life has published. */
  note(entry: MarketEntry, coming: Coming = 'unknown'): void {
    if (entry.kind === 'step') return this.noteStep(entry.step, coming);
    const { number, eventTime } = entry.given.instant;
    if (entry.begins === true) this.beginAt(number);
    this.newest = number;
    this.newestAt = parseInstant(eventTime);
    this.times.set(number, this.newestAt);
    for (const partition of entry.granted) this.giveMarket(partition, number);
    this.forget();
  }

  plan(among: readonly string[], options: PlanOptions): Plan {
    const steps: PartitionStep[] = [];
    const ready: string[] = [];
    const resting: string[] = [];
    for (const partition of among) {
      const impatient = options.impatientWith?.has(partition) === true;
      if (!impatient && !this.board.isSettled(partition, this.givenAt(partition))) continue;
      const step = this.stepOf(partition, options, impatient);
      if (step !== undefined) steps.push(step);
      else if (options.coming === 'ended') resting.push(partition);
      else ready.push(partition);
    }
    return { steps, ready, resting };
  }

  private stepOf(
    partition: string,
    { coming, dueBy, marketFirst }: PlanOptions,
    impatient: boolean,
  ): PartitionStep | undefined {
    const clock = this.clock(partition);
    const published = this.times.get(clock.market + 1);
    const first = published !== undefined && marketFirst?.has(partition) === true;
    const wakes = first
      ? []
      : this.board.wakes(partition).filter(({ at }) => dueBy === undefined || at <= dueBy);
    const next = clock.next(published ?? coming, wakes);
    if (next?.kind === 'wake') {
      const { market: after } = clock;
      return { kind: 'wake', partition, after, at: formatInstant(next.at), wakes: next.services };
    }
    if (published === undefined) return undefined;
    return { kind: 'market', partition, upTo: impatient ? this.newest : clock.market + 1 };
  }

  private noteStep(step: PartitionStep, coming: Coming): void {
    const clock = this.clocks.get(step.partition);
    if (clock === undefined) return;
    if (step.kind === 'wake') {
      const at = parseInstant(step.at);
      const published = this.times.get(clock.market + 1);
      if (clock.at === undefined || at > clock.at) clock.tookWake(at, published ?? coming);
      return;
    }
    this.giveMarket(step.partition, step.upTo);
    this.forget();
  }

  private giveMarket(partition: string, upTo: number): void {
    const clock = this.clocks.get(partition);
    if (clock === undefined || upTo <= clock.market) return;
    clock.tookMarket(upTo, required(this.times.get(upTo), `the time of market instant ${upTo}`));
  }

  private forget(): void {
    const least = [...this.clocks.values()].reduce((low, { market }) => Math.min(low, market), this.newest);
    for (; this.forgotten < least; this.forgotten += 1) this.times.delete(this.forgotten + 1);
  }
}
