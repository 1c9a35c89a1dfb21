import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { openOrdersUnder } from '@evenkeel/execution';
import type { ExecutionState, LatchBoard, VenueEffect, VenueOrder } from '@evenkeel/execution';

const SWEEP_INTERVAL_MS = 50;

export interface KillSweepOptions {
  /** Folder of the file latches; a change in it is acted on at once. */
  readonly folder: string;
  /** The latches as known now, file latches included. */
  readonly latches: () => LatchBoard['latches'];
  readonly states: () => readonly Pick<ExecutionState, 'open'>[];
  readonly cancel: (effect: Extract<VenueEffect, { kind: 'cancel' }>) => Promise<void>;
  readonly onFailure: (error: unknown, order: VenueOrder) => void;
}

/**
 * Takes open orders back at the venue as soon as a latch covers them, without waiting for the journal or NATS: neither is on the
 * way from the file latch to the cancel. Cancels may be asked for twice; the core asks
 * again once the latch is on record.
 */
export class KillSweep {
  private readonly asked = new Set<string>();
  private ticker: NodeJS.Timeout | undefined;
  private watcher: FSWatcher | undefined;

  constructor(private readonly options: KillSweepOptions) {}

  start(): void {
    this.ticker = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS);
    // The watch makes it quick; the interval makes it certain.
    this.watcher = watch(this.options.folder, () => this.sweep());
    this.watcher.on('error', () => undefined);
  }

  stop(): void {
    clearInterval(this.ticker);
    this.watcher?.close();
  }

  /** Asks for the cancel of every open order under an engaged latch, each once per latch. */
  sweep(): void {
    for (const [scope, latch] of this.options.latches()) {
      if (!latch.engaged) continue;
      const since = latch.at;
      for (const state of this.options.states())
        for (const order of openOrdersUnder(state, scope)) this.take(order, `${scope}|${since}`);
    }
  }

  private take(order: VenueOrder, why: string): void {
    const { clientOrderId, book, venue } = order;
    const key = `${clientOrderId}|${why}`;
    if (this.asked.has(key)) return;
    this.asked.add(key);
    this.options
      .cancel({ kind: 'cancel', clientOrderId, book, venue, reason: 'KILL_ENGAGED' })
      .catch((error: unknown) => {
        this.asked.delete(key);
        this.options.onFailure(error, order);
      });
  }
}
