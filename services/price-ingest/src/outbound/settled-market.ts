import type { PartitionStep } from '@evenkeel/contracts';
import { SettlementBoard, StepPlanner } from '@evenkeel/engine';
import type { Coming, MarketEntry } from '@evenkeel/engine';
import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import type { Wait } from '@evenkeel/telemetry';
import type { MarketBus } from './market-bus';

/** What takes less is no wait. */
const WAIT_COUNTS_AFTER_MS = 1_000;
/** A halt counts when it has stood for so long: a service repeats what it says four times a second. */
const FAULT_STANDS_MS = 1_000;

/** The market as it is given to partitions, each when it has settled: what tape and clock have in common. */
export class SettledMarket {
  readonly planner: StepPlanner;
  private readonly board = new SettlementBoard();
  private readonly movedAtMs = new Map<string, number>();
  private readonly abandoned = new Map<string, string>();
  private readonly faultySinceMs = new Map<string, number>();
  /** When a service last moved in a partition. */
  private readonly heardAtMs = new Map<string, number>();
  private unfollow: () => void = () => undefined;
  private interruptPause: (() => void) | undefined;
  private openedAtMs: number | undefined;

  constructor(
    private readonly bus: MarketBus,
    readonly partitions: readonly string[],
    /** Milliseconds that only go forward. */
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.planner = new StepPlanner(partitions, this.board);
  }

  /** Reads what earlier lives have published, each entry handed to `onEntry`, and begins to listen to the services. */
  async open(onEntry: (entry: MarketEntry) => void): Promise<void> {
    for await (const entry of this.bus.history()) {
      this.planner.note(entry);
      onEntry(entry);
    }
    this.openedAtMs = this.nowMs();
    this.unfollow = this.bus.follow((report) => {
      this.board.note(report, (partition, service) => this.moved(partition, service));
      this.interrupt();
    });
  }

  close(): void {
    this.unfollow();
  }

  /** Partitions that event time waits for. */
  get active(): readonly string[] {
    return this.partitions.filter((partition) => this.reasonOf(partition) === undefined);
  }

  /** Partitions that it has gone on without, and why. */
  get halted(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.partitions.flatMap((partition) => {
        const reason = this.reasonOf(partition);
        return reason === undefined ? [] : [[partition, reason] as const];
      }),
    );
  }

  /** A halt has been said that does not count yet: whoever ends now would leave it out. */
  get isHaltInDoubt(): boolean {
    return this.partitions.some(
      (partition) => this.faultySinceMs.has(partition) && this.reasonOf(partition) === undefined,
    );
  }

  async publish(
    facts: readonly CommitDraft[],
    instant: MarketInstant,
    granted: readonly string[],
    begins = false,
  ): Promise<void> {
    await this.bus.publish(facts, instant, granted, begins);
    this.planner.note({ kind: 'instant', given: { instant, seq: 0, traceparent: '' }, granted, begins });
    for (const partition of granted) this.movedAtMs.set(partition, this.nowMs());
  }

  async give(steps: readonly PartitionStep[], coming: Coming): Promise<void> {
    await this.bus.give(steps);
    for (const step of steps) {
      this.planner.note({ kind: 'step', step, seq: 0, traceparent: '' }, coming);
      this.movedAtMs.set(step.partition, this.nowMs());
    }
  }

  isSettled(partition: string): boolean {
    return this.board.isSettled(partition, this.planner.givenAt(partition));
  }

  /** What is wanting in a partition, in words. */
  lacks(partition: string): string {
    return this.board.lacks(partition, this.planner.givenAt(partition)).join('; ');
  }

  /** The wake-ups that are asked for anywhere. */
  wakes(): readonly bigint[] {
    return this.active.flatMap((partition) => this.board.wakes(partition).map(({ at }) => at));
  }

  /** Partitions that have not settled, and in which nothing has moved for so long. */
  stalled(forMs: number): string[] {
    const before = this.nowMs() - forMs;
    return this.active.filter(
      (partition) =>
        (this.movedAtMs.get(partition) ?? this.openedAtMs ?? 0) <= before && !this.isSettled(partition),
    );
  }

  /** Who is waited for, by service: the partition in which that has gone on for longest. */
  waits(): readonly Wait[] {
    const { active, openedAtMs } = this;
    if (openedAtMs === undefined) return [];
    const now = this.nowMs();
    const longest = new Map<string, Wait>();
    const standing = new Set<string>();
    for (const partition of active)
      for (const service of this.board.waitedFor(partition, this.planner.givenAt(partition))) {
        const forMs = now - (this.heardAtMs.get(`${service}/${partition}`) ?? openedAtMs);
        if (forMs < WAIT_COUNTS_AFTER_MS) continue;
        standing.add(partition);
        if (forMs <= (longest.get(service)?.forMs ?? 0)) continue;
        const detail = `partition ${partition}: ${this.lacks(partition)}`;
        longest.set(service, { for: service, what: 'settle', forMs, detail });
      }
    const keepsFromReady = standing.size === active.length;
    return [...longest.values()].map((wait) => ({ ...wait, keepsFromReady }));
  }

  /** Event time goes on without it, for good. */
  abandon(partition: string, reason: string): void {
    this.abandoned.set(partition, reason);
  }

  /** Until somebody reports, or the time is up. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.interruptPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.interruptPause = undefined;
  }

  interrupt(): void {
    this.interruptPause?.();
  }

  private moved(partition: string, service: string): void {
    this.movedAtMs.set(partition, this.nowMs());
    this.heardAtMs.set(`${service}/${partition}`, this.nowMs());
    if (this.board.fault(partition) === undefined) this.faultySinceMs.delete(partition);
    else if (!this.faultySinceMs.has(partition)) this.faultySinceMs.set(partition, this.nowMs());
  }

  /** A halt that is said once, and then denied by the same owner, ends nothing. */
  private reasonOf(partition: string): string | undefined {
    const abandoned = this.abandoned.get(partition);
    if (abandoned !== undefined) return abandoned;
    const since = this.faultySinceMs.get(partition);
    const stands = since !== undefined && this.nowMs() - since >= FAULT_STANDS_MS;
    return stands ? this.board.fault(partition) : undefined;
  }
}
