import { scopesOf } from '@evenkeel/execution';
import type {
  ExecutionState,
  TradedThing,
  TradingPermission,
  VenueEffect,
  VenueOrder,
} from '@evenkeel/execution';
import type { OrderReport } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import type { Logger } from '@evenkeel/telemetry';
import { ReportInbox } from '@evenkeel/venues';
import type { Booked, DueReport, OpenedAccount, Parting, VenueConnector } from '@evenkeel/venues';
import { TakingBack } from './taking-back';
import type { Wanted } from './taking-back';

export interface LineOptions {
  /** The kill latches at the door; where only freshness is missing, waits for it up to `patienceMs`. */
  readonly latches: {
    permitsFresh(scopes: readonly string[], patienceMs: number): Promise<TradingPermission>;
  };
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Names the questions of this life of the process apart from those of earlier ones. */
  readonly life: string;
  /** Something has come in that wants a wake-up. */
  readonly onNews: () => void;
}

type Amendment = Extract<VenueEffect, { kind: 'amend' }>;
/** What places an order or changes one. */
type Placing = Extract<VenueEffect, { kind: 'submit' | 'amend' }>;

const WALL_PATIENCE_MS = 2_000;

/** One account's way out, with the door that kill latches keep shut, and its way back. */
export class AccountLine {
  private readonly heldBack: ReportInbox;
  private readonly takingBack: TakingBack;
  private started = false;

  constructor(
    readonly opened: OpenedAccount,
    readonly connector: VenueConnector,
    private readonly options: LineOptions,
    /** Something that belongs on the record of the account. */
    onNote: (what: string, detail: string) => void,
  ) {
    this.heldBack = new ReportInbox({ life: options.life });
    const onGone = (reason: string): void =>
      onNote('taken-back', `${reason}: the venue lists nothing of it any more`);
    this.takingBack = new TakingBack({ account: opened, connector, logger: options.logger, onGone });
  }

  /** Once the journal has been recovered. */
  start(booked: Booked): void {
    if (this.started) return;
    this.started = true;
    this.connector.start(booked);
  }

  perform(effect: Exclude<VenueEffect, { kind: 'submit' | 'amend' }>, at: Instant): void {
    if (this.isRecovering) return;
    const { connector } = this;
    switch (effect.kind) {
      case 'cancel':
        // What has not left is asked for after the next login.
        if (connector.cancel(effect.clientOrderId, at) === 'not-connected')
          this.options.logger.warn({ clientOrderId: effect.clientOrderId }, 'a cancel could not leave');
        return;
      case 'query':
        return connector.query(effect.clientOrderId, at);
      case 'reconcile':
        return connector.reconcile(effect.requestId, at);
    }
  }

  /** Sends an order unless a kill latch covers it or the latches cannot be confirmed. */
  async submit(order: VenueOrder, at: Instant, assertHeld: () => Promise<void>): Promise<void> {
    const why = await this.whyNot(order, order.clientOrderId, assertHeld);
    if (why === undefined) return this.connector.submit(order, at);
    // In lockstep the exchange is asked at the order's timeout and will not know it.
    if (why !== 'RECOVERING' && !this.inLockstep) this.holdBack({ kind: 'submit', order }, why, at);
  }

  /** The same for new terms of an order that rests; in lockstep its latch takes the order itself back. */
  async amend(
    effect: Amendment,
    order: TradedThing,
    at: Instant,
    assertHeld: () => Promise<void>,
  ): Promise<void> {
    if (this.inLockstep) {
      if (!this.isRecovering) this.connector.amend(effect, at);
      return;
    }
    const why = await this.whyNot(order, effect.clientOrderId, assertHeld);
    if (why === undefined) return this.connector.amend(effect, at);
    if (why !== 'RECOVERING') this.holdBack(effect, why, at);
  }

  private get inLockstep(): boolean {
    return this.connector.time === 'event';
  }

  /**
   * Why nothing may be placed or changed now. Waiting for the latches may outlast the lease, so `assertHeld` is asked after it, with
   * nothing to wait for between its answer and the way out.
   */
  private async whyNot(
    order: TradedThing,
    clientOrderId: string,
    assertHeld: () => Promise<void>,
  ): Promise<string | undefined> {
    if (this.isRecovering) return 'RECOVERING';
    // In lockstep no event time passes while latches are waited for, so however long it takes changes no decision.
    const patience = this.inLockstep ? Number.POSITIVE_INFINITY : WALL_PATIENCE_MS;
    const permission = await this.options.latches.permitsFresh(scopesOf(order), patience);
    await assertHeld();
    if (permission.allowed) return undefined;
    this.options.logger.warn({ clientOrderId, reason: permission.message }, 'held back by a kill latch');
    return permission.code;
  }

  /** It has not left, and that is certain. */
  holdBack(effect: Placing, reason: string, at: Instant): void {
    const report: OrderReport =
      effect.kind === 'submit'
        ? { kind: 'rejected', clientOrderId: effect.order.clientOrderId, reason }
        : { kind: 'amend-rejected', clientOrderId: effect.clientOrderId, reason };
    this.heldBack.receive(report, at);
    this.options.onNews();
  }

  /** Takes back what is wanted, by itself and repeatedly; to be called often. */
  takeBack(wanted: Wanted | undefined, state: ExecutionState, at: Instant): void {
    this.takingBack.look(wanted, state, at);
  }

  /** Orders that are wanted back and that the venue still lists, 0 where nothing is wanted; undefined while it has not said. */
  get left(): number | undefined {
    return this.takingBack.left;
  }

  stop(parting: Parting): Promise<void> {
    return this.connector.stop(parting);
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
