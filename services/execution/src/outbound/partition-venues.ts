import { setTimeout as delay } from 'node:timers/promises';
import type { JournalFloor } from '@evenkeel/adapter-nats';
import {
  JOURNAL_GAP,
  openAccounts,
  openIntents,
  recoveryActions,
  recoveryCancels,
  tradableAt,
} from '@evenkeel/execution';
import type { LatchBoard, VenueEffect } from '@evenkeel/execution';
import type { Mark, MarketInstant } from '@evenkeel/facts';
import { assert, formatInstant, parseInstant, required, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { ConnectionNotes } from '@evenkeel/venues';
import type { DueReport, OpenAccount, OpenedAccount, Parting, VenueNote } from '@evenkeel/venues';
import { recordGap } from '../inbound/gap-facts';
import type { Wait } from '@evenkeel/telemetry';
import { AccountLine } from './account-line';
import type { LineOptions } from './account-line';
import { both, everythingOfOurs, wantedByLatches } from './taking-back';
import type { Host } from '../host';
import type { Wanted } from './taking-back';

/** An intent that the journal took longer to store does not leave; the program decides anew. */
const LATE_AFTER_MS = 5_000;

/** What the venues need of the host of their partition. */
export type VenueHost = Pick<
  Host,
  | 'partition'
  | 'position'
  | 'lastInstant'
  | 'reactor'
  | 'sinceInputMs'
  | 'assertHeld'
  | 'handleVenue'
  | 'handleFact'
>;

export interface PartitionVenuesOptions extends LineOptions {
  /** Opens the connector of an account; throws for a venue where this process cannot trade. */
  readonly open: OpenAccount;
  /** What the journal has lost, where it has. */
  readonly gap?: JournalFloor;
  /** A partition that has not been given an instant for so long sees nothing, and what rests for it is taken back. */
  readonly takeBackAfterMs: number;
}

/** Reports of venues in wall time that are heard at one wake-up; an exchange in event time is heard one report at a time. */
const REPORTS_PER_WAKE = 16;
const TAKE_BACK_MAX_MS = 5_000;
const LOOK_MS = 50;

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
  /** Known before it has recovered. */
  private opened: VenueHost | undefined;
  /** Why everything of ours is wanted back; undefined while the partition works. */
  private standsStill: string | undefined;
  private latches: LatchBoard['latches'] = new Map();
  private heardAt = performance.now();
  /** Accounts at venues out there that are not connected, since when. */
  private readonly offline = new Map<string, number>();
  private noted = 0;
  private now: Instant = 0n;
  private lastShown: MarketInstant | undefined;

  /** The journal has lost something, and the accounts are not halted for it yet. */
  private owesGap: boolean;

  constructor(private readonly options: PartitionVenuesOptions) {
    this.owesGap = options.gap !== undefined;
  }

  /** Before recovery. True where an exchange of the partition's has to see the market from its beginning. */
  open(host: VenueHost): boolean {
    this.opened = host;
    this.now = host.position.eventTime;
    this.connectAccounts(host);
    return [...this.lines.values()].some(({ connector }) => connector.time === 'event');
  }

  /** After recovery: opens the accounts and takes up what a crash may have left open. */
  async resume(host: VenueHost): Promise<void> {
    this.host = host;
    await this.settleGap(host);
    this.heardAt = performance.now();
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
    if (effect.kind !== 'submit' && effect.kind !== 'amend') return line.perform(effect, this.now);
    const inEventTime = line.connector.time === 'event';
    const why = this.whyHeldBack(host);
    if (why !== undefined && !inEventTime) return line.holdBack(effect, why, this.now);
    // An exchange that lives in event time is asked at the order's timeout and will not know it.
    if (this.owesGap) return;
    const assertHeld = (): Promise<void> => host.assertHeld();
    if (effect.kind === 'submit') return line.submit(effect.order, this.now, assertHeld);
    const order = host.reactor.state.orders.get(effect.clientOrderId);
    await line.amend(effect, required(order, 'an order that is amended'), this.now, assertHeld);
  }

  /** Why nothing that places or changes an order leaves now. */
  private whyHeldBack(host: VenueHost): string | undefined {
    if (this.owesGap) return JOURNAL_GAP;
    // What was checked before an outage was checked at other prices.
    return this.whyStill ?? (host.sinceInputMs > LATE_AFTER_MS ? 'INTENT_TOO_OLD' : undefined);
  }

  /** Shows the exchanges that live in event time the market up to now. */
  before(host: VenueHost, instant: MarketInstant): void {
    if (this.host === undefined) this.connectAccounts(host);
    this.heardAt = performance.now();
    this.look(instant);
    for (const line of this.lines.values()) line.connector.onMarket(instant);
  }

  async after(host: VenueHost, instant: MarketInstant): Promise<void> {
    await this.settleGap(host);
    this.openAccounts(host);
    if (instant.wakes.includes('execution')) await this.takeReports(host);
    await this.recordNotes(host);
  }

  /** Halts every account for what the journal has lost, as soon as there is a time to say it at; until then nothing leaves. */
  private async settleGap(host: VenueHost): Promise<void> {
    const { gap } = this.options;
    if (!this.owesGap || gap === undefined || host.position.market.number === 0) return;
    await recordGap(host, gap);
    this.owesGap = false;
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

  /**
   * Its host takes nothing more, and nobody else does: what rests at venues out there is taken back. An exchange that lives in event
   * time stands still with us.
   */
  standStill(reason: 'PARTITION_HALTED' | 'SERVICE_ENDS'): void {
    this.standsStill ??= reason;
    // Also one that has not recovered: who is to take orders back must be logged in.
    if (this.opened === undefined) return;
    for (const { venue, book, booked } of openAccounts(this.opened.reactor.state))
      this.lines.get(`${venue}/${book}`)?.start(booked);
  }

  /** Takes back what latches, a halt or a long silence want back; to be called often. */
  takeBack(latches: LatchBoard['latches'] = this.latches): void {
    const { opened } = this;
    this.latches = latches;
    if (opened === undefined) return;
    const { state } = opened.reactor;
    const { whyStill: ours } = this;
    for (const line of this.lines.values()) {
      const rests = ours !== undefined && line.connector.time === 'wall';
      const wanted: Wanted | undefined = rests ? everythingOfOurs(ours) : undefined;
      line.takeBack(both(wantedByLatches(latches, line.opened), wanted), state, this.now);
    }
  }

  /** By account: how much is wanted back and still rests, and how many reports wait and were dropped. */
  *figures(): Iterable<{
    readonly account: string;
    readonly left: number | undefined;
    readonly waiting: number;
    readonly dropped: number;
  }> {
    for (const [account, { left, connector }] of this.lines) yield { account, left, ...connector.backlog };
  }

  /** Accounts that are not connected to their venue. */
  *waits(): Iterable<Wait> {
    for (const [account, since] of this.offline)
      yield {
        for: 'venue',
        what: 'login',
        forMs: performance.now() - since,
        detail: `${account} is not connected`,
      };
  }

  /** `over`: nobody goes on with the accounts, so what rests at venues out there is taken back first. */
  async close(parting: Parting): Promise<void> {
    if (parting === 'over') {
      this.standStill('SERVICE_ENDS');
      await this.untilTakenBack();
    }
    await Promise.all([...this.lines.values()].map((line) => line.stop(parting)));
  }

  private async untilTakenBack(): Promise<void> {
    // Our record of what lives is the least reliable source: the venue is asked whatever it says.
    if (
      this.opened === undefined ||
      [...this.lines.values()].every((line) => line.connector.time === 'event')
    )
      return;
    const deadline = performance.now() + TAKE_BACK_MAX_MS;
    const isDone = (): boolean =>
      [...this.lines.values()].every((line) => line.connector.time === 'event' || line.left === 0);
    do {
      this.takeBack();
      await delay(LOOK_MS);
    } while (!isDone() && performance.now() < deadline);
    if (!isDone())
      this.options.logger.error({ partition: this.opened.partition }, 'ends with orders that may rest');
  }

  /** Why nothing may rest at venues out there: nobody would look after it. */
  private get whyStill(): string | undefined {
    if (this.standsStill !== undefined || this.host === undefined) return this.standsStill;
    // No instant for so long: the journal, NATS or price-ingest is away, and nobody could follow the market.
    const isBlind = performance.now() - this.heardAt > this.options.takeBackAfterMs;
    return isBlind ? 'PARTITION_SILENT' : undefined;
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
    const account = `${opened.venue}/${opened.book}`;
    const connector = open(opened, {
      onNews,
      onNote: (note) => {
        if (note.what === 'disconnected' && !this.offline.has(account))
          this.offline.set(account, performance.now());
        this.note(opened, note);
      },
      onReady: () => {
        this.offline.delete(account);
        this.askForOpenOrders(opened, host);
      },
      instrumentOf: (clientOrderId) => host.reactor.state.orders.get(clientOrderId)?.instrument,
    });
    if (connector.time === 'wall') this.offline.set(account, performance.now());
    return new AccountLine(opened, connector, this.options, (what, detail) =>
      this.note(opened, { what, instrument: '', detail }),
    );
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
      // What the journal has lost may tell of it otherwise: nothing leaves before the account was compared with its venue.
      else if (this.options.gap === undefined && line.connector.knows(clientOrderId) !== true) {
        this.options.logger.info({ clientOrderId }, 'the exchange does not know this intent; sending it');
        await line.submit(action.order, action.at, () => host.assertHeld());
      }
    }
    for (const { clientOrderId, venue, book, at } of recoveryCancels(state)) {
      const { connector } = this.line(venue, book);
      if (connector.time === 'event') void connector.cancel(clientOrderId, at);
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
      void connector.cancel(clientOrderId, this.now);
  }

  private async takeReports(host: VenueHost): Promise<void> {
    for (let heard = 0; heard < REPORTS_PER_WAKE; heard += 1)
      if ((await this.takeNextReport(host)) !== 'wall') return;
  }

  /** Whose time the venue lives in that was heard; undefined where none has anything to say now. */
  private async takeNextReport(host: VenueHost): Promise<'event' | 'wall' | undefined> {
    let next: { readonly line: AccountLine; readonly due: DueReport } | undefined;
    for (const line of this.lines.values()) {
      const due = line.due();
      if (due === undefined || (line.connector.time === 'event' && due.at > this.now)) continue;
      if (next === undefined || inOrder(line, due, next) < 0) next = { line, due };
    }
    if (next === undefined) return undefined;
    const { line, due } = next;
    const { venue, book } = line.opened;
    await host.handleVenue({
      id: due.id,
      at: formatInstant(this.now),
      report: due.report,
      account: { venue, book },
    });
    line.settled(due.id, this.now);
    return line.connector.time;
  }

  private note({ venue, book }: OpenedAccount, note: VenueNote): void {
    this.notes.add(`${venue}/${book}`, note);
    if (note.what === 'disconnected' || note.what === 'venue-error')
      this.options.logger.warn({ venue, book, detail: note.detail }, note.what);
  }

  /** What befell the trading connections, on the journal of the book they serve. */
  private async recordNotes(host: VenueHost): Promise<void> {
    // Orders that an epoch takes over bring reports before its market begins; a note waits for a time to say it at.
    if (host.lastInstant === 0) return;
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
