import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { AccountOrder } from '@evenkeel/facts';
import { createRandom, type Instant } from '@evenkeel/kernel';
import { ReportInbox } from '@evenkeel/venues';
import type {
  Backlog,
  ConnectorEvents,
  ConnectorHost,
  DueReport,
  OpenedAccount,
  Parting,
  Sent,
  VenueConnector,
} from '@evenkeel/venues';

import { connectionNote } from '../connection/connection-note';
import type { OrderDialect } from './dialect';
import { OrderSession, type OrderSessionOptions } from './order-session';

export interface OrderAccountOptions extends Pick<
  OrderSessionOptions,
  'streamUrl' | 'restUrl' | 'protected' | 'requestTimeoutMs' | 'backoff' | 'tickMs'
> {
  readonly dialect: OrderDialect;
  /** Names the account at the venue. */
  readonly accountKey: string;
}

/** One account at a venue that takes orders over HTTP and tells of them on a private stream. */
export class OrderAccount implements VenueConnector {
  readonly time = 'wall';
  readonly accountKey: string;
  readonly lastSettledAt = undefined;
  private readonly inbox: ReportInbox;
  private readonly session: OrderSession;

  constructor(
    { book }: OpenedAccount,
    { onNews, onNote, onReady, instrumentOf }: ConnectorEvents,
    { clock, life }: ConnectorHost,
    { accountKey, ...options }: OrderAccountOptions,
  ) {
    this.accountKey = accountKey;
    this.inbox = new ReportInbox({ life, onMissed: onReady });
    this.session = new OrderSession({
      ...options,
      book,
      clock,
      random: createRandom(`trading/${life}/${book}`),
      onReport: (report, at) => {
        this.inbox.receive(report, at);
        onNews();
      },
      onFact: (fact) => {
        const note = connectionNote(fact);
        if (note !== undefined) onNote(note);
      },
      onNote,
      onReady,
      ...(instrumentOf === undefined ? {} : { instrumentOf }),
    });
  }

  start(): void {
    this.session.start();
  }

  stop(parting: Parting): Promise<void> {
    return this.session.stop(parting);
  }

  submit(order: VenueOrder): void {
    this.session.submit(order);
  }

  amend({ clientOrderId, instrument, quantity, limitPrice }: Extract<VenueEffect, { kind: 'amend' }>): void {
    this.session.amend(clientOrderId, instrument, quantity, limitPrice);
  }

  cancel(clientOrderId: string): Sent {
    return this.session.cancel(clientOrderId);
  }

  cancelAll(): Sent {
    return this.session.cancelAll();
  }

  openOrders(): Promise<readonly AccountOrder[] | undefined> {
    return this.session.openOrders();
  }

  query(clientOrderId: string): void {
    this.inbox.beginQuery(clientOrderId);
    this.session.query(clientOrderId);
  }

  reconcile(requestId: string): void {
    this.session.reconcile(requestId);
  }

  knows(): undefined {
    return undefined;
  }

  onMarket(): void {
    // The venue makes its own market.
  }

  get backlog(): Backlog {
    return this.inbox.backlog;
  }

  due(): DueReport | undefined {
    return this.inbox.due();
  }

  settled(reportId: string, _now: Instant): void {
    this.inbox.settled(reportId);
  }
}
