import type { VenueOrder } from '@evenkeel/execution';
import type { AccountOrder, VenueReport } from '@evenkeel/facts';
import { Recent, type Instant, type Nanoseconds } from '@evenkeel/kernel';
import type { Parting, Sent } from '@evenkeel/venues';

import { createVenueConnection, readPart } from '@evenkeel/venue-wire';
import type { BackoffRule, ConnectionFact, VenueConnection } from '@evenkeel/venue-wire';

import type { Amendment } from '../order-routes';
import { OrderReports } from '../order-reports';
import type { OrderState } from '../order-state';
import type { Trading, TradingOptions } from '../trading';
import { Amendments } from './amendments';
import type { CallOutcome, OrderDialect, OrderRef, StreamAddress, StreamMessage } from './dialect';
import { VenueCalls } from './venue-calls';

export interface OrderSessionOptions extends TradingOptions {
  readonly dialect: OrderDialect;
  /** Where the private stream and the calls go instead of the venue's own addresses. */
  readonly streamUrl?: string;
  readonly restUrl?: string;
  /** The venue takes back what rests when nobody looks after it any more; unless switched off. */
  readonly protected: boolean;
  readonly requestTimeoutMs?: number;
  readonly backoff?: BackoffRule;
  readonly tickMs?: number;
}

const RETRY_MS = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;
/** A fill and the end of its order come on two streams: the fill is waited for before it is asked for. */
const FILL_PATIENCE_MS = 300;
const SEEN_MAX = 10_000;
const ADDRESS_AGAIN_MS = 1_000;

interface Seen {
  readonly ref: OrderRef;
  readonly sentAt?: Instant;
}

/**
 * Orders over HTTP, and what became of them over a private stream. Every outcome is a report; what is not known is said to be not
 * known. No order leaves before the stream is heard, the account is known to be as we trade, and what rests is looked after.
 */
export class OrderSession implements Trading {
  /** Orders may leave. */
  ready = false;
  /** Orders may be taken back and asked for. */
  private loggedIn = false;
  private confirmed = 0;
  /** Counts logins: what one of them began is over with it. */
  private session = 0;
  private startedAt: Instant = 0n;
  private readonly calls: VenueCalls;
  private readonly connection: VenueConnection;
  private readonly reports: OrderReports;
  private readonly amendments: Amendments;
  private readonly seen = new Recent<Seen>(SEEN_MAX);
  private readonly timers = new Set<NodeJS.Timeout>();
  private ticker: NodeJS.Timeout | undefined;
  private armedAt: Instant = 0n;
  /** What the address of the stream ends with, and when it was asked for. */
  private path = '';
  private pathAtMs = 0;
  private stopped = false;
  private said = '';

  constructor(private readonly options: OrderSessionOptions) {
    const { dialect, clock, onFact, streamUrl, restUrl, backoff, tickMs } = options;
    this.reports = new OrderReports(options.onReport);
    this.calls = new VenueCalls({
      dialect,
      clock,
      baseUrl: restUrl ?? dialect.restUrl,
      timeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      onThrottled: (forNs) => onFact({ fact: 'throttled', at: clock(), forNs }),
    });
    this.amendments = new Amendments(options.onReport, this.patienceNs, (id) => void this.resolve(id));
    this.connection = createVenueConnection({
      protocol: dialect.stream,
      subscriptions: [],
      random: options.random,
      clock,
      onEvent: () => undefined,
      onFact: (fact) => this.noteFact(fact),
      onText: (text, now) => this.hear(text, now),
      url: () => `${streamUrl ?? dialect.stream.url}${this.path}`,
      ...(backoff === undefined ? {} : { backoff }),
      ...(tickMs === undefined ? {} : { tickMs }),
    });
  }

  start(): void {
    this.startedAt = this.now;
    this.ticker ??= setInterval(() => this.tick(), this.options.tickMs ?? 50);
    void this.open();
  }

