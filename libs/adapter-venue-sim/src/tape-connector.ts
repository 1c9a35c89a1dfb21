import { join } from 'node:path';
import { partitionOfBook } from '@evenkeel/eventing';
import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { AccountOrder, MarketInstant } from '@evenkeel/facts';
import { parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { ConnectorDefinition, DueReport, OpenedAccount, Sent, VenueConnector } from '@evenkeel/venues';
import { z } from 'zod';
import { openFileVenue } from './file-venue';
import type { FileVenue } from './file-venue';
import { venueSettingsOf, venueSettingsSchema } from './settings-schema';
import { simulatedVenueConfig } from './venue-settings';
import type { VenueSettings } from './venue-settings';

const settings = z.strictObject({
  /** Folder of the exchange's own memory, which outlives processes as a real exchange would. */
  folder: z.string().min(1, 'must name a folder'),
  exchange: venueSettingsSchema.default({}),
});

/**
 * The exchange of tapes: it fills against the marks of the market it is shown, in event time. Its memory is one file per partition, so
 * whichever process owns a partition finds the orders of its books, whoever sent them.
 */
export const TAPE_EXCHANGE: ConnectorDefinition<z.output<typeof settings>> = {
  connector: 'tape-exchange',
  finality: 'at-once',
  onConnectionLost: 'in-house',
  settings,
  isReal: () => false,
  keys: () => [],
  checkKeys: () => undefined,
  connect({ folder, exchange }) {
    const exchanges = new Map<string, PartitionExchange>();
    return (account) => {
      const partition = partitionOfBook(account.book);
      const found = exchanges.get(partition);
      const shared = found?.isOpen
        ? found
        : new PartitionExchange(exchangeFile(folder, partition), venueSettingsOf(exchange));
      exchanges.set(partition, shared);
      return new TapeAccount(account, shared);
    };
  },
};

/** Where the exchange keeps what it knows of the books of a partition. */
export const exchangeFile = (folder: string, partition: string): string =>
  join(folder, `exchange-${partition}.jsonl`);

/** The exchange as the accounts of one partition share it. */
class PartitionExchange {
  private readonly venue: FileVenue;
  private accounts = 0;
  private shown: Instant | undefined;

  constructor(path: string, exchange: VenueSettings) {
    this.venue = openFileVenue(path, simulatedVenueConfig([], exchange));
  }

  get isOpen(): boolean {
    return this.accounts > 0;
  }

  open({ specifications }: OpenedAccount): FileVenue {
    this.accounts += 1;
    this.venue.list(specifications);
    return this.venue;
  }

  close(): void {
    this.accounts -= 1;
    if (this.accounts === 0) this.venue.close();
  }

  /** Every account is shown the market, the exchange once. */
  show(instant: MarketInstant): void {
    const at = parseInstant(instant.eventTime);
    if (this.shown !== undefined && at <= this.shown) return;
    this.shown = at;
    this.venue.onMarks(instant);
  }
}

class TapeAccount implements VenueConnector {
  readonly time = 'event';
  /** What it has to say it keeps itself. */
  readonly backlog = { waiting: 0, dropped: 0 };
  readonly accountKey: string;
  private readonly venue: FileVenue;

  constructor(
    private readonly account: OpenedAccount,
    private readonly exchange: PartitionExchange,
  ) {
    this.accountKey = account.book;
    this.venue = exchange.open(account);
  }

  start(): void {
    // It has been there all the time.
  }

  stop(): Promise<void> {
    this.exchange.close();
    return Promise.resolve();
  }

  submit(order: VenueOrder, at: Instant): void {
    this.venue.submit(order, at);
  }

  amend(terms: Extract<VenueEffect, { kind: 'amend' }>, at: Instant): void {
    this.venue.perform(terms, at);
  }

  cancel(clientOrderId: string, at: Instant): Sent {
    this.venue.cancel(clientOrderId, at, this.account);
    return 'sent';
  }

  cancelAll(at: Instant): Sent {
    for (const { clientOrderId } of this.venue.openOrders(this.account)) this.cancel(clientOrderId, at);
    return 'sent';
  }

  openOrders(): Promise<readonly AccountOrder[]> {
    return Promise.resolve(this.venue.openOrders(this.account));
  }

  query(clientOrderId: string, at: Instant): void {
    this.venue.query(clientOrderId, at, this.account);
  }

  reconcile(requestId: string, at: Instant): void {
    const { book, venue } = this.account;
    this.venue.perform({ kind: 'reconcile', book, venue, requestId }, at);
  }

  knows(clientOrderId: string): boolean {
    return this.venue.knows(clientOrderId);
  }

  onMarket(instant: MarketInstant): void {
    this.exchange.show(instant);
  }

  due(): DueReport | undefined {
    return this.venue.next(this.account);
  }

  settled(reportId: string, now: Instant): void {
    this.venue.settled(reportId, now);
  }

  get lastSettledAt(): Instant | undefined {
    return this.venue.lastSettledAt;
  }
}
