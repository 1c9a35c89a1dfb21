import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { LatchBoard } from '@evenkeel/execution';
import type { Logger } from '@evenkeel/telemetry';
import type { PartitionVenues } from './partition-venues';

const SWEEP_INTERVAL_MS = 50;
const SAID_EVERY_MS = 5_000;

export interface KillSweepOptions {
  /** Folder of the file latches; a change in it is acted on at once. */
  readonly folder: string;
  /** The latches as known now, file latches included. */
  readonly latches: () => LatchBoard['latches'];
  readonly partitions: () => Iterable<Pick<PartitionVenues, 'takeBack'>>;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Looks all the time whether anything is to be taken back at a venue, without waiting for the journal or NATS: neither is on the way from the
 * file latch to the cancel.
 */
export class KillSweep {
  private ticker: NodeJS.Timeout | undefined;
  private watcher: FSWatcher | undefined;
  private latches: LatchBoard['latches'] = new Map();
  private saidAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: KillSweepOptions) {}

  start(): void {
    if (this.ticker !== undefined) return;
    this.ticker = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS);
    // The watch makes it quick; the interval makes it certain.
    try {
      this.watcher = watch(this.options.folder, () => this.sweep());
      this.watcher.on('error', () => undefined);
    } catch {
      // A folder that is gone stops everything, and the interval sees to that.
    }
  }

  stop(): void {
    clearInterval(this.ticker);
    this.watcher?.close();
  }

  sweep(): void {
    this.attempt(() => (this.latches = this.options.latches()));
    for (const partition of this.options.partitions()) this.attempt(() => partition.takeBack(this.latches));
  }

  /** What fails in one place stops nothing in another, and never the process that has orders at a venue. */
  private attempt(work: () => void): void {
    try {
      work();
    } catch (err) {
      if (performance.now() - this.saidAt < SAID_EVERY_MS) return;
      this.saidAt = performance.now();
      this.options.logger.error({ err }, 'open orders could not be looked after');
    }
  }
}
