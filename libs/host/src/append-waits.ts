import type { PublishWait, PublishWaits } from '@evenkeel/adapter-nats';
import { EvenkeelError } from '@evenkeel/kernel';
import type { Health, Logger, Stalls, Wait } from '@evenkeel/telemetry';

/** A shorter wait is the server's own affair: an election, a sync. */
const SAID_AFTER_MS = 1_000;
const SAID_EVERY_MS = 10_000;
const READY_REASON = 'waiting for NATS';

interface Waiting extends PublishWait {
  readonly since: number;
}

/**
 * What of a process waits for the server: said once and then every ten seconds, a metric, and a reason not to be ready. Nothing is lost and
 * nobody has to come: what waits is stored when the server answers, or has room again.
 */
export class AppendWaits implements PublishWaits {
  private readonly all = new Map<string, Waiting>();
  private saidAt = Number.NEGATIVE_INFINITY;
  private outage = false;

  constructor(
    private readonly logger: Pick<Logger, 'error' | 'info'>,
    private readonly health: Pick<Health, 'wait' | 'done'>,
    stalls: Pick<Stalls, 'watch'>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    stalls.watch(() => this.waits());
  }

  waiting(wait: PublishWait): void {
    const now = this.nowMs();
    const since = this.all.get(wait.id)?.since ?? now - wait.forMs;
    this.all.set(wait.id, { ...wait, since });
    if (now - since < SAID_AFTER_MS) return;
    if (!this.outage) this.health.wait(READY_REASON, () => this.words());
    this.outage = true;
    if (now - this.saidAt < SAID_EVERY_MS) return;
    this.saidAt = now;
    const { subject, why: err } = wait;
    const code = codeOf(wait);
    const seconds = Math.round((now - since) / 1_000);
    this.logger.error({ code, subject, seconds, waiting: this.all.size, err }, SAID[code]);
  }

  over(id: string): void {
    this.all.delete(id);
    if (this.all.size > 0 || !this.outage) return;
    this.outage = false;
    this.saidAt = Number.NEGATIVE_INFINITY;
    this.health.done(READY_REASON);
    this.logger.info('NATS answers again; what waited is stored');
  }

  private waits(): readonly Wait[] {
    const forMs = this.longestMs();
    return this.all.size === 0
      ? []
      : [{ for: 'nats', what: 'append', forMs, detail: this.words(), saysSo: true }];
  }

  private longestMs(): number {
    const now = this.nowMs();
    return [...this.all.values()].reduce((longest, { since }) => Math.max(longest, now - since), 0);
  }

  private words(): string {
    const [first] = this.all.values();
    const seconds = Math.round(this.longestMs() / 1_000);
    return first === undefined ? '' : `for ${seconds} s (${codeOf(first)})`;
  }
}

type Code = 'NATS.STORAGE_FULL' | 'EVENTING.APPEND_UNRESOLVED';

const SAID: Readonly<Record<Code, string>> = {
  'NATS.STORAGE_FULL':
    'the server has no room: nothing is stored until there is; what waits goes on by itself then',
  'EVENTING.APPEND_UNRESOLVED': 'the server does not say whether it has stored what it was given; asking on',
};

function codeOf({ why }: PublishWait): Code {
  return why instanceof EvenkeelError && why.code === 'NATS.STORAGE_FULL'
    ? 'NATS.STORAGE_FULL'
    : 'EVENTING.APPEND_UNRESOLVED';
}
