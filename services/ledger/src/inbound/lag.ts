import { jetstreamManager } from '@nats-io/jetstream';
import type { ProcessShell } from '@evenkeel/host';
import { createGauge } from '@evenkeel/telemetry';
import type { Gauge } from 'prom-client';

const LOOK_EVERY_MS = 2_000;
/** Behind for longer than this without a step, the ledger is not ready. */
const STANDING_MAX_MS = 30_000;
/** Beyond it only the oldest of them count, which is what is asked for. */
const AHEAD_MAX = 1_000;
const REASON = 'taking over the journal';

/** How far the ledger is behind the journal; standing still while behind is a reason not to be ready. */
export class LedgerLag {
  private readonly gauge: Gauge;
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private behind = 0;
  private lastCheckpoint = -1;
  private movedAt = performance.now();
  /** Ends of the journal that the ledger has not come to, and when they were seen, oldest first. */
  private ahead: { readonly seq: number; readonly at: number }[] = [];

  constructor(
    private readonly shell: Pick<ProcessShell, 'connection' | 'epoch' | 'health' | 'metrics' | 'logger'>,
    private readonly checkpoint: () => number,
  ) {
    const { registry } = shell.metrics;
    this.gauge = createGauge(registry, 'evenkeel_ledger_behind_commits');
    createGauge(registry, 'evenkeel_ledger_behind_seconds', (gauge) =>
      gauge.set(this.behindMs(performance.now()) / 1_000),
    );
  }

  start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const manager = await jetstreamManager(this.shell.connection);
      const { state } = await manager.streams.info(this.shell.epoch.journalStream);
      this.note(state.last_seq, this.checkpoint(), performance.now());
    } catch (error) {
      this.shell.logger.debug({ err: error }, 'the journal could not be asked how long it is');
    } finally {
      this.looking = false;
    }
  }

  /** How long ago something was seen that is not taken over. */
  behindMs(nowMs: number): number {
    const [oldest] = this.ahead;
    return oldest === undefined ? 0 : nowMs - oldest.at;
  }

  /** The journal ends at `newest` and the ledger at `checkpoint`, at `nowMs` of a clock that only goes forward. */
  note(newest: number, checkpoint: number, nowMs: number): void {
    this.behind = Math.max(0, newest - checkpoint);
    this.gauge.set(this.behind);
    this.ahead = this.ahead.filter(({ seq }) => seq > checkpoint);
    const known = this.ahead[this.ahead.length - 1]?.seq ?? checkpoint;
    if (newest > known && this.ahead.length < AHEAD_MAX) this.ahead.push({ seq: newest, at: nowMs });
    if (checkpoint !== this.lastCheckpoint || this.behind === 0) {
      this.lastCheckpoint = checkpoint;
      this.movedAt = nowMs;
    }
    if (nowMs - this.movedAt < STANDING_MAX_MS) this.shell.health.done(REASON);
    else this.shell.health.wait(REASON, () => `(${this.behind} commits behind, and none for a while)`);
  }
}
