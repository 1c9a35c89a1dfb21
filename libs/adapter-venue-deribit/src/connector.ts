import { createRandom, isLoopback } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { connectionNote, type Credentials } from '@evenkeel/venue-wire';
import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { AccountOrder } from '@evenkeel/facts';
import { ReportInbox } from '@evenkeel/venues';
import type {
  Backlog,
  ConnectorDefinition,
  ConnectorEvents,
  ConnectorHost,
  DueReport,
  OpenedAccount,
  Parting,
  Sent,
  VenueConnector,
} from '@evenkeel/venues';
import { z } from 'zod';

import { keyPrefixOf, keysOf } from './keys';
import { createDeribitTrading, type DeribitTrading } from './trading';

const settings = z.strictObject({
  /** Where the exchange speaks its protocol; Deribit itself when absent. */
  url: z.url({ protocol: /^wss?$/ }).optional(),
  /** The exchange takes back what a connection placed when it ends without a word. Whoever switches it off is on record. */
  cancelOnDisconnect: z.boolean().default(true),
});

/** Orders at Deribit, or at whatever speaks its protocol at another address. */
export const DERIBIT_CONNECTOR: ConnectorDefinition<z.output<typeof settings>> = {
  connector: 'deribit',
  finality: 'at-once',
  onConnectionLost: 'cancelled',
  settings,
  isReal: ({ url }) => url === undefined || !isLoopback(url),
  keys: (book) => ['KEY', 'SECRET'].map((part) => `${keyPrefixOf(book)}_${part}`),
  checkKeys: (book, environment) => void keysOf(book, environment),
  connect: (own, host) => (account, events) =>
    new DeribitAccount(account, events, host, keysOf(account.book, host.environment), own),
};

class DeribitAccount implements VenueConnector {
  readonly time = 'wall';
  readonly accountKey: string;
  readonly lastSettledAt = undefined;
  private readonly inbox: ReportInbox;
  private readonly trading: DeribitTrading;

  constructor(
    private readonly account: OpenedAccount,
    { onNews, onNote, onReady }: ConnectorEvents,
    { clock, life }: ConnectorHost,
    credentials: Credentials,
    { url, cancelOnDisconnect }: z.output<typeof settings>,
  ) {
    this.accountKey = credentials.key;
    this.inbox = new ReportInbox({ life, onMissed: onReady });
    this.trading = createDeribitTrading({
      credentials,
      specifications: account.specifications,
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
      cancelOnDisconnect,
      ...(url === undefined ? {} : { url }),
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

  amend({ clientOrderId, instrument, quantity, limitPrice }: Extract<VenueEffect, { kind: 'amend' }>): void {
    this.trading.amend(clientOrderId, instrument, quantity, limitPrice);
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
    this.trading.reconcile(requestId, this.account.book);
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