  private async open(): Promise<void> {
    const why = await this.renewAddress();
    if (this.stopped) return;
    if (why === undefined) return this.connection.start();
    this.trouble('LOGIN', why);
    this.later(RETRY_MS, () => void this.open());
  }

  /** Why the stream has no address. */
  private async renewAddress(): Promise<string | undefined> {
    const { address } = this.options.dialect;
    if (address === undefined) return undefined;
    this.pathAtMs = performance.now();
    const path = await address.path(this.calls.ask);
    if (!path.ok) return path.failure.message;
    this.path = path.value;
    return undefined;
  }

  /** A key that has run out leads to another one: then nothing more comes on this connection. */
  private async keepAddress(): Promise<void> {
    const { path, session } = this;
    const why = await this.renewAddress();
    if (this.stopped || session !== this.session) return;
    if (why !== undefined) this.trouble('STREAM_KEY', why);
    else if (path !== this.path) this.connection.renew();
  }

  async stop(parting: Parting): Promise<void> {
    const { disarm } = this.options.dialect.protection;
    const disarms = parting === 'handed-over' && this.ready && this.options.protected ? disarm : undefined;
    this.ready = false;
    for (const call of disarms ?? []) await this.calls.ask(call, 'take-back');
    this.stopped = true;
    this.loggedIn = false;
    clearInterval(this.ticker);
    for (const timer of this.timers) clearTimeout(timer);
    this.calls.close();
    await this.connection.stop();
  }

  submit(order: VenueOrder): void {
    const { clientOrderId, instrument } = order;
    const refuse = (reason: string): void => this.report({ kind: 'rejected', clientOrderId, reason });
    // Nothing has left the house: that is certain, so it is a refusal and not an open outcome.
    if (!this.ready) return refuse('VENUE_NOT_CONNECTED');
    // Some venues take an id anew once its order is over: what has been sent is asked for, never sent again.
    if (clientOrderId !== '' && this.seen.get(clientOrderId)?.sentAt !== undefined)
      return this.unknown(clientOrderId, 'SENT_BEFORE');
    const call = this.options.dialect.place(order);
    if (typeof call === 'string') return refuse(call);
    this.seen.set(clientOrderId, { ref: { clientOrderId, instrument }, sentAt: this.now });
    void this.calls.ask(call, 'order').then((outcome) => {
      if (outcome.outcome === 'answered') return this.placed(clientOrderId, outcome);
      if (outcome.outcome === 'unknown') return this.unknown(clientOrderId, outcome.reason);
      return refuse(reasonOf(outcome));
    });
  }

  private placed(clientOrderId: string, { result }: Extract<CallOutcome, { outcome: 'answered' }>): void {
    const read = readPart(result, (value) => this.options.dialect.readPlaced(value));
    if (!read.ok) return this.unknown(clientOrderId, read.failure.code);
    if (clientOrderId !== '') this.reports.acknowledge(clientOrderId, read.value, this.now);
  }

  amend({ clientOrderId, instrument, quantity, limitPrice }: Amendment): void {
    const { dialect } = this.options;
    const refuse = (reason: string): void => this.report({ kind: 'amend-rejected', clientOrderId, reason });
    if (!this.ready) return refuse('VENUE_NOT_CONNECTED');
    const ref = this.seen.get(clientOrderId)?.ref ?? { clientOrderId, instrument };
    const call = dialect.amend(ref, quantity, limitPrice);
    if (typeof call === 'string') return refuse(call);
    this.amendments.asked(clientOrderId, quantity, limitPrice, this.now);
    void this.calls.ask(call, 'order').then((outcome) => {
      // Taken is not yet in force: the stream says when it is.
      if (outcome.outcome === 'answered') return;
      if (outcome.outcome === 'unknown') return void this.resolve(clientOrderId);
      this.amendments.refused(clientOrderId, reasonOf(outcome), this.now);
    });
  }

  cancel(clientOrderId: string): Sent {
    if (!this.loggedIn) return 'not-connected';
    void this.takeBack(clientOrderId);
    return 'sent';
  }

