import { isKillScope } from '@evenkeel/execution';
import { killOrderIn } from '@evenkeel/governance';
import type { Enrolment } from '@evenkeel/governance';
import { NANOS_PER_MILLISECOND } from '@evenkeel/kernel';
import type { Logger } from '@evenkeel/telemetry';
import type { KillLatches } from '../kill-latches';

export const ORDER_BYTES_MAX = 8_192;

/** From one address, and from all together. */
const PER_SECOND = { one: 5, all: 50 } as const;
const ADDRESSES_MAX = 1_000;

export interface DirectKillOptions {
  readonly process: string;
  readonly latches: Pick<KillLatches, 'engage'>;
  /** Who is enrolled by the journal, as far as it was read. */
  readonly governance: { enrolmentOf(identity: string): Enrolment | undefined; refresh(): Promise<void> };
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  readonly nowMs?: () => number;
}

export interface KillReply {
  readonly status: 200 | 400 | 403 | 409 | 429;
  readonly body: Readonly<Record<string, string | boolean>>;
}

const JOURNAL_PATIENCE_MS = 1_000;
const ROSTER_INTERVAL_MS = 30_000;

/**
 * The second way to stop, which needs no bus and no disk: an order signed by an enrolled person, straight to this process. It can only
 * stop. What it stops is written into the kill folder, and goes into the bucket and onto the journal when these are back.
 */
export class DirectKill {
  private readonly nowMs: () => number;
  private readonly asked = new Map<string, number>();
  private second = 0;
  private ticker: NodeJS.Timeout | undefined;

  constructor(private readonly options: DirectKillOptions) {
    this.nowMs = options.nowMs ?? (() => Date.now());
  }

  /** Keeps the roster in memory, for when the journal is out of reach. Throws where it cannot be read at first. */
  async start(): Promise<void> {
    await this.options.governance.refresh();
    this.ticker = setInterval(
      () => void this.options.governance.refresh().catch(() => undefined),
      ROSTER_INTERVAL_MS,
    );
    this.ticker.unref();
  }

  stop(): void {
    clearInterval(this.ticker);
  }

  /** `from`: the address it came from. `text`: a signed note. */
  async take(from: string, text: string): Promise<KillReply> {
    if (!this.mayAsk(from))
      return this.refuse(429, from, 'TOO_MANY', 'too many orders; try again in a second');
    const now = BigInt(this.nowMs()) * NANOS_PER_MILLISECOND;
    const found = await killOrderIn(text, (identity) => this.enrolmentOf(identity), now);
    if (!found.ok) {
      const { code, message } = found.failure;
      return this.refuse(code === 'GOVERNANCE.KILL_MALFORMED' ? 400 : 403, from, code, message);
    }
    const { scope, ...engagement } = found.value;
    if (!isKillScope(scope))
      return this.refuse(400, from, 'GOVERNANCE.KILL_MALFORMED', `${scope} is no scope`);
    return this.engage(from, scope, engagement);
  }

  private engage(from: string, scope: string, engagement: Parameters<KillLatches['engage']>[1]): KillReply {
    const { latches, logger, process } = this.options;
    const about = { process, scope, engagement: engagement.engagement };
    let kept = true;
    try {
      const stopped = latches.engage(scope, engagement);
      if (stopped === 'released before')
        return this.refuse(409, from, 'RELEASED', 'this order was released; stop anew to stop again');
      logger.warn(
        { ...about, from, by: engagement.by, reason: engagement.reason },
        'stopped by a direct order',
      );
    } catch (err) {
      // It is stopped: what failed is writing it down for the next life of this process.
      kept = false;
      logger.error({ ...about, err }, 'stopped by a direct order that could not be written down');
    }
    return { status: 200, body: { ...about, stopped: true, kept } };
  }

  /** Asks the journal for somebody new, and does not wait for it long. */
  private async enrolmentOf(identity: string): Promise<Enrolment | undefined> {
    const { governance } = this.options;
    const known = governance.enrolmentOf(identity);
    if (known !== undefined) return known;
    const late = new Promise<void>((resolve) => setTimeout(resolve, JOURNAL_PATIENCE_MS).unref());
    await Promise.race([governance.refresh().catch(() => undefined), late]);
    return governance.enrolmentOf(identity);
  }

  private refuse(
    status: Exclude<KillReply['status'], 200>,
    from: string,
    code: string,
    message: string,
  ): KillReply {
    const { process, logger } = this.options;
    if (status !== 429) logger.warn({ from, code, message }, 'a direct order to stop was refused');
    return { status, body: { process, stopped: false, code, message } };
  }

  private mayAsk(from: string): boolean {
    const second = Math.floor(this.nowMs() / 1_000);
    if (second !== this.second || this.asked.size > ADDRESSES_MAX) this.asked.clear();
    this.second = second;
    // One address that asks too often uses up nothing of what is there for all.
    return this.count(from) <= PER_SECOND.one && this.count('') <= PER_SECOND.all;
  }

  private count(who: string): number {
    const count = (this.asked.get(who) ?? 0) + 1;
    this.asked.set(who, count);
    return count;
  }
}
