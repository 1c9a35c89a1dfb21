import { scopesOf } from '@evenkeel/execution';
import type { TradingPermission, VenueEffect, VenueOrder } from '@evenkeel/execution';
import { OperationalError } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Logger } from '@evenkeel/telemetry';
import { ReportInbox } from '@evenkeel/venues';
import type { Booked, DueReport, OpenedAccount, VenueConnector } from '@evenkeel/venues';

export interface LineOptions {
  /** The kill latches at the door; where only freshness is missing, waits for it up to `patienceMs`. */
  readonly latches: {
    permitsFresh(scopes: readonly string[], patienceMs: number): Promise<TradingPermission>;
  };
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Names the questions of this life of the process apart from those of earlier ones. */
  readonly life: string;
  /** Something has come in that wants a wake-up. */
  readonly onNews: () => void;
}

/** In lockstep no event time passes while latches are waited for, so a minute changes no decision. */
const LOCKSTEP_PATIENCE_MS = 60_000;
const WALL_PATIENCE_MS = 2_000;

/** One account's way out, with the door that kill latches keep shut, and its way back. */
export class AccountLine {
  private readonly heldBack: ReportInbox;
  private started = false;

  constructor(
    readonly opened: OpenedAccount,
    readonly connector: VenueConnector,
    private readonly options: LineOptions,
  ) {
    this.heldBack = new ReportInbox(options.life);
  }

  /** Once the journal has been recovered. */
  start(booked: Booked): void {
    if (this.started) return;
    this.started = true;
    this.connector.start(booked);
  }

  perform(effect: Exclude<VenueEffect, { kind: 'submit' }>, at: Instant): void {
    if (this.isRecovering) return;
    const { connector } = this;
    switch (effect.kind) {
      case 'cancel':
        return connector.cancel(effect.clientOrderId, at);
      case 'query':
        return connector.query(effect.clientOrderId, at);
      case 'amend':
        return connector.amend(effect, at);
      case 'reconcile':
        return connector.reconcile(effect.requestId, at);
    }
  }

  /**
   * Sends an order unless a kill latch covers it or the latches cannot be confirmed. Waiting for them may outlast the lease, so
   * `assertHeld` is asked after it, with nothing to wait for between its answer and the order's way out.
   */
  async submit(order: VenueOrder, at: Instant, assertHeld: () => Promise<void>): Promise<void> {
    if (this.isRecovering) return;
    const inLockstep = this.connector.time === 'event';
    const patience = inLockstep ? LOCKSTEP_PATIENCE_MS : WALL_PATIENCE_MS;
    const permission = await this.options.latches.permitsFresh(scopesOf(order), patience);
    await assertHeld();
    if (permission.allowed) return this.connector.submit(order, at);
    const { clientOrderId } = order;
    const { code, message } = permission;
    if (inLockstep && code === 'KILL_STALE')
      throw new OperationalError({
        code: 'EXECUTION.KILL_STATE_UNKNOWN',
        message: `order ${clientOrderId} was held back: ${message}`,
      });
    this.options.logger.warn({ clientOrderId, reason: message }, 'held back by a kill latch');
    // In lockstep the exchange is asked at the order's timeout and will not know it.
    if (inLockstep) return;
    // It has not left, and that is certain.
    this.heldBack.receive({ kind: 'rejected', clientOrderId, reason: code }, at);
    this.options.onNews();
  }

  /** The report to be heard first; the same until it is settled. */
  due(): DueReport | undefined {
    const [told, own] = [this.connector.due(), this.heldBack.due()];
    if (told === undefined || own === undefined) return told ?? own;
    return own.at < told.at ? own : told;
  }

  settled(reportId: string, now: Instant): void {
    if (this.heldBack.due()?.id === reportId) this.heldBack.settled(reportId);
    else this.connector.settled(reportId, now);
  }

  /** Nobody knows what left in the life before: a venue in wall time is asked for it after the login, nothing is sent again. */
  private get isRecovering(): boolean {
    return this.connector.time === 'wall' && !this.started;
  }
}
