import type { JournalFloor, PartitionHost } from '@evenkeel/adapter-nats';
import { openAccounts, openIntents, recoveryActions, recoveryCancels, tradableAt } from '@evenkeel/execution';
import type { ExecutionState, VenueEffect } from '@evenkeel/execution';
import type { Mark, MarketInstant } from '@evenkeel/facts';
import { assert, formatInstant, parseInstant, required, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { ConnectionNotes } from '@evenkeel/venues';
import type { DueReport, OpenAccount, OpenedAccount, VenueNote } from '@evenkeel/venues';
import { recordGap } from '../inbound/gap-facts';
import { AccountLine } from './account-line';
import type { LineOptions } from './account-line';

export type Host = PartitionHost<ExecutionState, VenueEffect>;

/** What the venues need of the host of their partition. */
export type VenueHost = Pick<
  Host,
  'partition' | 'position' | 'reactor' | 'assertHeld' | 'handleVenue' | 'handleFact'
>;

export interface PartitionVenuesOptions extends LineOptions {
  /** Opens the connector of an account; throws for a venue where this process cannot trade. */
  readonly open: OpenAccount;
  /** What the journal has lost, where it has. */
  readonly gap?: JournalFloor;
}

/**
 * The accounts of one partition's books, in that partition's own event time: one connector for each, chosen by the account's
 * venue, so that one book trades at several venues at once. What a venue says waits until a wake-up of the partition and is heard by
 * the core one report at a time, so that its consequences are settled before the next. After every login all orders that
 * may still live are asked for, because what was said meanwhile has been missed.
 */
export class PartitionVenues {
  private readonly lines = new Map<string, AccountLine>();
  private readonly notes = new ConnectionNotes();
  private readonly marks = new Map<string, Mark>();
  private host: VenueHost | undefined;
  private noted = 0;
  private now: Instant = 0n;
  private lastShown: MarketInstant | undefined;

  constructor(private readonly options: PartitionVenuesOptions) {}

  /** Before recovery. True where an exchange of the partition's has to see the market from its beginning. */
  open(host: VenueHost): boolean {
    this.now = host.position.eventTime;
    this.connectAccounts(host);
    return [...this.lines.values()].some(({ connector }) => connector.time === 'event');
  }

  /** After recovery: opens the accounts and takes up what a crash may have left open. */
  async resume(host: VenueHost): Promise<void> {
    this.host = host;
    const { gap } = this.options;
    if (gap !== undefined) await recordGap(host, gap);
    this.openAccounts(host);
    await this.takeUp(host);
    // The process may have died in a wake-up before its report was heard: hear it now, at that wake-up's time.
    const heard = [...this.lines.values()].map(({ connector }) => connector.lastSettledAt ?? 0n);
    const inEventTime = [...this.lines.values()].some(({ connector }) => connector.time === 'event');
    if (this.lastShown !== undefined && inEventTime && !heard.includes(this.now))
      await this.after(host, this.lastShown);
  }

  /** Carries out what the core decided, once it is durable. */
  async perform(effect: VenueEffect, host: VenueHost): Promise<void> {
    const { venue, book } = effect.kind === 'submit' ? effect.order : effect;
    const line = this.lineOf(venue, book, host);
    if (effect.kind === 'submit') await line.submit(effect.order, this.now, () => host.assertHeld());
    else line.perform(effect, this.now);
  }

  /** Shows the exchanges that live in event time the market up to now. */
  before(host: VenueHost, instant: MarketInstant): void {
    if (this.host === undefined) this.connectAccounts(host);
    this.look(instant);
    for (const line of this.lines.values()) line.connector.onMarket(instant);
  }

  async after(host: VenueHost, instant: MarketInstant): Promise<void> {
    this.openAccounts(host);
    if (instant.wakes.includes('execution')) await this.takeNextReport(host);
    await this.recordNotes(host);
  }

  /** When a venue has something to say next. */
  due(): Instant | undefined {
    let first: Instant | undefined;
    for (const line of this.lines.values()) {
      const at = line.due()?.at;
      if (at !== undefined && (first === undefined || at < first)) first = at;
    }
    return first;
  }

  async close(): Promise<void> {
    await Promise.all([...this.lines.values()].map(({ connector }) => connector.stop()));
  }

  private look(instant: MarketInstant): void {
    this.now = parseInstant(instant.eventTime);
    this.lastShown = instant;
    for (const mark of instant.marks) this.marks.set(mark.instrument, mark);
  }

  /** Accounts are opened as soon as the journal has them, those of the first facts and those that come later. */
  private openAccounts(host: VenueHost): void {
    for (const { venue, book, booked } of openAccounts(host.reactor.state))
      this.lineOf(venue, book, host).start(booked);
  }

  /** In recovery exchanges that live in event time see the market go by; nobody is spoken to. */
  private connectAccounts(host: VenueHost): void {
    for (const { venue, book } of openAccounts(host.reactor.state)) this.lineOf(venue, book, host);
  }

  private lineOf(venue: string, book: string, host: VenueHost): AccountLine {
    const known = this.lines.get(`${venue}/${book}`);
    if (known !== undefined) return known;
    const tradable = tradableAt(host.reactor.state, venue, book);
    const specifications = required(tradable, `the account of ${book} at ${venue}`);
    const line = this.connect({ venue, book, specifications }, host);
    this.lines.set(`${venue}/${book}`, line);
    if (this.lastShown !== undefined)
      line.connector.onMarket({ ...this.lastShown, marks: [...this.marks.values()] });
    return line;
  }

  private connect(opened: OpenedAccount, host: VenueHost): AccountLine {
    const { open, onNews } = this.options;
    const connector = open(opened, {
      onNews,
      onNote: (note) => this.note(opened, note),
      onReady: () => this.askForOpenOrders(opened, host),
    });
    return new AccountLine(opened, connector, this.options);
  }

  /** After a crash: every intent that may not have left is asked for at the venue, and sent only if it is not there. */
  private async takeUp(host: VenueHost): Promise<void> {
    const { state } = host.reactor;
    for (const action of recoveryActions(state)) {
      const { venue, book, clientOrderId } = action.kind === 'query' ? action : action.order;
      const line = this.line(venue, book);
      // A venue in wall time is asked as soon as it is logged in.
      if (line.connector.time === 'wall') continue;
      if (action.kind === 'query') line.connector.query(clientOrderId, action.at);
      else if (line.connector.knows(clientOrderId) !== true) {
        this.options.logger.info({ clientOrderId }, 'the exchange does not know this intent; sending it');
        await line.submit(action.order, action.at, () => host.assertHeld());
      }
    }
    for (const { clientOrderId, venue, book, at } of recoveryCancels(state)) {
      const { connector } = this.line(venue, book);
      if (connector.time === 'event') connector.cancel(clientOrderId, at);
    }
  }

  /** Nothing is sent again blindly: the venue is asked for every order whose fate may have changed unheard. */
  private askForOpenOrders({ venue, book }: OpenedAccount, host: VenueHost): void {
    const { state } = host.reactor;
    const { connector } = this.lineOf(venue, book, host);
    const mine = (thing: { readonly venue: string; readonly book: string }): boolean =>
      thing.venue === venue && thing.book === book;
    const asked = openIntents(state).filter(mine);
    if (asked.length > 0)
      this.options.logger.info({ venue, book, orders: asked.length }, 'asking for open orders');
    for (const { clientOrderId } of asked) connector.query(clientOrderId, this.now);
    for (const { clientOrderId } of recoveryCancels(state).filter(mine))
      connector.cancel(clientOrderId, this.now);
  }

  private async takeNextReport(host: VenueHost): Promise<void> {
    let next: { readonly line: AccountLine; readonly due: DueReport } | undefined;
    for (const line of this.lines.values()) {
      const due = line.due();
      if (due === undefined || (line.connector.time === 'event' && due.at > this.now)) continue;
      if (next === undefined || inOrder(line, due, next) < 0) next = { line, due };
    }
    if (next === undefined) return;
    const { line, due } = next;
    const { venue, book } = line.opened;
    await host.handleVenue({
      id: due.id,
      at: formatInstant(this.now),
      report: due.report,
      account: { venue, book },
    });
    line.settled(due.id, this.now);
  }

  private note({ venue, book }: OpenedAccount, note: VenueNote): void {
    this.notes.add(`${venue}/${book}`, note);
    if (note.what === 'disconnected' || note.what === 'venue-error')
      this.options.logger.warn({ venue, book, detail: note.detail }, note.what);
  }

  /** What befell the trading connections, on the journal of the book they serve. */
  private async recordNotes(host: VenueHost): Promise<void> {
    for (const draft of this.notes.take(this.now)) {
      const book = draft.book.slice(draft.book.indexOf('/') + 1);
      this.noted += 1;
      const id = uuidV5(`connection|${draft.book}|${this.options.life}|${this.noted}`);
      const recorded = await host.handleFact(id, {
        ...draft,
        aggregate: { context: 'execution', type: 'connection', id: draft.book },
        book,
        actor: { kind: 'system', id: 'execution' },
      });
      assert(recorded, 'a note is recorded at the time that its partition has just taken');
    }
  }

  private line(venue: string, book: string): AccountLine {
    return this.lineOf(venue, book, required(this.host, `the host of ${book}`));
  }
}

/** By time, book and arrival: a book's turn does not depend on which other books this process serves. */
function inOrder(
  line: AccountLine,
  due: DueReport,
  next: { readonly line: AccountLine; readonly due: DueReport },
): number {
  if (due.at !== next.due.at) return due.at < next.due.at ? -1 : 1;
  if (line.opened.book !== next.line.opened.book) return line.opened.book < next.line.opened.book ? -1 : 1;
  return due.order - next.due.order;
}