  /** Refused or lost, the order is as it was; its end, when it comes, is reported by itself. */
  private async takeBack(clientOrderId: string): Promise<void> {
    const { dialect } = this.options;
    let ref = this.refOf(clientOrderId);
    if (ref === undefined) {
      const found = await dialect.find(this.calls.ask, { clientOrderId });
      if (!found.ok) return this.trouble('CANCEL_NOT_SENT', `${clientOrderId}: ${found.failure.message}`);
      // Harmless for one that is unknown.
      if (found.value === undefined) return;
      ref = this.see(found.value);
    }
    const call = dialect.cancel(ref);
    if (typeof call === 'string') return this.trouble('CANCEL_NOT_SENT', `${clientOrderId}: ${call}`);
    const outcome = await this.calls.ask(call, 'take-back');
    if (outcome.outcome === 'answered' || outcome.outcome === 'unknown') return;
    if (outcome.outcome === 'refused' && dialect.isGone(outcome.code)) return;
    this.trouble('CANCEL_REFUSED', `${clientOrderId}: ${reasonOf(outcome)}`);
  }

  cancelAll(): Sent {
    if (!this.loggedIn) return 'not-connected';
    void this.options.dialect
      .cancelAll((call) => this.calls.ask(call, 'take-back'))
      .then((done) => {
        if (!done.ok) this.trouble('CANCEL_REFUSED', `all: ${done.failure.message}`);
      });
    return 'sent';
  }

  query(clientOrderId: string): void {
    if (!this.ready) return this.unknown(clientOrderId, 'VENUE_NOT_CONNECTED');
    void this.resolve(clientOrderId);
  }

  private refOf(clientOrderId: string): OrderRef | undefined {
    const instrument = this.options.instrumentOf?.(clientOrderId);
    return (
      this.seen.get(clientOrderId)?.ref ??
      (instrument === undefined ? undefined : { clientOrderId, instrument })
    );
  }

  /** Asks for everything that is known of an order. */
  private async resolve(clientOrderId: string): Promise<void> {
    const { dialect } = this.options;
    const found = await dialect.find(this.calls.ask, this.refOf(clientOrderId) ?? { clientOrderId });
    if (this.stopped) return;
    if (!found.ok) return this.unknown(clientOrderId, `${found.failure.code} ${found.failure.message}`);
    if (found.value === undefined) return this.notFound(clientOrderId);
    this.see(found.value);
    this.reports.forget(clientOrderId);
    this.amendments.settled(found.value, this.now);
    await this.fetchFills(found.value);
  }

  /** A call that was sent just now may arrive after the question. */
  private notFound(clientOrderId: string): void {
    const since = this.seen.get(clientOrderId)?.sentAt ?? this.startedAt;
    const settledAt = since + BigInt(this.options.dialect.arrivesWithinMs) * 1_000_000n;
    if (this.now < settledAt) return this.unknown(clientOrderId, 'MAY_STILL_ARRIVE');
    this.report({ kind: 'not-found', clientOrderId });
  }

  reconcile(requestId: string, book: string): void {
    void this.readAccount(requestId, book).then((report) => {
      if (!this.stopped) this.report(report);
    });
  }

  /** What could not be asked is not filled in: the report then says that it is not complete. */
  private async readAccount(requestId: string, book: string): Promise<VenueReport> {
    const { dialect } = this.options;
    const held = this.loggedIn ? await dialect.holdings(this.calls.ask) : undefined;
    const openOrders = await this.standing();
    if (held?.ok === false) this.trouble('ACCOUNT_UNREADABLE', held.failure.message);
    const { positions, balances } = held?.ok === true ? held.value : { positions: [], balances: [] };
    const complete = held?.ok === true && openOrders !== undefined;
    const account = { venue: dialect.venue, book, requestId, positions, balances, complete };
    return { kind: 'account', ...account, openOrders: openOrders ?? [] };
  }

