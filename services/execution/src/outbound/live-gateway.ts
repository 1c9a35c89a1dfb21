import type { PublishedInstant } from '@evenkeel/adapter-nats';
import { ConnectionNotes } from '@evenkeel/venue-wire';
import { VenueInbox } from '@evenkeel/adapter-venues';
import type { WaitingReport } from '@evenkeel/adapter-venues';
import { partitionOfBook } from '@evenkeel/eventing';
import { openIntents, recoveryActions, recoveryCancels, scopesOf } from '@evenkeel/execution';
import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import { OperationalError, formatInstant, parseInstant, required, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Logger } from '@evenkeel/telemetry';
import type { Gateway, Host, OpenedAccount } from './gateway';
import type { KillLatches } from './kill-latches';
import type { LiveVenue, LiveVenueOptions } from './live-venue';

export interface LiveGatewayOptions {
  readonly createVenue: (options: LiveVenueOptions) => LiveVenue;
  /** The venues it can trade at; an account of another one stops the service. */
  readonly trades: (venue: string) => boolean;
  readonly clock: () => Instant;
  readonly urls: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly latches: KillLatches;
  readonly logger: Logger;
  /** Something has come in that wants a wake-up. */
  readonly onNews: () => void;
}

interface Account {
  readonly opened: OpenedAccount;
  readonly venue: LiveVenue;
  readonly inbox: VenueInbox;
}

/** How long a submission waits for fresh kill latches before it is refused. */
const LATCH_PATIENCE_MS = 2_000;

/**
 * Orders at real venues, or on paper against live books. Venues speak when they like: what they say waits in an inbox, asks for
 * a wake-up, and is heard by the core one report at a time. After every login all orders that may still live are asked for, because
 * what was said meanwhile has been missed.
 */
export class LiveGateway implements Gateway {
  private readonly accounts = new Map<string, Account>();
  private readonly notes = new ConnectionNotes();
  /** Names the questions of this life of the process apart from those of earlier ones. */
  private readonly life = String(Date.now());
  private hosts: readonly Host[] = [];
  private resumed = false;
  private noted = 0;
  private now: Instant = 0n;

  constructor(private readonly options: LiveGatewayOptions) {}

  open(accounts: readonly OpenedAccount[], instants: readonly PublishedInstant[]): void {
    const last = instants[instants.length - 1];
    if (last !== undefined) this.beforeInstant(last);
    for (const opened of accounts) this.openAccount(opened);
  }

  resume(hosts: readonly Host[]): Promise<void> {
    this.hosts = hosts;
    this.resumed = true;
    for (const { opened, venue } of this.accounts.values()) {
      const held = this.hostOf(opened.book).reactor.state.books.get(opened.book)?.positions;
      if (held !== undefined) venue.holds(held);
      venue.start();
    }
    return Promise.resolve();
  }

  async perform(effect: VenueEffect): Promise<void> {
    if (effect.kind === 'submit') return this.submit(effect.order);
    if (!this.resumed) return;
    const account = this.accountOf(effect.venue, effect.book);
    if (effect.kind === 'query') account.inbox.beginQuery(effect.clientOrderId);
    account.venue.perform(effect);
  }

  beforeInstant({ instant }: PublishedInstant): void {
    this.now = parseInstant(instant.eventTime);
  }

  async afterInstant({ instant }: PublishedInstant): Promise<void> {
    if (instant.wakes.includes('execution')) await this.hearOne();
    await this.recordNotes();
  }

  due(): Instant | undefined {
    return this.earliest()?.at;
  }

  async close(): Promise<void> {
    await Promise.all([...this.accounts.values()].map(({ venue }) => venue.stop()));
  }

  private openAccount(opened: OpenedAccount): void {
    const { book, venue } = opened;
    if (!this.options.trades(venue))
      throw new OperationalError({
        code: 'EXECUTION.VENUE_NOT_TRADABLE',
        message: `book ${book} has an account at ${venue}, where this process cannot trade`,
      });
    const inbox = new VenueInbox(this.life);
    const { clock, urls, environment, logger } = this.options;
    const created = this.options.createVenue({
      account: opened,
      clock,
      urls,
      environment,
      onReport: (report, at) => {
        inbox.receive(report, at);
        this.options.onNews();
      },
      onFact: (fact) => {
        this.notes.add(`${venue}/${book}`, fact);
        if (fact.fact === 'disconnected') logger.warn({ venue, book, reason: fact.reason }, 'venue lost');
        if (fact.fact === 'venue-error')
          logger.warn({ venue, book, code: fact.code, detail: fact.detail }, 'venue error');
      },
      onReady: () => this.askForOpenOrders(venue, book),
    });
    this.accounts.set(`${venue}/${book}`, { opened, venue: created, inbox });
  }

