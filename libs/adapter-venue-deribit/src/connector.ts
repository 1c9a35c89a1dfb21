import { createRandom } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { connectionNote, type Credentials } from '@evenkeel/venue-wire';
import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import { ReportInbox, isLoopback } from '@evenkeel/venues';
import type {
  ConnectorDefinition,
  ConnectorEvents,
  ConnectorHost,
  DueReport,
  OpenedAccount,
  VenueConnector,
} from '@evenkeel/venues';
import { z } from 'zod';

import { keyPrefixOf, keysOf } from './keys';
import { createDeribitTrading, type DeribitTrading } from './trading';

const settings = z.strictObject({
  /** Where the exchange speaks its protocol; Deribit itself when absent. */
  url: z.url({ protocol: /^wss?$/ }).optional(),
});

/** Orders at Deribit, or at whatever speaks its protocol at another address. */
export const DERIBIT_CONNECTOR: ConnectorDefinition<z.output<typeof settings>> = {
  connector: 'deribit',
  finality: 'at-once',
  settings,
  isReal: ({ url }) => url === undefined || !isLoopback(url),
  keys: (book) => ['KEY', 'SECRET'].map((part) => `${keyPrefixOf(book)}_${part}`),
  checkKeys: (book, environment) => void keysOf(book, environment),
  connect:
    ({ url }, host) =>
    (account, events) =>
      new DeribitAccount(account, events, host, keysOf(account.book, host.environment), url),
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
    url: string | undefined,
  ) {
    this.accountKey = credentials.key;
    this.inbox = new ReportInbox(life);
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
      onReady,
      ...(url === undefined ? {} : { url }),
    });
  }

  start(): void {
    this.trading.start();
  }

  stop(): Promise<void> {
    return this.trading.stop();
  }

  submit(order: VenueOrder): void {
    this.trading.submit(order);
  }

  amend({ clientOrderId, instrument, quantity, limitPrice }: Extract<VenueEffect, { kind: 'amend' }>): void {
    this.trading.amend(clientOrderId, instrument, quantity, limitPrice);
  }

  cancel(clientOrderId: string): void {
    this.trading.cancel(clientOrderId);
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

  due(): DueReport | undefined {
    return this.inbox.due();
  }

  settled(reportId: string, _now: Instant): void {
    this.inbox.settled(reportId);
  }
}