  async standing(): Promise<readonly AccountOrder[] | undefined> {
    if (!this.loggedIn) return undefined;
    const open = await this.options.dialect.openOrders(this.calls.ask);
    if (!open.ok) return undefined;
    return open.value.map((order) => {
      const { clientOrderId, instrument } = this.see(order);
      return { clientOrderId, instrument, remaining: order.quantity.minus(order.filled).toString() };
    });
  }

  private see({ clientOrderId, instrument, venueOrderId }: OrderState): OrderRef {
    const known = this.seen.get(clientOrderId);
    const ref = { clientOrderId, instrument, venueOrderId };
    this.seen.set(clientOrderId, { ...known, ref });
    return ref;
  }

  private get now(): Instant {
    return this.options.clock();
  }

  private get patienceNs(): Nanoseconds {
    return BigInt(this.options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS) * 1_000_000n;
  }

  private report(report: VenueReport): void {
    this.options.onReport(report, this.now);
  }

  private unknown(clientOrderId: string, reason: string): void {
    if (!this.stopped) this.report({ kind: 'no-answer', clientOrderId, reason });
  }

  private trouble(code: string, detail: string): void {
    if (!this.stopped) this.options.onFact({ fact: 'venue-error', at: this.now, code, detail });
  }

  /** A trouble that lasts is said once, however often it is met. */
  private sayOnce(code: string, detail: string): void {
    if (this.said === `${code} ${detail}`) return;
    this.said = `${code} ${detail}`;
    this.trouble(code, detail);
  }

