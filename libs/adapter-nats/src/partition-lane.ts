import { PartitionGate } from '@evenkeel/engine';
import type { GivenInstant, MarketEntry, PartitionReport } from '@evenkeel/engine';
import { isSupersession } from './lease';
import { HostReleased } from './partition-host';
import type { MarketPosition, PartitionHost } from './partition-host';

export interface LaneOptions<State, Effect> {
  readonly host: PartitionHost<State, Effect>;
  /** Returns once the instant has taken its whole effect. A throw halts the partition. */
  readonly handle: (given: GivenInstant) => Promise<void>;
  /** The partition cannot go on. */
  readonly onFault: (error: unknown) => void;
  /** Another owner has spoken for the partition: this life of it is over, and is no fault of the record. */
  readonly onSuperseded: (error: unknown) => void;
}

/** One partition of a service, on its own: its market, its fault. Others go on whatever happens here. */
export class PartitionLane<State, Effect> {
  readonly host: PartitionHost<State, Effect>;
  private gate: PartitionGate;
  private running: Promise<void> | undefined;
  private taking = false;
  private stopping = false;
  private superseded = false;
  private faultReason: string | undefined;
  /** What has come while the partition recovered; undefined once it takes what comes. */
  private early: MarketEntry[] | undefined = [];
  private replayedUpTo = 0;
  private settledAt: string | undefined;

  constructor(private readonly options: LaneOptions<State, Effect>) {
    this.host = options.host;
    this.gate = new PartitionGate(options.host.partition);
  }

  get fault(): string | undefined {
    return this.faultReason;
  }

  /** It has recovered and stands for its partition. */
  get isOpen(): boolean {
    return this.early === undefined && !this.superseded;
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  /** An instant counts as taken once all of it has taken effect, what a venue had to say at it included. */
  get report(): PartitionReport {
    const { faultReason: fault, settledAt } = this;
    const { at: _taking, ...standing } = this.host.progress;
    return {
      ...standing,
      ...(settledAt === undefined ? {} : { at: settledAt }),
      ...(fault === undefined ? {} : { fault }),
    };
  }

  /** Before anything is read: where the market will be read from for this partition; undefined for its beginning. */
  readFrom(position: MarketPosition | undefined): void {
    this.gate = new PartitionGate(this.host.partition, position);
  }

  /** What the market stream had at start, entry by entry: hands over what this partition was given of it. */
  async replay(entry: MarketEntry, take: (given: GivenInstant) => Promise<void>): Promise<void> {
    this.gate.offer(entry);
    for (const given of this.gate.given()) await take(given);
    this.replayedUpTo = seqOf(entry);
  }

  /** After recovery: takes what has come meanwhile, and from then on what comes. */
  begin(): void {
    const { early = [] } = this;
    this.early = undefined;
    this.settledAt = this.host.progress.at;
    for (const entry of early) this.offer(entry);
  }

  /** Something new on the market stream. A halted partition keeps nothing of it: it is there for its successor. */
  offer(entry: MarketEntry): void {
    if (this.faultReason !== undefined || this.superseded || this.stopping) return;
    if (this.early !== undefined) {
      this.early.push(entry);
      return;
    }
    // Where the market begins anew, its stream may be another, which counts from one.
    if (entry.kind === 'instant' && entry.begins === true) this.replayedUpTo = 0;
    if (seqOf(entry) <= this.replayedUpTo) return;
    this.gate.offer(entry);
    if (!this.taking) this.running = this.takeAll();
  }

  halt(error: unknown): void {
    if (this.faultReason !== undefined || this.superseded) return;
    if (this.stopping && (error instanceof HostReleased || isSupersession(error))) return;
    if (isSupersession(error)) {
      this.superseded = true;
      this.host.release();
      this.options.onSuperseded(error);
      return;
    }
    this.faultReason = error instanceof Error ? error.message : String(error);
    this.host.release();
    this.options.onFault(error);
  }

  /** After `stop`: keeps where it stands for its next owner, unless it does not know for certain. */
  async leave(): Promise<void> {
    if (this.isOpen && this.faultReason === undefined) await this.host.leave();
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
        if (this.faultReason !== undefined || this.superseded || this.stopping) return;
        await this.options.handle(given);
        this.settledAt = this.host.progress.at;
      }
    } catch (error) {
      this.halt(error);
    } finally {
      this.taking = false;
    }
  }
}

function seqOf(entry: MarketEntry): number {
  return entry.kind === 'instant' ? entry.given.seq : entry.seq;
}
