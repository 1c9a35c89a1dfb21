import { join } from 'node:path';
import type { PublishedInstant } from '@evenkeel/adapter-nats';
import { openFileVenue, simulatedVenueConfig } from '@evenkeel/adapter-venue-sim';
import type { FileVenue, VenueSettings } from '@evenkeel/adapter-venue-sim';
import { partitionOfBook } from '@evenkeel/eventing';
import { recoveryActions, recoveryCancels, scopesOf } from '@evenkeel/execution';
import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import { OperationalError, formatInstant, parseInstant, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Logger } from '@evenkeel/telemetry';
import type { Gateway, Host, OpenedAccount } from './gateway';
import type { KillLatches } from './kill-latches';

/** How long a submission waits for fresh kill latches before the service gives up and is restarted. */
const LATCH_PATIENCE_MS = 60_000;

/** The simulated exchange of tapes: its memory is a file, its clock the event time. */
export class VenueGateway implements Gateway {
  private venue: FileVenue | undefined;
  private now: Instant = 0n;
  private lastShown: PublishedInstant | undefined;

  constructor(
    private readonly folder: string,
    private readonly settings: VenueSettings,
    private readonly latches: KillLatches,
    private readonly logger: Logger,
  ) {}

  /** When the exchange has something to say next. */
  due(): Instant | undefined {
    return this.venue?.due();
  }

  async perform(effect: VenueEffect): Promise<void> {
    const venue = this.opened();
    if (effect.kind === 'submit') await this.submit(effect.order);
    else venue.perform(effect, this.now);
  }

  /** Shows the exchange the market up to now. It must know the contracts, which the journal tells the cores first. */
  beforeInstant(published: PublishedInstant): void {
    this.now = parseInstant(published.instant.eventTime);
    this.lastShown = published;
    this.opened().onMarks(published.instant);
  }

  /** Opens the exchange with the contracts of every account, and brings it to where it was. */
  open(accounts: readonly OpenedAccount[], instants: readonly PublishedInstant[]): void {
    const specifications = accounts.flatMap((account) => account.specifications);
    this.venue = openFileVenue(
      join(this.folder, 'venue.jsonl'),
      simulatedVenueConfig(specifications, this.settings),
    );
    for (const published of instants) this.beforeInstant(published);
  }

  /** After a crash: every intent that may not have left is asked for at the exchange, and sent only if it is not there. */
  async resume(hosts: readonly Host[]): Promise<void> {
    const venue = this.opened();
    for (const host of hosts) {
      for (const action of recoveryActions(host.reactor.state)) {
        if (action.kind === 'query') venue.query(action.clientOrderId, action.at, action.book);
        else if (!venue.knows(action.order.clientOrderId)) {
          this.logger.info(
            { clientOrderId: action.order.clientOrderId },
            'the exchange does not know this intent; sending it',
          );
          await this.submit(action.order, action.at);
        }
      }
      for (const cancel of recoveryCancels(host.reactor.state)) {
        venue.cancel(cancel.clientOrderId, cancel.at, cancel.book);
      }
    }
    // The process may have died in a wake-up before its report was heard: hear it now, at that wake-up's time.
    if (this.lastShown !== undefined && venue.lastSettledAt !== this.now)
      await this.afterInstant(this.lastShown, hosts);
  }

  /** Hears one report per wake-up, so that its consequences are settled before the next is heard. */
  async afterInstant(published: PublishedInstant, hosts: readonly Host[]): Promise<void> {
    if (!published.instant.wakes.includes('execution')) return;
    const venue = this.opened();
    const [due] = venue.collect(this.now);
    if (due === undefined) return;
    const partition = partitionOfBook(due.book);
    const host = hosts.find((candidate) => candidate.partition === partition);
    await required(host, `the partition of ${due.book}`).handleVenue({
      id: due.id,
      at: formatInstant(this.now),
      report: due.report,
    });
    venue.settled(due.id, this.now);
  }

  close(): void {
    this.venue?.close();
  }

  private async submit(order: VenueOrder, at: Instant = this.now): Promise<void> {
    const permission = await this.latches.permitsFresh(scopesOf(order), LATCH_PATIENCE_MS);
    if (!permission.allowed && permission.code === 'KILL_STALE') {
      throw new OperationalError({
        code: 'EXECUTION.KILL_STATE_UNKNOWN',
        message: `order ${order.clientOrderId} was held back: ${permission.message}`,
      });
    }
    if (!permission.allowed) {
      // The intent is on record and never left; the venue will be asked at its timeout and will not know it.
      this.logger.warn(
        { clientOrderId: order.clientOrderId, reason: permission.message },
        'held back by a kill latch',
      );
      return;
    }
    this.opened().submit(order, at);
  }

  private opened(): FileVenue {
    return required(this.venue, 'the exchange connection');
  }
}