  private later(afterMs: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      then();
    }, afterMs);
    this.timers.add(timer);
  }

  private tick(): void {
    this.calls.tick();
    this.amendments.tick(this.now);
    const { protection, address } = this.options.dialect;
    if (this.ready && address !== undefined && this.isDue(address)) void this.keepAddress();
    const { everyMs } = protection;
    if (!this.ready || !this.options.protected || everyMs === undefined) return;
    if (this.now - this.armedAt < BigInt(everyMs) * 1_000_000n) return;
    // Where it is not granted again it runs out, and what rests is taken back: the safe side.
    void this.arm().then((why) => {
      if (why !== undefined) this.trouble('PROTECTION_NOT_RENEWED', why);
    });
  }

  private isDue({ everyMs, isDue }: StreamAddress): boolean {
    // Not by our clock, which may be what is wrong.
    const sinceMs = performance.now() - this.pathAtMs;
    return sinceMs > everyMs || (isDue && sinceMs > ADDRESS_AGAIN_MS);
  }

  /** Why it was not granted. */
  private async arm(): Promise<string | undefined> {
    this.armedAt = this.now;
    for (const call of this.options.dialect.protection.arm) {
      const outcome = await this.calls.ask(call, 'take-back');
      if (outcome.outcome !== 'answered') return reasonOf(outcome);
    }
    return undefined;
  }

  private noteFact(fact: ConnectionFact): void {
    if (fact.fact === 'connected') this.logIn();
    if (fact.fact === 'disconnected') {
      this.ready = false;
      this.loggedIn = false;
    }
    this.options.onFact(fact);
  }

  private logIn(): void {
    const { login, address } = this.options.dialect;
    this.confirmed = 0;
    this.session += 1;
    if (address !== undefined) return void this.confirmAddress();
    if (login !== undefined)
      this.connection.send(login.call(this.options.dialect, Number(this.now / 1_000_000n)));
  }

  /** The venue takes a connection with a key that has run out, and says nothing on it: the key is asked for once more. */
  private async confirmAddress(): Promise<void> {
    const { path, session } = this;
    const why = await this.renewAddress();
    if (this.stopped || session !== this.session || this.connection.phase !== 'open') return;
    if (why === undefined && path !== this.path) return this.connection.renew();
    if (why === undefined) {
      this.loggedIn = true;
      return this.prepare();
    }
    this.trouble('LOGIN', why);
    this.again(() => void this.confirmAddress());
  }

  /** True where the message is dealt with. */
  private hear(text: string, now: Instant): boolean {
    const read = this.options.dialect.readStream(text);
    // What can't be read is left to the connection, which puts it on record.
    if (!read.ok || read.value.message === 'other') return false;
    this.take(read.value, now);
    // A refusal is also for the connection: it may be told to send less.
    return read.value.message !== 'refused';
  }

  private take(message: StreamMessage, now: Instant): void {
    const { dialect } = this.options;
    switch (message.message) {
      case 'logged-in':
        for (const text of dialect.subscribe) this.connection.send(text);
        return;
      case 'subscribed':
        this.confirmed += 1;
        if (this.confirmed === dialect.subscriptions) {
          this.loggedIn = true;
          void this.prepare();
        }
        return;
      case 'expired':
        return this.connection.renew();
      case 'refused':
        this.sayOnce('LOGIN', message.reason);
        return this.again(() => this.logIn());
      case 'account':
        for (const fill of message.fills) this.reports.fill(fill, now);
        for (const { clientOrderId, reason } of message.amendsRefused)
          this.amendments.refused(clientOrderId, reason, now);
        for (const order of message.orders) this.heard(order, now);
        return;
      case 'other':
        return;
    }
  }

  /** Something without which no order may leave: asked for again until the venue grants it. */
  private async prepare(): Promise<void> {
    const { session } = this;
    const prepared = await this.options.dialect.prepare(this.calls.ask);
    const why = prepared.ok ? await this.protect() : `${prepared.failure.code} ${prepared.failure.message}`;
    if (!this.loggedIn || this.ready || this.stopped || session !== this.session) return;
    if (why === undefined) {
      this.ready = true;
      this.said = '';
      return this.options.onReady();
    }
    this.sayOnce('NOT_READY', why);
    this.again(() => void this.prepare());
  }

  /** Later, where the connection still stands that it is about. */
  private again(what: () => void): void {
    const { session } = this;
    this.later(RETRY_MS, () => {
      if (session === this.session && this.connection.phase === 'open' && !this.ready) what();
    });
  }

  /** Why what rests is not looked after. */
  private async protect(): Promise<string | undefined> {
    const { protection } = this.options.dialect;
    const note = (detail: string): void =>
      this.options.onNote({ what: 'cancel-on-disconnect', instrument: '', detail });
    if (!this.options.protected) {
      note('off by setting');
      return undefined;
    }
    const why = await this.arm();
    if (why !== undefined) return `${protection.what}: ${why}`;
    note(`on, ${protection.what}`);
    return undefined;
  }

  private heard(order: OrderState, now: Instant): void {
    this.see(order);
    this.amendments.settled(order, now);
    if (this.reports.order(order, now) === 'missing-fills')
      this.later(FILL_PATIENCE_MS, () => {
        if (this.reports.order(order, this.now) === 'missing-fills') void this.fetchFills(order);
      });
  }

  private async fetchFills(order: OrderState): Promise<void> {
    const now = this.now;
    if (order.filled.isZero()) return void this.reports.order(order, now);
    const fills = await this.options.dialect.fills(this.calls.ask, order);
    if (this.stopped) return;
    if (!fills.ok) return this.unknown(order.clientOrderId, fills.failure.code);
    for (const fill of fills.value) this.reports.fill(fill, this.now);
    // Still missing some: the venue's own books are behind; ask again rather than guess.
    if (this.reports.order(order, this.now) === 'missing-fills')
      this.unknown(order.clientOrderId, 'FILLS_INCOMPLETE');
  }
}

function reasonOf(outcome: Exclude<CallOutcome, { outcome: 'answered' }>): string {
  switch (outcome.outcome) {
    case 'refused':
      return `${outcome.code} ${outcome.reason}`;
    case 'too-many':
      return `TOO_MANY_REQUESTS ${outcome.reason}`;
    case 'not-sent':
    case 'unknown':
      return `NO_CONNECTION ${outcome.reason}`;
  }
}
