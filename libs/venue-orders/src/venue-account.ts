import type { VenueOrder } from '@evenkeel/execution';
import type { AccountOrder } from '@evenkeel/facts';
import { createRandom } from '@evenkeel/kernel';
import { connectionNote } from '@evenkeel/venue-wire';
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

import type { Amendment } from './order-routes';
import type { Trading, TradingOptions } from './trading';

export interface VenueAccountOptions {
  readonly account: OpenedAccount;
  readonly events: ConnectorEvents;
  readonly host: ConnectorHost;
  /** Names the account at the venue. */
  readonly accountKey: string;
  readonly trading: (options: TradingOptions) => Trading;
}

/** A connector over what trades at a venue, in wall time: what is heard waits in an inbox until the journal has it. */
export class VenueAccount implements VenueConnector {
  readonly time = 'wall';
  readonly accountKey: string;
  readonly lastSettledAt = undefined;
  private readonly inbox: ReportInbox;
  private readonly trading: Trading;
  private readonly book: string;

  constructor({ account, events, host, accountKey, trading }: VenueAccountOptions) {
    const { onNews, onNote, onReady, instrumentOf } = events;
    const { clock, life } = host;
    this.accountKey = accountKey;
    this.book = account.book;
    this.inbox = new ReportInbox({ life, onMissed: onReady });
    this.trading = trading({
      clock,
      random: createRandom(`trading/${life}/${account.book}`),
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
