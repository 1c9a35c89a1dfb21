import { PartitionGate } from '@evenkeel/engine';
import type { GivenInstant, MarketEntry, PartitionReport } from '@evenkeel/engine';
import { HostReleased } from './partition-host';
import type { PartitionHost } from './partition-host';

export interface LaneOptions<State, Effect> {
  readonly host: PartitionHost<State, Effect>;
  /** Returns once the instant has taken its whole effect. A throw halts the partition. */
  readonly handle: (given: GivenInstant) => Promise<void>;
  /** The partition cannot go on. */
  readonly onFault: (error: unknown) => void;
}

/** One partition of a service, on its own: its market, its fault. Others go on whatever happens here. */
export class PartitionLane<State, Effect> {
  readonly host: PartitionHost<State, Effect>;
  private readonly gate: PartitionGate;
  private running: Promise<void> | undefined;
  private taking = false;
  private stopping = false;
  private faultReason: string | undefined;

  constructor(private readonly options: LaneOptions<State, Effect>) {
    this.host = options.host;
    this.gate = new PartitionGate(options.host.partition);
  }

  get fault(): string | undefined {
    return this.faultReason;
  }

  get report(): PartitionReport {
    const { faultReason: fault } = this;
    return { ...this.host.progress, ...(fault === undefined ? {} : { fault }) };
  }

  /** What the market stream had at start; returns what this partition was given of it, for its recovery. */
  replay(entries: readonly MarketEntry[]): readonly GivenInstant[] {
    for (const entry of entries) this.gate.offer(entry);
    return [...this.gate.given()];
  }

  /** Something new on the market stream. A halted partition keeps nothing of it: it is there for its successor. */
  offer(entry: MarketEntry): void {
    if (this.faultReason !== undefined || this.stopping) return;
    this.gate.offer(entry);
    if (!this.taking) this.running = this.takeAll();
  }

  halt(error: unknown): void {
    if (this.faultReason !== undefined || (this.stopping && error instanceof HostReleased)) return;
    this.faultReason = error instanceof Error ? error.message : String(error);
    this.host.release();
    this.options.onFault(error);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.host.release();
    await this.running;
  }

  private async takeAll(): Promise<void> {
    this.taking = true;
    try {
      for (const given of this.gate.given()) {
        if (this.faultReason !== undefined || this.stopping) return;
        await this.options.handle(given);
      }
    } catch (error) {
      this.halt(error);
    } finally {
      this.taking = false;
    }
  }
}