  /** Nothing is sent again blindly: the venue is asked for every order whose fate may have changed unheard. */
  private askForOpenOrders(venue: string, book: string): void {
    const account = this.accountOf(venue, book);
    const { state } = this.hostOf(book).reactor;
    const mine = (thing: { readonly venue: string; readonly book: string }): boolean =>
      thing.venue === venue && thing.book === book;
    const asked = new Set<string>();
    for (const { clientOrderId } of openIntents(state).filter(mine)) asked.add(clientOrderId);
    for (const action of recoveryActions(state)) {
      const { clientOrderId } = action.kind === 'query' ? action : action.order;
      if (mine(action.kind === 'query' ? action : action.order)) asked.add(clientOrderId);
    }
    if (asked.size > 0)
      this.options.logger.info({ venue, book, orders: asked.size }, 'asking for open orders');
    for (const clientOrderId of asked) {
      account.inbox.beginQuery(clientOrderId);
      account.venue.perform({ kind: 'query', clientOrderId, book, venue });
    }
    for (const { clientOrderId } of recoveryCancels(state).filter(mine))
      account.venue.perform({ kind: 'cancel', clientOrderId, book, venue, reason: 'RECOVERY' });
  }

  private async submit(order: VenueOrder): Promise<void> {
    // In recovery nobody knows whether it left in the life before: it is open, and is asked for after the login.
    if (!this.resumed) return;
    const { inbox, venue } = this.accountOf(order.venue, order.book);
    const permission = await this.options.latches.permitsFresh(scopesOf(order), LATCH_PATIENCE_MS);
    if (permission.allowed) return venue.perform({ kind: 'submit', order });
    const { clientOrderId } = order;
    this.options.logger.warn({ clientOrderId, reason: permission.message }, 'held back by a kill latch');
    // It has not left, and that is certain.
    inbox.receive({ kind: 'rejected', clientOrderId, reason: permission.code }, this.options.clock());
    this.options.onNews();
  }

  private earliest():
    { readonly account: Account; readonly at: Instant; readonly waiting: WaitingReport } | undefined {
    let found: ReturnType<LiveGateway['earliest']>;
    for (const account of this.accounts.values()) {
      const at = account.inbox.due();
      const [waiting] = at === undefined ? [] : account.inbox.collect();
      if (at !== undefined && waiting !== undefined && (found === undefined || at < found.at))
        found = { account, at, waiting };
    }
    return found;
  }

  private async hearOne(): Promise<void> {
    const next = this.earliest();
    if (next === undefined) return;
    const { account, waiting } = next;
    const host = this.hostOf(account.opened.book);
    await host.handleVenue({ id: waiting.id, at: formatInstant(this.now), report: waiting.report });
    account.inbox.settled(waiting.id);
  }

  /** What befell the trading connections, on the journal of the book they serve. */
  private async recordNotes(): Promise<void> {
    for (const draft of this.notes.take(this.now)) {
      const book = draft.book.slice(draft.book.indexOf('/') + 1);
      this.noted += 1;
      await this.hostOf(book).handleFact(uuidV5(`connection|${draft.book}|${this.life}|${this.noted}`), {
        ...draft,
        aggregate: { context: 'execution', type: 'connection', id: draft.book },
        book,
        actor: { kind: 'system', id: 'execution' },
      });
    }
  }

  private accountOf(venue: string, book: string): Account {
    return required(this.accounts.get(`${venue}/${book}`), `the account of ${book} at ${venue}`);
  }

  private hostOf(book: string): Host {
    const partition = partitionOfBook(book);
    return required(
      this.hosts.find((candidate) => candidate.partition === partition),
      `the partition of ${book}`,
    );
  }
}
