import type { VenueOrder } from '@evenkeel/execution';
import type { AccountOrder } from '@evenkeel/facts';
import { createRandom } from '@evenkeel/kernel';
import { connectionNote, type Credentials } from '@evenkeel/venue-wire';
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

import type { Amendment, OrderRoutes, RouteOptions } from './order-routes';
import { VenueTrading } from './venue-trading';

export interface VenueAccountOptions {
  readonly account: OpenedAccount;
  readonly events: ConnectorEvents;
  readonly host: ConnectorHost;
  readonly credentials: Credentials;
  /** Opens the venue's dialect. */
  readonly open: (options: RouteOptions) => OrderRoutes;
}

/** A connector over a dialect, in wall time: what is heard waits in an inbox until the journal has it. */
export class VenueAccount implements VenueConnector {
  readonly time = 'wall';
  readonly accountKey: string;
  readonly lastSettledAt = undefined;
  private readonly inbox: ReportInbox;
  private readonly trading: VenueTrading;
  private readonly book: string;

  constructor({ account, events, host, credentials, open }: VenueAccountOptions) {
    const { onNews, onNote, onReady } = events;
    const { clock, life } = host;
    this.accountKey = credentials.key;
    this.book = account.book;
    this.inbox = new ReportInbox({ life, onMissed: onReady });
    const { specifications } = account;
    const random = createRandom(`trading/${life}/${account.book}`);
    this.trading = new VenueTrading(
      {
        clock,
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
      },
      (hearing) => open({ credentials, specifications, clock, random, hearing }),
    );
  }

  start(): void {
    this.trading.start();
  }

  stop(parting: Parting): Promise<void> {
    return this.trading.stop(parting);
  }

  submit(order: VenueOrder): void {
    this.trading.submit(order);
  }

  amend(terms: Amendment): void {
    this.trading.amend(terms);
  }

  cancel(clientOrderId: string): Sent {
    return this.trading.cancel(clientOrderId);
  }

  cancelAll(): Sent {
    return this.trading.cancelAll();
  }

  openOrders(): Promise<readonly AccountOrder[] | undefined> {
    return this.trading.standing();
  }

  query(clientOrderId: string): void {
    this.inbox.beginQuery(clientOrderId);
    this.trading.query(clientOrderId);
  }

  reconcile(requestId: string): void {
    this.trading.reconcile(requestId, this.book);
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

  settled(reportId: string): void {
    this.inbox.settled(reportId);
  }
}
